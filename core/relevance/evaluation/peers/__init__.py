"""What DeepBoW is measured against, each as scores of (query, title) pairs: BM25, word overlap, a dense two-tower.

The dense peer is the same network with one vector a text (config.score "vectors"): see `dense`.
"""
