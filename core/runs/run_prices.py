"""A finished NMT run's prices, read off its events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import sqrt
from statistics import fmean, linear_regression, stdev

from core.errors import PrecedenceError
from core.events import events as ev
from core.insight.prices import Held, PricedRun, PricedStage
from core.methods.interface import ConstrainedConfig
from core.settings.run import RunConfig

_LAST = 0.5  # of a stage's records: the part that a price is taken from, as in `StageFinished.multiplier`
_PARTS = 8  # of that half: their means spread as the mean's error tells


def priced(events: Iterable[ev.Event], config: RunConfig) -> PricedRun:
    """Raises PrecedenceError where the run has no prices: another method, fixed multipliers, not finished."""
    method = config.method
    if not isinstance(method, ConstrainedConfig):
        raise PrecedenceError(
            f"A run of the method '{method.kind}' has no prices, as it has no multipliers; pick one with bounds."
        )
    if method.frozen is not None:
        raise PrecedenceError("This run held its multipliers fixed, so they are no prices; pick one without `frozen`.")
    log = _Log(events)
    if not log.finished or log.started is None:
        raise PrecedenceError("This run has not finished, so its multipliers are still on their way; wait for its end.")
    if len(log.ended) < 2:
        raise PrecedenceError("This run trained one task alone, so no bound has a price; rank at least two tasks.")
    base = dict(zip(log.started.tasks, log.started.base_loss, strict=True))
    losses = {
        end.objective[0]: _of(log.started, end.loss, end.objective[0]) / base[end.objective[0]] for end in log.ended
    }
    kind = method.tolerance_kind
    tolerances = {name: config.tolerance_of(name) for name in losses}
    units: dict[str, dict[str, float]] = {
        "relative": losses,
        "absolute": {name: 1 / base[name] for name in losses},
    }
    try:
        units["metric"] = {
            name: _loss_a_point(log.readings, log.started.tasks.index(name)) / base[name] for name in losses
        }
    except PrecedenceError:
        if kind == "metric":
            raise
    unit = units[kind]
    stages: list[PricedStage] = []
    for end in log.ended:
        objective = end.objective[0]
        steps = log.steps.get(end.stage, [])
        held = {}
        for name in list(losses)[: len(stages)]:
            rate = 1.0 if method.normalise else base[name] / base[objective]
            at = log.started.tasks.index(name)
            mean, error, last = _mean([step.multiplier[at] or 0.0 for step in steps])
            held[name] = Held(
                multiplier=mean * rate,
                error=error * rate,
                last=last * rate,
                slack=-(end.violation[at] or 0.0) * (unit[name] if kind == "metric" else 1 / base[name]),
                room=tolerances[name] * unit[name],
            )
        is_stuck = bool(held) and end.kept_step <= log.began.get(end.stage, -1)
        stages.append(PricedStage(objective, losses[objective], held, is_stuck))
    return PricedRun(tuple(stages), tolerances, unit, kind == "relative", config.seed, units)


class _Log:
    """What of a run's events prices need; a stage that began anew counts as it ended last."""

    def __init__(self, events: Iterable[ev.Event]) -> None:
        self.started: ev.Started | None = None
        self.steps: dict[int, list[ev.Step]] = {}
        self.ended: list[ev.StageFinished] = []
        self.readings: list[ev.Evaluated] = []
        self.finished = False
        self.began: dict[int, int] = {}  # stage → the run's step before it
        for event in events:
            match event:
                case ev.Started():
                    self.started = event
                case ev.StageStarted(phase="main"):
                    self.steps[event.stage] = []
                    self.began[event.stage] = event.step
                case ev.Step():
                    self.steps.setdefault(event.stage, []).append(event)
                case ev.Evaluated() if event.phase != "reference":
                    self.readings.append(event)
                case ev.StageFinished(phase="main"):
                    self.ended = [end for end in self.ended if end.stage < event.stage] + [event]
                case ev.Finished():
                    self.finished = True


def _loss_a_point(readings: Sequence[ev.Evaluated], task: int) -> float:
    """How much of the loss one point of the task's metric is worth: the slope of a line through the run's readings of
    models that count, those within the bounds. A price in points of a metric is only as good as that line."""
    pairs = []
    for reading in readings:
        metric = reading.metric[task]
        metric = reading.loss[task] if metric is None else metric  # of a cost, in an old log
        if reading.feasible and metric is not None and reading.loss[task] is not None:
            pairs.append((metric, reading.loss[task] or 0.0))
    if len(pairs) < 3 or len({metric for metric, _ in pairs}) < 2:
        raise PrecedenceError(
            f"This run has {len(pairs)} readings within its bounds, too few to tell loss from metric; read "
            "the validation rows more often (evaluate_every)."
        )
    slope, _ = linear_regression(*zip(*pairs, strict=True))
    return abs(slope)


def _of(started: ev.Started, numbers: ev.Numbers, task: str) -> float:
    return numbers[started.tasks.index(task)] or 0.0


def _mean(values: Sequence[float]) -> tuple[float, float, float]:
    """Mean over the last half, its standard error, and the mean of that half's last part."""
    last = values[-max(1, int(len(values) * _LAST)) :] or [0.0]
    size = len(last) // _PARTS
    if not size:
        return fmean(last), 0.0, last[-1]
    parts = [fmean(last[at * size : (at + 1) * size]) for at in range(_PARTS)]
    return fmean(last), stdev(parts) / sqrt(_PARTS), parts[-1]
