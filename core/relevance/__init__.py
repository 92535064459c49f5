"""Search that explains itself word by word: bags of weighted words, their index, explanations, overrides, peers.

May import: `core.training`, `core.models`, `core.data`. A bag is a set of (term, weight); the relevance of a product
for a query is the sum over shared terms of query weight × product weight.
"""
