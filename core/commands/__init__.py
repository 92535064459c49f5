"""The command line, a file a command: each has `add(parser)` and `run(arguments) -> result`. May import every room."""
