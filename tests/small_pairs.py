"""A small prepared set of judged pairs, for networks of texts and what is made of them."""

from pathlib import Path

import numpy as np
import pytest

from core.data.dataset import Dataset
from core.data.description import DatasetCard, Split
from core.data.pairs.judged import Judged, divided, numbered
from core.data.pairs.prepare import grade_tasks, write_pairs
from core.data.prepared import read_folder
from core.data.text.build import VocabularySizes
from core.data.text.vocabulary import Vocabulary

COLOURS = ("red", "blue", "green", "black", "棕色")
SAYS = {"leather": "hide", "phone": "mobile", "移动电话": "手机", "desk": "table"}
THINGS = ("leather sofa", "smart phone", "desk lamp", "running shoes", "phone case", "移动电话", "沙发椅")


@pytest.fixture(scope="session")
def pairs_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """35 queries, each with six titles: grade 2 for the thing in its colour, once in other words; 1 for the thing in
    another colour, 0 for another thing."""
    random = np.random.default_rng(1)
    queries, titles, grades = [], [], []
    for colour in COLOURS:
        for thing in THINGS:
            for place, grade in enumerate((2, 2, 1, 1, 0, 0)):
                shown = thing if grade else str(random.choice([other for other in THINGS if other != thing]))
                tint = colour if grade == 2 else str(random.choice([other for other in COLOURS if other != colour]))
                if place == 0:
                    shown = " ".join(SAYS.get(word, word) for word in shown.split())
                queries.append(f"{colour} {thing}")
                titles.append(f"brand{random.integers(9)} {tint} {shown} T{random.integers(99)}")
                grades.append(grade)
    query, query_of = numbered(queries)
    product, product_of = numbered(titles)
    split = divided(query, (0.6, 0.2))[query_of]
    judged = Judged(query, product, query_of, product_of, np.array(grades, np.float32), split)
    card = DatasetCard(
        name="own", title="Pairs", about="Made up.", tasks=grade_tasks(2), split=Split(kind="given", says="by query")
    )
    folder = tmp_path_factory.mktemp("pairs") / "pairs"
    write_pairs(folder, card, judged, VocabularySizes(buckets=8, least_phrase=4, ngrams=20))
    return folder


@pytest.fixture(scope="session")
def pairs(pairs_folder: Path) -> Dataset:
    return read_folder(pairs_folder)


@pytest.fixture(scope="session")
def vocabulary(pairs_folder: Path) -> Vocabulary:
    return Vocabulary.load(pairs_folder / "vocabulary.json")
