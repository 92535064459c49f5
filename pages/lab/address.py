"""The state of the page as its URL: which run, which baseline, which settings; once also a key, which is still read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from core.errors import PrecedenceError
from core.runs.folder.names import checked_run_id
from core.settings.address import from_query, to_query
from core.settings.run import RunConfig

RUN, KEY, BASELINE, LESSON = "run", "key", "baseline", "lesson"
OWN = (RUN, KEY, BASELINE, LESSON)
"""Parameters of the page itself; every other one belongs to the run config."""


@dataclass(frozen=True)
class Address:
    """What a URL asks for; `config` is None where it says nothing about settings, `problems` are sentences."""

    run: str | None = None
    baseline: str | None = None
    lesson: bool = False
    config: RunConfig | None = None
    key: str | None = None
    problems: tuple[str, ...] = ()


def read_address(parameters: Mapping[str, str]) -> Address:
    """Reads a URL's parameters; what cannot be read is left out and told in one sentence each."""
    problems: list[str] = []
    runs: dict[str, str] = {}
    for name in (RUN, BASELINE):
        if parameters.get(name):
            try:
                runs[name] = checked_run_id(parameters[name])
            except PrecedenceError as error:
                problems.append(str(error))
    settings = {name: value for name, value in parameters.items() if name not in OWN}
    config = None
    if settings:
        try:
            config = from_query(settings)
        except PrecedenceError as error:
            problems.append(f"{error} The page shows its default settings instead.")
    lesson, key = parameters.get(LESSON) == "1", parameters.get(KEY) or None
    return Address(runs.get(RUN), runs.get(BASELINE), lesson, config, key, tuple(problems))


def write_address(run: str | None, baseline: str | None, lesson: bool, config: RunConfig) -> dict[str, str]:
    """The parameters that `read_address` reads as the same state; defaults are left out."""
    own = {RUN: run, BASELINE: baseline, LESSON: "1" if lesson else None}
    return {**to_query(config), **{name: value for name, value in own.items() if value}}


def link_to_watch(page: str, run: str, baseline: str | None = None, lesson: bool = False) -> str:
    """The address, at the URL of `page`, under which others see a run; without its key, so they steer nothing.

    It names no settings: whoever opens it finds those of the run as it then is.
    """
    own = {RUN: run, BASELINE: baseline, LESSON: "1" if lesson else None}
    return f"{page}?{urlencode({name: value for name, value in own.items() if value})}"
