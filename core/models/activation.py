"""What a layer passes on, by name; no torch, since configs name it."""

from __future__ import annotations

from typing import Literal

Activation = Literal["relu", "leaky_relu"]

LEAK = 0.1
"""Slope of the leaky ReLU below 0."""
