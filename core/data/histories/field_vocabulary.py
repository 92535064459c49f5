"""Names to ids and back: counted where names are few, hashed where they are many; unseen names are id 0."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from core.data.histories.histories import Histories
from core.data.parquet import Array
from core.errors import PrecedenceError

LARGEST = 50_000  # more names than this share so many ids by hashing
FEWEST = {"item": 3, "word": 2}
"""An item seen less often than this in training is id 0, so that 0 learns what an unknown item is like."""


@dataclass(frozen=True)
class FieldVocabulary:
    """Ids 1 … of counted names in order, or of `buckets` hashed ones; id 0 is unseen or missing."""

    names: tuple[str, ...] = ()
    buckets: int = 0  # > 0: id = 1 + crc32(name) mod buckets, for names that are known

    @property
    def size(self) -> int:
        """Number of ids, 0 included."""
        return max(2, 1 + (self.buckets or len(self.names)))

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {name: number + 1 for number, name in enumerate(self.names)}

    def id(self, name: str) -> int:
        if self.buckets:
            return 1 + zlib.crc32(name.encode()) % self.buckets if name else 0
        return self._ids.get(name, 0)

    def ids(self, names: Array) -> Array:
        """[n] int32 ids of names [n]."""
        return np.array([self.id(str(name)) for name in names], dtype=np.int32)

    def grown(self, names: list[str]) -> FieldVocabulary:
        """This vocabulary with new names behind the old ones, whose ids stay; a hashed one holds every name already."""
        if self.buckets:
            return self
        fresh = [name for name in dict.fromkeys(names) if name and name not in self._ids]
        return FieldVocabulary((*self.names, *fresh))


@dataclass(frozen=True)
class FieldVocabularies:
    """One vocabulary a field: item, shop, brand, category, word, scenario, behaviour, and one a column of profile."""

    fields: Mapping[str, FieldVocabulary]

    def __getitem__(self, field: str) -> FieldVocabulary:
        return self.fields[field]

    def to_bytes(self) -> bytes:
        """The content of a vocabularies file."""
        content = {name: {"names": list(v.names), "buckets": v.buckets} for name, v in self.fields.items()}
        return json.dumps(content, ensure_ascii=False).encode()

    @classmethod
    def load(cls, path: Path) -> FieldVocabularies:
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            found = {
                name: FieldVocabulary(tuple(each["names"]), int(each["buckets"])) for name, each in content.items()
            }
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise PrecedenceError(
                f"The vocabularies in {path.name} cannot be read ({type(error).__name__}); make the model again with: "
                "python -m core users train"
            ) from error
        return cls(found)


def counted(names: list[str] | Array, times: Array, fewest: int = 1, largest: int = LARGEST) -> FieldVocabulary:
    """The names that occur at least `fewest` times, most frequent first; hashed above `largest`.

    `times` [n] how often each of `names` [n] occurs in the training events.
    """
    kept = [n for n in np.lexsort((np.arange(len(times)), -np.asarray(times))) if times[n] >= fewest and names[n]]
    if len(kept) > largest:
        return FieldVocabulary(buckets=largest)
    return FieldVocabulary(tuple(str(names[n]) for n in kept))


def vocabularies(training: Histories, queries: list[str] | None = None, largest: int = LARGEST) -> FieldVocabularies:
    """The vocabularies of training events; `queries` are words that were asked in training, one entry each time."""
    items, names = training.items, training.names
    seen = np.bincount(training.item, minlength=len(items))
    fields = {"item": counted(items.name, np.where(np.arange(len(items)) > 0, seen, 0), FEWEST["item"], largest)}
    for field, numbers in (("brand", training.brand), ("category", training.category), ("shop", training.shop),
                           ("behaviour", training.behaviour), ("scenario", training.scenario)):  # fmt: skip
        fields[field] = counted(names[field], np.bincount(numbers, minlength=len(names[field])), 1, largest)
    words = names["word"]
    times = np.bincount(items.words.ravel(), weights=np.repeat(seen, items.words.shape[1]), minlength=len(words))
    count = dict(zip(words.tolist(), times.tolist(), strict=True))
    for word in queries or []:
        count[word] = count.get(word, 0) + 1
    fields["word"] = counted(list(count), np.array(list(count.values())), FEWEST["word"], largest)
    active = np.diff(training.offsets) > 0
    for name, values in training.profile.items():
        kinds, often = np.unique(values[active], return_counts=True)
        fields[f"user_{name}"] = counted(kinds, often)
    return FieldVocabularies(fields)
