"""A query's bag without torch: the trained encoder and its term weighting in NumPy, for a process that serves pages.

Equal to `encode.encode_queries` to rounding; only for models that weight the query's own words (config.query
"weighting"), which is the default.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.data.pairs.prepare import sequences_of
from core.data.text.heads import ROLES, is_mention, is_of_field
from core.data.text.rarity import CHARACTER, LEVELS, PHRASE, WORD, rarity_of_terms
from core.data.text.vocabulary import Vocabulary
from core.errors import PrecedenceError
from core.models.deepbow_config import PACE, DeepBoWConfig
from core.relevance.bags import Bag, Kind
from core.relevance.encoding.model_store import read_card, read_vocabulary, read_weights

Array = NDArray[np.float32]
_EPSILON = 1e-5  # of layer norm, torch's default
_WAVES = 10_000.0


class QueryEncoder:
    """`encode(text)` → the bag of a query. One text at a time: about a millisecond."""

    def __init__(self, config: DeepBoWConfig, vocabulary: Vocabulary, weights: dict[str, Array]) -> None:
        if config.query != "weighting" or config.score != "bags":
            raise PrecedenceError(
                f"The model's queries are '{config.query}' of '{config.score}', which only the training process can "
                "encode; train a model whose query side is 'weighting'."
            )
        self.config = config
        self.vocabulary = vocabulary
        self._rarity = rarity_of_terms(vocabulary)
        self._kinds = [WORD, *([PHRASE] if config.phrases else []), *([CHARACTER] if config.characters else [])]
        self._weights = weights
        self._table = weights["embedding.table.weight"]
        self.factors = _factors(weights.get("sharing.bags.role"), config.head_noun)
        asked = weights.get("sharing.bags.role_asked") if config.head_noun else None
        self._asked = None if asked is None else np.pad(asked * (np.arange(len(asked)) > 0), (0, ROLES - len(asked)))

    @staticmethod
    def load(folder: Path) -> QueryEncoder:
        """The encoder of a saved model."""
        return QueryEncoder(read_card(folder).config, read_vocabulary(folder), read_weights(folder))

    def encode(self, text: str) -> Bag:
        """The query's terms with weights that sum to 1; an empty bag where the text has no words."""
        encoded = self.vocabulary.encode(text)
        lists = sequences_of([encoded], self.vocabulary, self._rarity)
        words, rarity, characters, roles = (lists[part][0] for part in ("words", "rarity", "characters", "roles"))
        real = (words > 0) & np.isin(rarity // LEVELS, self._kinds)
        read = words
        words, rarity, place = words[real], rarity[real], np.flatnonzero(real)
        if not len(words):
            return Bag(np.zeros(0, np.uint32), np.zeros(0, np.float32), np.zeros(0, np.uint8), np.zeros(0, np.int16))
        states = self._encoder("words", self._table[read], real)[real]
        known = characters > 0
        if self.config.characters:
            rows = self._table[characters + self.vocabulary.size]
            summary = self._encoder("characters", rows, known)[known].mean(0)
        else:
            summary = states.mean(0)
        logits = states @ (self._of("bags.attend.weight") @ summary) / self.config.dim
        logits = logits + PACE * self._of("bags.rarity")[rarity]
        if self._asked is not None:
            logits = logits + PACE * self._asked[roles[real]]
        weight = np.exp(logits - logits.max())
        weight /= weight.sum()
        ids, first, which = np.unique(words, return_index=True, return_inverse=True)
        summed = np.bincount(which, weights=weight).astype(np.float32)
        kinds = kinds_of(self.vocabulary, ids, rarity[first])
        return Bag(ids.astype(np.uint32), summed, kinds, place[first].astype(np.int16))

    def _encoder(self, name: str, x: Array, real: NDArray[np.bool_]) -> Array:
        """`core.models.transformer.Encoder` on one text: x [L, d] → [L, d]."""
        start = f"encoder.{name}"
        x = x + self._of(f"{start}.place") * _positions(*x.shape)
        mask = np.where(real, np.float32(0), np.float32(-np.inf))
        for layer in range(self.config.layers):
            x = self._block(f"{start}.blocks.{layer}", x, mask)
        return self._norm(f"{start}.norm", x)

    def _block(self, start: str, x: Array, mask: Array) -> Array:
        length, dim = x.shape
        heads = self.config.attention_heads
        parts = self._linear(f"{start}.mix", self._norm(f"{start}.before_attention", x))
        query, key, value = parts.reshape(length, 3, heads, dim // heads).transpose(1, 2, 0, 3)
        mixed = _softmax(query @ key.transpose(0, 2, 1) / np.sqrt(dim // heads) + mask) @ value
        x = x + self._linear(f"{start}.out", mixed.transpose(1, 0, 2).reshape(length, dim))
        wide = np.maximum(self._linear(f"{start}.widen", self._norm(f"{start}.before_inner", x)), 0)
        return x + self._linear(f"{start}.narrow", wide)

    def _of(self, name: str) -> Array:
        return self._weights[f"sharing.{name}"]

    def _linear(self, name: str, x: Array) -> Array:
        return x @ self._of(f"{name}.weight").T + self._of(f"{name}.bias")

    def _norm(self, name: str, x: Array) -> Array:
        width = x.shape[-1]  # sums by hand: NumPy's mean takes three times as long over so few numbers
        centred = x - np.add.reduce(x, -1, keepdims=True) / width
        spread = np.sqrt(np.add.reduce(centred * centred, -1, keepdims=True) / width + _EPSILON)
        return centred / spread * self._of(f"{name}.weight") + self._of(f"{name}.bias")


def _factors(role: Array | None, heads: bool) -> Array:
    """`BagHeads.factors` [ROLES]; ones where the model knows neither heads nor fields."""
    factor = np.ones(ROLES, np.float32)
    if role is None:
        return factor
    known = range(len(role))
    below = np.array([is_mention(one) or is_of_field(one) for one in known])
    free = np.minimum(np.exp(PACE * role), 2)
    factor[: len(role)] = np.where(below, np.minimum(free, 1), np.maximum(free, 1))
    factor[[one for one in known if not is_of_field(one) and not (heads and one)]] = 1
    return factor


@lru_cache(maxsize=256)
def _positions(length: int, dim: int) -> Array:
    place = np.arange(length, dtype=np.float32)[:, None]
    angle = place * (_WAVES ** (-np.arange(0, dim, 2, dtype=np.float32) / dim))
    return np.concatenate((np.sin(angle), np.cos(angle)), 1)


def _softmax(x: Array) -> Array:
    value = np.exp(x - x.max(-1, keepdims=True))
    return value / value.sum(-1, keepdims=True)


def kinds_of(vocabulary: Vocabulary, ids: NDArray, rarity: NDArray) -> NDArray[np.uint8]:
    """The kind of terms that stand in the text itself, from their numbers and the level of the unit that they are."""
    later = np.where(ids < vocabulary.first_bucket, Kind.NGRAM, Kind.BUCKET)
    kind = np.where(ids < vocabulary.first_ngram, Kind.EXACT, later)
    return np.where(rarity // LEVELS == CHARACTER, Kind.CHARACTER, kind).astype(np.uint8)
