"""BM25 as bags, without a network: what DeepBoW starts from, and what a catalogue is searched by before it has one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.data.text.fields import title_of
from core.data.text.heads import ROLES, is_mention, is_of_field
from core.data.text.rarity import PHRASE, STARTS
from core.data.text.role_factors import OF_FIELDS, OF_QUERY, OF_TITLE, first_roles
from core.data.text.segment import segment
from core.data.text.vocabulary import Vocabulary
from core.relevance.bags import Bag, Kind
from core.relevance.encoding.word_overlap import LexicalEncoder

K1, B = 0.3, 0.75  # what judged titles of two catalogues choose: core.models.deepbow_start
MOST_TITLES = 2000  # whose words are counted
_MENTION = np.array([is_mention(role) for role in range(ROLES)])
_FIELD = np.array([is_of_field(role) for role in range(ROLES)])


def usual_length(vocabulary: Vocabulary, texts: Sequence[str]) -> float:
    """Mean number of words of a title, at least 1, of an even sample of product texts."""
    sample = texts[:: 1 + len(texts) // MOST_TITLES]
    words = [len(segment(title_of(text), vocabulary.longest, vocabulary.reading)) for text in sample]
    return max(1.0, float(np.mean(words))) if words else 1.0


class BM25Encoder(LexicalEncoder):
    """Query weights are shares of inverse document frequency; a product's weight of a word that stands there n times is

        f · n / (n + k₁ (1 − b + b · words of the title / words of a usual title))

    f by what the word is to the thing that the title is about (`core.data.text.heads`), or by the field that says it.
    """

    title = "BM25"

    def __init__(self, vocabulary: Vocabulary, usual: float) -> None:
        super().__init__(vocabulary)
        self.usual = usual
        self.factors = first_roles(OF_TITLE | OF_FIELDS)
        self._asked = first_roles(OF_QUERY)

    def query(self, text: str) -> Bag:
        """Weights that sum to 1; an empty bag where the text has no words."""
        encoded = self.vocabulary.encode(text)
        bag = self._bag(encoded)
        weight = self._idf[bag.ids] * self._asked[encoded.roles[bag.sources]]
        weight = np.where(bag.kinds == Kind.NGRAM, STARTS[PHRASE], np.float32(1)) * weight
        total = weight.sum(dtype=np.float64)
        return Bag(bag.ids, (weight / max(total, 1e-12)).astype(np.float32), bag.kinds, bag.sources)

    def product(self, text: str) -> Bag:
        encoded = self.vocabulary.encode(text)
        ids, which, count = np.unique(encoded.word_ids[: encoded.whole], return_inverse=True, return_counts=True)
        roles = encoded.roles[: encoded.whole]
        length = np.where(_FIELD[roles], 1.0, encoded.titled / self.usual)
        times = count[which]
        weight = self.factors[roles] * times / (times + K1 * (1 - B + B * length))
        order = np.lexsort((-weight, which))  # the heaviest place of each word first
        best = order[np.searchsorted(which[order], np.arange(len(ids)))]
        kinds = self._kinds(ids)
        kinds[_MENTION[roles[best]] & (kinds == Kind.EXACT)] = Kind.MENTION
        kinds[_FIELD[roles[best]]] = Kind.FIELD
        return Bag(ids, weight[best].astype(np.float32), kinds, best.astype(np.int16))
