"""What may a task lose, and what does another gain by it: the question, the runs that bear on it, what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

from core.data.description import Task
from core.errors import PrecedenceError
from core.events.events import TaskResult
from core.insight.prices import PricedRun, promise
from core.methods.interface import ConstrainedConfig, ToleranceKind
from core.methods.registry import CONSTRAINED, METHODS
from core.runs.comparable_runs import comparable_runs_by_id
from core.runs.folder.run_folder import RunFolder, run_ids
from core.runs.folder.shared_stages import read_branched, read_start
from core.runs.pace import crowding, usual_step_seconds
from core.settings.run import RunConfig
from core.sweeps.description import SweepConfig
from core.sweeps.keys import planned_steps
from core.sweeps.recorded import recorded_runs

ENOUGH_SEEDS = 3
"""What an answer wants: from one run nobody can tell a gain from chance."""
_STEP = 1e-3  # of a tolerance: a change over which chains of stages are a straight line
_SAME = 1e-6  # of a tolerance
_BUSY = 40  # runs looked at for how long a step takes
_START = 6.0  # seconds until a worker trains its first step


@dataclass(frozen=True)
class Question:
    """`task` may lose `amount`, in the unit that `unit` names: what does `gainer` gain, in the same unit?"""

    task: str
    amount: float  # points of the metric, units of the loss, or a share of the loss
    unit: ToleranceKind
    gainer: str


def checked(question: Question, tasks: Sequence[Task]) -> Question:
    """The question, where it fits the data set's tasks; raises PrecedenceError where it does not."""
    names = {task.name: task for task in tasks}
    for name in (question.task, question.gainer):
        if name not in names:
            raise PrecedenceError(f"There is no task '{name}'; the data set has {', '.join(names)}.")
    if question.task == question.gainer:
        raise PrecedenceError(f"'{question.task}' cannot gain from its own loss; name another task that gains.")
    metric = names[question.task].metric
    most = {"relative": 1.0, "absolute": float("inf"), "metric": 1.0 if metric.is_share else float("inf")}
    if not 0 < question.amount < most[question.unit]:
        said = f"{100 * question.amount:g} %" if question.unit == "relative" else f"{question.amount:g}"
        limit = {"relative": "more than 0 and less than 100 %", "absolute": "more than 0"}.get(
            question.unit, f"more than 0 and less than 1 {metric.name}" if metric.is_share else "more than 0"
        )
        raise PrecedenceError(f"'{said}' is no amount that {names[question.task].title} may lose; give {limit}.")
    return question


def asked_config(base: RunConfig, question: Question) -> RunConfig:
    """The settings in which the question is trained: those of `base`, the two tasks in order where its own order does
    not hold them so, and the tolerance in the question's unit."""
    method = base.method if isinstance(base.method, ConstrainedConfig) else METHODS[CONSTRAINED].config()
    assert isinstance(method, ConstrainedConfig)
    order = base.priority
    fits = question.unit == method.tolerance_kind and question.task in order and question.gainer in order
    if not fits or order.index(question.task) > order.index(question.gainer):
        order = (question.task, question.gainer)
    tolerances = {name: base.tolerance_of(name) for name in order[:-1] if name != question.task}
    fields = base.model_dump() | {
        "priority": order,
        "tolerances": {**tolerances, question.task: question.amount},
        "method": method.model_dump() | {"tolerance_kind": question.unit},
        "reference": False,
        "probe_every": 0,
        "name": "",
    }
    return RunConfig.model_validate(fields)


@dataclass(frozen=True)
class KnownRun:
    """A finished run that bears on a question."""

    run_id: str
    seed: int
    tolerance: float  # of the task that may lose, in the question's unit
    is_exact: bool  # trained in that unit; else brought to it by what a point was worth in this run
    slope: float  # fall of the gainer's normalised loss for one unit of tolerance, as the multipliers promise it
    is_stuck: bool  # no model that is better for the gainer was found within the tolerance
    results: Mapping[str, TaskResult] = field(hash=False)
    units: Mapping[str, Mapping[str, float]] = field(hash=False)
    is_read_off: bool = False  # nothing was trained at this tolerance: its model lies between those of other runs
    is_recorded: bool = False  # came with the program: there is no model of it here

    def is_at(self, tolerance: float) -> bool:
        """Whether it was trained at exactly this tolerance."""
        return self.is_exact and abs(self.tolerance - tolerance) <= _SAME * max(tolerance, _SAME)


def known_runs(home: Path, base: RunConfig, question: Question) -> list[KnownRun]:
    """Finished runs of the question's settings at any tolerance of the task, in any unit and of any seed; those that
    come with the program where none of one's own stands for them."""
    config = asked_config(base, question)
    found = []
    for run_id, other, priced in comparable_runs_by_id(home, config, any_unit=True):
        result = RunFolder(home, run_id).result() if _bears_on(other, config, question) else None
        known = None if result is None else _known(run_id, result.tasks, other, priced, question)
        if known is not None:
            found.append(known)
    for run in recorded_runs(config):
        known = _known("", run.results, run.config, run.priced, question)
        if known is None or not _bears_on(run.config, config, question):
            continue
        if not any(own.seed == known.seed and own.is_exact and own.is_at(known.tolerance) for own in found):
            found.append(replace(known, is_recorded=True))
    return found


def _bears_on(other: RunConfig, config: RunConfig, question: Question) -> bool:
    """Whether it holds the tasks that are not asked about as the question does."""
    rest = {name: other.tolerance_of(name) for name in config.priority[:-1] if name != question.task}
    mine = {name: config.tolerance_of(name) for name in rest}
    return not rest or (rest == mine and other.tolerance_kind == question.unit)


def _known(
    run_id: str, results: Mapping[str, TaskResult], config: RunConfig, priced: PricedRun, question: Question
) -> KnownRun | None:
    kind = config.tolerance_kind
    if question.unit not in priced.units:
        return None
    now = config.tolerance_of(question.task)
    step = _STEP * (now or 1.0)
    slope = promise(priced, {question.task: now + step})[question.gainer] / step
    rate = priced.units[kind][question.task] / (priced.units[question.unit][question.task] or float("inf"))
    if not rate:
        return None
    return KnownRun(
        run_id=run_id,
        seed=config.seed,
        tolerance=now * rate,
        is_exact=kind == question.unit,
        slope=max(0.0, slope / rate),
        is_stuck=any(stage.is_stuck for stage in priced.stages if stage.objective == question.gainer),
        results=results,
        units=priced.units,
    )


# ------------------------------------------------------------------ what to train


@dataclass(frozen=True)
class Missing:
    """What would answer the question by training alone: runs by seed and tolerance."""

    runs: tuple[tuple[int, float], ...]
    sweeps: tuple[SweepConfig, ...]  # that train exactly these
    steps: int  # at most


def missing(base: RunConfig, question: Question, known: Sequence[KnownRun], seeds: int = ENOUGH_SEEDS) -> Missing:
    """With and without the tolerance, for as many seeds as are wanted; those that were begun come first."""
    config = asked_config(base, question)
    known = [one for one in known if not one.is_read_off]
    wanted = (0.0, question.amount)
    begun = dict.fromkeys(one.seed for value in wanted for one in known if one.is_at(value))
    chosen = list(dict.fromkeys([*begun, *range(base.seed, base.seed + seeds)]))[:seeds]
    absent: dict[tuple[float, ...], list[int]] = {}
    for seed in chosen:
        lacks = tuple(value for value in wanted if not any(one.seed == seed and one.is_at(value) for one in known))
        if lacks:
            absent.setdefault(lacks, []).append(seed)
    sweeps = tuple(
        SweepConfig(name="What-if", base=config, tolerances={question.task: values}, seeds=tuple(of))
        for values, of in absent.items()
    )
    steps = sum(
        planned_steps([point.config for point in sweep.points(config.priority)], config.priority)[0] for sweep in sweeps
    )
    return Missing(
        tuple((seed, value) for values, of in absent.items() for seed in of for value in values), sweeps, steps
    )


def training_seconds(home: Path, config: RunConfig, steps: int, at_once: int) -> float:
    """How long so many steps will take by the clock, `at_once` runs side by side on this machine as busy as it is.

    A step takes what it took in finished runs of the same network and data, and no less than a small network's takes
    now: the machine may have been idle then.
    """
    pace = max(seconds_a_step(home, config) or 0.0, usual_step_seconds() * crowding(at_once))
    return _START + steps * pace / max(1, at_once)


def seconds_a_step(home: Path, config: RunConfig) -> float | None:
    """Median over finished runs of the same data, network and batch; None where there is none."""
    paces = []
    for run_id in run_ids(home)[:_BUSY]:
        try:
            folder = RunFolder(home, run_id)
            other, status = folder.config(), folder.status()
            start = read_start(folder.path)
            steps = status.step - sum(read_branched(folder.path).alone.values())  # these took no seconds
        except PrecedenceError:
            continue
        same = (other.dataset, other.model, other.batch_size) == (config.dataset, config.model, config.batch_size)
        if status.state == "finished" and same and steps > 0 and (start is None or start.stands_alone):
            paces.append(status.seconds / steps)
    return median(paces) if paces else None
