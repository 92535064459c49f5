"""Where the trained starts of DUPN lie; no torch, so that pages may ask what there is."""

from __future__ import annotations

from pathlib import Path

WEIGHTS = "weights.safetensors"
STARTS = Path(__file__).resolve().parents[2] / "sample_data" / "users"
"""Trained starts by data set, made by `python -m core users train`."""
