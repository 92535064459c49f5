"""A process beside the server that holds torch and answers named calculations."""
