"""What turns texts into bags: a saved network, or plain word overlap. Opening one needs no torch.

Queries are encoded in NumPy, in about a millisecond; encoding products asks for torch when it is first done.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.data.text.vocabulary import Vocabulary
from core.relevance.bags import Bag, Bags
from core.relevance.encoding.model_store import START, load_network, read_card
from core.relevance.encoding.query import QueryEncoder

REMEMBERED = 1 << 14  # queries: all judged ones of most collections


class DeepBoWEncoder:
    """A saved DeepBoW: weights on the words of a query, titles expanded over the vocabulary."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._queries = QueryEncoder.load(folder)
        self._remembered: OrderedDict[str, Bag] = OrderedDict()
        self._lock = threading.Lock()
        card = read_card(folder)
        self.title = f"DeepBoW ({card.says.rstrip('.')})"

    @property
    def vocabulary(self) -> Vocabulary:
        return self._queries.vocabulary

    @property
    def factors(self) -> NDArray[np.float32]:
        return self._queries.factors

    def query(self, text: str) -> Bag:
        with self._lock:
            found = self._remembered.get(text)
        if found is None:
            found = self._queries.encode(text)
            with self._lock:
                self._remembered[text] = found
                if len(self._remembered) > REMEMBERED:
                    self._remembered.popitem(last=False)
        return found

    def products(self, titles: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Bags:
        from core.relevance.encoding.network import encode_products  # torch: only where products are encoded

        return encode_products(load_network(self.folder), self.vocabulary, titles, progress)


def has_start() -> bool:
    """Whether the trained start lies in this copy of the program."""
    return (START / "model.json").is_file()
