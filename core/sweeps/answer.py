"""The answer to a question of tolerance, from what was trained: before, after, how sure, and how it was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import hypot, isnan, sqrt
from statistics import fmean, median, stdev
from typing import Literal

from core.events.events import TaskResult
from core.insight.price_curve import LEVEL_90, Observation, PriceCurve
from core.insight.prices import MOST_RUNS, SETTLED, TOWARDS_END
from core.methods.interface import ToleranceKind
from core.statistics import student_t
from core.sweeps.question import KnownRun, Question
from core.task_kinds.kinds import KINDS

Found = Literal["trained", "in_hand", "neighbours", "price", "stuck", "unknown"]
"""Trained exactly so; by a model in hand between those of trained runs; read off the prices of runs at other
tolerances; off one tolerance's multipliers; trained exactly so, and none found a better model within the tolerance;
nothing is known."""
MOST_SEEDS = 8  # behind one answer that is read off neighbours
_FAR = 2.0  # times the largest tolerance that was trained: beyond it nothing is said


@dataclass(frozen=True)
class Moved:
    """One task without the tolerance and with it, on the test rows, in the unit of the question (of a share: the loss).

    `change` is after − before, of a share in shares of the loss before; low and high are its 90 % band over seeds, None
    where one run alone tells of it."""

    before: float
    after: float
    change: float
    low: float | None
    high: float | None
    higher_is_better: bool

    @property
    def gain(self) -> float:
        """The change, positive where it is for the better."""
        return self.change if self.higher_is_better else -self.change

    @property
    def is_noise(self) -> bool | None:
        """Whether no change at all is within the band; None where there is no band."""
        return None if self.low is None or self.high is None else self.low <= 0 <= self.high


@dataclass(frozen=True)
class Answer:
    """`lost` is what the task with the tolerance really gives up, None where only the limit is known."""

    question: Question
    found: Found
    lost: Moved | None = None
    gained: Moved | None = None
    seeds: tuple[int, ...] = ()
    runs: int = 0  # that it rests on
    tolerances: tuple[float, ...] = ()  # at which they were trained
    share: float | None = None  # of what the multipliers promise that came true, where neighbours tell
    run_ids: tuple[str, ...] = ()  # with the tolerance, of a model in hand
    stuck: int = 0  # runs with exactly this tolerance that found no better model within it: they count, as no gain
    recorded: int = 0  # of the runs that it rests on: they came with the program


def answer(question: Question, known: Sequence[KnownRun]) -> Answer:
    """From the best that there is: runs of exactly this question, neighbours, one price, nothing."""
    trained = [one for one in known if not one.is_read_off]
    pairs = _pairs(question, trained)
    stuck = sum(one.is_stuck for _, one in pairs)
    if pairs and stuck < len(pairs):
        recorded = sum(one.is_recorded for pair in pairs for one in pair)
        return replace(_exact(question, "trained", pairs), runs=2 * len(pairs), stuck=stuck, recorded=recorded)
    in_hand = _pairs(question, trained, [one for one in known if one.is_read_off])
    if in_hand:
        run_ids = tuple(after.run_id for _, after in in_hand)
        return replace(_exact(question, "in_hand", in_hand), runs=len(in_hand), run_ids=run_ids)
    if stuck:
        return Answer(question, "stuck", runs=len(pairs), stuck=stuck)
    known = [one for one in trained if not one.is_stuck]
    near = _usable(question, known)
    if not near:
        return Answer(question, "unknown")
    tolerances = tuple(sorted({round(one.tolerance, 9) for one in near}))
    kept = {one.seed: one for one in trained if one.is_stuck and not one.tolerance}  # nothing, in any unit
    seeds = tuple(dict.fromkeys(one.seed for one in near))
    compared = tuple(seed for seed in seeds if seed in kept)  # with the model that trained runs are compared with
    seeds = (compared or seeds)[:MOST_SEEDS]
    gained, share = _read_off(question, near, seeds, kept)
    alone = len({_tolerance_step(one, near) for one in near}) < 2
    lost = None if alone else _lost(question, near, seeds, kept)
    return Answer(
        question=question,
        found="price" if alone else "neighbours",
        lost=lost,
        gained=gained,
        seeds=seeds,
        runs=len(near),
        tolerances=tolerances,
        share=None if compared else share,
        recorded=sum(one.is_recorded for one in near),
    )


def value(result: TaskResult, unit: ToleranceKind) -> float:
    """Of a task on the test rows, as the unit has it: its metric, or its loss; NaN where it has no metric there."""
    metric = result.loss if result.metric is None and KINDS[result.kind].metric.is_loss else result.metric
    chosen = metric if unit == "metric" else result.loss
    return float("nan") if chosen is None else chosen


# ------------------------------------------------------------------ trained exactly so


def _pairs(
    question: Question, known: Sequence[KnownRun], others: Sequence[KnownRun] | None = None
) -> list[tuple[KnownRun, KnownRun]]:
    """Runs of one seed without the tolerance and with it; the latter among `others` where such are given.

    Who may lose nothing mostly keeps the model that is best for the task itself: that is what "without" means.
    """
    without = {one.seed: one for one in known if one.is_at(0.0)}
    with_it = {one.seed: one for one in (known if others is None else others) if one.is_at(question.amount)}
    return [(without[seed], with_it[seed]) for seed in sorted(without.keys() & with_it.keys())]


def _exact(question: Question, found: Found, pairs: Sequence[tuple[KnownRun, KnownRun]]) -> Answer:
    return Answer(
        question=question,
        found=found,
        lost=_paired(question, question.task, pairs),
        gained=_paired(question, question.gainer, pairs),
        seeds=tuple(before.seed for before, _ in pairs),
        tolerances=(0.0, question.amount),
    )


def _paired(question: Question, task: str, pairs: Sequence[tuple[KnownRun, KnownRun]]) -> Moved:
    before = [value(one.results[task], question.unit) for one, _ in pairs]
    after = [value(one.results[task], question.unit) for _, one in pairs]
    rates = [_rate(question, level) for level in before]
    changes = [(new - old) * rate for old, new, rate in zip(before, after, rates, strict=True)]
    mean = fmean(changes)
    low = high = None
    if len(changes) > 1:
        half = student_t(0.9, len(changes) - 1) * stdev(changes) / sqrt(len(changes))
        low, high = mean - half, mean + half
    return Moved(fmean(before), fmean(after), mean, low, high, _is_up(question, pairs[0][0].results[task]))


def _rate(question: Question, level: float) -> float:
    """From a difference of levels to the unit: a share is one of the level before."""
    return 1 / level if question.unit == "relative" and level else 1.0


def _is_up(question: Question, result: TaskResult) -> bool:
    return question.unit == "metric" and KINDS[result.kind].metric.higher_is_better


# ------------------------------------------------------------------ read off a curve


def _usable(question: Question, known: Sequence[KnownRun]) -> list[KnownRun]:
    """Runs whose tolerances say something about the one asked for; those of the same unit alone where they do."""
    wanted = (question.task, question.gainer)
    some = [one for one in known if not any(isnan(value(one.results[task], question.unit)) for task in wanted)]
    exact = [one for one in some if one.is_exact]
    if len({one.tolerance for one in exact}) > 1 and question.amount <= _FAR * max(one.tolerance for one in exact):
        some = exact
    if not some or question.amount > _FAR * max(one.tolerance for one in some):
        return []
    some.sort(key=lambda one: (one.seed, one.tolerance))
    return some[:MOST_RUNS]


def _tolerance_step(one: KnownRun, near: Sequence[KnownRun]) -> int:
    """Tolerances brought from another unit differ a little from run to run though they were one: a tenth of the
    largest apart counts as two."""
    most = max(other.tolerance for other in near) or 1.0
    return round(10 * one.tolerance / most)


def _curve(question: Question, task: str, near: Sequence[KnownRun]) -> tuple[PriceCurve, float]:
    """Through a task's values as losses, lower is better and normalised, and what one of them is in the unit."""
    sign = -1.0 if _is_up(question, near[0].results[task]) else 1.0
    kind: ToleranceKind = "metric" if question.unit == "metric" else "absolute"
    scale = median(one.units[kind][task] for one in near if kind in one.units)  # normalised loss a unit
    scale = scale or 1.0
    protects = task == question.task
    points = [
        Observation(
            seed=one.seed,
            tolerance=one.tolerance,
            loss=(-1.0 if protects else 1.0) * sign * scale * value(one.results[task], question.unit),
            slope=one.units[question.unit][task] if protects else one.slope,
        )
        for one in near
    ]
    return PriceCurve(points, SETTLED), scale


def _read_off(
    question: Question, near: Sequence[KnownRun], seeds: Sequence[int], kept: Mapping[int, KnownRun]
) -> tuple[Moved, float]:
    curve, scale = _curve(question, question.gainer, near)
    moved = _moved(question, question.gainer, curve, scale, near, seeds, kept, sign=-1.0)
    promised = curve.promised(0.0, question.amount)
    fall = fmean(curve.fall([seed], 0.0, question.amount).fall for seed in seeds)
    return moved, fall / promised if promised else 1.0


def _lost(question: Question, near: Sequence[KnownRun], seeds: Sequence[int], kept: Mapping[int, KnownRun]) -> Moved:
    curve, scale = _curve(question, question.task, near)
    return _moved(question, question.task, curve, scale, near, seeds, kept, sign=1.0)


def _moved(
    question: Question,
    task: str,
    curve: PriceCurve,
    scale: float,
    near: Sequence[KnownRun],
    seeds: Sequence[int],
    kept: Mapping[int, KnownRun],
    sign: float,
) -> Moved:
    """From the model without tolerance that a seed `kept`, where one is known, else from the curve's own end; `sign`:
    of a fall of what the curve goes through, in losses of the task."""
    is_up = _is_up(question, near[0].results[task])
    turn = (-sign if is_up else sign) / scale  # from a fall along the curve to a change of the value
    levels, changes, spreads = [], [], []
    for seed in seeds:
        own = [one for one in near if one.seed == seed]
        if seed in kept:
            levels.append(value(kept[seed].results[task], question.unit))
            after, spread = _level(question, task, curve, turn, own, levels[-1])
            changes.append(after - levels[-1])
            spreads.append(spread)
            continue
        to_none = curve.fall([seed], own[0].tolerance, 0.0).fall
        levels.append(value(own[0].results[task], question.unit) + turn * to_none)
        changes.append(turn * curve.fall([seed], 0.0, question.amount).fall)
    before = fmean(levels)
    rate = _rate(question, before)
    mean = fmean(changes)
    spread = fmean(spreads) if spreads else curve.fall(list(seeds), 0.0, question.amount).deviation / scale
    half = LEVEL_90 * spread
    if len(seeds) > 1:
        half = hypot(half, student_t(0.9, len(seeds) - 1) * stdev(changes) / sqrt(len(seeds)))
    return Moved(before, before + mean, mean * rate, (mean - half) * rate, (mean + half) * rate, is_up)


def _level(
    question: Question, task: str, curve: PriceCurve, turn: float, own: Sequence[KnownRun], without: float
) -> tuple[float, float]:
    """A task's value at the amount, and its standard deviation, along the curve from the seed's run that is nearest to
    it. Below the least tolerance of these runs it lies between the curve and the chord to the model `without`
    tolerance, as in `core.insight.prices`."""
    nearest = min(own, key=lambda one: abs(one.tolerance - question.amount))
    change = curve.fall([nearest.seed], nearest.tolerance, question.amount)
    level = value(nearest.results[task], question.unit) + turn * change.fall
    spread = abs(turn) * change.deviation
    least = min(own, key=lambda one: one.tolerance)
    if question.amount >= least.tolerance:
        return level, spread
    most = value(least.results[task], question.unit)
    apart = most + (1 - question.amount / least.tolerance) * (without - most) - level
    return level + TOWARDS_END * apart, hypot(spread, apart / sqrt(12))
