"""A user's history as a vector: DUPN, counts, and what attention looks at."""
