"""What several pages use: URL and view state, errors, tables, run reader, live charts."""
