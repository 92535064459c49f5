"""What was read off models in hand beside what training the tolerance brought, a change and over many. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any

BAND = 0.17
"""Half of the 90 % band, as a share of the change: docs/results.md."""


@dataclass(frozen=True)
class InHand:
    """What two tolerances have, in losses of the gainer that the best constant prediction's divides; validation rows,
    and the gainer's on the test rows beside it."""

    predicted: float
    true: float
    gained_alone: float  # fall of the loss between the two runs themselves, each trained alone
    retrained: float  # loss of the run at the other tolerance
    read: float  # loss of the model that was read off
    retrained_test: float
    read_test: float

    @property
    def error(self) -> float:
        """|predicted − true| / |true|; 0 where both are nothing at all."""
        if self.predicted == self.true:
            return 0.0
        return abs(self.predicted - self.true) / abs(self.true) if self.true else float("inf")

    @property
    def retrained_error(self) -> float:
        """The same against the two runs trained alone."""
        return abs(self.predicted - self.gained_alone) / abs(self.gained_alone) if self.gained_alone else float("inf")

    @property
    def covered(self) -> bool:
        """Whether the truth is within the band."""
        return abs(self.predicted - self.true) <= BAND * abs(self.predicted)


def summary(changes: Sequence[InHand]) -> dict[str, Any]:
    """Of a row, in place of what the curve says of it; nothing where no models were searched.

    `nothing`: share of the changes that buy nothing at all, which have an error of 0 where that was said.
    `retrained_error`: against the difference of the two runs trained alone, without any search.
    `retrained_worse`: share of the tolerances at which the run trained alone is worse than the model read off before.
    """
    if not changes:
        return {}
    some = [one for one in changes if one.true]
    return {
        "median_error": median(one.error for one in changes),
        "coverage": fmean(one.covered for one in changes),
        "median_gain_in_hand": median(abs(one.true) for one in changes),
        "nothing": 1 - len(some) / len(changes),
        "error_of_some": median(one.error for one in some) if some else None,
        "coverage_of_some": fmean(one.covered for one in some) if some else None,
        "retrained_error": median(one.retrained_error for one in changes),
        "retrained_worse": fmean(one.retrained > one.read for one in changes),
        "read_better_by": median(one.retrained - one.read for one in changes),
        "read_better_by_test": median(one.retrained_test - one.read_test for one in changes),
    }
