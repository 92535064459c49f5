"""One immutable part of an index: the bags of its products, forwards (by product) and inverted (by term)."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import PrecedenceError
from core.relevance.bags import Bags
from core.relevance.index import kernels
from core.relevance.index.blocks import Blocks
from core.relevance.index.files import open_folder, write_folder
from core.relevance.index.products import Product, Products
from core.relevance.index.quantise import Quantised, quantise

Floats = NDArray[np.float32]
_scratch = threading.local()  # one array of scores a thread: making 2 MB anew costs more than the search


@dataclass(frozen=True)
class Weighed:
    """A product's bag as it is scored: n terms ascending, weights in float64 so that contributions add up."""

    ids: NDArray[np.uint32]
    weights: NDArray[np.float64]
    kinds: NDArray[np.uint8]  # `Kind`
    sources: NDArray[np.int16]  # unit of the title that brought the term; −1: the whole title


@dataclass(frozen=True)
class Segment:
    """Weights are steps × `scale`; a query's weight times that is a contribution."""

    bags: Quantised
    posting_starts: NDArray[np.int64]  # [V + 1]
    posting_rows: NDArray[np.uint32]  # [M] ascending within a term
    posting_steps: NDArray[np.uint8]  # [M]
    products: Products
    blocks: Blocks  # the same postings for the search of the best

    @staticmethod
    def of(bags: Bags, products: Sequence[Product], terms: int, kept: int) -> Segment:
        if len(bags) != len(products):
            raise PrecedenceError(f"{len(bags)} bags do not fit {len(products)} products; give one bag a product.")
        small = quantise(bags, terms, kept)
        starts, rows, steps = kernels.invert(small.starts, small.ids, small.steps, terms)
        return Segment(small, starts, rows, steps, Products.of(products), Blocks.of(small, terms))

    def __len__(self) -> int:
        return len(self.products)

    @property
    def terms(self) -> int:
        return len(self.posting_starts) - 1

    def scores(self, terms: NDArray[np.int64], values: Floats) -> Floats:
        """Score of every product [N] for the query's `terms` and weights; overwritten by this thread's next search."""
        held: Floats | None = getattr(_scratch, "scores", None)
        if held is None or len(held) < len(self):
            held = _scratch.scores = np.empty(len(self), dtype=np.float32)
        scores = held[: len(self)]
        scaled = values * np.float32(self.bags.scale)
        kernels.add_postings(scores, self.posting_starts, self.posting_rows, self.posting_steps, terms, scaled)
        return scores

    def exact(self, rows: NDArray[np.int64], terms: NDArray[np.int64], values: Floats) -> NDArray[np.float64]:
        """Score of single products in float64, as an explanation adds it up."""
        bags = self.bags
        return kernels.pair_scores(bags.starts, bags.ids, bags.steps, rows, terms, values) * bags.scale

    def bag(self, row: int) -> Weighed:
        """The product's bag with its weights as this index knows them."""
        bags, part = self.bags, slice(int(self.bags.starts[row]), int(self.bags.starts[row + 1]))
        weights = bags.steps[part].astype(np.float64) * bags.scale
        return Weighed(np.array(bags.ids[part]), weights, np.array(bags.kinds[part]), np.array(bags.sources[part]))

    def weights_of(self, term: int, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """The weight of one term in each of `rows` (ascending); 0 where a product does not hold it."""
        part = slice(int(self.posting_starts[term]), int(self.posting_starts[term + 1]))
        holders = self.posting_rows[part]
        weights = np.zeros(len(rows))
        if len(holders):
            places = np.minimum(np.searchsorted(holders, rows), len(holders) - 1)
            held = holders[places] == rows
            weights[held] = self.posting_steps[part][places[held]] * self.bags.scale
        return weights

    def save(self, folder: Path) -> None:
        bags = self.bags
        arrays: dict[str, NDArray[Any]] = {
            "starts": bags.starts, "ids": bags.ids, "steps": bags.steps, "kinds": bags.kinds, "sources": bags.sources,
            "posting_starts": self.posting_starts, "posting_rows": self.posting_rows,
            "posting_steps": self.posting_steps, **self.products.arrays(), **self.blocks.arrays(),
        }  # fmt: skip
        write_folder(folder, arrays, {"scale": bags.scale, **self.products.about()})

    @staticmethod
    def opened(folder: Path, terms: int, thorough: bool = False) -> Segment:
        """Reads a saved segment; refuses one whose arrays do not fit each other."""
        arrays, about = open_folder(folder, thorough)
        try:
            bags = Quantised(
                *(arrays["starts"], arrays["ids"], arrays["steps"], arrays["kinds"], arrays["sources"]),
                scale=float(about["scale"]),
            )
            postings = arrays["posting_starts"], arrays["posting_rows"], arrays["posting_steps"]
            products, blocks = Products.opened(arrays, about), Blocks.opened(arrays)
            fits = _fits(bags, postings, products, terms)
            if fits:  # blocks are made of what was checked where an older index has none
                blocks = blocks or Blocks.of(bags, terms)
                fits = blocks.fit(len(products), terms, len(bags.ids))
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise PrecedenceError(f"{folder.name} of the index is damaged ({error}); build the index again.") from error
        if not fits or blocks is None:
            raise PrecedenceError(f"The parts of {folder.name} of the index do not fit; build the index again.")
        return Segment(bags, *postings, products, blocks)


def _fits(bags: Quantised, postings: tuple[NDArray[Any], ...], products: Products, terms: int) -> bool:
    """Everything that a loop over the arrays relies on; without it a damaged file would be read out of bounds."""
    posting_starts, posting_rows, posting_steps = postings
    count = len(bags.ids)
    ends = (bags.starts, len(products) + 1, count), (posting_starts, terms + 1, count)
    return (
        all(
            len(starts) == length and starts[0] == 0 and starts[-1] == total and bool((np.diff(starts) >= 0).all())
            for starts, length, total in ends
        )
        and {len(bags.steps), len(bags.kinds), len(bags.sources)} == {count}
        and {len(posting_rows), len(posting_steps)} == {count}
        and products.fit()
        and (count == 0 or int(posting_rows.max()) < len(products))
        and (count == 0 or int(bags.ids.max()) < terms)
    )
