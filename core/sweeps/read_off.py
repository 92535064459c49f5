"""A question answered by a model in hand: which trained runs it may be read off, and the runs that were read off so.

Runs of one seed that differ in the tolerance alone branch off one start. At a tolerance between two of theirs, the best
model on the lines between their models (`core.training.between`) is a model like any other: it is kept in a run folder
of its own, it can be taken, and it was not trained for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.data.registry import card
from core.errors import PrecedenceError
from core.runs.folder.run_folder import RunFolder, run_ids
from core.runs.folder.shared_stages import Start, read_start
from core.settings.run import RunConfig
from core.sweeps.keys import stage_keys
from core.sweeps.question import KnownRun, Question, asked_config

MOST_RUNS = 12  # behind one model: each more is read once


@dataclass(frozen=True)
class ReadOff:
    """A run that would answer for one seed without training, and where it begins."""

    config: RunConfig
    start: Start


def readable(base: RunConfig, question: Question, known: Sequence[KnownRun]) -> list[ReadOff]:
    """One for each seed with trained runs on both sides of the tolerance, none of them at it, and none read off yet.

    Of two tasks alone: below a third one, the second's own bound would be another.
    """
    config = asked_config(base, question)
    if len(config.priority) != 2:
        return []
    found = []
    for seed in dict.fromkeys(one.seed for one in known):
        own = [one for one in known if one.seed == seed and one.is_exact]
        trained = [one for one in own if not one.is_read_off and not one.is_recorded]
        if any(one.is_at(question.amount) for one in own) or not _brackets(question.amount, trained):
            continue
        trained.sort(key=lambda one: abs(one.tolerance - question.amount))
        asked = config.model_copy(update={"seed": seed})
        keys = stage_keys(asked, card(config.dataset).task_names())
        between = tuple(one.run_id for one in trained[:MOST_RUNS])
        found.append(ReadOff(asked, Start(keys=keys[:-1], between=between)))
    return found


def _brackets(amount: float, trained: Sequence[KnownRun]) -> bool:
    tolerances = [one.tolerance for one in trained]
    return min(tolerances, default=amount) < amount < max(tolerances, default=amount)


def read_off_runs(home: Path, base: RunConfig, question: Question) -> list[KnownRun]:
    """Finished runs of exactly this question that were read off others, one of each seed."""
    wanted = _settings(asked_config(base, question))
    found: dict[int, KnownRun] = {}
    for run_id in run_ids(home):
        try:
            folder = RunFolder(home, run_id)
            start = read_start(folder.path)
            if start is None or not start.between:
                continue
            config, result = folder.config(), folder.result()
        except PrecedenceError:  # damaged, or deleted meanwhile
            continue
        if result is not None and _settings(config) == wanted:
            found.setdefault(
                config.seed,
                KnownRun(
                    run_id=run_id,
                    seed=config.seed,
                    tolerance=config.tolerance_of(question.task),
                    is_exact=True,
                    slope=0.0,
                    is_stuck=False,
                    results=result.tasks,
                    units={},
                    is_read_off=True,
                ),
            )
    return list(found.values())


def _settings(config: RunConfig) -> dict[str, object]:
    tolerances = {name: config.tolerance_of(name) for name in config.priority}
    return {**config.model_dump(exclude={"seed", "tolerance", "tolerances", "name", "device"}), "held": tolerances}
