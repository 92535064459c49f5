"""Two to six runs over one another: curves, settings that differ, and seeds paired with an interval."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import altair as alt
import pandas as pd  # type: ignore[import-untyped]
import streamlit as st

from core.charts.overlay import QUANTITIES, overlay, overlay_svg
from core.errors import PrecedenceError
from core.runs.listing.overview import RunRow, difference
from core.runs.listing.paired import paired
from core.server.shared import library
from pages.runs.table import parquet_of
from pages.shared.markdown_escape import plain
from pages.shared.task_table import figure


def compare(chosen: Sequence[RunRow], rows: Sequence[RunRow]) -> None:
    """Against the run that is pinned as the baseline: by default the first of those that are ticked."""
    titles = _titles(chosen)
    bar = st.container(horizontal=True, vertical_alignment="bottom")
    names = [row.run for row in chosen]
    baseline = bar.selectbox("Baseline", names, format_func=lambda one: titles.get(one, one), key="runs_baseline",
                             width=260)  # fmt: skip
    quantity = bar.selectbox("Curves", list(QUANTITIES), format_func=QUANTITIES.__getitem__, key="runs_quantity",
                             width=260)  # fmt: skip
    curves = {}
    for row in chosen:
        try:
            curves[row.run] = library().curves(row.run)
        except PrecedenceError:  # under way, or brought without its log
            st.caption(f"{plain(titles[row.run])} has no curves yet.")
    if any(name.startswith(f"{quantity}/") for found in curves.values() for name in found):
        chart = alt.Chart.from_dict(overlay(curves, quantity, titles, baseline))
        st.altair_chart(chart, width="content", key="runs_overlay")
        _curve_files(curves, lambda: overlay_svg(curves, quantity, titles, baseline), f"{quantity}.svg")
    else:
        st.caption(f"None of these runs has curves of this kind: {QUANTITIES[quantity].lower()}.")
    first = next((row for row in chosen if row.run == baseline), chosen[0])
    others = [row for row in chosen if row.run != first.run]
    left, right = st.columns(2)
    with left:
        st.subheader("Settings that differ", anchor=False)
        _settings(first, others, titles)
    with right:
        st.subheader("The same seeds, paired", anchor=False)
        _pairs(first, others, rows, titles)


def _titles(chosen: Sequence[RunRow]) -> dict[str, str]:
    """A name a run, told apart by the run's own where two are called alike."""
    plain_names = [row.name or row.run for row in chosen]
    return {
        row.run: name if plain_names.count(name) == 1 else f"{name} ({row.run})"
        for row, name in zip(chosen, plain_names, strict=True)
    }


def _settings(first: RunRow, others: Sequence[RunRow], titles: dict[str, str]) -> None:
    found = {row.run: difference(first, row) for row in others}
    fields = list(dict.fromkeys(name for pairs in found.values() for name, _, _ in pairs))
    if not fields:
        st.caption("None: these runs asked for the same.")
        return
    own = dict(first.settings)
    table = {"Setting": fields, titles[first.run]: [own.get(name) or "–" for name in fields]}
    for row in others:
        theirs = dict(row.settings)
        table[titles[row.run]] = [theirs.get(name) or "–" for name in fields]
    st.dataframe(pd.DataFrame(table), hide_index=True)


def _pairs(first: RunRow, others: Sequence[RunRow], rows: Sequence[RunRow], titles: dict[str, str]) -> None:
    lines = [
        {
            "Run": titles[row.run],
            "Task": each.task,
            "Difference": f"{each.metric_name} {figure(each.mean, '+.4f')}",
            "95 % interval": "–" if each.half is None else f"± {each.half:.4f}",
            "Seeds": each.seeds,
            "Verdict": each.verdict,
        }
        for row in others
        for each in paired(first, row, rows)
    ]
    if not lines:
        st.caption("No finished runs share a seed and a task, so there is nothing to pair.")
        return
    st.dataframe(pd.DataFrame(lines), hide_index=True)
    st.caption(
        "Of the test rows, over all finished runs that differ from these in the seed alone. One seed gives no "
        "interval: train more."
    )


def _curve_files(
    curves: dict[str, dict[str, dict[str, list[int] | list[float]]]], picture: Callable[[], str], name: str
) -> None:
    frame = pd.DataFrame(
        [
            {"run": run, "series": name, "step": step, "value": value}
            for run, found in curves.items()
            for name, points in found.items()
            for step, value in zip(points["x"], points["y"], strict=True)
        ]
    )
    with st.popover("Take these curves", icon=":material/download:"):
        st.caption("As PNG: by the arrow that shows at the charts' upper corner.")
        st.download_button("Picture (SVG)", picture, name, "image/svg+xml", on_click="ignore", width="stretch")
        st.download_button("CSV", lambda: frame.to_csv(index=False), "curves.csv", "text/csv", on_click="ignore",
                           width="stretch")  # fmt: skip
        st.download_button("JSON", lambda: frame.to_json(orient="records"), "curves.json", "application/json",
                           on_click="ignore", width="stretch")  # fmt: skip
        st.download_button("Parquet", lambda: parquet_of(frame), "curves.parquet", on_click="ignore", width="stretch")
