"""Who trains: worker processes, their pool, and the supervisor that the server steers them by."""
