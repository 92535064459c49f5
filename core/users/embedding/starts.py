"""Where the trained starts of DUPN lie; no torch, so that pages may ask what there is."""

from __future__ import annotations

from core.home import PROGRAM

WEIGHTS = "weights.safetensors"
STARTS = PROGRAM / "sample_data" / "users"
"""Trained starts by data set, made by `python -m core users train`."""
