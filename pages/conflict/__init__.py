"""Gradient conflict: measured in a run, felt on the bench, walked in a landscape."""
