"""What a run folder holds, one module a file or record of it."""
