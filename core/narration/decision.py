"""A decision on one page: the question, what was chosen, what it gains and loses and how sure that is, and on what."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Mapping, Sequence
from html import escape

from pydantic import BaseModel, ConfigDict

from core.methods.registry import METHODS
from core.narration.sweep import describe_contest, describe_setting
from core.runs.folder.run_folder import config_hash
from core.statistics import mean_and_half
from core.sweeps.outcome import Measure, Outcome, PointOutcome, Setting, value_of
from core.task_kinds.kinds import KINDS

DEFAULT_QUESTION = "How much may each task lose?"


class TaskChange(BaseModel):
    """One task under the decision, beside the baseline; lower is better. `change` in the measure's own unit."""

    model_config = ConfigDict(frozen=True)
    task: str
    title: str
    tolerance: str  # in words; empty where the task has none
    value: float
    baseline: float | None
    change: float | None  # mean over the seeds that both have
    half: float | None  # of its 95 % interval; None with one seed
    share: float | None  # the change as a share of the baseline
    kind: str  # of the task, which names its metric
    metric: float | None  # on the test rows, mean over seeds


class Decision(BaseModel):
    """What is written down; everything else about it stands in the run folders that it names."""

    model_config = ConfigDict(frozen=True)
    question: str
    chosen: str
    baseline: str | None
    measure: str
    tasks: tuple[TaskChange, ...]
    dataset: str
    split: str
    seeds: tuple[int, ...]
    config_hash: str
    runs: tuple[str, ...]
    sweep: str
    settings: int  # that were compared
    sentences: tuple[str, ...]
    made: float  # seconds since 1970


def decide(
    sweep: str,
    outcome: Outcome,
    chosen: Setting,
    baseline: Setting | None,
    titles: Mapping[str, str],
    *,
    measure: str,
    dataset: str,
    split: str,
    question: str = "",
) -> Decision:
    """The record of choosing `chosen` over `baseline`; `measure`, `dataset` and `split` are words for a person."""
    return Decision(
        question=question.strip() or DEFAULT_QUESTION,
        chosen=describe_setting(chosen, titles),
        baseline=describe_setting(baseline, titles) if baseline else None,
        measure=measure,
        tasks=tuple(_change(task, outcome.measure, chosen, baseline, titles) for task in outcome.tasks),
        dataset=dataset,
        split=split,
        seeds=tuple(point.config.seed for point in chosen.points),
        config_hash=config_hash(chosen.points[0].config),
        runs=tuple(point.run_id for point in chosen.points if point.run_id),
        sweep=sweep,
        settings=len(outcome.settings),
        sentences=tuple(describe_contest(outcome)),
        made=time.time(),
    )


def _change(
    task: str, measure: Measure, chosen: Setting, baseline: Setting | None, titles: Mapping[str, str]
) -> TaskChange:
    change = half = share = None
    if baseline is not None:
        before = {point.config.seed: _value(point, task, measure) for point in baseline.points}
        same = [point for point in chosen.points if point.config.seed in before]
        if same:
            change, half = mean_and_half([_value(point, task, measure) - before[point.config.seed] for point in same])
            share = change / baseline.mean[task] if baseline.mean[task] else None
    results = [point.results[task] for point in chosen.points]
    return TaskChange(
        task=task,
        title=titles.get(task, task),
        tolerance=_tolerance(chosen, task),
        value=chosen.mean[task],
        baseline=baseline.mean[task] if baseline else None,
        change=change,
        half=half,
        share=share,
        kind=next((result.kind for result in results if result.kind), ""),
        metric=_mean([result.metric for result in results]),
    )


def _value(point: PointOutcome, task: str, measure: Measure) -> float:
    value = value_of(point.results[task], measure)
    assert value is not None  # else the task were no axis of the front
    return value


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.fmean(known) if known else None


def _tolerance(setting: Setting, task: str) -> str:
    config = setting.config
    order = config.priority or tuple(setting.mean)
    if not METHODS[config.method.kind].constrains or task not in order[:-1]:
        return ""
    value = config.tolerance_of(task)
    if config.tolerance_kind == "metric":
        return f"{value:g} of its metric"
    return f"{100 * value:g}\u00a0%" if config.tolerance_kind == "relative" else f"{value:g}"


# ------------------------------------------------------------------ as a page


def to_markdown(decision: Decision) -> str:
    """The record as Markdown, one page."""
    head, *rows = _table(decision)
    lines = [f"# {_plain(decision.question)}", "", f"**Chosen:** {_plain(decision.chosen)}", ""]
    lines += ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(_plain(cell) for cell in row) + " |" for row in rows]
    lines += ["", *(f"- {_plain(note)}" for note in _notes(decision)), ""]
    return "\n".join(lines)


def to_html(decision: Decision) -> str:
    """The record as one HTML page that needs nothing else; everything a person wrote is shown letter by letter."""
    head, *rows = _table(decision)
    cells = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    notes = "".join(f"<li>{escape(note)}</li>" for note in _notes(decision))
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(decision.question)}</title><style>
body {{ font: 15px/1.45 system-ui, sans-serif; color: #1F2328; }}
body {{ max-width: 46rem; margin: 2.5rem auto; padding: 0 1rem; }}
table {{ border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }}
th, td {{ text-align: right; padding: .3rem .5rem; border-bottom: 1px solid #D8DCE1; }}
th:first-child, td:first-child {{ text-align: left; }}
li {{ margin: .2rem 0; }}
</style></head><body>
<h1>{escape(decision.question)}</h1>
<p><strong>Chosen:</strong> {escape(decision.chosen)}</p>
<table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>
<ul>{notes}</ul>
</body></html>
"""


def _table(decision: Decision) -> list[list[str]]:
    compared = decision.baseline is not None
    kinds = {task.kind for task in decision.tasks if task.kind}
    one = KINDS[kinds.pop()].metric.name if len(kinds) == 1 else None  # else each figure names its own
    head = [
        "Task",
        "May lose",
        decision.measure,
        *(["Baseline", "Change", "Change, %"] if compared else []),
        f"Test {one or 'metric'}",
    ]
    rows = [head]
    for task in decision.tasks:
        row = [task.title, task.tolerance or "–", f"{task.value:.4f}"]
        if compared:
            row += [_number(task.baseline, ".4f"), _interval(task), _number(task.share and 100 * task.share, "+.2f")]
        rows.append([*row, _metric(task, is_named=one is None)])
    return rows


def _metric(task: TaskChange, *, is_named: bool) -> str:
    if task.metric is None:
        return _number(None, "")
    metric = KINDS[task.kind].metric
    return f"{metric.name} " * is_named + _number(task.metric, metric.shape)


def _interval(task: TaskChange) -> str:
    if task.change is None:
        return "–"
    half = f" ± {task.half:.4f}" if task.half is not None else ""
    return f"{task.change:+.4f}{half}".replace("-", "−")


def _number(value: float | None, shape: str) -> str:
    return "–" if value is None else f"{value:{shape}}".replace("-", "−")


def _notes(decision: Decision) -> list[str]:
    seeds = ", ".join(map(str, decision.seeds))
    many = len(decision.seeds) > 1
    sure = (
        "Intervals are 95 % t-intervals of the paired differences over seeds."
        if many
        else "One seed: no interval can be given, and a difference may be chance."
    )
    against = f"Baseline: {decision.baseline}." if decision.baseline else "No baseline was pinned."
    return [
        against + " Lower is better; a negative change is a gain.",
        sure,
        *decision.sentences,
        f"Data: {decision.dataset}; rows to train on, to keep promises on and to test on: {decision.split}",
        f"Seed{'s' if many else ''}: {seeds}. Config {decision.config_hash} (of the first seed). "
        f"Run{'s' if many else ''}: {', '.join(decision.runs)}.",
        f"Chosen among {decision.settings} settings of sweep {decision.sweep}, by looking at these same figures: the "
        "best of many looks a little better than it is.",
        f"Written {time.strftime('%Y-%m-%d %H:%M', time.gmtime(decision.made))} UTC.",
    ]


_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_{}[]<>#|$~"})
_SIGN = re.compile(r":(?=[a-zA-Z])")  # begins a picture or a colour in some readers


def _plain(text: str) -> str:
    """As Markdown shows it letter by letter."""
    return _SIGN.sub(r"\\:", text.replace("\n", " ").translate(_MARKS))
