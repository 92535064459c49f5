"""Colours with one meaning everywhere: colour is the task, grey is the baseline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

OKABE_ITO = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9")
"""Okabe and Ito's colours, told apart by every kind of colour vision; the order is that of the data set's tasks."""

GREY = "#80848E"
"""The baseline; readable on white and on black."""

CONFLICT, AGREEMENT = OKABE_ITO[4], OKABE_ITO[0]
"""Cosine below and above 0: orange and blue, readable to all eyes."""

SATISFIED = OKABE_ITO[2]
"""The side on which a bound is kept."""

COSINE_SCALES = {
    "light": ((0, "#8A4B00"), (0.25, "#D98F3A"), (0.5, "#E9EAEC"), (0.75, "#569FCE"), (1, "#005487")),
    "dark": ((0, "#F2A03D"), (0.25, "#A8672A"), (0.5, "#2A3038"), (0.75, "#2E73A3"), (1, "#6FC3F7")),
}
"""From cosine −1 to 1, on a light and on a dark page; neutral in the middle."""


def for_browser() -> dict[str, Any]:
    """The colours as the components of `assets/` take them: what `Palette` is in `assets/shared/types.d.ts`."""
    return {
        "tasks": list(OKABE_ITO),
        "grey": GREY,
        "conflict": CONFLICT,
        "agreement": AGREEMENT,
        "satisfied": SATISFIED,
        "cosine": {name: [list(stop) for stop in scale] for name, scale in COSINE_SCALES.items()},
    }


def task_colours(tasks: Sequence[str]) -> dict[str, str]:
    """A colour for each task name, in the data set's order; from the seventh on the order begins again."""
    return {name: OKABE_ITO[position % len(OKABE_ITO)] for position, name in enumerate(tasks)}
