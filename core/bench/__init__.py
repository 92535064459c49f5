"""Measurements: each returns plain figures, ratios taken in one run. May import every room but `commands`."""
