"""What an index knows of its products beside their bags: key, title and attributes.

Keys and titles are one blob of text each, memory-mapped; an attribute is a number a product and a list of values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.text.fields import composed

KEY = "key"
CATEGORY = "category"  # every segment has it, under the names that files had when it was the only attribute
_NO_ATTRIBUTES: Mapping[str, str] = {}  # one for all: of a million products most have none


@dataclass(frozen=True)
class Product:
    """`key` is what the shop calls it, unique; `attributes` are what else its catalogue says of it: its category …"""

    key: str
    title: str
    attributes: Mapping[str, str] = field(default_factory=lambda: _NO_ATTRIBUTES, hash=False)

    @property
    def text(self) -> str:
        """What is read of it: the title and the fields among its attributes, see core.data.text.fields."""
        return composed(self.title, self.attributes)

    def attribute(self, name: str) -> str:
        """Its value, "" where it has none; the key counts as one."""
        return self.key if name == KEY else self.attributes.get(name, "")


@dataclass(frozen=True)
class Texts:
    """N texts in one array of UTF-8 bytes; text i ends at ends[i]."""

    blob: NDArray[np.uint8]
    ends: NDArray[np.int64]  # [N]

    @staticmethod
    def of(texts: Sequence[str]) -> Texts:
        parts = [text.encode("utf-8", errors="replace") for text in texts]
        ends = np.cumsum([len(part) for part in parts], dtype=np.int64)
        return Texts(np.frombuffer(b"".join(parts), dtype=np.uint8), ends)

    def __len__(self) -> int:
        return len(self.ends)

    def __getitem__(self, place: int) -> str:
        start = int(self.ends[place - 1]) if place else 0
        return bytes(self.blob[start : int(self.ends[place])]).decode("utf-8", errors="replace")

    def all(self) -> list[str]:
        """Every text; one pass over the blob."""
        blob, start, out = bytes(self.blob), 0, []
        for end in self.ends.tolist():
            out.append(blob[start:end].decode("utf-8", errors="replace"))
            start = end
        return out


@dataclass(frozen=True)
class Attribute:
    """One attribute of N products: the value of product i is values[number[i]], "" where it has none."""

    number: NDArray[Any]  # [N] uint16; uint32 where there are more values than that counts
    values: tuple[str, ...]

    @staticmethod
    def of(texts: Sequence[str]) -> Attribute:
        places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        kind = np.uint16 if len(places) <= 1 << 16 else np.uint32
        return Attribute(np.array([places[text] for text in texts], dtype=kind), tuple(places))

    def __getitem__(self, row: int) -> str:
        return self.values[int(self.number[row])]

    def rows(self, value: str) -> NDArray[np.int64]:
        """Rows of a value, ascending; none where nothing has it."""
        if value not in self.values:
            return np.zeros(0, dtype=np.int64)
        return np.flatnonzero(np.asarray(self.number) == self.values.index(value))

    def fits(self, count: int) -> bool:
        """Whether it is of so many products, and names none beyond its values."""
        return len(self.number) == count and (count == 0 or int(self.number.max()) < len(self.values))


@dataclass(frozen=True)
class Products:
    """The products of one segment, by their row in it."""

    keys: Texts
    titles: Texts
    attributes: Mapping[str, Attribute]  # CATEGORY at least

    @staticmethod
    def of(products: Sequence[Product]) -> Products:
        names = {CATEGORY: None} | {name: None for product in products for name in product.attributes}
        return Products(
            Texts.of([product.key for product in products]),
            Texts.of([product.title for product in products]),
            {name: Attribute.of([product.attribute(name) for product in products]) for name in names},
        )

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, row: int) -> Product:
        held = {name: value for name, one in self.attributes.items() if (value := one[row])}
        return Product(self.keys[row], self.titles[row], held)

    @cached_property
    def rows(self) -> dict[str, int]:
        """Row by key; made when first asked for."""
        return {key: row for row, key in enumerate(self.keys.all())}

    def of_attribute(self, name: str, value: str) -> NDArray[np.int64]:
        """Rows whose attribute has that value, ascending."""
        return self.attributes[name].rows(value) if name in self.attributes else np.zeros(0, dtype=np.int64)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """As `opened` takes them."""
        return {
            "key_text": self.keys.blob,
            "key_ends": self.keys.ends,
            "title_text": self.titles.blob,
            "title_ends": self.titles.ends,
            **{_array(name): one.number for name, one in self.attributes.items()},
        }

    def about(self) -> dict[str, Any]:
        """The values of the attributes, as `opened` takes them."""
        others = {name: list(one.values) for name, one in self.attributes.items() if name != CATEGORY}
        return {"categories": list(self.attributes[CATEGORY].values)} | ({"attributes": others} if others else {})

    @staticmethod
    def opened(arrays: Mapping[str, NDArray[Any]], about: Mapping[str, Any]) -> Products:
        values = {CATEGORY: about["categories"], **about.get("attributes", {})}
        return Products(
            Texts(arrays["key_text"], arrays["key_ends"]),
            Texts(arrays["title_text"], arrays["title_ends"]),
            {name: Attribute(arrays[_array(name)], tuple(listed)) for name, listed in values.items()},
        )

    def fit(self) -> bool:
        """Whether titles and attributes are of as many products as the keys."""
        return len(self.titles) == len(self) and all(one.fits(len(self)) for one in self.attributes.values())


def _array(attribute: str) -> str:
    return attribute if attribute == CATEGORY else f"attribute_{attribute}"
