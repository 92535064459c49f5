"""The state of the page as its URL: which run, which baseline, which settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import PrecedenceError
from core.runs.names import checked_run_id
from core.training.address import from_query, to_query
from core.training.config import RunConfig

RUN, BASELINE, LESSON = "run", "baseline", "lesson"
OWN = (RUN, BASELINE, LESSON)
"""Parameters of the page itself; every other one belongs to the run config."""


@dataclass(frozen=True)
class Address:
    """What a URL asks for; `config` is None where it says nothing about settings, `problems` are sentences."""

    run: str | None = None
    baseline: str | None = None
    lesson: bool = False
    config: RunConfig | None = None
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
    return Address(runs.get(RUN), runs.get(BASELINE), parameters.get(LESSON) == "1", config, tuple(problems))


def write_address(run: str | None, baseline: str | None, lesson: bool, config: RunConfig) -> dict[str, str]:
    """The parameters that `read_address` reads as the same state; defaults are left out."""
    own = {RUN: run, BASELINE: baseline, LESSON: "1" if lesson else None}
    return {**to_query(config), **{name: value for name, value in own.items() if value}}
