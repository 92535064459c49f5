"""The simulated shop: the same bytes each time, as large as promised, and conflict that grows with its strength."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.data import parquet
from core.data.registry import load_dataset
from core.data.source import DatasetChoice
from core.data.sources.shop import files, tables
from core.data.sources.shop.columns import Shop
from core.data.sources.shop.events import Events, make_past
from core.data.sources.shop.features import TEST_DAY, VALIDATION_DAY, count_before
from core.data.sources.shop.impressions import PAGE, make_impressions
from core.data.sources.shop.memory import memory
from core.data.sources.shop.queries import grades
from core.data.sources.shop.random import best_noisy, one_of_each
from core.data.sources.shop.text import misspelt, overlaps
from core.data.text.segment import pieces


@pytest.fixture(scope="module")
def shop() -> Shop:
    return files.make_shop()


@pytest.mark.slow
def test_the_committed_files_are_what_the_generator_writes(tmp_path: Path) -> None:
    written = files.write_shop(tmp_path)
    committed = {str(path.relative_to(files.COMMITTED)) for path in files.COMMITTED.rglob("*.parquet")}
    assert set(written) == committed
    for name in written:
        assert (tmp_path / name).read_bytes() == (files.COMMITTED / name).read_bytes(), name
    name = "prepared/description.json"
    assert (tmp_path / name).read_text() == (files.COMMITTED / name).read_text()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("events", "0f8e102e37fce2601a71d376976ddce5b5eec56fbc061d6b5b6b2cfc213a9d8e"),
        ("impressions", "6767a733341b9b6fdae5ba77c6ecb8f98d4b41ced8a3f0b1dedd6aff30e4e21a"),
        ("prepared/table", "59908e9cd3f48ed9a6037419450fb82baf0f9a779ff172b3dc46811e3d842441"),
    ],
)
def test_the_first_edition_is_made_again_byte_for_byte(
    name: str, digest: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs that were trained on it go on with the data that they began with."""
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path))
    made = files.tables_folder(edition=1) / f"{name}.parquet"
    assert hashlib.sha256(made.read_bytes()).hexdigest() == digest


def test_a_small_town_does_the_same_things_again(shop: Shop) -> None:
    few = replace(
        shop.users, **{field.name: getattr(shop.users, field.name)[:60] for field in dataclasses.fields(shop.users)}
    )
    one, other = (make_past(shop.world, few, shop.queries) for _ in range(2))
    for field in dataclasses.fields(one.events):
        assert np.array_equal(getattr(one.events, field.name), getattr(other.events, field.name))
    assert (np.bincount(one.events.user, minlength=60) >= 2).all()


def test_needs_end_with_what_was_bought(shop: Shop) -> None:
    needs, events = shop.past.needs, shop.events
    met = needs.bought >= 0
    assert 0.2 < met.mean() < 0.8
    assert (needs.end > needs.start).all()
    assert (shop.world.leaf[needs.wanted] == needs.leaf).all()
    bought = set(zip(events.user[events.behaviour == 3], events.product[events.behaviour == 3], strict=True))
    inside = met & (needs.end >= 0) & (needs.end < 60 * 86_400)
    assert all(pair in bought for pair in zip(needs.user[inside], needs.bought[inside], strict=True))


def test_memory_is_of_the_past_and_of_what_was_asked_for(shop: Shop) -> None:
    """Another leaf than the one searched for has none; what was put into the cart draws, what was bought does not."""
    shown, world = shop.impressions, shop.world
    asked = shop.queries.leaf[shown.query]
    found = memory(world, shop.past, shown.user, shown.product, shown.time, asked)
    assert not found[world.leaf[shown.product] != asked].any()
    later = replace(shop.past, events=kept(shop.events, shop.events.time < 30 * 86_400))
    early = shown.time < 30 * 86_400
    again = memory(world, later, shown.user[early], shown.product[early], shown.time[early], asked[early])
    assert np.array_equal(found[early], again)


def kept(events: Events, rows: np.ndarray) -> Events:
    return Events(**{field.name: getattr(events, field.name)[rows] for field in dataclasses.fields(events)})


def test_it_is_as_large_as_promised_and_small_enough() -> None:
    counts = {
        name: len(next(iter(parquet.read(tables.path(name)).values())))
        for name in ("products", "queries", "judgements", "users", "events", "impressions")
    }
    promised = [5_000, 600, 30_000, 4_000, 200_000, 150_000]
    assert all(count >= least for count, least in zip(counts.values(), promised, strict=True)), counts
    assert sum(path.stat().st_size for path in files.COMMITTED.rglob("*")) < 12e6


def test_titles_and_queries_are_in_two_languages_and_need_synonyms(shop: Shop) -> None:
    english, chinese = shop.titles
    assert all(title.isascii() for title in english)
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in title) for title in chinese)
    assert set(tables.queries("language")["language"]) == {"en", "zh"}
    # for a good share of perfect answers the title does not hold every word of the query
    query, product, grade = (tables.judgements()[name].astype(int) for name in ("query_id", "product_id", "grade"))
    best = (grade == 3) & ~shop.queries.chinese[query]
    overlap = overlaps(shop.queries.text, [pieces(title) for title in english], query[best], product[best])
    assert 0.2 < (overlap < 1).mean() < 0.9


def test_grades_follow_what_was_asked(shop: Shop) -> None:
    world, queries = shop.world, shop.queries
    random = np.random.default_rng(0)
    query, product = random.integers(0, len(queries), 4000), random.integers(0, world.products, 4000)
    grade = grades(world, queries, query, product)
    for q, p, found in zip(query.tolist(), product.tolist(), grade.tolist(), strict=True):
        meant, own = world.leaves[queries.leaf[q]], world.leaves[world.leaf[p]]
        misses = int((queries.wants[q] & ~world.has[p]).sum()) + int(queries.brand[q] not in (-1, world.brand[p]))
        if meant is own:
            assert found == max(1, 3 - misses)
        elif own.accessory_of >= 0 or meant.accessory_of >= 0 or meant.group != own.group:
            assert found == 0
        else:
            assert found == 1


def test_the_funnel_is_nested_and_price_levels_belong_to_purchases(shop: Shop) -> None:
    shown = shop.impressions
    assert np.all(shown.cart <= shown.click)
    assert np.all(shown.purchase <= shown.cart)
    bought = shown.purchase.reshape(-1, PAGE).any(axis=1)
    assert np.array_equal((shown.price_level >= 0).reshape(-1, PAGE), np.repeat(bought[:, None], PAGE, axis=1))
    first = shown.purchase.reshape(-1, PAGE)[bought].argmax(axis=1)
    level = shop.world.price_level[shown.product].reshape(-1, PAGE)[bought][np.arange(bought.sum()), first]
    assert np.array_equal(level, shown.price_level.reshape(-1, PAGE)[bought][:, 0])
    assert all(len(set(page)) == PAGE for page in shown.product.reshape(-1, PAGE).tolist())


def test_conflict_turns_clicks_against_relevance_but_not_their_number(shop: Shop) -> None:
    ties, shares = [], []
    for strength in (0.0, 0.5, 1.0):
        shown = make_impressions(shop.world, shop.users, shop.queries, shop.past, strength)
        assert np.array_equal(shown.product, shop.impressions.product)
        assert np.array_equal(shown.relevant, shop.impressions.relevant)
        judged = shown.relevant >= 0
        ties.append(np.corrcoef(shown.relevant[judged], shown.click_probability[judged])[0, 1])
        shares.append(shown.click.mean())
    assert ties[0] > 0.2 > 0 > ties[2]
    assert ties[0] > ties[1] > ties[2]
    # mean of 156,000 draws around the same share: standard error below .001
    assert max(shares) - min(shares) < 0.006


def test_features_know_only_the_past(shop: Shop) -> None:
    data = load_dataset(DatasetChoice())
    events, shown = shop.events, shop.impressions
    recent = data.sequences[0].numpy()
    for row in np.random.default_rng(1).integers(0, len(shown), 60).tolist():
        mine = (events.user == shown.user[row]) & (events.time < shown.time[row])
        past = shop.world.leaf[events.product[mine]][-20:] + 1
        seen_in_training = np.isin(past, recent[recent > 0])
        assert recent[row][: len(past)][seen_in_training].tolist() == past[seen_in_training].tolist()
        assert not recent[row][len(past) :].any()
    day = shown.time // 86_400
    assert day[data.rows["train"].numpy()].max() < VALIDATION_DAY <= day[data.rows["validation"].numpy()].min()
    assert day[data.rows["validation"].numpy()].max() < TEST_DAY <= day[data.rows["test"].numpy()].min()


def test_no_hidden_truth_among_the_features() -> None:
    data = load_dataset(DatasetChoice())
    description = data.description
    names = {one.name for one in (*description.sparse, *description.dense, *description.sequences)}
    assert not names & {"temptation", "segment", "taste", "grade", "deal", "temptable", "popularity_hidden", "click"}
    labels = {task.label for task in description.card.tasks}
    assert not names & labels


def test_counts_before_agree_with_a_plain_loop() -> None:
    random = np.random.default_rng(2)
    own, when, value = random.integers(0, 5, 200), random.integers(0, 50, 200), random.normal(size=200)
    asked, time = random.integers(0, 6, 100), random.integers(0, 50, 100)
    expected = [((own == a) & (when < t)).sum() for a, t in zip(asked, time, strict=True)]
    assert count_before(own, when, asked, time).tolist() == expected
    sums = [value[(own == a) & (when < t)].sum() for a, t in zip(asked, time, strict=True)]
    np.testing.assert_allclose(count_before(own, when, asked, time, value), sums, atol=1e-9)


def test_draws_have_the_asked_for_distribution() -> None:
    random = np.random.default_rng(4)
    drawn = one_of_each(np.tile([1.0, 0.0, 3.0], (40_000, 1)), random)
    shares = np.bincount(drawn, minlength=3) / 40_000
    assert shares[1] == 0
    assert shares[0] == pytest.approx(0.25, abs=5 * np.sqrt(0.25 * 0.75 / 40_000))
    chosen = best_noisy(np.zeros((1000, 6)), 3, random)
    assert all(len(set(row)) == 3 for row in chosen.tolist())


def test_misspellings_stay_close() -> None:
    random = np.random.default_rng(5)
    for _ in range(200):
        wrong = misspelt("Norvella", random)
        assert len(wrong) in (7, 8)
        assert wrong[0] == "N"


def test_pieces_of_words_and_characters() -> None:
    assert pieces("Grey SOFA x12") == {"grey", "sofa", "x12"}
    assert pieces("移动电话") == {"移动", "动电", "电话"}
