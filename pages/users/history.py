"""What the user did, what the model looks at in it under a query, and what it expects next."""

from __future__ import annotations

import json
import time
from concurrent.futures import Future
from typing import Any

import streamlit as st

from core.charts import users as charts
from core.data.histories.histories import LEVELS, Histories
from core.errors import PrecedenceError
from core.server.shared import calculator
from core.users.embedding.attended import attention_on
from core.users.search import favourites
from core.users.spaces.space import SpaceChoice
from pages.shared.markdown_escape import plain
from pages.users.state import Shown, UsersState
from pages.users.training import training_card

MOST_SHOWN = 100  # events of the picture: the latest, which are all that a network reads
MOST_KEPT = 500  # answers of the network
READING_SECONDS = 60.0  # the first reading loads events and weights
DAY = 86_400
LEAST_TOLD = 0.005  # share of the attention
NEARLY_EQUAL = 1.3  # times an equal share
NO_QUERY = "no query"
IDEAS = ("laptop", "camera", "dress", "coffee", "running shoes", "sofa", "lipstick", "toy car", "phone case", "耳机")


def history_card(state: UsersState, who: Shown) -> None:
    """The timeline, with attention and expectations where the model has them."""
    histories = who.everyone.histories
    part = histories.of(who.number)
    count = part.stop - part.start
    likes = [value for value, _ in favourites(who.everyone, who.number)]
    known = [f"{name} {values[who.number]}" for name, values in histories.profile.items() if values[who.number]]
    said = ("1 event" if count == 1 else f"{count:,} events") + (f", mostly {', '.join(likes)}" if likes else "")
    st.subheader(plain(who.name), anchor=False)
    st.caption(plain(f"{said}. {', '.join(known) if known else 'Nothing else is known.'}"))
    if histories.vectors is not None:
        st.info("Nothing is known here but a vector: neighbours and map are made of it.")
        return
    if not count:
        st.info("This user has done nothing yet: the model knows the profile alone.")
        return
    reads = state.dupn() is not None
    answer: dict[str, Any] | None = None
    if reads:
        query = st.selectbox(
            "Attention under the query", [NO_QUERY, *_ideas(state.place.query)], accept_new_options=True,
            index=1 if state.place.query else 0, key=f"users_query_{state.version}", width=330,
            help="Choose one or type any words: the attention asks which events matter for this query.",
        )  # fmt: skip
        state.go(query="" if query in (None, NO_QUERY) else str(query)[:80])
        answer = _ask(state, who, state.place.query)
    _timeline(who, None if answer is None else answer["attention"])
    if answer is not None:
        without = _ask(state, who, "") if state.place.query else None
        _attended(who, answer["attention"], state.place.query, None if without is None else without["attention"])
        _expected(who, answer, state.place.query)
    elif not reads:
        training_card(state)


def _ideas(own: str) -> list[str]:
    return ([own] if own else []) + [idea for idea in IDEAS if idea != own]


def _ask(state: UsersState, who: Shown, query: str) -> dict[str, Any] | None:
    """What the network says; the page goes on without it where it cannot."""
    made = [[event.item, event.behaviour, event.hours] for event in state.place.made]
    user = None if who.made else str(who.everyone.histories.users[who.number])
    try:
        return reading(state.dupn(), user, made, query)
    except PrecedenceError as error:
        st.warning(plain(str(error)), icon=":material/error:")
        return None


def reading(
    dupn: SpaceChoice | None,
    user: str | None,
    made: list[list[Any]],
    query: str,
    changes: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """One user under one query, as the DUPN of a space reads it; with `changes` as if an event had not been or had."""
    if dupn is None:
        raise PrecedenceError("There is no trained DUPN for these users; train one first.")
    asked = {"source": dupn.source, "path": dupn.path, "model": dupn.model, "user": user, "made": made, "query": query}
    asked |= changes or {}
    found: dict[str, Any] = calculated("user", asked, dupn.name())
    return found


def calculated(name: str, asked: dict[str, Any], mark: str = "") -> Any:
    """What a network answers, in the side process; a click meanwhile is not made to wait for it.

    `mark` changes when the same question would get another answer: another model or other events under the same name.
    """
    futures, key = _futures(), json.dumps([name, asked, mark])
    future = futures.get(key)
    if future is None or (future.done() and future.exception() is not None):
        while len(futures) >= MOST_KEPT:
            futures.pop(next(iter(futures)), None)
        future = futures[key] = calculator().submit(name, asked, READING_SECONDS)
    note = st.empty()
    while not future.done():
        note.caption("The network reads the history.")  # every such call lets a newer click interrupt this one
        time.sleep(0.1)
    note.empty()
    return future.result()


@st.cache_resource(show_spinner=False)
def _futures() -> dict[str, Future[Any]]:
    """Answers of the side process, and those on their way, of all sessions."""
    return {}


def events_of(who: Shown, attention: list[float] | None) -> list[dict[str, Any]]:
    """The latest events as the picture has them, oldest first; `attention` is that of the latest of them."""
    histories = who.everyone.histories
    part = histories.of(who.number)
    start = max(part.start, part.stop - MOST_SHOWN)
    read = 0 if attention is None else len(attention)
    now = int(histories.time.max())
    items, names = histories.items, histories.names
    events = []
    for place, at in enumerate(range(start, part.stop)):
        item = histories.item[at]
        behind = part.stop - 1 - at
        events.append(
            {
                "place": place,
                "when": _when(int(histories.time[at]), now),
                "behaviour": str(names["behaviour"][histories.behaviour[at]]) or "unknown",
                "title": str(items.title[item]),
                "category": str(names["category"][items.category[item]]),
                "brand": str(names["brand"][items.brand[item]]),
                "price": int(items.price_level[item]) or None,
                "attention": attention[read - 1 - behind] if attention is not None and behind < read else None,
            }
        )
    return events


def _when(moment: int, now: int) -> str:
    told = time.strftime("%a %d %b %Y, %H:%M", time.gmtime(moment))
    days = (now - moment) / DAY
    return f"{told} ({days:.0f} days before the end)" if days >= 1 else f"{told} (the last day)"


def _timeline(who: Shown, attention: list[float] | None) -> None:
    events = events_of(who, attention)
    names = [str(name) for name in who.everyone.histories.names["behaviour"][1:]]
    spec = charts.history(events, names, attention is not None)
    with st.container(key="users_timeline" if attention is None else "users_timeline_attended"):
        st.vega_lite_chart(spec, width="stretch", key="users_timeline_chart")
    first, last = events[0]["when"].split(" (")[0], events[-1]["when"].split(" (")[0]
    st.caption(f"Oldest on the left ({first}), newest on the right ({last}); an event a column.")


def _attended(who: Shown, attention: list[float], query: str, without: list[float] | None) -> None:
    """The strip in words: where most of the attention goes, and how much of it the query moved."""
    events = [event for event in events_of(who, attention) if event["attention"] is not None]
    by_category: dict[str, float] = {}
    for event in events:
        by_category[event["category"]] = by_category.get(event["category"], 0) + event["attention"]
    top = sorted(by_category.items(), key=lambda pair: -pair[1])[:3]
    told = ", ".join(f"{name} {share:.0%}" for name, share in top)
    under = f"Under “{query}”" if query else "Without a query"
    said = f"{under} the attention goes to {told}. An equal share would be {1 / len(events):.1%} an event."
    if max(attention) < NEARLY_EQUAL / len(events):
        said += " This network hardly tells one event from another."
    if without is not None:
        moved = sum(abs(one - other) for one, other in zip(attention, without, strict=True)) / 2
        said += f" The query moved {moved:.1%} of it to other events."
    st.text(said)


def _attention_on(histories: Histories, user: int, attention: list[float], number: int) -> str:
    """In words: the share of the attention that lies on events of an item's category, its brand, itself."""
    shares = attention_on(histories, user, attention, number)
    return ", ".join(f"{name} {share:.0%}" for name, share in shares.items() if share >= LEAST_TOLD) or "–"


def _expected(who: Shown, answer: dict[str, Any], query: str) -> None:
    """The heads' words: price level of the next purchase, and what would be clicked."""
    histories = who.everyone.histories
    items = histories.items
    left, right = st.columns(2)
    with left:
        st.markdown("**Price level of the next purchase**")
        rows = [{"name": f"{level + 1} of {LEVELS}", "share": share} for level, share in enumerate(answer["levels"])]
        st.vega_lite_chart(charts.bars(rows, "probability"), width="stretch", key="users_levels")
    with right:
        st.markdown("**Categories to click**")
        rows = [{"name": name, "share": share, "everyone": base} for name, share, base in answer["categories"]]
        st.vega_lite_chart(
            charts.bars(rows, "mean click probability", "everyone"), width="stretch", key="users_categories"
        )
        st.caption("Mean over the category's items; the grey tick is the mean of all items.")
    st.markdown("**Items to click next**")
    rows = [
        {
            "Click": share,
            "Item": str(items.title[number]),
            "Attention on": _attention_on(histories, who.number, answer["attention"], number),
            "Price level": int(items.price_level[number]),
        }
        for number, share in answer["items"]
    ]
    st.dataframe(
        rows,
        hide_index=True,
        column_config={
            "Click": st.column_config.NumberColumn(format="percent", width=60),
            "Item": st.column_config.TextColumn(width="medium"),
            "Attention on": st.column_config.TextColumn(
                help="How much of the attention lies on events of the item's category, its brand and the item itself: "
                "the network is told so of every item it scores, and of its shop."
            ),
        },
    )
    if query:
        st.caption("As if all items fitted the query alike: what it changed is the attention.")
