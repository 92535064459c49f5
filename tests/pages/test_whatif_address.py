"""The What-if page's URL and its form's small parts."""

from __future__ import annotations

import pytest

from core.data.registry import card
from core.errors import PrecedenceError
from core.sweeps.keys import planned_steps
from pages.shared.headline import duration
from pages.what_if.form import FIRST_STEPS, _numbers, first_sweep
from pages.what_if.state import WhatIf, WhatIfView, read_view, write_view


@pytest.mark.parametrize(
    "place",
    [
        WhatIfView(),
        WhatIfView("calm-otter-abcd", 3, 0, "all", "validation"),
        WhatIfView(sweep="calm-otter-abcd", measure="error"),
        WhatIfView(ask="relevance", lose=0.002, unit="metric", gain="click", on="shop"),
    ],
)
def test_a_place_survives_its_url(place):
    assert read_view(write_view(place)) == (place, [])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("sweep", "../../x"),
        ("point", "-1"),
        ("point", "1e3"),
        ("view", "four"),
        ("measure", "x"),
        ("nonsense", "1"),
        ("lose", "-2"),
        ("lose", "much"),
        ("unit", "miles"),
    ],
)
def test_what_cannot_be_read_is_told_and_left_out(name, text):
    place, problems = read_view({name: text})
    assert place == WhatIfView()
    assert len(problems) == 1
    assert text in problems[0]


def test_another_sweep_has_other_points():
    state = WhatIf(WhatIfView("calm-otter-abcd", 3, 0, "all"))
    state.go(sweep="calm-otter-abcd", measure="validation")
    assert state.place.point == 3
    state.go(sweep="brisk-heron-abcd")
    assert state.place == WhatIfView("brisk-heron-abcd", None, None, "all", "validation")


def test_a_key_is_read_from_an_old_address_and_never_written():
    place, problems = read_view({"sweep": "calm-otter-abcd", "key": "secret"})
    assert (place.key, problems) == ("secret", [])
    assert write_view(place) == {"sweep": "calm-otter-abcd"}


def test_the_first_sweep_is_small():
    sweep = first_sweep()
    tasks = card(sweep.base.dataset).task_names()
    points = sweep.points(tasks)
    together, apart = planned_steps([point.config for point in points], tasks)
    assert len(points) == 10
    # three quarters of one run together, then a quarter each for the first task and for five tolerances; five sums
    assert together == 2 * FIRST_STEPS * (0.75 + 0.25 * (1 + 5) + 5)
    assert apart == 2 * FIRST_STEPS * (1.25 * 5 + 5)


def test_tolerances_are_read_as_a_person_writes_them():
    assert _numbers("0, 1;2 %,2", "Clicks") == (0.0, 1.0, 2.0)
    for wrong in ("", "much", "-1", "nan,1"):
        with pytest.raises(PrecedenceError, match="no list of tolerances of Clicks"):
            _numbers(wrong, "Clicks")


def test_durations_in_words():
    assert [duration(seconds) for seconds in (4, 240, 7200)] == ["4 s", "4 min", "2.0 h"]


def test_a_measure_is_known_by_its_name_of_before():
    assert read_view({"measure": "slice"}) == read_view({"measure": "validation"})
