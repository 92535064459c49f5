"""The conflict page's state as its URL."""

from __future__ import annotations

import pytest

from core.charts.palette import OKABE_ITO
from core.methods.registry import METHODS
from pages.conflict.address import WALKED, ConflictView, read_view, write_view
from pages.conflict.method_text import coloured


@pytest.mark.parametrize(
    "place",
    [
        ConflictView(),
        ConflictView(
            part="bench", arrows=((1.0, -0.25), (0.0, 2.0), (-1.5, 0.5)), hidden=("mgda", "pcd"), multiplier=2.5
        ),
        ConflictView(part="landscape", landscape="valley", start=(-0.125, 3.0), walked=("nmt",), method="upgrad"),
        ConflictView(run="quiet-ibis-vffx", walked=()),
    ],
)
def test_a_place_survives_its_url(place):
    assert read_view(write_view(place)) == (place, [])


def test_defaults_are_left_out():
    assert write_view(ConflictView()) == {}


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("part", "kitchen", "kitchen"),
        ("run", "../../secret", "is not the name of a run"),
        ("method", "magic", "There is no method 'magic'"),
        ("arrows", "1,1", "two or three arrows"),
        ("arrows", "1,2;x,y", "expected two numbers"),
        ("arrows", "nan,1;1,1", "expected two numbers"),
        ("arrows", "9,9;1,1", "within 2"),
        ("hidden", "pcgrad,magic", "magic"),
        ("multiplier", "-1", "expected 0 to 5"),
        ("multiplier", "inf", "expected 0 to 5"),
        ("start", "1", "expected two numbers"),
        ("start", "inf,0", "expected two numbers"),
        ("nonsense", "1", "nonsense"),
    ],
)
def test_what_cannot_be_read_is_one_sentence_and_the_rest_is_kept(name, value, says):
    place, problems = read_view({name: value, "part": "bench"} if name != "part" else {name: value})
    assert len(problems) == 1
    assert says in problems[0]
    assert place == ConflictView(part="bench" if name != "part" else "run")


def test_walked_methods_are_methods_in_the_registrys_order():
    assert [kind for kind in METHODS if kind in WALKED] == list(WALKED)


def test_formulas_wear_the_arrows_colours():
    pcgrad = coloured(METHODS["pcgrad"])
    assert rf"\textcolor{{{OKABE_ITO[0]}}}{{g_i}}" in pcgrad
    assert rf"\textcolor{{{OKABE_ITO[1]}}}{{g_j}}" in pcgrad
    for card in METHODS.values():
        text = coloured(card)
        assert text.count("{") == text.count("}")
        for colour in OKABE_ITO[:2]:
            text = text.replace(rf"\textcolor{{{colour}}}", "")
        assert text.count("g") == card.formula.count("g")
