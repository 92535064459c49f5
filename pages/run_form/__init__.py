"""The settings of a run as a form; one is declared in `core/settings/run.py`, a method's or a network's config."""
