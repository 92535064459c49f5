"""Which users are alike: a faiss index of user embeddings that knows users by name.

Exact up to EXACT_USERS, inverted lists (IVF) above, searched on the GPU where faiss sees one.
"""
