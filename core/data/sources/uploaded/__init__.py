"""What a user brings: a table of rows, a file of events, or a file of judged pairs; each kept as a prepared folder."""
