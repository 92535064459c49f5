"""Judged texts → a prepared folder with its vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.data.description import DatasetCard, DatasetDescription, SequenceFeature, Task
from core.data.pairs.judged import Judged, check
from core.data.prepared import SPLIT, write_folder
from core.data.text.build import DEFAULT_SIZES, VocabularySizes, build_vocabulary
from core.data.text.rarity import SIZE, rarity_of_terms
from core.data.text.vocabulary import Encoded, Vocabulary

VOCABULARY = "vocabulary.json"
UNITS, CHARACTERS = 64, 192  # most units and characters of a text that training reads; the rest of a longer one is cut

SPARSITY = Task(name="sparsity", title="Sparsity", kind="cost")

_NAMES = {
    1: (("relevant", "Relevant"),),
    2: (("related", "Related"), ("exact", "Exact match")),
    3: (("related", "Related"), ("good", "Good match"), ("exact", "Exact match")),
}


def grade_tasks(highest: int) -> tuple[Task, ...]:
    """Grades 0 … highest as ordinal binary tasks, "grade at least k" for k = 1 … highest; then the sparsity cost."""
    usual = tuple((f"grade_{k}", f"Grade at least {k}") for k in range(1, highest + 1))
    named = _NAMES.get(highest, usual)
    tasks = tuple(Task(name=name, title=title, label=f"at_least_{k}") for k, (name, title) in enumerate(named, 1))
    return (*tasks, SPARSITY)


def write_pairs(
    folder: Path,
    card: DatasetCard,
    judged: Judged,
    sizes: VocabularySizes = DEFAULT_SIZES,
    catalogue: Sequence[str] = (),
    vocabulary: Vocabulary | None = None,
) -> Vocabulary:
    """A prepared folder. The vocabulary is counted from training texts and `catalogue` (titles without a grade)."""
    check(judged)
    if vocabulary is None:
        train = judged.split == 0
        texts = {judged.queries[at] for at in np.unique(judged.query_of[train])}
        texts |= {judged.products[at] for at in np.unique(judged.product_of[train])}
        vocabulary = build_vocabulary([*texts, *catalogue], sizes)
    shared = {"query": _lists("query", judged.queries, vocabulary)}
    shared["product"] = _lists("product", judged.products, vocabulary)
    columns: dict[str, NDArray] = {"query": judged.query_of, "product": judged.product_of, SPLIT: judged.split}
    for grade, task in enumerate([task for task in card.tasks if task.label], 1):
        columns[task.label or ""] = (judged.grades >= grade).astype(np.float32)
    description = DatasetDescription(
        card=card,
        sequences=tuple(
            SequenceFeature(name=name, size=_size(name, vocabulary), length=lists.shape[1], key=side)
            for side, own in shared.items()
            for name, lists in own.items()
            if name != "text"
        ),
        form="pairs",
        group="query",
        expandable=vocabulary.first_ngram,
    )
    write_folder(folder, description, columns, shared)
    vocabulary.save(folder / VOCABULARY)
    return vocabulary


def sequences_of(encoded: Sequence[Encoded], rarity: NDArray[np.uint8]) -> tuple[NDArray[np.int32], ...]:
    """Words [N, L], their rarity [N, L] and characters [N, M] of N texts, padded with 0 to the longest of them."""
    units = min(UNITS, max((len(one.word_ids) for one in encoded), default=0))
    letters = min(CHARACTERS, max((len(one.character_ids) for one in encoded), default=0))
    words = np.zeros((len(encoded), max(1, units)), dtype=np.int32)
    characters = np.zeros((len(encoded), max(1, letters)), dtype=np.int32)
    for row, one in enumerate(encoded):
        words[row, : len(one.word_ids)] = one.word_ids[:units]
        characters[row, : len(one.character_ids)] = one.character_ids[:letters]
    return words, rarity[words].astype(np.int32), characters


def _lists(side: str, texts: list[str], vocabulary: Vocabulary) -> dict[str, NDArray]:
    lists = sequences_of([vocabulary.encode(text) for text in texts], rarity_of_terms(vocabulary))
    named = zip(("words", "rarity", "characters"), lists, strict=True)
    return {f"{side}_{part}": ids for part, ids in named} | {"text": np.array(texts, dtype=object)}


def _size(name: str, vocabulary: Vocabulary) -> int:
    part = name.rpartition("_")[2]
    return {"words": vocabulary.size, "rarity": SIZE, "characters": vocabulary.character_size}[part]
