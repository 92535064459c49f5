"""Judged texts → a prepared folder with its vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.description import DatasetCard, DatasetDescription, SequenceFeature, Task
from core.data.pairs.judged import Judged, check
from core.data.pairs.translations import translations
from core.data.prepared import SPLIT, write_folder
from core.data.text.build import DEFAULT_SIZES, VocabularySizes, build_vocabulary
from core.data.text.fields import title_of
from core.data.text.heads import ROLES
from core.data.text.rarity import CHARACTER, LEVELS, SHARES, SIZE, rarity_of_terms
from core.data.text.segment import keeping_segments
from core.data.text.vocabulary import Encoded, Vocabulary

VOCABULARY = "vocabulary.json"
GRADE = "precedence_grade"  # column of grades that are no whole numbers, by which an order is measured
NUMBER = "number_"  # begins the columns of products' numbers, which no model reads
UNITS, CHARACTERS = 96, 192  # most units and characters of a text that training reads; the rest of a longer one is cut
EXPANSIONS = 32  # most terms that a text may be expanded to

# All tasks at once; a few whole queries a batch, each text encoded once. The start is BM25 with translations: a hundred
# steps add what there is to add, more forget what others ask.
PAIRS_RUN: dict[str, Any] = {
    "batch_size": 208,
    "stage_steps": 100,
    "evaluate_every": 50,
    "patience": 4,
    "reference": False,
    "probe_every": 0,
    "method": {"kind": "weighted_sum"},
    "optimiser": {"learning_rate": 1e-2, "weight_decay": 0.05},
}
"""The default run on pairs of texts; see `Source.default_run`."""
CAREFUL_RUN: dict[str, Any] = PAIRS_RUN | {
    "model": {"kind": "deepbow", "dropout": 0.3, "negatives": True, "tuned": True},
    "optimiser": {"learning_rate": 3e-3, "weight_decay": 0.05},
}
"""The same where there are few queries for so many words, or nobody knows how many: a slower, noisier learner."""

ORDER = Task(name="order", title="Order", kind="cost")
SPARSITY = Task(name="sparsity", title="Sparsity", kind="cost")

_NAMES = {
    1: (("relevant", "Relevant"),),
    2: (("related", "Related"), ("exact", "Exact match")),
    3: (("related", "Related"), ("good", "Good match"), ("exact", "Exact match")),
}


def grade_tasks(highest: int) -> tuple[Task, ...]:
    """Grades 0 … highest as ordinal binary tasks, "grade at least k" for k = 1 … highest; then the costs: how wrong the
    order within a query is, and how long bags are."""
    usual = tuple((f"grade_{k}", f"Grade at least {k}") for k in range(1, highest + 1))
    named = _NAMES.get(highest, usual)
    tasks = tuple(Task(name=name, title=title, label=f"at_least_{k}") for k, (name, title) in enumerate(named, 1))
    return (*tasks, ORDER, SPARSITY)


def write_pairs(
    folder: Path,
    card: DatasetCard,
    judged: Judged,
    sizes: VocabularySizes = DEFAULT_SIZES,
    catalogue: Sequence[str] = (),
    vocabulary: Vocabulary | None = None,
) -> Vocabulary:
    """A prepared folder. The vocabulary is counted from training texts and `catalogue` (titles without a grade), and
    what its words say of each other is learnt from training pairs."""
    check(judged)
    with keeping_segments():
        return _write(folder, card, judged, sizes, catalogue, vocabulary)


def _write(
    folder: Path,
    card: DatasetCard,
    judged: Judged,
    sizes: VocabularySizes,
    catalogue: Sequence[str],
    vocabulary: Vocabulary | None,
) -> Vocabulary:
    if vocabulary is None:
        train = judged.split == 0
        texts = {judged.queries[at] for at in np.unique(judged.query_of[train])}
        texts |= {judged.products[at] for at in np.unique(judged.product_of[train])}
        vocabulary = build_vocabulary([*texts, *catalogue], sizes)
        vocabulary = vocabulary.model_copy(update={"translations": translations(judged, vocabulary)})
    shared = {"query": _lists("query", judged.queries, vocabulary)}
    shared["product"] = _lists("product", judged.texts, vocabulary)
    fields = {name: np.array(texts, dtype=object) for name, texts in judged.fields.items()}
    numbers = {f"{NUMBER}{name}": values for name, values in judged.numbers.items()}
    shared["product"] |= fields | numbers
    columns: dict[str, NDArray] = {"query": judged.query_of, "product": judged.product_of, SPLIT: judged.split}
    for grade, task in enumerate([task for task in card.tasks if task.label], 1):
        columns[task.label or ""] = (judged.levels >= grade).astype(np.float32)
    if (judged.levels != judged.grades).any():
        columns[GRADE] = judged.grades
    description = DatasetDescription(
        card=card,
        sequences=tuple(
            SequenceFeature(name=name, size=_size(name, vocabulary), length=lists.shape[1], key=side)
            for side, own in shared.items()
            for name, lists in own.items()
            if name not in ("text", *fields, *numbers)
        ),
        form="pairs",
        group="query",
    )
    write_folder(folder, description, columns, shared, {VOCABULARY: vocabulary.to_text().encode()})
    return vocabulary


def sequences_of(
    encoded: Sequence[Encoded], vocabulary: Vocabulary, rarity: NDArray[np.uint8]
) -> dict[str, NDArray[np.int32]]:
    """N texts as lists of ids, padded with 0 to the longest of them.

    words [N, L] its units; rarity [N, L]; characters [N, M]; expansions [N, E] terms that it may mean, sources [N, E]
    the place of the unit that says each, shares [N, E] its P(term | source) in `SHARES` steps; roles [N, L] what
    a unit is to the thing, see core.data.text.heads.
    """
    expansions = [vocabulary.expansions(one) for one in encoded]
    whole = np.array([one.whole for one in encoded], dtype=np.int64).reshape(-1, 1)
    words = _padded([one.word_ids for one in encoded], UNITS)
    within = (words > 0) & (np.arange(words.shape[1]) >= whole)
    return {
        "words": words,
        "rarity": rarity[words].astype(np.int32) + within * CHARACTER * LEVELS,
        "characters": _padded([one.character_ids for one in encoded], CHARACTERS),
        "expansions": _padded([one.ids for one in expansions], EXPANSIONS),
        "sources": _padded([np.minimum(one.sources, UNITS - 1) for one in expansions], EXPANSIONS),
        "shares": _padded([np.ceil(SHARES * one.shares - 1e-6) for one in expansions], EXPANSIONS),
        "roles": _padded([one.roles for one in encoded], UNITS),
    }


def _padded(lists: Sequence[NDArray], most: int) -> NDArray[np.int32]:
    length = max(1, min(most, max(map(len, lists), default=0)))
    out = np.zeros((len(lists), length), dtype=np.int32)
    for row, values in enumerate(lists):
        out[row, : len(values)] = values[:length]
    return out


def _lists(side: str, texts: list[str], vocabulary: Vocabulary) -> dict[str, NDArray]:
    lists = sequences_of([vocabulary.encode(text) for text in texts], vocabulary, rarity_of_terms(vocabulary))
    titles = [title_of(text) for text in texts]
    return {f"{side}_{part}": ids for part, ids in lists.items()} | {"text": np.array(titles, dtype=object)}


def _size(name: str, vocabulary: Vocabulary) -> int:
    return {
        "words": vocabulary.size,
        "rarity": SIZE,
        "characters": vocabulary.character_size,
        "expansions": vocabulary.size,
        "sources": UNITS,
        "shares": SHARES + 1,
        "roles": ROLES,
    }[name.rpartition("_")[2]]
