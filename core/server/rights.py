"""Who may do what: the one table that pages ask, that the documents show, and that the tests go through."""

from __future__ import annotations

from dataclasses import dataclass

from core.server.people import ROLES, Person, Role


@dataclass(frozen=True)
class Right:
    """`least` role; `own`: only for what is one's own (for an admin everything is); `title` for the documents."""

    title: str
    least: Role
    own: bool = False


RIGHTS: dict[str, Right] = {
    "see": Right("open pages, watch a run or a sweep by its link, see what is shared", "nobody"),
    "start": Right("start runs and sweeps, bring files, keep changes by hand", "member"),
    "steer": Right("pause, stop, edit, resume, name, share or delete a run", "member", own=True),
    "steer_sweep": Right("pause or cancel a sweep", "member", own=True),
    "remove": Right("take away a table or a catalogue", "member", own=True),
    "undo": Right("undo or restore a change by hand", "member", own=True),
    "see_all": Right("see everybody's runs in the lists", "teacher"),
    "stop_any": Right("stop anybody's run", "teacher"),
    "administer": Right("the admin page: workers, queue, people, clean-up", "admin"),
}


def may(person: Person, right: str, owner: str = "") -> bool:
    """Whether the person may; `owner` is the mark in the record that it is about."""
    asked = RIGHTS[right]
    if ROLES.index(person.role) < ROLES.index(asked.least):
        return False
    return not asked.own or person.role == "admin" or (bool(person.mark) and person.mark == owner)


ROUTES: dict[str, str] = {
    "/api/runs/{token}/events": "whoever knows the run's word, from this site's own pages",
    "/api/runs/{token}/events.jsonl": "whoever knows the run's word, from this site's own pages",
    "/vendor/plotly.min.js": "everybody",
    "/api/example/{began:int}/events": "everybody, from this site's own pages",
    "/api/geometry": "everybody, from this site's own pages",
    "/assets/{version}/{path:path}": "everybody",
    "/healthz": "everybody: `ok` or `unwell`; what is wrong, version, figures: the admin, and programs on this machine",
    "/metrics": "everybody: figures alone",
    "/sign_in": "everybody: an empty page",
    "/api/sign_in": "who brings the console's one-time code, once, from this site's own pages",
}
"""The program's own routes, each with who may use it; all of them only under a name of this server."""

PEOPLE = {
    "nobody": Person("", "nobody"),
    "watcher": Person("w" * 24, "watcher"),
    "owner": Person("o" * 24, "member"),
    "other member": Person("x" * 24, "member"),
    "teacher": Person("t" * 24, "teacher"),
    "admin": Person("a" * 24, "admin"),
}
"""The columns of the tables: one person of each kind; what they are about is the owner's."""


def table() -> list[tuple[str, ...]]:
    """A row for each right: its title, and for each column yes or no."""
    return [(one.title, *answers(name)) for name, one in RIGHTS.items()]


def answers(right: str) -> tuple[str, ...]:
    """Yes or no for each column."""
    return tuple("yes" if may(person, right, owner=PEOPLE["owner"].mark) else "no" for person in PEOPLE.values())


def heads(first: str) -> list[str]:
    """The head of a table with a column for each kind of person."""
    return [f"| {first} | " + " | ".join(PEOPLE) + " |", "|---" * (len(PEOPLE) + 1) + "|"]


def markdown() -> str:
    """Both tables, as docs/operation.md has them; that of the pages beside them: pages/navigation.py."""
    rows = [*heads("may"), *("| " + " | ".join(row) + " |" for row in table())]
    rows += ["", "| route | who |", "|---|---|"]
    rows += [f"| `{path}` | {who} |" for path, who in ROUTES.items()]
    return "\n".join(rows)
