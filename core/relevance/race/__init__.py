"""This program's index beside dense inner product and BM25, on one catalogue: what the bench and the page time."""
