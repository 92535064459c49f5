"""The front's figures: every point once, better is down on every axis, faint where beaten, names shown as text."""

from __future__ import annotations

import json

import pytest

from core.charts.front import BASELINE, FAINTNESS, Axis, Mark, front

AXES = [Axis("a", "Clicks", "#0072B2"), Axis("b", "Carts", "#E69F00"), Axis("c", "<b>Sales", "#009E73")]
MARKS = [
    Mark(0, "NMT", "NMT +1 %", {"a": 0.5, "b": 0.4, "c": 0.3}, {"a": 0.01, "b": None, "c": None}),
    Mark(1, "NMT", "NMT +5 %", {"a": 0.6, "b": 0.3, "c": 0.4}, {"a": None, "b": None, "c": None}, dominated=True),
    Mark(2, "Weighted sum", "<i>Sum", {"a": 0.4, "b": 0.5, "c": 0.2}, {"a": None, "b": None, "c": None}, chosen=True),
    Mark(3, "Weighted sum", "Sum", {"a": 0.7, "b": 0.2, "c": 0.9}, {"a": None, "b": None, "c": None}, baseline=True),
]


def numbers(figure):
    found = [number for trace in figure["data"] for number in trace.get("customdata", [])]
    return sorted(set(found))


@pytest.mark.parametrize("view", ["two", "three", "all"])
def test_every_setting_can_be_clicked_and_markup_is_shown_as_text(view):
    figure = front(MARKS, AXES, view, "Test loss")
    assert numbers(figure) == [0, 1, 2, 3]
    written = json.dumps(figure)
    assert "<i>Sum" not in written.replace(json.dumps(figure["alt"]), "")
    assert "&lt;i&gt;Sum" in written
    assert "3 of 4 settings are on the front" in figure["alt"]


def test_two_tasks_show_means_bars_and_what_is_beaten():
    figure = front(MARKS, AXES, "two", "Test loss")
    nmt = next(trace for trace in figure["data"] if trace.get("name") == "NMT")
    assert (nmt["x"], nmt["y"]) == ([0.5, 0.6], [0.4, 0.3])
    assert nmt["marker"]["opacity"] == [1.0, FAINTNESS]
    assert nmt["error_x"]["array"] == [0.01, 0.0]
    assert nmt["error_x"]["visible"]
    assert not nmt["error_y"]["visible"]
    other = next(trace for trace in figure["data"] if trace.get("name") == "Weighted sum")
    assert other["marker"]["color"] == ["text", BASELINE]
    assert other["marker"]["size"][0] > other["marker"]["size"][1]
    assert figure["layout"]["xaxis"]["title"]["text"].startswith('<span style="color:#0072B2">●</span> ')
    assert "autorange" not in figure["layout"]["xaxis"]  # never reversed: lower values stand lower


def test_all_tasks_run_from_best_below_to_worst_above():
    figure = front(MARKS, AXES, "all", "Test loss")
    by_number = {trace["customdata"][0]: trace["y"] for trace in figure["data"]}
    assert by_number[2][0] == 0.0  # the lowest loss of a
    assert by_number[3][0] == 1.0
    assert by_number[3][1] == 0.0
    assert all(0 <= height <= 1 for heights in by_number.values() for height in heights)


def test_three_tasks_need_three_axes():
    assert front(MARKS, AXES, "three", "Test loss")["data"][0]["type"] == "scatter3d"
    assert front(MARKS, AXES[:2], "three", "Test loss")["data"][0]["type"] == "scatter"


def test_an_empty_sweep_has_a_picture_too():
    figure = front([], AXES[:2], "two", "Test loss")
    assert not figure["layout"]["xaxis"]["showticklabels"]  # Plotly's own would be read as losses below 0
    assert front(MARKS, AXES, "two", "Test loss")["layout"]["yaxis"]["showticklabels"]
    assert figure["data"] == []
    assert "no point is finished" in figure["alt"]
    assert front([], AXES, "all", "Test loss")["data"] == []
