"""Runs as processes and files: run folders, supervisor and workers, event tail, library of finished runs,
stages that several runs have in common.

May import: `core.explain` and everything below it. The run folder is the truth; every other view is made from it.
"""
