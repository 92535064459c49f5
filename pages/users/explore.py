"""Trying things out with one user: three queries side by side, an event more or less, what a daily update moves."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core.charts import users as charts
from core.errors import PrecedenceError
from core.server import user_updates
from core.users.embedding.composed import MadeEvent, with_change
from core.users.embedding.embedders import embedder
from core.users.neighbours.floor import offered
from core.users.search import favourites, find_items
from core.users.spaces.space import Space, SpaceChoice
from pages.shared.markdown_escape import plain
from pages.shared.repeating import repeating
from pages.users.history import IDEAS, calculated, events_of, reading
from pages.users.neighbours import COUNT, fitted, nearest
from pages.users.state import Shown, UsersState, content

QUERIES, NEXT, CHANGE, UPDATE = "Three queries", "What comes next", "One event more or less", "The daily update"
MOST_REMOVED = 30  # events that can be taken away: the latest
LEAST = 0.0005  # a change of a probability that is told


def explore_card(state: UsersState, who: Shown, found: Space, dupn: SpaceChoice | None) -> None:
    """Nothing is calculated before a part is chosen."""
    st.subheader("Try it out", anchor=False)
    parts = [QUERIES, NEXT, CHANGE, UPDATE] if dupn is not None else [CHANGE]
    part = st.segmented_control("Try it out", parts, label_visibility="collapsed", key=f"users_try_{len(parts)}")
    if part == QUERIES and dupn is not None:
        _queries(state, who, dupn)
    elif part == NEXT and dupn is not None:
        _next(state, who, dupn)
    elif part == CHANGE:
        _change(state, who, found, dupn)
    elif part == UPDATE and dupn is not None:
        _update(dupn)


def _asked(who: Shown, state: UsersState) -> tuple[str | None, list[list[Any]]]:
    made = [[event.item, event.behaviour, event.hours] for event in state.place.made]
    return (None, made) if who.made else (str(who.everyone.histories.users[who.number]), [])


def _queries(state: UsersState, who: Shown, dupn: SpaceChoice) -> None:
    likes = [value for value, _ in favourites(who.everyone, who.number)]
    ideas = list(dict.fromkeys([*([state.place.query] if state.place.query else []), *likes, *IDEAS]))
    chosen = st.multiselect(
        "Queries", ideas, ideas[:3], max_selections=3, accept_new_options=True, key=f"users_three_{state.version}",
        help="Up to three; any words will do.",
    )  # fmt: skip
    user, made = _asked(who, state)
    answers = [(query, reading(dupn, user, made, str(query)[:80])["attention"]) for query in chosen]
    most = max((max(attention, default=0) for _, attention in answers), default=0)
    for column, (query, attention) in zip(st.columns(3), answers, strict=False):
        with column:
            st.markdown(f"**{plain(str(query))}**")
            events = [event for event in events_of(who, attention) if event["attention"] is not None]
            names = [str(name) for name in who.everyone.histories.names["behaviour"][1:]]
            st.vega_lite_chart(charts.strip(events, names, most), width="stretch", key=f"users_strip_{query}")
            shares: dict[str, float] = {}
            for event in events:
                shares[event["category"]] = shares.get(event["category"], 0) + event["attention"]
            top = sorted(shares.items(), key=lambda pair: -pair[1])[:3]
            st.caption(plain(", ".join(f"{name or 'unknown'} {share:.0%}" for name, share in top)))
    st.caption("The same history under each query, oldest event on the left: a taller bar counts more for that query.")


def _next(state: UsersState, who: Shown, dupn: SpaceChoice) -> None:
    """The likeliest of the items that the user had before, and of the others."""
    user, made = _asked(who, state)
    found = reading(dupn, user, made, "")
    if not found["next_new"]:
        st.caption(
            "This network was not trained to foresee the next event; train one with the task *Foresee the next event* "
            "of its data set (`dataset.next_event=true`)."
        )
        return
    histories = who.everyone.histories
    percent = {"Chance": st.column_config.NumberColumn(format="%.2f %%", width="small")}  # seen on a phone too
    titles = {"next_again": "Had before", "next_new": "New to this user"}
    for column, (name, title) in zip(st.columns(2), titles.items(), strict=True):
        rows = [
            {
                "Chance": 100 * chance,
                "Item": str(histories.items.title[item]),
                "Category": str(histories.names["category"][histories.items.category[item]]),
            }
            for item, chance in found[name]
        ]
        column.markdown(f"**{title}**")
        column.dataframe(rows, hide_index=True, column_config=percent, key=f"users_{name}")
    st.caption(
        "The chance that an item is the next one, of all items; no query enters. What the user had counts by kind and "
        "age of event; what is new is what the network puts nearest to this history."
    )


def _change(state: UsersState, who: Shown, found: Space, dupn: SpaceChoice | None) -> None:
    if who.made:
        st.caption("A composed user is changed under Compose one.")
        return
    without, added = _event(state, who)
    if without is None and added is None:
        st.caption("Take one event away or add one: what the model expects, and who is alike, is read again.")
        return
    changes = {"without": without, "added": None if added is None else [added.item, added.behaviour, added.hours]}
    left, right = st.columns(2)
    with left:
        if dupn is None:
            st.caption("What is expected next is said by a trained DUPN; there is none for these users.")
        else:
            _answers(dupn, str(who.everyone.histories.users[who.number]), changes)
    with right:
        _neighbours(state, who, found, changes, without, added)


def _event(state: UsersState, who: Shown) -> tuple[int | None, MadeEvent | None]:
    """The event that is taken away, by its place from the newest, or the one that is added."""
    histories = who.everyone.histories
    events = events_of(who, None)[::-1][:MOST_REMOVED]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        labels = {
            at: f"{event['behaviour']}: {event['title'][:50]}, {event['when']}" for at, event in enumerate(events)
        }
        key = f"{state.version}_{who.number}"
        without = st.selectbox(
            "Without", list(labels), None, labels.__getitem__, placeholder="an event", key=f"users_without_{key}"
        )
        words = st.text_input("With one of", placeholder="words of an item", key=f"users_with_{key}", width=220)
        numbers = find_items(histories, words)
        titles = {number: str(histories.items.title[number]) for number in numbers}
        item = st.selectbox("Item", numbers, format_func=titles.__getitem__, disabled=not numbers, width=260)
        kinds = [str(name) for name in histories.names["behaviour"][1:]]
        kind = st.selectbox("What", kinds, len(kinds) - 1, width=150, disabled=not numbers)
    added = None if item is None or not numbers else MadeEvent(str(histories.items.name[item]), str(kind), 1.0)
    return without, added


def _answers(dupn: SpaceChoice, user: str, changes: dict[str, Any]) -> None:
    """What the heads answer, before and after."""
    before, after = reading(dupn, user, [], ""), reading(dupn, user, [], "", changes)
    now = {name: share for name, share, _ in after["categories"]}
    rows = [
        {"Category": name, "Before": share, "After": now[name], "Change": now[name] - share}
        for name, share, _ in before["categories"]
        if name in now
    ]
    fresh = [name for name in now if name not in {row["Category"] for row in rows}]
    column = st.column_config.NumberColumn
    percent = {name: column(format="percent") for name in ("Before", "After", "Change")}
    st.dataframe(rows, hide_index=True, column_config=percent)
    said = "Mean click probability of the categories to click."
    if fresh:
        said += f" New among them: {', '.join(fresh)}."
    if before["levels"]:
        was, is_ = (1 + float(np.dot(np.arange(len(a["levels"])), a["levels"])) for a in (before, after))
        said += f" Expected price level {was:.2f} → {is_:.2f}."
    st.caption(plain(said))


def _neighbours(
    state: UsersState,
    who: Shown,
    found: Space,
    changes: dict[str, Any],
    without: int | None,
    added: MadeEvent | None,
) -> None:
    """Who stays among the ten nearest, who comes, who goes."""
    index, choice, histories = found.index, state.choice(), who.everyone.histories
    if index is None:
        st.caption("The neighbours come with the embedding.")
        return
    own = str(histories.users[who.number])
    changed = with_change(histories, who.number, without, added)
    if embedder(choice.model).needs_torch:
        asked = {"model": choice.model, "source": choice.source, "path": choice.path, "user": own, **changes}
        vector = np.asarray(calculated("embed_composed", asked, choice.name()), dtype=np.float32)
    else:
        embed = fitted(choice.model, state.place.source, content(state.place.source))
        vector = embed(changed, len(changed) - 1, lambda done: None)[0]
    near = [each for each in index.search(vector[None], COUNT + 1)[0] if each.user != own][:COUNT]
    after, _ = offered(near, changed, len(changed) - 1, index.similarity)
    before = {each.user for each in nearest(state, who, found)[0]}
    come = [each.user for each in after if each.user not in before]
    go = sorted(before - {each.user for each in after})
    st.markdown(f"**{len(before) - len(go)} of {len(before)} neighbours stay**")
    lines = [f"{what}: {', '.join(names)}" for what, names in (("come", come), ("go", go)) if names]
    st.text("\n".join(lines) or "Nobody comes or goes.")


def _update(dupn: SpaceChoice) -> None:
    st.caption(
        "Every day the network learns the newest day and goes over the ten before it again, so that nothing old is "
        "forgotten. This shows what one such day moves; the model that the page uses stays as it is."
    )
    try:
        said = user_updates.status(dupn)
    except PrecedenceError as error:
        st.info(plain(str(error)))
        return
    if said is not None:
        _progress(dupn)
        return
    result = user_updates.result(dupn)
    if st.button("Update with the newest day" if result is None else "Update again", icon=":material/update:"):
        user_updates.start(dupn)
        st.rerun()
    if result is not None:
        _moved(result)


@repeating(1)
def _progress(dupn: SpaceChoice) -> None:
    said = user_updates.status(dupn)
    if said is None:
        st.rerun()
    elif said.problem is not None:
        st.error(plain(said.problem), icon=":material/error:")
        if st.button("Try again"):
            user_updates.forget(dupn)
            st.rerun()
    else:
        st.progress(said.part or 0.0, text=f"Updating: {said.words}")


def _moved(result: dict[str, Any]) -> None:
    moved, change = result["moved"], result["change"]
    left, middle, right = st.columns(3)
    left.metric("Loss of the day after", f"{change['tomorrow']:+.2%}", border=True)
    middle.metric("Loss of old days", f"{change['old']:+.2%}", border=True)
    right.metric("Neighbours that stay", f"{moved['kept']:.0%}", border=True)
    st.caption(
        plain(
            f"{result['day']}: the median of {moved['users']:,} users moved by {moved['way']:.4f} (1 − cosine of "
            f"before and after), {moved['new_items']} items are new to the network. Farthest went user "
            f"{', user '.join(name for name, _ in moved['farthest'][:3])}, and of the items "
            f"{', '.join(title for title, _ in moved['items'][:3])}."
        )
    )
