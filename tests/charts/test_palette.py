"""Task colours: told apart, readable on both themes, and a property of the data set's order alone."""

import itertools

import pytest

from core.charts.palette import GREY, OKABE_ITO, task_colours

LIGHT, DARK = "#FFFFFF", "#14171B"


def luminance(colour: str) -> float:
    """WCAG 2 relative luminance."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("background", [LIGHT, DARK])
@pytest.mark.parametrize("colour", [*OKABE_ITO, GREY])
def test_every_colour_is_seen_on_both_themes(colour: str, background: str) -> None:
    assert contrast(colour, background) > 2


def test_no_two_tasks_of_six_share_a_colour() -> None:
    colours = task_colours([f"task {number}" for number in range(6)])
    assert all(one != other for one, other in itertools.combinations(colours.values(), 2))
    assert GREY not in colours.values()


def test_a_colour_depends_on_the_place_in_the_data_set_alone() -> None:
    assert task_colours(["a", "b", "c"]) == {name: OKABE_ITO[place] for place, name in enumerate("abc")}
    assert task_colours([str(number) for number in range(7)])["6"] == OKABE_ITO[0]
