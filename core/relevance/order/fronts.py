"""The trained points of an order as they are kept: what each tolerance buys, measured on test queries."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from core.files import write_text
from core.relevance.aims import Mean

FILE = "order.json"
TOLERANCES = (0.01, 0.02, 0.03)
"""Points of NDCG@10 that relevance may lose."""


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Point(_Kept):
    """One trained model: score = relevance + `weight` · (best hit's relevance) · u. Figures of the test queries."""

    tolerance: float
    weight: float
    ndcg: float
    ndcg_change: float
    ndcg_error: float  # standard error of the change over queries
    amount: float  # the aim's average of the first ten, in its own unit
    gain: float  # that against relevance alone, as a share of it
    gain_error: float


class Front(_Kept):
    """Relevance alone, and the points for one aim, by rising tolerance."""

    name: str
    title: str
    counted: str
    mean: Mean
    queries: int  # test queries
    ndcg: float
    amount: float
    points: tuple[Point, ...]

    def point(self, tolerance: float) -> Point | None:
        """The trained point of this tolerance; None where there is none."""
        return next((one for one in self.points if abs(one.tolerance - tolerance) < 1e-9), None)


class Fronts(_Kept):
    """`stamp` is that of the model which gave the relevance; `untrained` says why there is no front."""

    stamp: str
    fronts: tuple[Front, ...] = ()
    untrained: str = ""


def keep_fronts(folder: Path, fronts: Fronts) -> Path:
    write_text(folder / FILE, fronts.model_dump_json(indent=1) + "\n")
    return folder / FILE


def read_fronts(folder: Path, stamp: str) -> Fronts | None:
    """None where none are kept, or they are of another model, or the file is damaged: they can be trained again."""
    try:
        found = Fronts.model_validate(json.loads((folder / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError):
        return None
    return found if found.stamp == stamp else None
