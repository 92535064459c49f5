"""Own files of events: repaired with a count, or refused with one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.data.histories.next_events import ask_next
from core.data.sources.uploaded.event_file import price_levels, read_events
from core.errors import PrecedenceError
from core.users.embedding.counts import bags_of

NOW = 1_780_000_000.0  # 2026-05-28


def write(folder, rows, header="user,item,time,type,price"):
    file = folder / "events.csv"
    file.write_text("\n".join([header, *rows]) + "\n")
    return file


GOOD = [f"{user},{item},2026-01-{day:02} 10:00:00,click,{price}" for user in "abc"
        for item, day, price in ((1, 1, 5), (2, 2, 9), (3, 3, 2))]  # fmt: skip


def test_a_good_file_needs_no_repair(tmp_path):
    histories, repairs = read_events(write(tmp_path, GOOD), NOW)
    assert repairs.sentences() == []
    assert (repairs.rows, repairs.events, repairs.users) == (9, 9, 3)
    assert histories.users.tolist() == ["a", "b", "c"]
    assert histories.items.name[histories.item[histories.of(1)]].tolist() == ["1", "2", "3"]
    assert histories.names["behaviour"][histories.behaviour].tolist() == ["click"] * 9
    assert histories.price_level[histories.of(0)].tolist() == [3, 5, 1]


def test_each_repair_is_counted_and_told(tmp_path):
    rows = [*GOOD, "a,4,2025-12-31 09:00:00,buy,1", "b,1,2026-01-01 10:00:00,click,5", "c,1,2036-01-01,click,5",
            ",1,2026-01-01,click,5", "c,1,not a time,click,5", "c,2,2026-02-01,wink,5",
            "d,2,2026-02-01,CART,5"]  # fmt: skip
    histories, repairs = read_events(write(tmp_path, rows), NOW)
    assert repairs.counts == {"incomplete": 2, "future": 1, "duplicated": 1, "unsorted": 2, "unknown_type": 1,
                              "single": 1, "long": 0}  # fmt: skip
    assert len(repairs.sentences()) == 7  # the last names the time that is none, and its row
    assert repairs.events == len(histories.time) == 12
    first = histories.of(0).start
    assert histories.items.name[histories.item[first]] == "4"
    assert histories.names["behaviour"][histories.behaviour[first]] == "purchase"
    assert (np.diff(histories.time[histories.of(0)]) >= 0).all()
    assert histories.names["behaviour"][histories.behaviour[-1]] == "cart"


def test_ten_thousand_events_of_one_user_are_read(tmp_path):
    rows = [*GOOD, *(f"long,{n % 50},{1_760_000_000 + n},click," for n in range(10_000))]
    with pytest.raises(PrecedenceError, match="cannot be used"):
        read_events(write(tmp_path, [row.replace("2026", "2056") for row in GOOD]), NOW)
    file = write(tmp_path, [f"{row.split(',')[0]},{row.split(',')[1]},{1_760_000_000 + n},{row.split(',')[3]},"
                            for n, row in enumerate(rows)])  # fmt: skip
    histories, repairs = read_events(file, NOW)
    assert repairs.counts["long"] == 1
    assert "1 user with more than 100 events" in repairs.sentences()[-1]
    assert np.diff(histories.offsets).max() == 10_000


def test_seconds_milliseconds_and_texts_are_the_same_time(tmp_path):
    found = []
    for form in ("2026-01-01 10:00:00", "1767261600", "1767261600000"):
        file = write(tmp_path, [f"a,1,{form},click,", f"a,2,{form},click,", f"b,1,{form},click,", f"b,2,{form},click,"])
        found.append(read_events(file, NOW)[0].time.tolist())
    assert found[0] == found[1] == found[2] == [1_767_261_600] * 4


@pytest.mark.parametrize(
    ("rows", "header", "says"),
    [
        (["a,1,2026-01-01"], "who,item,time", "Column user is not in events.csv"),
        ([], "user,item,time", "header but 0 rows"),
        (["a,1,2026-01-01", "b,1,2026-01-01"], "user,item,time", "0 users with two events or more"),
        (["a,1,x", "a,2,y", "b,1,z"], "user,item,time", "3 of the 3 rows of events.csv cannot be used"),
    ],
)
def test_what_cannot_be_repaired_is_refused_in_one_sentence(tmp_path, rows, header, says):
    with pytest.raises(PrecedenceError, match=says):
        read_events(write(tmp_path, rows, header), NOW)


def test_price_levels_are_sevenths_of_a_category():
    price = np.array([7.0, 1, 2, 3, 4, 5, 6, np.nan, 10, 20])
    category = np.array([1, 1, 1, 1, 1, 1, 1, 1, 2, 2])
    assert price_levels(price, category).tolist() == [7, 1, 2, 3, 4, 5, 6, 0, 1, 4]


def test_what_is_given_back_is_a_kind_of_its_own_and_no_liking(tmp_path):
    rows = ["a,1,2026-01-01,2", "a,2,2026-01-02,1", "a,2,2026-01-03,-1", "b,1,2026-01-01,3", "b,3,2026-01-02,0",
            "b,3,2026-01-04,1", "b,9,2026-01-05,-2"]  # fmt: skip
    histories, repairs = read_events(write(tmp_path, rows, "user,item,time,quantity"), NOW)
    kinds = histories.names["behaviour"][histories.behaviour]
    assert kinds.tolist() == ["purchase", "purchase", "return", "purchase", "purchase", "return"]
    assert "2 rows of a quantity below 0: kept as returns, a kind of their own." in repairs.sentences()
    assert "1 row of a quantity of 0: left out." in repairs.sentences()
    kept = histories.without_returns()
    assert kept.names["behaviour"][kept.behaviour].tolist() == ["purchase"] * 4
    bags = bags_of(histories, ("item",))
    assert (bags.toarray() == bags_of(kept, ("item",)).toarray()).all()
    assert not np.isin(ask_next(histories).item, [4]).any()  # item 9 was only ever given back


def test_a_log_without_returns_knows_no_such_kind(tmp_path):
    histories, _ = read_events(write(tmp_path, GOOD), NOW)
    assert "return" not in histories.names["behaviour"]
    assert histories.without_returns() is histories


def test_a_log_of_user_behaviour_insights_is_read_by_its_nested_names(tmp_path: Path) -> None:
    lines = [
        {
            "action_name": ("item_click", "add_to_cart")[event % 2],
            "client_id": f"c{user}",
            "session_id": f"s{user}-{event // 2}",
            "query_id": "q",
            "timestamp": f"2026-03-{1 + event:02d}T10:00:00.000Z",
            "event_attributes": {"object": {"object_id": f"p{event % 3}", "object_id_field": "sku"}, "position": {}},
        }
        for user in range(4)
        for event in range(4)
    ]
    file = tmp_path / "ubi_events.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)))
    histories, repairs = read_events(file)
    assert histories.users.tolist() == ["c0", "c1", "c2", "c3"]
    assert set(histories.items.name[histories.item]) == {"p0", "p1", "p2"}
    assert {"click", "cart"} == set(histories.names["behaviour"][histories.behaviour])
    assert "event_attributes.object.object_id as item" in " ".join(repairs.sentences())


@pytest.mark.parametrize("unit", [1, 10**3, 10**6, 10**9])
def test_times_are_seconds_or_finer(tmp_path: Path, unit: int) -> None:
    rows = [f"u{user},i{event},{(1_770_000_000 + 60 * event) * unit}" for user in range(3) for event in range(3)]
    file = tmp_path / "log.csv"
    file.write_text("\n".join(["user_pseudo_id,item,event_timestamp", *rows]))
    histories, _ = read_events(file)
    assert sorted(set(histories.time.tolist())) == [1_770_000_000, 1_770_000_060, 1_770_000_120]
