"""Tables become tensors: descriptions, the registry of data sets, prepared tables read by DuckDB, splits, batches.

`source` says what is declared of a data set, `sources` holds one module or package each, `registry` is their list and
the door to all of them. May import: nothing else of core but `core.task_kinds`, `core.errors`, `core.files`,
`core.home` and `core.settings_field`. `description` and `source` need only pydantic; `dataset` and `batches` only
torch, so that the trainer runs where DuckDB is not installed.
"""
