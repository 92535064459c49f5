"""What a decision rests on: the question, what was chosen, what it gains and gives up and how sure that is."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from core.charts.front_svg import Place, SvgAxis, front_svg
from core.events.events import TaskResult
from core.methods.interface import ToleranceKind
from core.methods.registry import METHODS
from core.narration.sweep import OF_MEASURE, describe_contest, describe_setting, tolerance_of
from core.runs.folder.run_folder import config_hash
from core.statistics import mean_and_half
from core.sweeps.answer import value
from core.sweeps.outcome import Outcome, PointOutcome, Setting, beaten_by
from core.task_kinds.kinds import KINDS
from core.wording import listed

DEFAULT_QUESTION = "How much may each task lose?"


class TaskChange(BaseModel):
    """One task on the test rows, before the decision and after it, in the unit of the question."""

    model_config = ConfigDict(frozen=True)
    task: str
    title: str
    unit: str  # `AUC`, `loss`
    tolerance: str  # in words; empty where the task has none
    after: float | None  # means over the seeds
    after_half: float | None  # of the 95 % interval over seeds; None with one seed
    before: float | None
    before_half: float | None
    change: float | None  # mean of the differences over the seeds that both have; of a share, of the loss before
    half: float | None
    higher_is_better: bool

    @property
    def gain(self) -> float:
        """The change, positive for the better; 0 where it is not known."""
        return (self.change or 0.0) * (1 if self.higher_is_better else -1)

    @property
    def is_sure(self) -> bool:
        """Whether the 95 % interval leaves no change out."""
        return self.half is not None and abs(self.change or 0.0) > self.half


class Decision(BaseModel):
    """What is written down; everything else about it stands in the run folders that it names."""

    model_config = ConfigDict(frozen=True)
    question: str
    verdict: str
    chosen: str
    baseline: str | None
    unit: ToleranceKind
    tasks: tuple[TaskChange, ...]
    given_up: tuple[str, ...]
    would_change: tuple[str, ...]
    bounds: str  # whether they were kept, on the validation rows
    owner: str
    dataset: str
    split: str
    seeds: tuple[int, ...]
    config_hash: str
    runs: tuple[str, ...]
    sweep: str
    settings: int  # that were compared
    sentences: tuple[str, ...]
    picture: str  # SVG; empty where there are no two axes
    made: float  # seconds since 1970


def decide(
    sweep: str,
    outcome: Outcome,
    chosen: Setting,
    baseline: Setting | None,
    titles: Mapping[str, str],
    *,
    dataset: str,
    split: str,
    question: str = "",
    owner: str = "",
    unit: ToleranceKind = "metric",
    axes: Sequence[str] = (),
) -> Decision:
    """The record of choosing `chosen` over `baseline`; `dataset` and `split` are words for a person, `axes` the two
    tasks of the picture: those of the question, else the first two."""
    changes = tuple(_change(task, unit, chosen, baseline, titles) for task in outcome.tasks)
    before = describe_setting(baseline, titles) if baseline else None
    better = beaten_by(outcome, chosen)
    beaten = f"{describe_setting(better, titles)} is nowhere worse in {OF_MEASURE[outcome.measure]}" if better else ""
    return Decision(
        question=question.strip() or DEFAULT_QUESTION,
        verdict=_verdict(describe_setting(chosen, titles), before, changes, unit, beaten),
        chosen=describe_setting(chosen, titles),
        baseline=before,
        unit=unit,
        tasks=changes,
        given_up=_given_up(changes, unit, baseline),
        would_change=_would_change(outcome, chosen, changes, titles, unit, beaten),
        bounds=_bounds(chosen),
        owner=owner.strip(),
        dataset=dataset,
        split=split,
        seeds=tuple(point.config.seed for point in chosen.points),
        config_hash=config_hash(chosen.points[0].config),
        runs=tuple(point.run_id for point in chosen.points if point.run_id),
        sweep=sweep,
        settings=len(outcome.settings),
        sentences=tuple(describe_contest(outcome)),
        picture=_picture(outcome, chosen, baseline, titles, unit, axes),
        made=time.time(),
    )


# ------------------------------------------------------------------ numbers


def _change(
    task: str, unit: ToleranceKind, chosen: Setting, baseline: Setting | None, titles: Mapping[str, str]
) -> TaskChange:
    change = half = before = before_half = None
    if baseline is not None:
        before, before_half = _level(task, unit, baseline.points)
        earlier = {point.config.seed: value(point.results[task], unit) for point in baseline.points}
        pairs = [(earlier[point.config.seed], value(point.results[task], unit)) for point in chosen.points
                 if point.config.seed in earlier]  # fmt: skip
        shares = unit == "relative"
        if pairs:
            change, half = mean_and_half([(new - old) / (old if shares and old else 1.0) for old, new in pairs])
    after, after_half = _level(task, unit, chosen.points)
    result = chosen.points[0].results[task]
    return TaskChange(
        task=task,
        title=titles.get(task, task),
        unit=_unit(result, unit),
        tolerance=_tolerance(chosen, task),
        after=after,
        after_half=after_half,
        before=before,
        before_half=before_half,
        change=change,
        half=half,
        higher_is_better=_is_up(result, unit),
    )


def _level(task: str, unit: ToleranceKind, points: Sequence[PointOutcome]) -> tuple[float | None, float | None]:
    """Mean over seeds and half of its interval; None where a run has no such value."""
    values = [value(point.results[task], unit) for point in points]
    known = [one for one in values if one == one]  # NaN is unequal to itself
    return mean_and_half(known) if known else (None, None)


def _unit(result: TaskResult, unit: ToleranceKind) -> str:
    return KINDS[result.kind].metric.name if unit == "metric" and result.kind in KINDS else "loss"


def _is_up(result: TaskResult, unit: ToleranceKind) -> bool:
    return unit == "metric" and result.kind in KINDS and KINDS[result.kind].metric.higher_is_better


def _tolerance(setting: Setting, task: str) -> str:
    config = setting.config
    order = config.priority or tuple(setting.mean)
    if not METHODS[config.method.kind].constrains or task not in order[:-1]:
        return ""
    said = tolerance_of(setting, task)
    return f"{said} of its loss" if said.endswith("%") else said


def _picture(
    outcome: Outcome,
    chosen: Setting,
    baseline: Setting | None,
    titles: Mapping[str, str],
    unit: ToleranceKind,
    axes: Sequence[str],
) -> str:
    if len(outcome.tasks) < 2:
        return ""
    x, y = axes if len(axes) == 2 and set(axes) <= {*outcome.tasks} else outcome.tasks[:2]
    places = []
    for setting in outcome.settings:
        (across, half_x), (up, half_y) = (_level(task, unit, setting.points) for task in (x, y))
        if across is None or up is None:
            continue
        places.append(
            Place(
                label=describe_setting(setting, titles),
                x=across,
                y=up,
                half_x=half_x,
                half_y=half_y,
                is_beaten=setting.dominated,
                is_chosen=setting.number == chosen.number,
                is_baseline=baseline is not None and setting.number == baseline.number,
            )
        )
    results = chosen.points[0].results
    drawn = [
        SvgAxis(f"{titles.get(task, task)}, test {_unit(results[task], unit)}", _is_up(results[task], unit))
        for task in (x, y)
    ]
    return front_svg(places, *drawn) if places else ""


# ------------------------------------------------------------------ words


def _moved(change: TaskChange, unit: ToleranceKind, with_half: bool = True) -> str:
    """`Click gains 0.0233 ± 0.0050 AUC`, `the loss of Click falls by 1.20 ± 0.30 %`, in the table's digits."""
    scale, shape = (100, ".2f") if unit == "relative" else (1, ".4f")
    size = f"{scale * abs(change.change or 0.0):{shape}}"
    if with_half and change.half is not None:
        size += f" ± {scale * change.half:{shape}}"
    if change.higher_is_better:
        return f"{change.title} {'gains' if change.gain > 0 else 'gives up'} {size} {change.unit}"
    mark = "\u00a0%" if unit == "relative" else ""
    return f"the {change.unit} of {change.title} {'falls' if change.gain > 0 else 'rises'} by {size}{mark}"


def _verdict(chosen: str, before: str | None, changes: Sequence[TaskChange], unit: ToleranceKind, beaten: str) -> str:
    """One sentence."""
    warning = f", although {beaten}" if beaten else ""
    known = [change for change in changes if change.change is not None]
    if before is None or not known:
        reached = ", ".join(f"{one.title} {one.after:.4f} {one.unit}" for one in changes if one.after is not None)
        return f"Take {chosen}{warning}: on the test rows {reached}."
    moved = [one for one in known if one.gain]
    unsure = [one for one in moved if one.half is not None and not one.is_sure]
    every = len(moved) > 1 and len(unsure) == len(moved)
    parts = [
        _moved(one, unit) + (" (within chance)" if one in unsure and not every else "")
        for one in (*(one for one in moved if one.gain > 0), *(one for one in moved if one.gain < 0))
    ]
    said = (listed(parts) or "nothing changes") + (", all within chance" if every else "")
    return f"Take {chosen} instead of {before}{warning}: on the test rows {said}."


def _given_up(changes: Sequence[TaskChange], unit: ToleranceKind, baseline: Setting | None) -> tuple[str, ...]:
    if baseline is None:
        return (
            "Nothing was pinned to compare with, so what is given up is not known. Choose the point that holds today, "
            "pin it as the baseline, and write the record again.",
        )
    found = []
    for change in changes:
        if change.change is not None and change.gain < 0:
            sure = "" if change.half is None else ", more than chance" if change.is_sure else ", within chance"
            said = _moved(change, unit)
            found.append(f"{said[:1].upper()}{said[1:]}{sure}.")
    return tuple(found) or ("No task is worse on the test rows.",)


def _would_change(
    outcome: Outcome,
    chosen: Setting,
    changes: Sequence[TaskChange],
    titles: Mapping[str, str],
    unit: ToleranceKind,
    beaten: str,
) -> tuple[str, ...]:
    found = []
    if beaten:
        found.append(f"A reason not to take what beats it: {beaten}, and better somewhere.")
    if len(chosen.points) == 1:
        found.append("More seeds: with one, every difference may be chance.")
    unsure = [change.title for change in changes if change.half is not None and not change.is_sure]
    if unsure:
        found.append(f"More seeds that show a change of {listed(unsure, 'or')}: with these it is within chance.")
    for task in outcome.tasks:
        other = _next_better(outcome, chosen, task)
        if other is not None and not (beaten and beaten.startswith(f"{describe_setting(other, titles)} is nowhere")):
            found.append(_if_it_mattered(task, other, outcome, chosen, titles, unit))
    return tuple(found)


def _next_better(outcome: Outcome, chosen: Setting, task: str) -> Setting | None:
    """On the front, the nearest setting that is better for the task."""
    better = [one for one in outcome.settings if not one.dominated and one.mean[task] < chosen.mean[task]]
    return max(better, key=lambda one: one.mean[task], default=None)


def _if_it_mattered(
    task: str, other: Setting, outcome: Outcome, chosen: Setting, titles: Mapping[str, str], unit: ToleranceKind
) -> str:
    parts = []
    for name in outcome.tasks:
        change = _change(name, unit, other, chosen, titles)
        if change.change is not None and change.gain:
            parts.append(_moved(change, unit, with_half=False))
    return f"If {titles.get(task, task)} mattered more: {describe_setting(other, titles)} ({', '.join(parts)})."


def _bounds(chosen: Setting) -> str:
    if not METHODS[chosen.kind].constrains:
        return "The chosen method keeps no bounds."
    judged = [point.feasible for point in chosen.points if point.feasible is not None]
    if not judged:
        return "Nothing is known of its bounds."
    runs = "the run" if len(judged) == 1 else f"{sum(judged)} of {len(judged)} runs"
    if not any(judged):
        return "On the validation rows no run kept every bound."
    return f"On the validation rows {runs} kept every bound."
