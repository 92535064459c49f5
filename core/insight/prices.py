"""Shadow prices: what a change of a tolerance would buy the tasks below. Plain Python: a slider answers at once.

In stage k of NMT the best loss L_k* is a function of the bounds c_i that it keeps, and the multiplier is its slope:

    d L_k* / d c_i = −λ_i^(k)                                  envelope theorem; Boyd & Vandenberghe 2004, §5.6.3
    c_i            = L_i* + ε_i                                ε_i: the tolerance, in the unit of the loss

    where  L_i*  the loss that task i reached in its own stage, and λ_i^(k) its multiplier in stage k. All losses are
           divided by those of the best constant prediction, as the multipliers are.

A tolerance therefore reaches a task along every chain of stages: what task 2 gains from task 1's tolerance lowers
task 2's own bound, which task 3 then pays for. `promise` adds these up, most important task first:

    G_k = Σ_{i<k} λ_i^(k) · Δc_i ,      Δc_i = Δε_i − (1 + t_i) · G_i       (t_i = 0 unless ε_i = t_i · L_i*)

The slope holds at an optimum under the bounds. A trained model is none: weight decay takes a part of what a looser
bound allows, a stage that ends too early has not used it, and over-fitting is no interference. So a promise is
multiplied by the share of such promises that came true in trained runs of the same settings (`Check`), where there
are any; that is our choice, and so is the band. The paper has no shadow prices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean

from core.statistics import student_t

UNCHECKED = (1.0, 0.0, 1.5)
"""Share of a promise that is believed before any run has checked it, and its band: see docs/results.md."""
UNSETTLED = (0.3, 0.0, 0.7)
"""The same where the bound did not hold the model in the end and its multiplier had not come down yet. Both rules of
thumb are what was seen on the shop and the Complete Journey, and no more than that."""
SLACK = 0.5  # of the room that a tolerance gives: with more of it unused, a bound did not hold the model
_DOWN = 2 / 3  # of the mean multiplier: at less than this in the end, it had come down
_MOVED = 1 / 3  # of the mean multiplier: farther from it in the end, it was still moving,
_NOTHING = 0.05  # unless by less than this
_ONE_CHECK = 0.5  # half-width of the band after a single check, as a share of the gain


@dataclass(frozen=True)
class Held:
    """A task that a stage held within its bound."""

    multiplier: float  # λ: mean over the last half of the stage
    error: float  # its standard error, from the means of eight parts of that half
    last: float  # λ in the end: the mean of the last of those parts
    slack: float  # bound − loss of the model that the stage kept; normalised, ≥ 0
    room: float  # tolerance in normalised loss

    @property
    def let_go(self) -> bool:
        """Whether the model ended well within the bound, as small steps towards the end often bring about."""
        return self.room > 0 and self.slack > SLACK * self.room

    @property
    def unsettled(self) -> bool:
        """Whether λ still stood although the bound had let go: against complementary slackness, so it is no price."""
        return self.let_go and self.last > _DOWN * self.multiplier

    @property
    def moving(self) -> bool:
        """Whether λ had not come to rest at a bound that still held the model."""
        return not self.let_go and abs(self.last - self.multiplier) > max(_NOTHING, _MOVED * self.multiplier)


@dataclass(frozen=True)
class PricedStage:
    objective: str
    loss: float  # of the objective under the model that the stage kept: normalised, on the validation rows
    held: Mapping[str, Held]


@dataclass(frozen=True)
class PricedRun:
    """What a finished NMT run says about prices; tasks in order of priority."""

    stages: tuple[PricedStage, ...]
    tolerances: Mapping[str, float]  # as the config has them
    unit: Mapping[str, float]  # normalised loss that one unit of a tolerance stands for
    relative: bool  # a tolerance is a share of the task's loss
    seed: int = 0

    def losses(self) -> dict[str, float]:
        """Each task's normalised loss on the validation rows at the end of its own stage."""
        return {stage.objective: stage.loss for stage in self.stages}

    def priced(self) -> list[str]:
        """Tasks whose tolerance has a price: all but the last."""
        return [stage.objective for stage in self.stages[:-1]]


@dataclass(frozen=True)
class Check:
    """One change of one tolerance that was trained: what the multipliers promised a task and what it gained."""

    task: str  # whose tolerance changed
    gainer: str
    before: float  # the tolerance
    after: float
    promised: float
    gained: float


@dataclass(frozen=True)
class Gain:
    """Predicted fall of a task's normalised validation loss at the end of its own stage; negative: it loses."""

    gain: float
    low: float  # 90 % band
    high: float
    share: float  # of the multipliers' promise that is believed
    checks: int  # trained changes that the share comes from


def promise(run: PricedRun, tolerances: Mapping[str, float]) -> dict[str, float]:
    """Fall of each task's normalised loss that the multipliers promise for other tolerances, as a straight line.

    `tolerances` names those that change, in the unit of the run's config.
    """
    gains: dict[str, float] = {}
    bounds: dict[str, float] = {}  # Δc_i
    for stage in run.stages:
        task = stage.objective
        gains[task] = sum(held.multiplier * bounds[name] for name, held in stage.held.items())
        before = run.tolerances[task]
        after = tolerances.get(task, before)
        bounds[task] = (after - before) * run.unit[task] - (1 + after * run.relative) * gains[task]
    return gains


def checks(runs: Sequence[PricedRun]) -> list[Check]:
    """Every pair of runs that differ in one tolerance alone, seen from either side."""
    found = []
    for one in runs:
        for other in runs:
            changed = [name for name in one.priced() if one.tolerances[name] != other.tolerances.get(name)]
            if one.seed != other.seed or len(changed) != 1:
                continue
            task = changed[0]
            promised = promise(one, {task: other.tolerances[task]})
            before, after = one.losses(), other.losses()
            later = list(before)[list(before).index(task) + 1 :]
            found += [
                Check(
                    task=task,
                    gainer=name,
                    before=one.tolerances[task],
                    after=other.tolerances[task],
                    promised=promised[name],
                    gained=before[name] - after[name],
                )
                for name in later
                if name in after
            ]
    return list(dict.fromkeys(found))  # a run named twice checks nothing twice


def predict(run: PricedRun, tolerances: Mapping[str, float], trained: Sequence[Check] = ()) -> dict[str, Gain]:
    """What other tolerances would bring each lower task, with a 90 % band.

    For each task whose tolerance changes, its promise is multiplied by the share that came true in `trained` checks
    of the same task and gainer: of those on the same side (looser, tighter) where there are any, else of all.
    """
    changes = {name: value for name, value in tolerances.items() if value != run.tolerances[name]}
    out = {stage.objective: Gain(0.0, 0.0, 0.0, 1.0, 0) for stage in run.stages[1:]}
    for task, after in changes.items():
        for gainer, promised in promise(run, {task: after}).items():
            if gainer in out and gainer != task and promised != 0:
                known = _relevant(trained, task, gainer, run.tolerances[task], after)
                stage = next(stage for stage in run.stages if stage.objective == gainer)
                part = _believed(promised, known, UNSETTLED if stage.held[task].unsettled else UNCHECKED)
                out[gainer] = _added(out[gainer], part)
    return out


def _relevant(trained: Sequence[Check], task: str, gainer: str, before: float, after: float) -> list[Check]:
    same = [check for check in trained if (check.task, check.gainer) == (task, gainer) and check.promised != 0]
    side = [check for check in same if (check.after > check.before) == (after > before)]
    near = [check for check in side if check.before == before]
    return near or side or same


def _believed(promised: float, trained: Sequence[Check], unchecked: tuple[float, float, float]) -> Gain:
    """share = Σ promised·gained / Σ promised²; band from the spread of gained − share·promised."""
    if not trained:
        share, *band = unchecked
        low, high = sorted(promised * part for part in band)
        return Gain(share * promised, low, high, share, 0)
    squared = sum(check.promised**2 for check in trained)
    share = sum(check.promised * check.gained for check in trained) / squared
    gain, count = share * promised, len(trained)
    if count == 1:
        half = _ONE_CHECK * abs(gain)
    else:
        spread = sum((check.gained - share * check.promised) ** 2 for check in trained) / (count - 1)
        half = student_t(0.9, count - 1) * sqrt(spread * (1 + promised**2 / squared))
    return Gain(gain, gain - half, gain + half, share, count)


def _added(one: Gain, other: Gain) -> Gain:
    """Two changes at once: gains add, and so do the bands, since one cause may spoil both."""
    first = one.low == one.high == one.gain == 0
    return Gain(
        gain=one.gain + other.gain,
        low=one.low + other.low,
        high=one.high + other.high,
        share=other.share if first else fmean((one.share, other.share)),
        checks=other.checks if first else min(one.checks, other.checks),
    )
