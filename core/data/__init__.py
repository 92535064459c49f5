"""Tables become tensors: data-set descriptions, loading and checking by DuckDB, splits, batches, the shop simulator.

May import: nothing else of core but `core.errors`, `core.files` and `core.home`. `description` and `choice` need only
pydantic; `dataset` and `batches` only torch, so that the trainer runs where DuckDB is not installed.
"""
