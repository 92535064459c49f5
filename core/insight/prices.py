"""Shadow prices: what a change of a tolerance would buy the tasks below. No torch: a slider answers at once.

In stage k of NMT the best loss L_k* is a function of the bounds c_i that it keeps, and the multiplier is its slope:

    d L_k* / d c_i = −λ_i^(k)                                  envelope theorem; Boyd & Vandenberghe 2004, §5.6.3
    c_i            = L_i* + ε_i                                ε_i: the tolerance, in the unit of the loss

    where  L_i*  the loss that task i reached in its own stage, and λ_i^(k) its multiplier in stage k. All losses are
           divided by those of the best constant prediction, as the multipliers are.

A tolerance therefore reaches a task along every chain of stages: what task 2 gains from task 1's tolerance lowers
task 2's own bound, which task 3 then pays for. `promise` adds these up, most important task first:

    G_k = Σ_{i<k} λ_i^(k) · Δc_i ,      Δc_i = Δε_i − (1 + t_i) · G_i       (t_i = 0 unless ε_i = t_i · L_i*)

A multiplier is the slope at one tolerance; `core.insight.price_curve` fits it over all tolerances that were trained,
integrates it, and says how far to trust it. What no multiplier knows is how much of its promise the optimiser takes:
the slope holds at an optimum under the bounds, and a trained model is none. Weight decay takes a part of what a looser
bound allows, and a stage that ends too early has not used it. So `predict` multiplies a promise by the share that came
true in trained runs of the same settings, and where there are none it says so by a wide band. The paper has no shadow
prices.

A run that may lose nothing, or next to nothing, often keeps the very model that set the bound. That is no optimum under
the bound, and no point of the curve; yet it is where the curve ends. Below the least tolerance ε₁ at which a run found
more, the loss therefore lies between the curve L̂ and the chord to that end (ε₀, L₀), as that of a convex function does:

    L(ε) ~ L̂(ε) + w · (C(ε) − L̂(ε)),   C(ε) = L₁ + (L₀ − L₁)(ε₁ − ε)/(ε₁ − ε₀),   variance + (C − L̂)²/12

with w = 1/3 (docs/results.md), and the variance of a uniform distribution between the two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean

from core.insight.price_curve import Change, Observation, PriceCurve

SETTLED = (0.55, 0.4)
"""Share of a promise that is believed before any run has checked it, and its standard deviation: docs/results.md."""
UNSETTLED = (0.3, 0.3)
"""The same where the bound did not hold the model in the end and its multiplier had not come down yet. Both are what
was seen on the shop and the Complete Journey, and no more than that."""
MOST_RUNS = 80  # behind one curve: more make a slider wait
SLACK = 0.5  # of the room that a tolerance gives: with more of it unused, a bound did not hold the model
_DOWN = 2 / 3  # of the mean multiplier: at less than this in the end, it had come down
_MOVED = 1 / 3  # of the mean multiplier: farther from it in the end, it was still moving,
_NOTHING = 0.05  # unless by less than this
TOWARDS_END = 1 / 3  # w
_SMALL = 1e-3  # of a tolerance: a change over which chains of stages are a straight line


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
    is_stuck: bool = False  # kept the very model that it began with: nothing better stayed within the bounds


@dataclass(frozen=True)
class PricedRun:
    """What a finished NMT run says about prices; tasks in order of priority."""

    stages: tuple[PricedStage, ...]
    tolerances: Mapping[str, float]  # as the config has them
    unit: Mapping[str, float]  # normalised loss that one unit of a tolerance stands for
    relative: bool  # a tolerance is a share of the task's loss
    seed: int = 0
    units: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Kind of tolerance → task → normalised loss that one of its units stands for; without points of a metric where the
    run has too few readings to tell."""

    def losses(self) -> dict[str, float]:
        """Each task's normalised loss on the validation rows at the end of its own stage."""
        return {stage.objective: stage.loss for stage in self.stages}

    def priced(self) -> list[str]:
        """Tasks whose tolerance has a price: all but the last."""
        return [stage.objective for stage in self.stages[:-1]]


@dataclass(frozen=True)
class Gain:
    """Predicted fall of a task's normalised validation loss at the end of its own stage; negative: it loses."""

    gain: float
    low: float  # 90 % band for a run that is trained anew
    high: float
    share: float  # of the multipliers' promise that is believed
    checks: int  # trained runs at other tolerances that the curve goes through
    lower: float | None = None  # the nearest of their tolerances on either side of the one asked for
    upper: float | None = None


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


def predict(run: PricedRun, tolerances: Mapping[str, float], trained: Sequence[PricedRun] = ()) -> dict[str, Gain]:
    """What other tolerances would bring each lower task, with a 90 % band, for the run's own seed.

    `trained` are runs of the same settings at other tolerances and seeds; those that differ in one tolerance alone
    stand on the curve of that tolerance. Of several changes at once, gains and bands add up.
    """
    out = {stage.objective: Gain(0.0, 0.0, 0.0, 1.0, 0) for stage in run.stages[1:]}
    for task, after in tolerances.items():
        before = run.tolerances[task]
        if after == before:
            continue
        for gainer in list(run.losses())[list(run.losses()).index(task) + 1 :]:
            curve = curve_of(run, task, gainer, trained)
            if curve is None:
                continue
            change = _towards_end(run, task, gainer, after, trained, curve.fall([run.seed], before, after))
            low, high = change.band
            promised = curve.promised(before, after)
            others = {one.tolerance for one in curve.known if one.tolerance != before}
            part = Gain(
                gain=change.fall,
                low=low,
                high=high,
                share=change.fall / promised if promised else 1.0,
                checks=sum(one.tolerance != before for one in curve.known),
                lower=max((one for one in others | {before} if one <= after), default=None),
                upper=min((one for one in others | {before} if one >= after), default=None),
            )
            out[gainer] = _added(out[gainer], part)
    return out


def curve_of(run: PricedRun, task: str, gainer: str, trained: Sequence[PricedRun] = ()) -> PriceCurve | None:
    """The curve of one tolerance and a task below it; None where no multiplier between them ever stood above 0 and no
    other tolerance was trained."""
    same = [other for other in trained if _differs_in(run, other, task) and not _is_stuck(other, gainer)]
    same.sort(key=lambda other: (other.seed != run.seed, other.seed, other.tolerances[task]))
    known = [_observed(one, task, gainer) for one in (run, *same[:MOST_RUNS])]
    if len({one.tolerance for one in known}) == 1 and not any(one.slope for one in known):
        return None
    held = next(stage for stage in run.stages if stage.objective == gainer).held[task]
    return PriceCurve(known, UNSETTLED if held.unsettled else SETTLED)


def _towards_end(
    run: PricedRun, task: str, gainer: str, after: float, trained: Sequence[PricedRun], change: Change
) -> Change:
    """The fall that a curve says, where `after` lies below every tolerance at which a run of this seed found more than
    the model that set the bound, and one at which a run kept that model is known; else the fall as it is."""
    own = [run, *(other for other in trained if other.seed == run.seed and _differs_in(run, other, task))]
    more = [other for other in own if not _is_stuck(other, gainer)]
    ends = [other for other in own if _is_stuck(other, gainer) and other.tolerances[task] <= after]
    if not more or not ends:
        return change
    first, end = min(more, key=_tolerance(task)), max(ends, key=_tolerance(task))
    least, lowest = first.tolerances[task], end.tolerances[task]
    if after >= least:
        return change
    way = (least - after) / (least - lowest)
    chord = run.losses()[gainer] - first.losses()[gainer] - way * (end.losses()[gainer] - first.losses()[gainer])
    if after == lowest:
        return Change(chord, 0.0)  # it was trained
    apart = chord - change.fall
    return Change(change.fall + TOWARDS_END * apart, (change.deviation**2 + apart**2 / 12) ** 0.5)


def _tolerance(task: str) -> Callable[[PricedRun], float]:
    return lambda run: run.tolerances[task]


def _observed(run: PricedRun, task: str, gainer: str) -> Observation:
    now = run.tolerances[task]
    step = _SMALL * (now or 1.0)
    slope = promise(run, {task: now + step})[gainer] / step
    return Observation(run.seed, now, run.losses()[gainer], max(0.0, slope))


def _is_stuck(run: PricedRun, gainer: str) -> bool:
    """Whether its stage kept the model that it began with: that is no optimum, and no point of a curve."""
    return any(stage.is_stuck for stage in run.stages if stage.objective == gainer)


def _differs_in(run: PricedRun, other: PricedRun, task: str) -> bool:
    """Whether two runs of the same settings differ in this tolerance and in the seed alone."""
    tolerances = {**other.tolerances, task: run.tolerances[task]}
    return list(other.losses()) == list(run.losses()) and tolerances == dict(run.tolerances) and other != run


def _added(one: Gain, other: Gain) -> Gain:
    """Two changes at once: gains add, and so do the bands, since one cause may spoil both."""
    if one.low == one.high == one.gain == 0:
        return other
    return replace(
        one,
        gain=one.gain + other.gain,
        low=one.low + other.low,
        high=one.high + other.high,
        share=fmean((one.share, other.share)),
        checks=min(one.checks, other.checks),
    )
