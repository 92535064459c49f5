"""Experiments: arms, single tasks, transfer, the daily update, and are neighbours alike."""
