"""The one reader of files that people bring: tables, events, judged pairs, catalogues, however they were saved.

`open_source` makes of a file, a folder, a zip or several files the table `given` of a DuckDB connection, by one
`ReaderOptions`; what was found is in the `Reading` that it returns, and `profile` shows it column by column. Peeking,
checking and loading go this one way, so that they cannot disagree. Ids stay text, exactly as written.
May import: nothing else of core but `core.data.parquet`, `core.errors`.
"""
