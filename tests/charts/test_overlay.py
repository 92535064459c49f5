"""Several runs over one another: one colour a run in all panels, grey dashes for the baseline."""

from __future__ import annotations

from xml.etree import ElementTree

import altair as alt

from core.charts.overlay import overlay, overlay_svg
from core.charts.palette import GREY, OKABE_ITO

CURVES = {
    "a": {"loss/click": {"x": [1, 2], "y": [0.5, 0.4]}, "loss/buy": {"x": [1], "y": [0.1]}},
    "b": {"loss/click": {"x": [1, 2], "y": [0.6, 0.3]}, "multiplier/click": {"x": [1], "y": [2.0]}},
}


def test_a_panel_a_task_with_one_axis_of_steps_and_every_point():
    spec = overlay(CURVES, "loss", {"a": "First", "b": "Second"}, "a")
    assert [panel["title"]["text"] for panel in spec["concat"]] == ["click", "buy"]
    assert spec["resolve"]["scale"]["x"] == "shared"
    assert len(spec["datasets"]["curves"]) == 5
    scale = spec["concat"][0]["encoding"]["color"]["scale"]
    assert dict(zip(scale["domain"], scale["range"], strict=True)) == {"First": GREY, "Second": OKABE_ITO[0]}
    alt.Chart.from_dict(spec)  # raises where it is no valid specification


def test_the_picture_has_a_panel_a_task_and_a_line_a_run():
    root = ElementTree.fromstring(overlay_svg(CURVES, "loss", {"a": "First & <b>", "b": "Second"}, "a"))
    space = "{http://www.w3.org/2000/svg}"
    panels = root.findall(f"{space}g/{space}svg")
    assert [panel.find(f"{space}text").text for panel in panels] == ["Training loss: click", "Training loss: buy"]
    lines = [path.get("stroke") for path in panels[0].iter(f"{space}path") if path.get("fill") == "none"]
    assert lines == [GREY, OKABE_ITO[0]]
    assert "First & <b>" in [text.text for text in panels[0].iter(f"{space}text")]
