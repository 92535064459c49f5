"""Work outside the server that is not training: a process that holds torch and answers, and commands as jobs."""
