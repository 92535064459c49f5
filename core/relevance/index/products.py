"""What an index knows of its products beside their bags: key, title, category. One blob of text each, memory-mapped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Product:
    """`key` is what the shop calls it, unique; `category` may be empty."""

    key: str
    title: str
    category: str = ""


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
class Products:
    """The products of one segment, by their row in it."""

    keys: Texts
    titles: Texts
    category: NDArray[np.uint16]  # [N] place in `categories`
    categories: tuple[str, ...]

    @staticmethod
    def of(products: Sequence[Product]) -> Products:
        names = {product.category: None for product in products}
        places = {name: place for place, name in enumerate(names)}
        return Products(
            Texts.of([product.key for product in products]),
            Texts.of([product.title for product in products]),
            np.array([places[product.category] for product in products], dtype=np.uint16),
            tuple(names),
        )

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, row: int) -> Product:
        return Product(self.keys[row], self.titles[row], self.categories[int(self.category[row])])

    @cached_property
    def rows(self) -> dict[str, int]:
        """Row by key; made when first asked for."""
        return {key: row for row, key in enumerate(self.keys.all())}

    def of_category(self, name: str) -> NDArray[np.int64]:
        """Rows of a category, ascending; none where nothing is of it."""
        if name not in self.categories:
            return np.zeros(0, dtype=np.int64)
        return np.flatnonzero(np.asarray(self.category) == self.categories.index(name))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """As `opened` takes them."""
        return {
            "key_text": self.keys.blob,
            "key_ends": self.keys.ends,
            "title_text": self.titles.blob,
            "title_ends": self.titles.ends,
            "category": self.category,
        }

    @staticmethod
    def opened(arrays: Mapping[str, NDArray[Any]], categories: Sequence[str]) -> Products:
        return Products(
            Texts(arrays["key_text"], arrays["key_ends"]),
            Texts(arrays["title_text"], arrays["title_ends"]),
            arrays["category"],
            tuple(categories),
        )
