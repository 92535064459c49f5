"""Colours with one meaning everywhere: colour is the task, grey is the baseline."""

from __future__ import annotations

from collections.abc import Sequence

OKABE_ITO = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9")
"""Okabe and Ito's colours, told apart by every kind of colour vision; the order is that of the data set's tasks."""

GREY = "#80848E"
"""The baseline; readable on white and on black."""


def task_colours(tasks: Sequence[str]) -> dict[str, str]:
    """A colour for each task name, in the data set's order; from the seventh on the order begins again."""
    return {name: OKABE_ITO[position % len(OKABE_ITO)] for position, name in enumerate(tasks)}
