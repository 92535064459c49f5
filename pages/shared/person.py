"""Who looks at the page: the browser's own cookie or, with sign-in, the account."""

from __future__ import annotations

import functools
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.secrets import secrets_singleton

from core.errors import PrecedenceError
from core.runs.folder.run_folder import RunFolder
from core.runs.limits import limits
from core.server.owners import owner_of, sees
from core.server.people import NOBODY, Person, mark_of, new_cookie, person_of_claims, person_of_cookie
from core.server.rights import may
from core.server.shared import supervisor
from core.server.tabs import tabs

_OF_THE_TAB = "person_of_this_tab"


@functools.cache
def signs_in() -> bool:
    """Whether this server asks who somebody is: its secrets name a provider (OIDC). Looked up once, as at its start."""
    return bool(secrets_singleton.load_if_toml_exists() and secrets_singleton.get("auth"))


def me() -> Person:
    """The person; a browser that keeps no cookies is one as long as its tab is open."""
    if signs_in():
        if not st.user.is_logged_in:
            return NOBODY
        return person_of_claims(st.user.to_dict())
    person = person_of_cookie(st.context.cookies)
    if person != NOBODY:
        return person
    if _OF_THE_TAB not in st.session_state:
        st.session_state[_OF_THE_TAB] = new_cookie()
    return Person(mark_of(st.session_state[_OF_THE_TAB]), "member")


def refuse_too_many_tabs(person: Person) -> None:
    """A sentence instead of the page where the person has as many tabs open as one may."""
    context, most = get_script_run_ctx(), limits().tabs_a_person
    if context is not None and person.mark and not tabs.admits(person.mark, context.session_id, most):
        st.warning(
            f"Open tabs of yours: {most}, as many as one may have. Close some, then load this one again.",
            icon=":material/tab:",
        )
        st.stop()


def starter() -> Person:
    """The person, where they may start, change or bring something; else refused."""
    person = me()
    if not may(person, "start"):
        raise PrecedenceError("You are watching: sign in to start, change or bring something.")
    return person


def owner_mark() -> str:
    """What a new record says of its owner; refused for who may start nothing."""
    return starter().mark


def owns_run(run_id: str) -> bool:
    """Whether the run is this person's."""
    try:
        return may(me(), "steer", RunFolder(supervisor().home, run_id).about().owner)
    except PrecedenceError:  # damaged or deleted
        return may(me(), "administer")


def owns_thing(thing: Path | str) -> bool:
    """Whether something that was brought is this person's; what is nobody's is the admin's."""
    return may(me(), "remove", owner_of(thing))


def sees_thing(thing: Path | str) -> bool:
    """Whether something that was brought stands in this person's lists."""
    return sees(me(), thing)


def sees_run(run_id: str) -> bool:
    """Whether the run stands in this person's lists: own, shared, or made from the command line."""
    try:
        about = RunFolder(supervisor().home, run_id).about()
    except PrecedenceError:
        return False
    return about.shared or not about.owner or may(me(), "see_all") or may(me(), "steer", about.owner)
