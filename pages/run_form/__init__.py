"""The settings of a run as a form; a setting is declared in `core/settings/run.py`, a method's or a network's config."""
