"""The list: filtered, sorted, grouped; the rows that are ticked are what the rest of the page is about."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import pandas as pd  # type: ignore[import-untyped]
import streamlit as st

from core.charts.overlay import MOST_RUNS
from core.methods.registry import METHODS
from core.runs.listing.overview import RunRow
from core.statistics import mean_and_half
from pages.runs.bring import bring_run
from pages.shared.headline import STATES, duration
from pages.shared.recent_runs import ago

NO_GROUP = "nothing"
GROUPS = {"nothing": "", "data": "dataset", "method": "method", "settings but the seed": "family", "sweep": "sweep"}
HEIGHT = 388  # pixels: ten rows


def choose(rows: Sequence[RunRow]) -> list[RunRow]:
    """The table, and the rows that are ticked in it."""
    shown = _filtered(rows)
    if not rows:
        st.info("No run yet. Train one in the Priority lab, or bring one that you took home elsewhere.")
        bring_run()
        return []
    group = GROUPS[st.session_state.get("runs_group") or NO_GROUP]
    if group:
        st.dataframe(_grouped(shown, group), hide_index=True, height="content" if len(shown) < 9 else HEIGHT)
        return []
    frame = as_frame(shown)
    event: Any = st.dataframe(
        frame,
        hide_index=True,
        height=min(HEIGHT, 38 + 35 * max(1, len(frame))),
        on_select="rerun",
        selection_mode="multi-row",
        key="runs_table",
        column_config={
            "Steps": st.column_config.NumberColumn(format="localized"),
            "Started": st.column_config.DatetimeColumn(format="distance"),
            "Run": st.column_config.TextColumn(pinned=True),
        },
    )
    with st.container(horizontal=True):
        _downloads(frame)
        bring_run()
    chosen = [shown[at] for at in event.selection.rows if at < len(shown)]
    if len(chosen) > MOST_RUNS:
        st.info(f"The first {MOST_RUNS} of the {len(chosen)} ticked runs are compared.")
    return chosen[:MOST_RUNS]


def _filtered(rows: Sequence[RunRow]) -> list[RunRow]:
    bar = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    with bar:
        text = st.text_input("Find", placeholder="name, data, tag, note", key="runs_find", width=220)
        states = st.multiselect("Status", _of(rows, "state"), format_func=lambda one: STATES.get(one, one),
                                key="runs_state", width=200)  # fmt: skip
        data = st.multiselect("Data", _of(rows, "dataset"), key="runs_data", width=200)
        methods = st.multiselect("Method", _of(rows, "method"), format_func=_title, key="runs_method", width=200)
        st.selectbox("Group by", list(GROUPS), key="runs_group", width=190)
        sweeps = st.toggle("Points of sweeps", key="runs_sweeps")
    words = text.lower().split() if text else []
    return [
        row
        for row in rows
        if (sweeps or not row.sweep)
        and (not states or row.state in states)
        and (not data or row.dataset in data)
        and (not methods or row.method in methods)
        and all(word in _text(row) for word in words)
    ]


def _of(rows: Sequence[RunRow], field: str) -> list[str]:
    return sorted({getattr(row, field) for row in rows})


def _title(method: str) -> str:
    return METHODS[method].title if method in METHODS else method


def _text(row: RunRow) -> str:
    return " ".join((row.run, row.name, row.dataset, row.method, row.network, *row.tags, row.notes)).lower()


def as_frame(rows: Sequence[RunRow]) -> pd.DataFrame:
    """One line a run. Of one data set each task has a column, so that the list can be sorted by it."""
    same = len({tuple(one.task for one in row.tasks) for row in rows if row.tasks}) == 1
    lines = []
    for row in rows:
        line: dict[str, Any] = {
            "Run": row.name or row.run,
            "Status": STATES.get(row.state, row.state),
            "Data": row.dataset,
            "Method": _title(row.method),
            "Priority": " › ".join(row.priority),
        }
        if same:
            line |= {f"{one.task} {one.metric_name}": one.metric for one in row.tasks}
        else:
            line["Figures"] = " · ".join(f"{one.task} {one.metric:.3f}" for one in row.tasks if one.metric is not None)
        kept = row.keeps_bounds
        line |= {
            "Bounds": "–" if kept is None else "kept" if kept else "broken",
            "Seed": row.seed,
            "Steps": row.steps,
            "Took": duration(row.seconds),
            "Device": row.device.upper() or "–",
            "Started": pd.Timestamp(row.created, unit="s", tz="UTC") if row.created else None,
            "Tags": ", ".join(row.tags),
            "Notes": row.notes[:80],
            "Sweep": row.sweep,
        }
        lines.append(line)
    frame = pd.DataFrame(lines)
    for name in ("Sweep", "Notes", "Tags"):
        if len(frame) and not frame[name].astype(bool).any():
            frame = frame.drop(columns=name)
    return frame


def _grouped(rows: Sequence[RunRow], field: str) -> pd.DataFrame:
    """Mean and half of the 95 % interval of each figure over the finished runs of a group."""
    lines = []
    for key in dict.fromkeys(getattr(row, field) for row in rows):
        members = [row for row in rows if getattr(row, field) == key]
        first = members[0]
        line: dict[str, Any] = {
            "Group": {"family": f"{first.dataset}, {_title(first.method)}, {first.network}"}.get(field, key or "–"),
            "Runs": len(members),
        }
        for task in dict.fromkeys((one.task, one.metric_name) for row in members for one in row.tasks):
            known = [one.metric for row in members for one in row.tasks
                     if (one.task, one.metric_name) == task and one.metric is not None]  # fmt: skip
            if known:
                mean, half = mean_and_half(known)
                line[" ".join(task)] = f"{mean:.4f}" + ("" if half is None else f" ± {half:.4f}")
        line["Newest"] = ago(time.time() - max(row.created for row in members))
        lines.append(line)
    return pd.DataFrame(lines)


def _downloads(frame: pd.DataFrame) -> None:
    with st.popover("Take the list", icon=":material/download:"):
        st.download_button("CSV", lambda: frame.to_csv(index=False), "runs.csv", "text/csv", on_click="ignore",
                           width="stretch")  # fmt: skip
        st.download_button("JSON", lambda: json.dumps(json.loads(frame.to_json(orient="records", date_format="iso"))),
                           "runs.json", "application/json", on_click="ignore", width="stretch")  # fmt: skip
        st.download_button("Parquet", lambda: parquet_of(frame), "runs.parquet", on_click="ignore", width="stretch")


def parquet_of(frame: pd.DataFrame) -> bytes:
    """A frame as a Parquet file."""
    out = BytesIO()
    frame.to_parquet(out, index=False)
    return out.getvalue()
