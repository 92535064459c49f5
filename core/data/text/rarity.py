"""How rare a unit is, and how surely a word says another, as small numbers that a network can read."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.data.text.vocabulary import Vocabulary

STEP = 0.2  # of idf
LEVELS = 64  # 0 padding, 1 … 63 words; 64 + the same: phrases; 128 + the same: characters of longer words
SIZE = 3 * LEVELS
WORD, PHRASE, CHARACTER = range(3)  # level // LEVELS
STARTS = {WORD: 1.0, PHRASE: 0.1, CHARACTER: 0.6}  # a unit's first weight as a share of what its idf asks for
SHARES = 10  # steps of P(term | source), see `core.data.pairs.translations`


def rarity_of_terms(vocabulary: Vocabulary) -> NDArray[np.uint8]:
    """[size] level of every term: 1 + idf / STEP, rounded, at most LEVELS − 1; + LEVELS for an n-gram; 0 padding.

    A character that stands within a longer word has 2 · LEVELS more than as a word."""
    level = np.clip(1 + np.rint(vocabulary.idf() / STEP), 1, LEVELS - 1).astype(np.uint8)
    level[vocabulary.first_ngram : vocabulary.first_bucket] += LEVELS
    level[0] = 0
    return level


def idf_of_levels() -> NDArray[np.float32]:
    """[SIZE] the idf that a level stands for, at least half a step: the other way round."""
    level = np.arange(SIZE) % LEVELS
    return np.maximum((level - 1) * STEP, STEP / 2).astype(np.float32)
