"""The map of users: where everybody stands, who is near, and groups drawn by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from core.charts.palette import GREY, OKABE_ITO
from core.data.parquet import Array
from core.errors import PrecedenceError
from core.server.shared import plotly_address
from core.users.neighbours.index import Neighbour
from core.users.spaces.map import UserMap, place, too_few
from core.users.spaces.space import Space
from pages.shared.component import component
from pages.shared.errors import show_refusal
from pages.users.address import COLOURS, read_area
from pages.users.neighbours import embedded
from pages.users.state import Shown, UsersState, content, everyone

MOST_POINTS = 6000  # that a browser draws and drags with ease; more users are shown by a sample
LEVELS = ("#08306b", "#2171b5", "#6baed6", "#bdbdbd", "#fdae6b", "#e6550d", "#8c2d04")  # cheap to dear

_component = component(
    "precedence_user_map",
    "users/map.js",
    html='<div class="user-map"></div>',
    styles=("users/map.css",),
    isolate_styles=False,
)


def map_card(state: UsersState, who: Shown, found: Space, near: Sequence[Neighbour]) -> None:
    """The picture, what it is worth in words, and what the points are coloured by."""
    drawn, index = found.map, found.index
    if drawn is None or index is None:
        if index is not None and found.complete:
            st.caption(too_few(len(index)))
        return
    read = everyone(state.place.source)
    choices = {**COLOURS, **{name: name for name in read.histories.profile}}
    if state.place.colour not in choices:
        state.go(colour="none")
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.subheader("Map", anchor=False)
        colour = st.selectbox(
            "Colour by", list(choices), list(choices).index(state.place.colour), choices.__getitem__, width=220,
            key=f"users_colour_{state.version}",
        )  # fmt: skip
    state.go(colour=colour)
    colours, legend = _coloured(state.place.source, content(state.place.source), colour)
    shown = _sample(len(drawn.points))
    rows = [index.rows[each.user] for each in near]
    here = _here(state, who, found)
    key = f"users_map_{found.choice.name()}"

    def visit() -> None:
        user = st.session_state[key].get("visit")
        if isinstance(user, str) and user in index.rows:
            state.visit(user)

    def areas() -> None:
        _take(state, st.session_state[key].get("areas"))

    _component(
        key=key,
        data={
            "space": found.choice.name(),
            "plotly_address": plotly_address(),
            **_points(drawn, shown),
            "users": [index.users[row] for row in shown],
            "colours": None if colours is None else [colours[row] for row in shown],
            "legend": legend,
            "near": {**_points(drawn, rows), "users": [each.user for each in near]},
            "here": {"x": [float(here[0])], "y": [float(here[1])], "names": [who.name]} if here is not None
            else {"x": [], "y": [], "names": []},
            "first": [list(corner) for corner in state.place.first],
            "second": [list(corner) for corner in state.place.second],
            "alt": f"Map of {len(index):,} users; {who.name} is the diamond, the rings are its neighbours.",
        },
        on_visit_change=visit,
        on_areas_change=areas,
    )  # fmt: skip
    said = drawn.words
    if len(shown) < len(index):
        said += f" A sample of {len(shown):,} of {len(index):,} users is drawn."
    st.caption(f"Click a point to go there; drag with Draw group to mark a group. {said}")


def _points(drawn: UserMap, rows: Sequence[int]) -> dict[str, list[float]]:
    across, up = np.round(drawn.points[np.asarray(rows, dtype=np.int64)].astype(float), 2).T
    return {"x": across.tolist(), "y": up.tolist()}


def _sample(users: int) -> list[int]:
    if users <= MOST_POINTS:
        return list(range(users))
    return sorted(np.random.default_rng(0).choice(users, MOST_POINTS, replace=False).tolist())


def _here(state: UsersState, who: Shown, found: Space) -> Array | None:
    drawn, index = found.map, found.index
    if drawn is None or index is None:
        return None
    if not who.made:
        return drawn.points[index.rows[str(who.everyone.histories.users[who.number])]]
    try:
        vector = embedded(state, who)
    except PrecedenceError:  # told beside the neighbours
        return None
    return place(vector[None], index.vectors(), drawn.points)[0]


def _take(state: UsersState, said: Any) -> None:
    """Groups that the browser names are drawn or forgotten; what it says is read as a URL would be."""
    if not isinstance(said, dict):
        return
    try:
        state.go(**{name: read_area(said[name]) for name in ("first", "second") if name in said})
    except PrecedenceError as error:
        show_refusal(error)


@st.cache_data(max_entries=20, show_spinner=False)
def _coloured(source: str, content: str | None, colour: str) -> tuple[list[str] | None, list[tuple[str, str]]]:
    """A colour for each user, and the legend; grey where it is not known."""
    read = everyone(source)
    histories = read.histories
    if colour == "none":
        return None, []
    palette: tuple[str, ...]
    if colour in ("price", "time"):
        wanted = "price_level" if colour == "price" else "time_of_day"
        facet = next((each for each in read.facets if each.name == wanted), None)
        if facet is None:
            return None, [("not known in these data", GREY)]
        counts = np.zeros((len(histories), len(facet.values)))
        np.add.at(counts, (histories.user, facet.number), 1)
        counts[:, 0] = 0
        if colour == "price":
            level = counts @ np.arange(len(facet.values)) / np.maximum(counts.sum(axis=1), 1)
            best = np.rint(level).astype(int)
            names, palette = [str(value) for value in facet.values], tuple(LEVELS)
        else:
            best = np.where(counts.sum(axis=1) > 0, counts.argmax(axis=1), 0)
            names, palette = [str(value) for value in facet.values], OKABE_ITO
    else:
        values = histories.profile[colour].astype(str)
        kinds = sorted(kind for kind in np.unique(values) if kind)[: len(OKABE_ITO)]
        best = np.array([kinds.index(value) + 1 if value in kinds else 0 for value in values])
        names, palette = ["", *kinds], OKABE_ITO
    table = [GREY, *(palette[at % len(palette)] for at in range(len(names) - 1))]
    used = sorted(set(best.tolist()) - {0})
    legend = [(names[at], table[at]) for at in used] + ([("not known", GREY)] if (best == 0).any() else [])
    return [table[at] for at in best], legend
