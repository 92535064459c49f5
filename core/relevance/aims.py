"""What a searched order may serve beside relevance: numbers of products, known when they are searched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import PlainSerializer, PlainValidator

from core.data.sources.shop import tables
from core.errors import PrecedenceError
from core.files import write_whole
from core.records import UNREADABLE

FILE = "aims.npz"
KNOWN_DAYS = 47  # of the shop's sixty: as long as its training rows reach
LEAST_KNOWN = 0.5  # share of products of which a number must be known
Mean = Literal["mean", "typical"]
Values = Annotated[
    NDArray[np.float64],
    PlainValidator(lambda given: np.asarray(given, dtype=np.float64)),
    PlainSerializer(lambda values: [None if np.isnan(one) else float(one) for one in values]),
]
"""An array that crosses between processes as a list; null where it is not known."""


@dataclass(frozen=True)
class Aim:
    """`known` [P] is what a search knows of each product, NaN where nothing; `outcome` [P] what is to be gained by it.

    `counted` says in words what the outcome is, `mean` how it is averaged: "typical" is the mean of logarithms, for
    amounts of which a few are much larger than most.
    """

    name: str
    title: str
    counted: str
    mean: Mean
    known: Values
    outcome: Values

    @property
    def scaled(self) -> Values:
        """u [P] in 0 … 1: the place of `known` between the least and the most, of its logarithm where it is skewed."""
        values = np.log1p(self.known) if is_skewed(self.known) else self.known
        least, most = np.nanmin(values), np.nanmax(values)
        return np.nan_to_num((values - least) / max(most - least, 1e-12))

    @property
    def averaged(self) -> Values:
        """[P] the outcome on the scale on which it is averaged."""
        return np.log1p(self.outcome) if self.mean == "typical" else self.outcome

    def amount(self, average: float) -> float:
        """An average in the outcome's own unit."""
        return float(np.expm1(average)) if self.mean == "typical" else average


def is_skewed(values: Values) -> bool:
    """Amounts of which a few are much larger than most: none is below 0 and the mean is twice the median or more, or
    the largest ten times the median."""
    known = values[~np.isnan(values)]
    if not len(known) or known.min() < 0:
        return False
    middle = float(np.median(known))
    return bool(known.mean() >= 2 * middle or known.max() >= 10 * middle)


def aims_of(numbers: Mapping[str, Values]) -> tuple[Aim, ...]:
    """An aim of each number [P] that is known of enough products and differs among them: to show more of it first."""
    found = []
    for name, values in numbers.items():
        known = values[~np.isnan(values)]
        if len(known) >= LEAST_KNOWN * len(values) and len(np.unique(known)) > 2:
            plain = name.replace("_", " ").strip()
            mean: Mean = "typical" if is_skewed(values) else "mean"
            found.append(Aim(name, plain, plain, mean, values, values))
    return tuple(found)


@lru_cache(maxsize=1)
def shop_aims() -> tuple[Aim, ...]:
    """The shop's two, by product: clicks of the first 47 days for those of the thirteen days after, and the price."""
    count = len(tables.products("product_id")["product_id"])
    events = tables.events("time", "behaviour", "product_id")
    clicks = events["behaviour"] == "click"
    day = (events["time"] - events["time"].min().astype("datetime64[D]")).astype("timedelta64[D]").astype(int)
    before, after = (
        np.bincount(events["product_id"][clicks & part], minlength=count).astype(np.float64)
        for part in (day < KNOWN_DAYS, day >= KNOWN_DAYS)
    )
    price = np.asarray(tables.products("price")["price"], np.float64)
    return (
        Aim("clicks", "clicks", "clicks in the thirteen days after", "mean", before, after),
        Aim("price", "price", "price in yuan", "mean", price, price),
    )


@dataclass(frozen=True)
class KeptAims:
    """The aims of the products `keys`; `gains` of each grade in NDCG, empty: 2^grade − 1."""

    keys: Sequence[str] = ()
    aims: tuple[Aim, ...] = ()
    gains: tuple[float, ...] = ()


def keep_aims(folder: Path, kept: KeptAims) -> None:
    """Beside an index; nothing where there is no aim."""
    if not kept.aims:
        return
    held = {
        "keys": np.array(kept.keys, dtype=str),
        "said": np.array([(aim.name, aim.title, aim.counted, aim.mean) for aim in kept.aims], dtype=str),
        "known": np.stack([aim.known for aim in kept.aims]).astype(np.float32),
        "outcome": np.stack([aim.outcome for aim in kept.aims]).astype(np.float32),
        "gains": np.array(kept.gains, np.float64),
    }

    def write(unfinished: Path) -> None:
        with unfinished.open("wb") as target:
            np.savez_compressed(target, **held)  # type: ignore[arg-type]

    write_whole(folder / FILE, write)


def read_aims(folder: Path) -> KeptAims:
    """Without aims where there is no file."""
    try:
        with np.load(folder / FILE, allow_pickle=False) as found:
            values = zip(found["said"].tolist(), found["known"], found["outcome"], strict=True)
            aims = tuple(
                Aim(name, title, counted, mean, known.astype(float), outcome.astype(float))
                for (name, title, counted, mean), known, outcome in values
            )
            return KeptAims(found["keys"].tolist(), aims, tuple(found["gains"].tolist()))
    except FileNotFoundError:
        return KeptAims()
    except UNREADABLE as error:
        raise PrecedenceError(f"{FILE} of {folder.name} cannot be read; bring the catalogue again.") from error
