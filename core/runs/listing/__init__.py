"""All runs of a home at a glance: rows, questions in SQL, comparisons of two, and a run as files to take elsewhere."""
