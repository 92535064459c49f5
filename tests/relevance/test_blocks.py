"""Block-max pruning finds exactly what multiplying out finds: ties, removed products and changes by hand included."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.errors import PrecedenceError
from core.relevance.bags import Bag, gather
from core.relevance.index import NOTHING, Corrections, Index
from core.relevance.index.blocks import SIZE
from core.relevance.index.files import ABOUT
from tests.relevance.catalogues import TERMS, products, random_bag, random_bags

COUNT = 20 * SIZE + 5  # the last block is short


def truth(index: Index, query: Bag, most: int, corrections: Corrections, gone: frozenset[int]) -> list[int]:
    """The rows of the best by every product's exact score, equal ones in the order of rows."""
    scores = np.array([index.pair(query, row) for row in range(index.rows)]) + corrections.at(np.arange(index.rows))
    scores[list(gone)] = -1
    order = np.lexsort((np.arange(index.rows), -scores))[:most]
    return [int(row) for row in order if scores[row] > 1e-9]


@pytest.mark.parametrize("seed", range(6))
def test_the_best_are_the_best(seed: int) -> None:
    random = np.random.default_rng(seed)
    bags = random_bags(random, COUNT, most=12)
    index = Index.of(bags, products(COUNT), "vocabulary", TERMS)
    gone = frozenset(random.choice(COUNT, 40, replace=False).tolist())
    index.remove([f"p{row}" for row in gone])
    for _ in range(6):
        query = random_bag(random, 8, least=1)
        rows = np.sort(random.choice(COUNT, 60, replace=False))
        moved = Corrections(rows, random.normal(0, 1.0, len(rows)))
        for corrections in (NOTHING, moved):
            for most in (1, 10, 200):
                found = index.search(query, most, corrections)
                assert found.rows.tolist() == truth(index, query, most, corrections, gone)
        plain = index.search(query, 10)
        assert plain.scores.tolist() == [index.pair(query, int(row)) for row in plain.rows]


def test_equal_products_come_in_the_order_of_rows() -> None:
    random = np.random.default_rng(7)
    kinds = [random_bag(random, 6, least=2) for _ in range(5)]
    index = Index.of(gather([kinds[int(random.integers(5))] for _ in range(COUNT)]), products(COUNT), "v", TERMS)
    for query in kinds:
        assert index.search(query, 10).rows.tolist() == truth(index, query, 10, NOTHING, frozenset())


def test_most_blocks_need_no_look() -> None:
    """Of products in many copies the pairs of word and block are far fewer than the postings."""
    random = np.random.default_rng(8)
    kinds = [random_bag(random, 12, least=8) for _ in range(60)]
    index = Index.of(gather([kinds[row % 60] for row in range(60 * SIZE)]), products(60 * SIZE), "v", TERMS)
    blocks = index._parts[0].segment.blocks
    assert 10 * len(blocks.block) < len(blocks.local)


def test_an_index_of_before_opens_and_a_damaged_one_is_refused(tmp_path: Path) -> None:
    random = np.random.default_rng(9)
    bags = gather([random_bag(random, 12, least=1) for _ in range(200)])
    index = Index.of(bags, products(200), "vocabulary", TERMS)
    index.save(tmp_path)
    query = random_bag(random, 8, least=4)
    wanted = index.search(query, 10).rows.tolist()
    assert Index.opened(tmp_path).search(query, 10).rows.tolist() == wanted
    segment = tmp_path / "segment-1"
    local = segment / "block_local.npy"
    array = np.load(local)
    np.save(local, np.full_like(array, SIZE - 1))  # the last block holds but eight products
    with pytest.raises(PrecedenceError, match="segment-1"):
        Index.opened(tmp_path)
    about = json.loads((segment / ABOUT).read_text())
    about["arrays"] = {name: said for name, said in about["arrays"].items() if not name.startswith("block_")}
    (segment / ABOUT).write_text(json.dumps(about))  # as it was written before there were blocks
    assert Index.opened(tmp_path).search(query, 10).rows.tolist() == wanted
