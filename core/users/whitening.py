"""What users are compared by: the network's representation with every direction counting alike (ours). No torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
RIDGE = 1e-3  # share of the mean variance that is added to every direction's


@dataclass(frozen=True)
class Whitening:
    """v ↦ (v − centre) · directions, after which all users of the fit have variance 1 in every direction.

    Training makes a few directions long, those that serve its tasks best (here: the large groups of goods), and a
    cosine would look at little else. Fixed with the model, so that a user who is added later, or made by hand, is
    measured as all others are.
    """

    centre: Floats  # [H]
    directions: Floats  # [H, H]

    @classmethod
    def of(cls, vectors: Floats) -> Whitening:
        """From users [U, H]; a direction in which they hardly differ is not blown up without bound (RIDGE)."""
        centre = vectors.mean(axis=0)
        variance, directions = np.linalg.eigh(np.cov(vectors - centre, rowvar=False, dtype=np.float64))
        variance = np.maximum(variance, 0) + max(RIDGE * float(variance.mean()), 1e-12)
        return cls(centre.astype(np.float32), (directions / np.sqrt(variance)).astype(np.float32))

    def __call__(self, vectors: Floats) -> Floats:
        """[n, H] of vectors [n, H]."""
        return ((vectors - self.centre) @ self.directions).astype(np.float32)
