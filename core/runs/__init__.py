"""Runs as processes and files: run folders, supervisor and workers, event tail, library of finished runs,
stages that several runs have in common.

May import: `core.relevance`, `core.users` and everything below them.
The run folder is the truth; every other view is made from it.
"""
