"""Who is like a user of the shop, and what two of them share; what a network's attention looks at."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.charts.palette import GREY, OKABE_ITO
from core.lessons.lesson import Facts
from core.users.neighbours.index import NeighbourIndex
from core.users.spaces.shipped import open_shipped
from core.users.spaces.space import AttentionTable, SpaceChoice, open_space
from core.users.traits.lift import Everyone, Trait

SOURCE = "shop_histories"
NEAREST = 5
MOST_SHARED = 4
FACETS = ("category", "brand")  # what needs no more words to be understood


def neighbours(settings: Mapping[str, str], key: str, words: Mapping[str, str]) -> Facts:
    """`show=attention`: what the network looks at; else `users`: ids to choose from, with commas between."""
    with st.container(border=True):
        if settings.get("show") == "attention":
            return _attention(key, words)
        return _near(settings.get("users", "8,14,5").split(","), key, words)


@st.cache_resource(show_spinner=False)
def _everyone() -> Everyone:
    return Everyone(SpaceChoice(SOURCE, "counts").histories())


@st.cache_resource(show_spinner=False)
def _index() -> NeighbourIndex | None:
    choice = SpaceChoice(SOURCE, "counts")
    return (open_shipped(choice) or open_space(choice)).index


@st.cache_resource(show_spinner=False)
def _table() -> AttentionTable | None:
    choice = SpaceChoice(SOURCE, "dupn")
    return (open_shipped(choice) or open_space(choice)).attention


def _near(users: list[str], key: str, words: Mapping[str, str]) -> Facts:
    with st.spinner(words["loading"]):
        everyone, index = _everyone(), _index()
    if index is None:
        st.info(words["no_space"])
        return {}
    user = st.segmented_control(
        words["user"], users, default=users[0], required=True, key=f"{key}_user", format_func=words["user_name"].format
    )
    near = {each.user: each.similarity for each in index.neighbours(user, NEAREST)}
    other = st.radio(
        words["nearest"], list(near), key=f"{key}_other_{user}", index=None,
        format_func=lambda name: f"{words['user_name'].format(name)} · {near[name]:.2f}",
    )  # fmt: skip
    if other is not None:
        one, two = (everyone.histories.number_of(each) for each in (user, other))
        _shared([trait for trait in everyone.pair(one, two, 12) if trait.facet in FACETS][:MOST_SHARED], words)
    seen: set[tuple[str, str]] = st.session_state.setdefault(f"{key}_seen", set())
    if other is not None:
        seen.add((user, other))
    return {"compared": len(seen), "users": len({user for user, _ in seen})}


def _shared(traits: list[Trait], words: Mapping[str, str]) -> None:
    """Of what both return to: their share of events beside everybody's, drawn and as figures."""
    if not traits:
        st.markdown(words["share_nothing"])
        return
    whose = words["their_share"], words["all_share"]
    values = [
        {"trait": words[f"facet_{trait.facet}"].format(trait.value), "whose": name, "share": share,
         "told": f"{share:.1%}"}
        for trait in traits for name, share in zip(whose, (trait.share, trait.base), strict=True)
    ]  # fmt: skip
    encoding = {
        "y": {"field": "trait", "type": "nominal", "title": None, "sort": None, "axis": {"labelLimit": 220}},
        "yOffset": {"field": "whose", "sort": list(whose)},
        "x": {"field": "share", "type": "quantitative", "title": None, "axis": {"format": ".0%"}},
    }
    colour = {"field": "whose", "scale": {"domain": list(whose), "range": [OKABE_ITO[0], GREY]},
              "legend": {"orient": "top", "title": None, "labelLimit": 300, "columns": 1}}  # fmt: skip
    st.vega_lite_chart(
        values,
        {"height": {"step": 17}, "layer": [
            {"mark": {"type": "bar"}, "encoding": {**encoding, "color": colour}},
            {"mark": {"type": "text", "dx": 4, "align": "left", "color": GREY},
             "encoding": {**encoding, "text": {"field": "told"}}},
        ]},
        width="stretch",
    )  # fmt: skip
    head = " | ".join(words[name] for name in ("both", "their_share", "all_share", "lift"))
    lines = [f"| {head} |", "|---|--:|--:|--:|"]
    lines += [
        f"| {words[f'facet_{trait.facet}'].format(trait.value)} | {trait.share:.1%} | {trait.base:.2%} | "
        f"{trait.lift:.0f}\u00a0× |"
        for trait in traits
    ]
    st.markdown("\n".join(lines))


def _attention(key: str, words: Mapping[str, str]) -> Facts:
    with st.spinner(words["loading"]):
        table = _table()
    if table is None:
        st.info(words["no_space"])
        return {}
    kind = st.segmented_control(
        words["behaviour"], table.kinds, default=None, key=f"{key}_kind", format_func=lambda name: words[f"do_{name}"]
    )
    if kind is not None:
        _ages(table, kind, words)
    seen: set[str] = st.session_state.setdefault(f"{key}_seen", set())
    if kind is not None:
        seen.add(kind)
    return {"kinds": len(seen)}


def _ages(table: AttentionTable, kind: str, words: Mapping[str, str]) -> None:
    """A bar for each age of an event of a kind; ages with too few events are left out."""
    shares = table.share[table.kinds.index(kind)]
    known = [(age, share) for age, share in zip(table.ages, shares, strict=True) if share is not None]
    encoding = {
        "x": {"field": "age", "type": "nominal", "title": words["age"], "sort": table.ages, "axis": {"labelAngle": 0}},
        "y": {"field": "share", "type": "quantitative", "title": None, "scale": {"domain": [0, 0.8]},
              "axis": {"format": ".0%"}},
    }  # fmt: skip
    st.caption(words["attention"])
    values = [{"age": age, "share": share, "told": f"{share:.1%}"} for age, share in known]
    text = {**encoding, "text": {"field": "told"}}
    st.vega_lite_chart(
        values,
        {"height": 260, "layer": [
            {"mark": {"type": "bar", "color": OKABE_ITO[0], "size": 34}, "encoding": encoding},
            {"mark": {"type": "text", "dy": -8, "color": GREY}, "encoding": text},
        ]},
        width="stretch",
    )  # fmt: skip
    if kind in table.paper:
        young, old = table.paper[kind]
        st.caption(words["paper"].format(f"{young:.0%}", f"{old:.0%}"))
