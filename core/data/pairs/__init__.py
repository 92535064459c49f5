"""Data sets of form "pairs": a row is a query, a product's title and a grade of how well they fit; split by query.

`prepare` turns judged texts into a prepared folder: terms and characters of every distinct text once, grades as ordinal
tasks ("grade at least k"), the vocabulary beside them. May import: nothing else of core but `core.data`.
"""
