"""Run names that a person can read aloud and a URL can carry."""

from __future__ import annotations

import re
import secrets

from core.errors import PrecedenceError

_FIRST = (
    "amber bold brave brisk bright calm clear clever cosy crisp deft eager early fair fleet fresh gentle glad golden "
    "grand happy keen kind light lively lucky merry mild neat noble plain proud quick quiet rapid ready sharp silver "
    "smooth snug solid spry steady sunny swift tidy true vivid warm wise"
)
_SECOND = (
    "acorn alder aspen badger beacon birch brook cedar cliff comet coral crane dune elm falcon fern finch fjord "
    "garnet glade grove hazel heron ibis iris jay lagoon lark linden lynx maple marten meadow moss oak opal osprey "
    "otter pebble pine plover quartz raven reed river robin rowan spruce swan tern thistle wren"
)
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that are easily confused
_ALLOWED = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


def new_run_id() -> str:
    """A fresh name such as `brisk-otter-k7mq`: no secret, only unlikely to meet another."""
    tail = "".join(secrets.choice(_LETTERS) for _ in range(4))
    return f"{secrets.choice(_FIRST.split())}-{secrets.choice(_SECOND.split())}-{tail}"


def is_run_id(name: str) -> bool:
    """Whether this can be a run's name."""
    return _ALLOWED.fullmatch(name) is not None


def checked_run_id(run_id: str) -> str:
    """The same name, if it can be a folder's name and nothing else: no path ever leaves the home folder."""
    if not is_run_id(run_id):
        raise PrecedenceError(
            f"{run_id[:80]!r} is not the name of a run: expected small letters, digits and dashes, at most 64; "
            "copy the name from the list of runs."
        )
    return run_id
