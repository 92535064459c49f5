"""What a run is asked to be: its settings with their titles, limits and help, its address, and each data set's default.

A field of `run.RunConfig` (or of a method's or network's config) is all that the form, the command line and an address
need. May import: `core.methods`, `core.models` (their configs) and everything below them.
"""
