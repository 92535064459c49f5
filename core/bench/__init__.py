"""Measurements, each a function that returns plain figures as ratios taken in one run. May import every room but `commands`."""
