"""The settings of a run as a form."""
