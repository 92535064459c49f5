"""Changes by hand: those tried out, which only this session sees, and those kept, which hold for everybody."""

from __future__ import annotations

import time

import streamlit as st

from core.data.reading.container import ENDINGS
from core.home import home
from core.narration.relevance import impact_sentence
from core.relevance.evaluation.impact import Moved, concerned, impact
from core.relevance.overrides import Kept, Override, conflicts, read_overrides, to_json
from core.relevance.stores.catalogue import JudgedQuery
from core.server import search
from core.server.owners import set_owner
from core.temporary import temporary_folder
from pages.relevance.search import SearchSession
from pages.relevance.state import RelevanceState
from pages.shared.errors import show_errors
from pages.shared.person import owner_mark, owns_thing
from pages.shared.reading import read_confined, saved
from pages.shared.recent_runs import ago

MOST_AUDIT = 100
NOT_YOURS = "Somebody else's: only they, the catalogue's owner or an admin undo it"


def tried(state: RelevanceState, session: SearchSession) -> None:
    """What this session tries out; ranks already show it."""
    st.markdown("**Draft: only you see it**")
    for place, draft in enumerate(state.drafts):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.text(_sentence(draft, session), width="stretch")
            if st.button("", icon=":material/undo:", key=f"relevance_drop_{place}", help="Take this one back"):
                state.drafts.pop(place)
                st.rerun()
    _warnings(state, session)
    _impact(session)
    with st.container(horizontal=True):
        with st.popover("Keep for everybody", icon=":material/check:", type="primary"), st.form("relevance_keep"):
            who = st.text_input("Your name", value=state.who, max_chars=80)
            why = st.text_input("Why", max_chars=200, placeholder="covers are no sofas")
            if st.form_submit_button("Keep", type="primary"):
                _keep(state, session, who.strip(), why.strip())
        if st.button("Discard all", icon=":material/delete:"):
            state.drafts = []
            st.rerun()


def _impact(session: SearchSession) -> None:
    """Before and after over every judged query that the drafts can touch; what they harm stands first."""
    asked = JudgedQuery(session.query, {})
    judged = [query for query in session.catalogue.queries if query.text != session.query]
    asked = next((query for query in session.catalogue.queries if query.text == session.query), asked)
    began = time.perf_counter()
    found = impact(session.kept, session.tried, [asked, *concerned(session.kept, session.tried, judged)])
    milliseconds = 1e3 * (time.perf_counter() - began)
    st.text(impact_sentence(found))
    with st.expander(f"Each query before and after ({milliseconds:.0f} ms)"):
        st.dataframe(
            [
                {"query": one.query, "first ten": _first_ten(one),
                 "NDCG@10 before": one.ndcg_before, "after": one.ndcg_after, "not judged": one.unjudged}
                for one in sorted(found.queries, key=lambda one: (one.step, not one.changed))
            ],
            hide_index=True,
            column_config={name: st.column_config.NumberColumn(format="%.3f") for name in ("NDCG@10 before", "after")},
        )  # fmt: skip


def _first_ten(moved: Moved) -> str:
    if moved.entered:
        return f"{moved.entered} new"
    return "reordered" if moved.changed else "as before"


def _keep(state: RelevanceState, session: SearchSession, who: str, why: str) -> None:
    if not who or not why:
        st.warning("Say who you are and why: whoever meets the change later wants to know.")
        return
    mark = owner_mark()
    log, name = search.overrides(), session.catalogue.name
    known = {one.id for one in log.all(name)}
    log.keep(name, state.drafts, who, why)
    for one in log.all(name):
        if one.id not in known:
            set_owner(_thing(one), mark)
    state.who, state.drafts = who, []
    st.rerun()


def _thing(one: Kept) -> str:
    return f"override/{one.id}"


def _warnings(state: RelevanceState, session: SearchSession) -> None:
    """Rules that stand in each other's way, and those that do nothing here."""
    listed = [*session.overrides, *state.drafts]
    for sentence in (*conflicts(listed, session.tried.index), *session.tried.rules.skipped):
        st.text(f"⚠ {sentence}")


def kept(state: RelevanceState, session: SearchSession) -> None:
    """What holds for everybody, what was undone, and who did it."""
    log = search.overrides()
    every = log.all(session.catalogue.name)
    st.markdown("**Published rules**")
    if not every:
        st.caption("Nothing yet. Strike out a word of the open product or change a weight, then keep what works.")
    for one in reversed(every):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            said = f"{_sentence(one.override, session)}: {one.why} ({one.who}, {ago(time.time() - one.made)})"
            st.text(f"undone: {said}" if one.undone else said, width="stretch")
            label, icon = ("Restore", ":material/redo:") if one.undone else ("Undo", ":material/undo:")
            mine = owns_thing(_thing(one)) or owns_thing(home() / "catalogues" / session.catalogue.name)
            if st.button("", icon=icon, key=f"relevance_turn_{one.id}", help=label if mine else NOT_YOURS,
                         disabled=not mine):  # fmt: skip
                change = log.restore if one.undone else log.undo
                change(session.catalogue.name, one.id, state.who or "somebody")
                st.rerun()
    with st.container(horizontal=True):
        st.download_button(
            "Export",
            to_json(session.overrides),
            "overrides.json",
            "application/json",
            icon=":material/download:",
            disabled=not session.overrides,
        )
        with st.popover("Import", icon=":material/upload_file:"):
            _import(state, session)
        with st.popover("Who changed what", icon=":material/history:"):
            entries = log.audit(session.catalogue.name, MOST_AUDIT)
            if entries:
                table = [
                    {
                        "when": ago(time.time() - one.time),
                        "who": one.who,
                        "what": one.what,
                        "said": one.said,
                        "why": one.why,
                    }
                    for one in entries
                ]
                st.dataframe(table, hide_index=True)
            else:
                st.caption("Nothing happened yet.")


def _import(state: RelevanceState, session: SearchSession) -> None:
    file = st.file_uploader(
        "A file as the export makes it, or a table with word, action, value, scope and target",
        list(ENDINGS),
        key=f"relevance_import_{state.imports}",
    )
    if file is None:
        return
    read: list[Override] = []
    with show_errors(), temporary_folder() as place:
        read = read_confined(read_overrides, saved(file, place))
    if not read:
        return
    st.caption(f"{len(read)} changes. They are tried out first; keep them when the ranks are right.")
    if st.button("Try them out", type="primary"):
        for override in read:
            state.try_out(override)
        state.imports += 1
        st.rerun()


def _sentence(override: Override, session: SearchSession) -> str:
    """In words, with a product's title instead of its key."""
    said = override.words(override.product(session.tried.index))
    return said[:1].upper() + said[1:]
