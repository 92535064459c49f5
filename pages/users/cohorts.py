"""Groups drawn on the map: who they are, and how two of them differ."""

from __future__ import annotations

import csv
import io

import streamlit as st

from core.charts import users as charts
from core.data.parquet import Array
from core.errors import PrecedenceError
from core.users.spaces.space import Space
from core.users.traits.cohorts import Profile, difference, profile
from core.users.traits.lift import words_of
from pages.shared.markdown_escape import plain
from pages.users.address import Area
from pages.users.state import UsersState, content, everyone, members

NAMES = ("Group A", "Group B")
MOST_TRAITS = 8


def cohorts_card(state: UsersState, found: Space) -> None:
    """The profile of each group, and the comparison once there are two."""
    st.subheader("Groups", anchor=False)
    if found.map is None or found.index is None:
        still = "there is none of so few users" if found.complete else "still being made"
        st.caption(f"Groups are drawn on the map: {still}.")
        return
    areas: list[tuple[str, Area]] = [
        (name, area) for name, area in zip(NAMES, (state.place.first, state.place.second), strict=True) if area
    ]
    if not areas:
        st.markdown(
            "Choose **Draw group A** above the map and drag around some points: what these users have in common "
            "appears here. Draw a second group to see how the two differ."
        )
        return
    groups = [(name, members(found.map.points, area)) for name, area in areas]
    names = [name for name, _ in groups]
    if len(groups) == 2:
        names.append("A against B")
    part = st.segmented_control(
        "Groups", names, default=names[-1], required=True, label_visibility="collapsed", key=f"users_group_{len(names)}"
    )
    try:
        if part == "A against B":
            _difference(state.place.source, groups[0][1], groups[1][1])
        else:
            _profile(state.place.source, part, dict(groups)[part], found)
    except PrecedenceError as error:
        st.info(plain(str(error)))


@st.cache_data(max_entries=50, show_spinner=False)
def _profiled(source: str, content: str | None, numbers: Array) -> Profile:
    return profile(everyone(source), numbers)


def _profile(source: str, name: str, numbers: Array, found: Space) -> None:
    said = _profiled(source, content(source), numbers)
    share = said.users / len(everyone(source).histories)
    st.markdown(
        f"**{said.users:,} users**, {share:.1%} of all; {said.events:g} events in the middle, everyone "
        f"{said.everyone_events:g}."
    )
    traits = said.traits[:MOST_TRAITS]
    if traits:
        rows = [{"name": words_of(t.facet, t.value), "share": t.share, "everyone": t.base} for t in traits]
        st.vega_lite_chart(charts.bars(rows, "share of their events", "everyone"), width="stretch")
        st.caption("Grey ticks: everyone. Only what enough of them do, more often than everyone with 95 % certainty.")
    else:
        st.caption("Nothing stands out: what they do, everyone does.")
    _known(said)
    index = found.index
    if index is not None:
        st.download_button(
            f"{name} as CSV",
            _csv([index.users[number] for number in numbers]),
            f"{name.lower().replace(' ', '_')}.csv",
            "text/csv",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
            key=f"users_csv_{name}",
        )


def _known(said: Profile) -> None:
    """Known properties in which the group differs most from everyone, one line each."""
    lines = []
    for name, values in said.known.items():
        kind, (own, base) = max(values.items(), key=lambda pair: abs(pair[1][0] - pair[1][1]))
        if abs(own - base) >= 0.05:
            lines.append((abs(own - base), f"{name} {kind}: {own:.0%}, everyone {base:.0%}"))
    if lines:
        st.text("\n".join(line for _, line in sorted(lines, reverse=True)[:4]))


@st.cache_data(max_entries=50, show_spinner=False)
def _compared(source: str, content: str | None, first: Array, second: Array) -> list[dict[str, object]]:
    told = difference(everyone(source), first, second)
    return [
        {"name": words_of(t.facet, t.value), "lift": t.lift, "low": max(t.low, 0.01), "high": min(t.high, 100.0),
         "share": t.share, "base": t.base} for t in told
    ]  # fmt: skip


def _difference(source: str, first: Array, second: Array) -> None:
    rows = _compared(source, content(source), first, second)
    st.markdown(f"**{len(first):,} users in group A, {len(second):,} in group B**")
    if not rows:
        st.caption("Nothing separates the two groups with 95 % certainty.")
        return
    shown = sorted(rows[:14], key=lambda row: -float(str(row["lift"])))
    st.vega_lite_chart(charts.difference(shown, *NAMES), width="stretch")
    st.caption("Right of the dashed line: more often in A. Lines are 95 % intervals; groups were chosen by eye.")


def _csv(users: list[str]) -> str:
    file = io.StringIO()
    csv.writer(file).writerows([["user"], *([user] for user in users)])
    return file.getvalue()
