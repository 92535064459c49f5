"""An order between relevance and a second aim: exact in two parts, kept within its bound, shipped as measured."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.__main__ import main
from core.data.description import DenseFeature
from core.errors import PrecedenceError
from core.models.build import build
from core.models.ranker_config import RankerConfig
from core.narration.order import label, sentence
from core.narration.relevance import reasons
from core.relevance.addition import DEPTH, Addition
from core.relevance.aims import Aim, KeptAims, aims_of, keep_aims, read_aims
from core.relevance.explanation.explanation import compare
from core.relevance.order import training
from core.relevance.order.fronts import Fronts, read_fronts
from core.relevance.order.lists import JudgedLists
from core.relevance.order.make import lists_of_aims, shop_kept, shop_parts
from core.relevance.order.training import dataset_of, measured, train_front, trained_weight, untrainable
from core.relevance.searcher import Searcher
from core.relevance.stores.shop_bags import SHIPPED, shop_searcher
from core.server import order

QUERY = "women dress"


@pytest.fixture(scope="module")
def searcher() -> Searcher:
    return shop_searcher("en")


@pytest.fixture
def added(searcher: Searcher) -> Searcher:
    values = np.random.default_rng(0).random(searcher.index.rows)
    return searcher.with_addition(Addition("clicks", 0.5, values))


def made_up(queries: int = 40, size: int = 12, seed: int = 0) -> JudgedLists:
    """What fits is mostly found; what is bought fits a little less often than chance."""
    random = np.random.default_rng(seed)
    query = np.repeat(np.arange(queries), size)
    gain = random.integers(0, 4, len(query)) / 3
    known = random.random(len(query))
    relevance = np.clip(0.2 + 0.6 * gain + 0.1 * random.normal(size=len(query)), 0.05, 1)
    return JudgedLists(query, query % 4 == 0, relevance, known, gain, 10 * known + random.random(len(query)))


AIM = Aim("sales", "sales", "sales", "mean", np.arange(3.0), np.arange(3.0))


def test_a_search_scores_with_both_parts_and_moves_its_first_hits_alone(searcher: Searcher, added: Searcher) -> None:
    before, after = searcher.search(QUERY, 80), added.search(QUERY, 80)
    assert set(after.rows[:DEPTH].tolist()) == set(before.rows[:DEPTH].tolist())
    assert after.rows[DEPTH:].tolist() == before.rows[DEPTH:].tolist()
    assert after.rows[:10].tolist() != before.rows[:10].tolist()
    assert (np.diff(after.scores) <= 0).all()
    whole = added.scores(added.query(QUERY))
    assert whole[after.rows] == pytest.approx(after.scores, abs=1e-6)
    assert added.addition is not None
    best = before.scores[0]
    for row, score in zip(before.rows[:DEPTH].tolist(), before.scores[:DEPTH].tolist(), strict=True):
        assert whole[row] == pytest.approx(score + 0.5 * best * added.addition.values[row], abs=1e-6)
    assert added.search(QUERY, 3).rows.tolist() == after.rows[:3].tolist()
    assert len(added.search("", 10).rows) == 0


def test_an_explanation_names_the_second_part_and_adds_up(added: Searcher) -> None:
    hits = added.search(QUERY, 60)
    for place in (0, 3, DEPTH - 1, 55):
        row, explanation = int(hits.rows[place]), added.explain(QUERY, int(hits.rows[place]))
        assert explanation.added is not None
        words = sum(one.contribution for one in explanation.contributions)
        assert explanation.score == pytest.approx(words + explanation.added.amount, abs=1e-12)
        assert explanation.score == pytest.approx(hits.scores[place], abs=1e-6)
        assert (explanation.added.amount > 0) == (place < DEPTH), row
        shares = sum(explanation.share(one) for one in explanation.contributions) + explanation.share_added
        assert shares == pytest.approx(1)
    first, last = (added.explain(QUERY, int(hits.rows[place])) for place in (0, 20))
    assert sum(one.amount for one in compare(first, last)) == pytest.approx(first.score - last.score)
    assert any("the order adds" in said and "clicks" in said for said in reasons(first))


def test_drafts_hold_under_an_addition(added: Searcher) -> None:
    assert added.with_overrides(()).addition is added.addition
    assert added.with_addition(None).explain(QUERY, 0).added is None


def test_training_keeps_its_bound_and_more_room_buys_more() -> None:
    lists = made_up()
    learnt = lists.where(held_out=False)
    weights = [trained_weight(dataset_of(lists), tolerance) for tolerance in (0.01, 0.05)]
    drops = [float((learnt.ndcg(0) - learnt.ndcg(weight)).mean()) for weight in weights]
    assert drops[0] <= 0.01
    assert drops[1] <= 0.05
    assert 0 <= weights[0] < weights[1]
    assert learnt.averages(weights[1]).mean() > learnt.averages(0).mean()
    front = train_front(lists, AIM, (0.05,))
    assert front.points[0].weight == weights[1]  # the same seed, the same bits
    assert front.points[0].gain > 0
    assert front.queries == 10


def test_a_tie_is_broken_by_no_part_of_the_reference() -> None:
    lists = replace(made_up(), relevance=np.ones(480))  # nothing to lose: all are equal
    assert lists.where(held_out=False).ndcg(1e-9).mean() != lists.where(held_out=False).ndcg(0.0).mean()
    assert measured(lists.where(held_out=True), AIM, 0.01, 0.0).ndcg_change == 0


def test_lists_too_few_are_refused_in_a_sentence() -> None:
    assert "4 test queries" in untrainable(replace(made_up(), held_out=made_up().query < 4))
    assert untrainable(made_up()) == ""


def test_products_of_equal_score_share_the_first_places() -> None:
    nothing = np.zeros(12)
    lists = JudgedLists(nothing.astype(int), nothing.astype(bool), nothing, nothing, nothing, np.arange(12.0))
    assert lists.averages(0.0) == pytest.approx([5.5])


def test_the_shipped_points_are_those_of_the_shipped_model_as_they_were_measured() -> None:
    parts, kept = shop_parts(), shop_kept()
    found = read_fronts(SHIPPED, parts[0][0].index.vocabulary)
    assert found is not None
    assert [front.name for front in found.fronts] == [aim.name for aim in kept.aims]
    shipped = read_aims(SHIPPED)
    for aim, held, lists, front in zip(kept.aims, shipped.aims, lists_of_aims(parts, kept), found.fronts, strict=True):
        assert held.scaled == pytest.approx(aim.scaled, abs=1e-5)
        assert [point.tolerance for point in front.points] == [0.01, 0.02, 0.03]
        assert sorted(point.weight for point in front.points) == [point.weight for point in front.points]
        for point in front.points:
            assert measured(lists.where(held_out=True), aim, point.tolerance, point.weight) == point


def test_numbers_that_differ_and_are_known_are_aims(tmp_path: Path) -> None:
    rare = np.array([np.nan] * 6 + [1.0, 2, 3, 4])
    sales = np.array([0, 1, 2, 1, 0, 3, 2, 1, 900, 1.0])
    aims = aims_of({"stock": np.ones(10), "rare": rare, "unit_sales": sales, "price": np.arange(10.0)})
    assert [(aim.name, aim.title, aim.mean) for aim in aims] == [
        ("unit_sales", "unit sales", "typical"),
        ("price", "price", "mean"),
    ]
    assert aims[0].scaled.min() == 0
    assert aims[0].scaled.max() == 1
    assert aims[0].amount(float(aims[0].averaged[8])) == pytest.approx(900)
    keys = [str(at) for at in range(10)]
    keep_aims(tmp_path, KeptAims(keys, aims, (0.0, 0.1, 1.0)))
    again = read_aims(tmp_path)
    assert (list(again.keys), again.gains) == (keys, (0.0, 0.1, 1.0))
    assert again.aims[0].known.tolist() == sales.tolist()
    assert read_aims(tmp_path / "elsewhere").aims == ()
    (tmp_path / "aims.npz").write_bytes(b"half a file")
    with pytest.raises(PrecedenceError, match="bring the catalogue again"):
        read_aims(tmp_path)


def test_points_of_another_model_or_damaged_ones_are_none(tmp_path: Path) -> None:
    text = (SHIPPED / "order.json").read_text()
    (tmp_path / "order.json").write_text(text)
    stamp = json.loads(text)["stamp"]
    assert read_fronts(tmp_path, stamp) is not None
    assert read_fronts(tmp_path, "another") is None
    (tmp_path / "order.json").write_text(text[:100])
    assert read_fronts(tmp_path, stamp) is None


def test_a_point_that_was_not_trained_is_told() -> None:
    found = Fronts.model_validate_json((SHIPPED / "order.json").read_bytes())
    assert order.chosen(found, None, 0.0) == (found.fronts[0], None)
    assert order.chosen(found, "price", 0.02)[1] == found.fronts[1].points[1]
    with pytest.raises(PrecedenceError, match=r"may lose 0\.5 was trained for clicks; there are 0\.01, 0\.02, 0\.03"):
        order.chosen(found, None, 0.5)
    with pytest.raises(PrecedenceError, match="no order for 'margin' here; there are clicks, price"):
        order.chosen(found, "margin", 0.01)


def test_a_point_in_words() -> None:
    front = Fronts.model_validate_json((SHIPPED / "order.json").read_bytes()).fronts[0]
    point = front.points[0].model_copy(
        update={
            "ndcg": 0.84,
            "ndcg_change": -0.012,
            "ndcg_error": 0.004,
            "amount": 7.4,
            "gain": 0.13,
            "tolerance": 0.01,
        }
    )
    said = sentence(front, point)
    assert "NDCG@10 .852 → .84 (−.012 ± .004)" in said
    assert "→ 7.4 (+13 ± 2 %)." in said
    harder = sentence(front, point.model_copy(update={"ndcg_change": -0.02}))
    assert harder.endswith("that is more than the .01 of the queries it was trained on.")
    assert "the order stays" in sentence(front, point.model_copy(update={"weight": 0.0}))
    assert [label(0.0), label(0.02)] == ["Relevance alone", "may lose .02 NDCG@10"]


def test_a_judged_file_with_a_price_gets_an_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(training, "RUN", training.RUN | {"stage_steps": 8})
    file = tmp_path / "priced.csv"
    random = np.random.default_rng(0)
    with file.open("w", newline="", encoding="utf-8") as target:
        writer = csv.writer(target)
        writer.writerow(["query", "title", "label", "price", "year"])
        for at in range(60):
            for number, (words, grade) in enumerate((("red sofa", 2), ("red soft sofa", 2), ("sofa", 1), ("lamp", 0))):
                title = f"{words} make{at} number{number}"
                writer.writerow([f"red sofa make{at}", title, grade, random.integers(10, 99), 2000 + number])
    assert main(["relevance", "collection", str(file), "--model", "words", "--json"]) == 0
    folder = tmp_path / "home" / "catalogues" / "priced"
    found = Fronts.model_validate_json((folder / "order.json").read_bytes())
    assert [(front.name, len(front.points)) for front in found.fronts] == [("price", 3)]
    assert found.untrained == ""
    capsys.readouterr()
    assert main(["relevance", "order", "--collection", "priced", "--json"]) == 0
    again = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert again["fronts"] == found.model_dump(mode="json")["fronts"]  # the same seed, the same figures


def test_a_first_weight_keeps_a_score_that_is_there() -> None:
    data = dataset_of(made_up(8))
    network = build(RankerConfig(trunk=(), first_weight=3.0, dropout=0.0), data.description, 0)
    scores = network(data.batch(torch.arange(20)))
    assert scores[:, 0].tolist() == pytest.approx((3 * data.dense[:20, 0]).tolist())
    alone = data.description.model_copy(update={"dense": (DenseFeature(name="relevance"),)})
    with pytest.raises(PrecedenceError, match="first_weight = 3 takes rows with two features"):
        build(RankerConfig(first_weight=3.0), alone, 0)
