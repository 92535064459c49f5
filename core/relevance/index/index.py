"""An index: segments of products, the removed ones among them, and the search over all.

A row is a product's place in the index, counted through the segments; it may change when segments are merged, a key
does not.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import PrecedenceError
from core.relevance.bags import Bag, Bags, gather
from core.relevance.index.files import read_json, write_json
from core.relevance.index.products import KEY, Product
from core.relevance.index.quantise import KEPT, STEPS
from core.relevance.index.segment import Floats, Segment, Weighed

MANIFEST = "index.json"
FORMAT = 1
NOISE = 1e-9  # what rounding leaves of a score whose every word an override has taken away
MOST_SEGMENTS = 8  # beyond that they are merged: each costs a search its own pass

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Hits:
    """The best products of a search, best first; `scores` in float64, as explanations add them up."""

    rows: Rows
    scores: NDArray[np.float64]


@dataclass(frozen=True)
class Corrections:
    """What overrides add to the scores of single products: rows ascending, each once."""

    rows: Rows
    amounts: NDArray[np.float64]

    def within(self, start: int, end: int) -> tuple[Rows, NDArray[np.float64]]:
        """Rows from `start` to before `end`, counted from `start`, with their amounts."""
        part = slice(*np.searchsorted(self.rows, (start, end)))
        return self.rows[part] - start, self.amounts[part]

    def at(self, rows: Rows) -> NDArray[np.float64]:
        """The amount for each of `rows`; 0 where there is none."""
        found = np.zeros(len(rows))
        if len(self.rows):
            places = np.minimum(np.searchsorted(self.rows, rows), len(self.rows) - 1)
            held = self.rows[places] == rows
            found[held] = self.amounts[places[held]]
        return found


@dataclass(frozen=True)
class _Part:
    """A segment in its place: its first row, which of its products are removed, the folder it is saved in."""

    segment: Segment
    gone: NDArray[np.bool_]
    offset: int
    name: str = ""

    @property
    def end(self) -> int:
        return self.offset + len(self.segment)


NOTHING = Corrections(np.zeros(0, dtype=np.int64), np.zeros(0))


class Index:
    """Searches from any thread; changes (`add`, `remove`, `merge`) are for one process at a time.

    `vocabulary` is the stamp of the vocabulary whose term numbers the bags hold, `terms` its size.
    """

    def __init__(self, vocabulary: str, terms: int, kept: int = KEPT) -> None:
        self.vocabulary, self.terms, self.kept = vocabulary, terms, kept
        self._parts: tuple[_Part, ...] = ()  # replaced as a whole: a search that runs now keeps what it began with
        self._folder: Path | None = None
        self._lock = threading.RLock()

    # ------------------------------------------------------------------ making, keeping

    @staticmethod
    def of(bags: Bags, products: Sequence[Product], vocabulary: str, terms: int, kept: int = KEPT) -> Index:
        """An index in memory; `save` puts it on disk."""
        index = Index(vocabulary, terms, kept)
        index.add(bags, products)
        return index

    def save(self, folder: Path) -> None:
        """Writes the index to a folder; a reader finds the old state or the new. Later changes go there too."""
        with self._lock:
            folder.mkdir(parents=True, exist_ok=True)
            number = 1 + max((int(path.name.split("-")[1]) for path in folder.glob("segment-*")), default=0)
            parts = []
            for part in self._parts:
                name = part.name if folder == self._folder else ""
                if not name:
                    name, number = f"segment-{number}", number + 1
                    part.segment.save(folder / name)
                parts.append(replace(part, name=name))
            self._parts, self._folder = tuple(parts), folder
            write_json(folder / MANIFEST, {
                "format": FORMAT, "vocabulary": self.vocabulary, "terms": self.terms, "kept": self.kept,
                "segments": [{"name": part.name, "removed": np.flatnonzero(part.gone).tolist()} for part in parts],
            })  # fmt: skip
            named = {part.name for part in parts}
            for path in folder.glob("segment-*"):  # what the new manifest does not name; open maps stay readable
                if path.name not in named:
                    shutil.rmtree(path, ignore_errors=True)

    @staticmethod
    def opened(folder: Path, thorough: bool = False) -> Index:
        """The index of a folder, memory-mapped; refused in one sentence where it is missing or damaged."""
        return _opened(folder, thorough)

    # ------------------------------------------------------------------ changing

    def add(self, bags: Bags, products: Sequence[Product]) -> None:
        """Adds products as a new segment; a key that is already there is refused."""
        keys = [product.key for product in products]
        if len(set(keys)) < len(keys):
            twice = next(key for key in keys if keys.count(key) > 1)
            raise PrecedenceError(f"Two products have the key {twice!r}; give every product a key of its own.")
        with self._lock:
            known = next((key for key in keys if self.find(key) is not None), None)
            if known is not None:
                raise PrecedenceError(f"The index already holds a product with the key {known!r}; remove it first.")
            segment = Segment.of(bags, products, self.terms, self.kept)
            self._put(segment, np.zeros(len(segment), dtype=bool))
            if len(self._parts) > MOST_SEGMENTS:
                self.merge()

    def remove(self, keys: Sequence[str]) -> int:
        """Takes products out of every later search; returns how many. Their bytes stay until the next merge."""
        with self._lock:
            rows = [self.row(key) for key in keys]
            parts = []
            for part in self._parts:
                gone = part.gone.copy()
                gone[[row - part.offset for row in rows if part.offset <= row < part.end]] = True
                parts.append(replace(part, gone=gone))
            self._parts = tuple(parts)
            return len(set(rows))

    def merge(self) -> None:
        """All segments into one, without the removed products. Rows change.

        The merged segment has one scale, so a weight may move by half a step of it (0.2 % of the highest weight).
        """
        with self._lock:
            rows = [row for part in self._parts for row in (np.flatnonzero(~part.gone) + part.offset).tolist()]
            weighed = [self.bag(row) for row in rows]
            bags = gather([Bag(one.ids, one.weights.astype(np.float32), one.kinds, one.sources) for one in weighed])
            segment = Segment.of(bags, [self.product(row) for row in rows], self.terms, self.kept)
            self._parts = (_Part(segment, np.zeros(len(segment), dtype=bool), 0),)

    def _put(self, segment: Segment, gone: NDArray[np.bool_], name: str = "") -> None:
        self._parts = (*self._parts, _Part(segment, gone, self.rows, name))

    # ------------------------------------------------------------------ asking

    def __len__(self) -> int:
        """Products that a search can find."""
        return sum(len(part.segment) - int(part.gone.sum()) for part in self._parts)

    @property
    def rows(self) -> int:
        """Rows, removed products included."""
        return self._parts[-1].end if self._parts else 0

    def find(self, key: str) -> int | None:
        """The row of the product with this key; None where there is none, or it was removed."""
        for part in self._parts:
            row = part.segment.products.rows.get(key)
            if row is not None and not part.gone[row]:
                return part.offset + row
        return None

    def row(self, key: str) -> int:
        """As `find`, but an unknown key is refused."""
        row = self.find(key)
        if row is None:
            raise PrecedenceError(
                f"The index holds no product with the key {key[:80]!r}; take one from a search's results."
            )
        return row

    def product(self, row: int) -> Product:
        part = self._part(row)
        return part.segment.products[row - part.offset]

    def bag(self, row: int) -> Weighed:
        """The product's words with their weights as they are scored."""
        part = self._part(row)
        return part.segment.bag(row - part.offset)

    def weights_of(self, term: int, rows: Rows) -> NDArray[np.float64]:
        """The weight of one term in each of `rows` (ascending); 0 where a product does not hold it."""
        found = []
        for part in self._parts:
            start, end = np.searchsorted(rows, (part.offset, part.end))
            found.append(part.segment.weights_of(term, rows[start:end] - part.offset))
        return np.concatenate(found) if found else np.zeros(0)

    def of_attribute(self, name: str, value: str) -> Rows:
        """The rows of products whose attribute has that value, ascending; of a key at most one."""
        if name == KEY:
            row = self.find(value)
            return np.array([] if row is None else [row], dtype=np.int64)
        found = [part.offset + part.segment.products.of_attribute(name, value) for part in self._parts]
        return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)

    def sample(self, most: int) -> list[Product]:
        """The products that a search can find; of more than `most` an even sample."""
        rows = (row for part in self._parts for row in (np.flatnonzero(~part.gone) + part.offset).tolist())
        return [self.product(row) for row in islice(rows, 0, None, max(1, -(-len(self) // most)))]

    def highest_weight(self) -> float:
        """The highest weight that a word of a product can have here."""
        return max((part.segment.bags.scale * STEPS for part in self._parts), default=1.0)

    def bytes_a_product(self) -> dict[str, float]:
        """Bytes a product: of the postings that a search reads, and of the bags that an explanation reads."""
        entries = sum(len(part.segment.bags.ids) for part in self._parts)
        blocks = sum(part.segment.blocks.bytes for part in self._parts)
        return {"postings": blocks / max(1, self.rows), "bags": 8 * entries / max(1, self.rows)}

    def search(self, query: Bag, most: int = 10, corrections: Corrections = NOTHING) -> Hits:
        """The `most` products of highest positive score, exact; equal scores in the order of rows."""
        terms, values = _query(query, self.terms)
        rows, scores = [NOTHING.rows], [NOTHING.amounts]
        for part in self._parts:
            segment = part.segment
            moved = corrections.within(part.offset, part.end)
            found, exact = segment.blocks.best(terms, values, segment.bags.scale, part.gone, moved, most, NOISE)
            rows.append(found + part.offset)
            scores.append(exact)
        all_rows, all_scores = np.concatenate(rows), np.concatenate(scores)
        order = np.lexsort((all_rows, -all_scores))[:most]
        return Hits(all_rows[order], all_scores[order])

    def scores(self, query: Bag, corrections: Corrections = NOTHING) -> Floats:
        """The score of every row; −1 for removed products."""
        terms, values = _query(query, self.terms)
        out = np.empty(self.rows, dtype=np.float32)
        for part in self._parts:
            held = part.segment.scores(terms, values)
            _correct(held, corrections, part)
            own = out[part.offset : part.end]
            own[:] = held
            own[part.gone] = -1
        return out

    def pair(self, query: Bag, row: int) -> float:
        """The score of one product."""
        terms, values = _query(query, self.terms)
        part = self._part(row)
        return float(part.segment.exact(np.array([row - part.offset]), terms, values)[0])

    def _part(self, row: int) -> _Part:
        for part in self._parts:
            if part.offset <= row < part.end:
                return part
        raise PrecedenceError(f"The index has rows 0 to {self.rows - 1}, not {row}.")


def _opened(folder: Path, thorough: bool) -> Index:
    """The index that a folder holds; raises PrecedenceError where anything of it is missing or damaged."""
    about = read_json(folder / MANIFEST)
    try:
        if about["format"] != FORMAT:
            raise PrecedenceError(
                f"The index {folder.name} has format {about['format']}, not {FORMAT}; build it again."
            )
        index = Index(str(about["vocabulary"]), int(about["terms"]), int(about["kept"]))
        for said in about["segments"]:
            segment = Segment.opened(folder / str(said["name"]), index.terms, thorough)
            gone = np.zeros(len(segment), dtype=bool)
            gone[np.asarray(said["removed"], dtype=np.int64)] = True
            index._put(segment, gone, str(said["name"]))
    except (KeyError, TypeError, ValueError, IndexError) as error:
        if isinstance(error, PrecedenceError):
            raise
        raise PrecedenceError(f"{MANIFEST} of the index {folder.name} is damaged ({error}); build it again.") from error
    index._folder = folder
    return index


def _query(query: Bag, terms: int) -> tuple[NDArray[np.int64], Floats]:
    """The query's terms and weights as the loops take them; terms beyond the vocabulary would read out of bounds."""
    if len(query.ids) and int(query.ids[-1]) >= terms:
        raise PrecedenceError(
            f"The query holds term {int(query.ids[-1])}, but the index knows {terms} terms; use the encoder that "
            "built the index."
        )
    return query.ids.astype(np.int64), query.weights


def _correct(scores: Floats, corrections: Corrections, part: _Part) -> None:
    """Adds what overrides change to one segment's scores."""
    if len(corrections.rows):
        rows, amounts = corrections.within(part.offset, part.end)
        scores[rows] += amounts
