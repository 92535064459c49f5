"""The What-if page in one browser session: which sweep, which point, which baseline, how drawn; kept in the URL."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.charts.front import VIEWS, View
from core.errors import PrecedenceError
from core.methods.interface import ToleranceKind
from core.runs.folder.names import checked_run_id
from core.sweeps.outcome import MEASURES, Measure
from pages.run_form.tolerance_unit import UNITS
from pages.shared.url import Url
from pages.shared.view_state import one_of, open_view, read_fields

KEY = "whatif_page"
MOST_LOST = 1e6


@dataclass(frozen=True)
class WhatIfView:
    """Where a person is; `point` and `baseline` are settings of the sweep, `ask` to `on` the question."""

    sweep: str | None = None
    point: int | None = None
    baseline: int | None = None
    view: View = "two"
    measure: Measure = "loss"
    key: str | None = None  # of an address of an earlier version: the sweep's control key
    ask: str | None = None  # the question: which task may lose,
    lose: float | None = None  # how much, as a person writes it: in per cent where the unit is a share,
    unit: ToleranceKind | None = None
    gain: str | None = None  # what gains by it,
    on: str | None = None  # and in which settings: a data set's default run, or those of a run


@dataclass
class WhatIf:
    """`version` changes when the URL brings a new place: only then are widgets filled anew."""

    place: WhatIfView = field(default_factory=WhatIfView)
    problems: list[str] = field(default_factory=list)
    version: int = 0
    url: Url = field(default_factory=Url)

    def go(self, **changes: Any) -> None:
        """Another place on the page; another sweep has other points."""
        if "sweep" in changes and changes["sweep"] != self.place.sweep:
            changes = {"point": None, "baseline": None, "key": None, **changes}
        self.place = replace(self.place, **changes)

    def write_address(self) -> None:
        """Makes the URL show the same again."""
        self.url.show(write_view(self.place))


def open_state() -> WhatIf:
    """This session's page, at the place that the URL asks for."""
    return open_view(KEY, WhatIf, read_view)


def read_view(parameters: Mapping[str, str]) -> tuple[WhatIfView, list[str]]:
    """The place that a URL asks for; what cannot be read is left out and told in a sentence each."""
    return read_fields(WhatIfView(), parameters, _READERS)


def write_view(place: WhatIfView) -> dict[str, str]:
    """The parameters that `read_view` reads as the same place; defaults are left out, and so is a key."""
    default, place = WhatIfView(), replace(place, key=None)
    pairs = ((name, getattr(place, name), getattr(default, name)) for name in WhatIfView.__dataclass_fields__)
    return {name: str(value) for name, value, usual in pairs if value is not None and value != usual}


def _number(text: str) -> int:
    if not text.isdigit() or len(text) > 6:
        raise PrecedenceError(f"'{text[:40]}' in the address is no point; expected a whole number.")
    return int(text)


def _amount(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < MOST_LOST:
        raise PrecedenceError(f"'{text[:40]}' in the address is no amount to lose; expected a number above 0.")
    return value


def _task(text: str) -> str:
    return text[:120]  # checked against the data set


_OLD_MEASURES = {"slice": "validation"}  # in links from before

_READERS: dict[str, Callable[[str], object]] = {
    "sweep": checked_run_id,
    "point": _number,
    "baseline": _number,
    "view": lambda text: one_of(text, VIEWS, "view"),
    "measure": lambda text: one_of(_OLD_MEASURES.get(text, text), MEASURES, "measure"),
    "key": lambda text: text[:80],  # checked against the sweep's own
    "ask": _task,
    "lose": _amount,
    "unit": lambda text: one_of(text, UNITS, "unit"),
    "gain": _task,
    "on": _task,
}
