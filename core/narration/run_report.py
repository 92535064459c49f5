"""A run on paper: what was asked, what came of it in words, figures and two curves, and how to train it again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from html import escape

from core.charts.curves_svg import Curve, curves_svg
from core.charts.palette import task_colours
from core.data.description import DatasetCard
from core.events.events import Evaluated, Event, Finished, StageStarted, Started, Step
from core.methods.registry import METHODS
from core.narration.paper import bullets, paper, table
from core.narration.run import describe
from core.runs.listing.take_home import command_line
from core.settings.run import RunConfig

_POINTS = 300  # of a curve on paper
_NOTHING = "This run has written nothing yet."


def run_report(name: str, config: RunConfig, card: DatasetCard, events: Sequence[Event], made: float = 0.0) -> str:
    """The run as one HTML page of at most two sheets. Everything that people wrote is shown letter by letter, and no
    place on the machine is named. `made`: when the run was created, seconds since 1970."""
    titles = {task.name: task.title for task in card.tasks}
    sentences = describe(events, titles, unit=config.tolerance_kind)
    title = f"{METHODS[config.method.kind].title} on {card.title}"
    first, *others = sentences or [_NOTHING]
    notes = [card.notice] if card.notice else []
    begun = time.strftime("%Y-%m-%d %H:%M", time.gmtime(made)) + " UTC. " if made else ""
    body = "\n".join(
        [
            f"<h1>{escape(title)}</h1>",
            f"<p>{escape(_asked(config, card))}</p>",
            f'<p class="verdict">{escape(first)}</p>',
            bullets(others) if others else "",
            _figures(config, card, events),
            _pictures(card, events),
            f"<footer><h2>Where it comes from</h2>{bullets([f'{begun}Run {name}, seed {config.seed}.', *notes])}"
            f"<p>To train it again: <code>{escape(command_line(config))}</code></p></footer>",
        ]
    )
    return paper(f"{title}, run {name}", body)


def _asked(config: RunConfig, card: DatasetCard) -> str:
    titles = {task.name: task.title for task in card.tasks}
    order = [titles[name] for name in config.priority or card.task_names() if name in titles]
    if not METHODS[config.method.kind].constrains or len(order) < 2:
        return f"Tasks: {', '.join(order)}. No limits were set."
    parts = []
    for name in (config.priority or card.task_names())[:-1]:
        tolerance = config.tolerance_of(name)
        amount = f"{100 * tolerance:.3g} % of its loss" if config.tolerance_kind == "relative" else f"{tolerance:.4g}"
        amount += {"metric": " points of its metric", "absolute": " of its loss"}.get(config.tolerance_kind, "")
        parts.append(f"{titles.get(name, name)} may lose at most {amount}")
    return f"Most important first: {', '.join(order)}. {'; '.join(parts)}."


def _figures(config: RunConfig, card: DatasetCard, events: Sequence[Event]) -> str:
    """One row a task: on the test rows of a finished run, else as it last stood on the validation rows."""
    tasks = {task.name: task for task in card.tasks}
    finished = next((event for event in reversed(events) if isinstance(event, Finished)), None)
    asked = [name for name in config.priority or card.task_names() if name in tasks]
    if finished is not None:
        rows = [
            [tasks[name].title, _four(found.loss), _metric(tasks[name].metric.name, found.metric),
             _metric(tasks[name].metric.name, found.single_task_metric), _four(found.multiplier, 2)]
            for name in asked
            if (found := finished.tasks.get(name)) is not None
        ]  # fmt: skip
        return table(
            ["Task, on test rows", "Loss", "Quality", "Quality trained alone", "Multiplier, mean of the last half"],
            rows,
        )
    started = next((event for event in events if isinstance(event, Started)), None)
    last = next((event for event in reversed(events) if isinstance(event, Evaluated)), None)
    if started is None or last is None:
        return ""
    place = {name: at for at, name in enumerate(started.tasks)}
    rows = [
        [tasks[name].title, _four(last.loss[place[name]]),
         _metric(tasks[name].metric.name, last.metric[place[name]]), _four(last.violation[place[name]])]
        for name in asked
        if name in place
    ]  # fmt: skip
    return table([f"Task, on validation rows, step {last.step:,}", "Loss", "Quality", "Outside its bound by"], rows)


def _pictures(card: DatasetCard, events: Sequence[Event]) -> str:
    """Multipliers, and the quality of those tasks whose metric is a share."""
    started = next((event for event in events if isinstance(event, Started)), None)
    if started is None:
        return ""
    titles, colours = {task.name: task.title for task in card.tasks}, task_colours(list(card.task_names()))
    stages = [event for event in events if isinstance(event, StageStarted) and event.phase != "reference"]
    references = [event.step for event in events if isinstance(event, StageStarted) and event.phase == "reference"]
    last = min((step for step in references if step > 0), default=float("inf"))
    readings = [event for event in events if isinstance(event, Evaluated) and event.phase != "reference"]
    steps = [event for event in events if isinstance(event, Step) and event.step <= last]
    multipliers, qualities = [], []
    for at, name in enumerate(started.tasks):
        if name not in started.priority:
            continue
        label, colour = titles.get(name, name), colours.get(name, "#1F2328")
        pressed = [(event.step, value) for event in steps if (value := event.multiplier[at]) is not None]
        multipliers.append(Curve(label, colour, pressed[:: -(-len(pressed) // _POINTS) or 1]))
        read = [(event.step, value) for event in readings if (value := event.metric[at]) is not None]
        kind = next((task.metric for task in card.tasks if task.name == name), None)
        if kind is not None and kind.is_share:
            qualities.append(Curve(label, colour, read))
    marks = [event.step for event in stages]
    return curves_svg("Multiplier: the price of each limit", multipliers, marks, from_zero=True) + curves_svg(
        "Quality on validation rows", qualities, marks
    )


def _metric(name: str, value: float | None) -> str:
    return "–" if value is None else f"{name} {value:.4f}"


def _four(value: float | None, digits: int = 4) -> str:
    return "–" if value is None else f"{value:.{digits}f}".replace("-", "−")
