"""What the tolerances of a run to come can lose at most, in words: a warning before it begins."""

from __future__ import annotations

from pathlib import Path

from core.data.registry import card
from core.methods.registry import METHODS
from core.narration.tolerances import NOTABLE, amount, at_most, share_of_learnt
from core.runs.learnt import learnt_before
from core.settings.run import RunConfig


def at_most_before(home: Path, config: RunConfig) -> list[str]:
    """A sentence for each task of a run to come whose tolerance may cost it much of what there is to learn of it.

    Of tasks that nobody knows, and of the last one, which no later task can harm, nothing is said.
    """
    if not METHODS[config.method.kind].constrains:
        return []
    tasks = {task.name: task for task in card(config.dataset).tasks}
    order = [name for name in config.priority or tasks if name in tasks]
    found, by = learnt_before(home, config.dataset)
    said = []
    for name in order[:-1]:
        known, unit, tolerance = found.get(name), config.tolerance_kind, config.tolerance_of(name)
        learnt = None if known is None else known.metric_learnt if unit == "metric" else known.learnt
        if known is None or learnt is None or tolerance <= 0:
            continue
        allowed = tolerance * known.reached if unit == "relative" else tolerance
        if (share := share_of_learnt(allowed, learnt)) < NOTABLE:
            continue
        size = amount(allowed, unit, tasks[name].kind, known.reached)
        of = size if unit == "metric" else f"{size} of the loss"
        said.append(f"{at_most(tasks[name].title, of, share, by)}.")
    return said
