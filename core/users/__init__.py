"""Users: sequences → embeddings → neighbours, what neighbours share, a map, cohorts.

May import: `core.data`, `core.models`, `core.training`. What a page imports (`neighbours`, `spaces`, `traits`) needs
no torch: NumPy, DuckDB and faiss alone.
"""
