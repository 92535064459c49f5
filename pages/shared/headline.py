"""The row of figures above the charts: how the run is, how far it is, and whether it keeps its promise."""

from __future__ import annotations

from html import escape

import streamlit as st

from core.data.registry import card
from core.errors import PrecedenceError
from core.events.events import Evaluated, StageFinished, StageStarted, Started
from core.methods.registry import METHODS
from core.runs.folder.shared_stages import read_branched
from core.runs.folder.status import RunStatus
from pages.shared.run_reader import RunReader
from pages.shared.terms import term_html

STATES = {
    "queued": "Waiting",
    "starting": "Starting",
    "running": "Training",
    "paused": "Paused",
    "finished": "Finished",
    "stopped": "Stopped",
    "failed": "Failed",
    "crashed": "Crashed",
}
TOOK = (
    "Of training, without waiting and pauses; first steps that were trained before count with the time they took then."
)
STYLE = """<style>
.headline.headline { margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .3rem 1.6rem; }
.headline > div { min-width: 5.5rem; }
.headline dt { font-size: .75rem; opacity: .75; font-weight: 400; }
.headline dd { margin: 0; font-size: 1.02rem; font-weight: 600; white-space: nowrap; }
.headline dd { font-variant-numeric: tabular-nums; }
.headline .far { flex: 1 1 12rem; }
.headline dd.note { font-size: .85rem; font-weight: 400; white-space: normal; }
.headline .far div { height: .4rem; border-radius: 1rem; }
.headline .far dd > div { margin-top: .35rem; background: rgba(128, 132, 142, .3); }
.headline .far dd > div > div { background: currentColor; opacity: .7; }
</style>"""


def headline(run: RunReader, status: RunStatus, said: str = "") -> None:
    """Status (or what is `said` of it), progress, time left, device, promise and its worst violation, in one row."""
    cells = [
        _cell("Status", said or STATES[status.state], status.note),
        _far(status, _taken_over(run)),
        _time(status),
        _cell("Device", *_device(run, status)),
        *(_cell(*promise) for promise in promises(run)),
    ]
    st.html(f'{STYLE}<dl class="headline">{"".join(cells)}</dl>')


def _cell(label: str, value: str, title: str = "") -> str:
    return f'<div title="{escape(title)}"><dt>{term_html(label)}</dt><dd>{escape(value)}</dd></div>'


def is_preparing(status: RunStatus) -> bool:
    """True while nothing moves yet, for a reason that the run tells."""
    return bool(status.note) and status.state in ("queued", "starting")


def _far(status: RunStatus, taken: int) -> str:
    """Steps so far; `taken` of them were trained in another run."""
    share = min(1.0, status.step / status.most_steps) if status.most_steps else 0.0
    label, far = "Step", f"{status.step:,}"
    if is_preparing(status):
        return f'<div class="far"><dt>Now</dt><dd class="note">{escape(status.note)}</dd></div>'
    if status.state == "finished":
        label = "Steps"
    elif status.stages:
        reference = status.phase == "reference"
        phase = "training each task alone, to compare" if reference else f"stage {status.stage + 1} of {status.stages}"
        label, far = f"Step, {phase}", f"{status.step:,} of at most {status.most_steps:,}"
    if taken:
        label = f"{label}; {taken:,} of them trained before"
    return (
        f'<div class="far"><dt>{escape(label)}</dt><dd>{escape(far)}'
        f'<div role="progressbar" aria-valuenow="{100 * share:.0f}" aria-valuemin="0" aria-valuemax="100" '
        f'aria-label="Progress"><div style="width: {100 * share:.1f}%"></div></div></dd></div>'
    )


def _taken_over(run: RunReader) -> int:
    try:
        return read_branched(run.folder.path).taken()
    except PrecedenceError:  # damaged: the sentences below the charts say so
        return 0


def _time(status: RunStatus) -> str:
    if status.state == "finished":
        return _cell("Took", duration(status.seconds), TOOK)
    return _cell("Time left", time_left(status), "If no stage ends early.")


def time_left(status: RunStatus) -> str:
    """In words: `about 40 s`, `place 3 in the queue`, or a dash."""
    if status.state == "queued" and status.queue_position:
        return f"place {status.queue_position} in the queue"
    if status.remaining_seconds is None:
        return "–"
    return f"about {duration(status.remaining_seconds)}"


def duration(seconds: float) -> str:
    """`40 s`, `3 min`, `2.5 h`."""
    if round(seconds) < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _device(run: RunReader, status: RunStatus) -> tuple[str, str]:
    started = run.last(Started)
    name = (started.device if started else status.device) or "–"
    words = {"cpu": "CPU", "cuda": "GPU"}
    return words.get(name.split(":")[0], name), started.device_reason if started else ""


def promises(run: RunReader) -> list[tuple[str, str, str]]:
    """Label, value and explanation: are all bounds kept on validation rows, and how far is the worst one over it?"""
    stage, last, reading = run.last(StageStarted), run.last(Evaluated), run.reading()
    started = run.last(Started)
    if not METHODS[run.folder.config().method.kind].constrains:
        return []
    if stage is None or started is None or not stage.constraints:
        return [("Bounds kept", "none yet", "The first stage protects nothing.")]
    ended = run.last(StageFinished)  # of a stage that was read off there is no evaluation
    is_over = ended is not None and ended.stage == stage.stage
    if reading is None or last is None or (last.step <= stage.step and not is_over):
        return [("Bounds kept", "not read yet", "The validation rows are read at intervals.")]
    points = run.folder.config().tolerance_kind == "metric"
    shares = {
        name: violation if points else 100 * violation / reference
        for name, violation, reference in zip(started.tasks, reading.violation, stage.reference_loss, strict=True)
        if violation is not None and reference
    }
    kept = (
        "Bounds kept",
        "yes" if reading.feasible else "no",
        "On the validation rows: at its last full reading, or for the model that the stage kept. While a stage that "
        "branches goes on, against what the model that set the bound had at the same step.",
    )
    if not shares:
        return [kept]
    worst = max(shares, key=shares.__getitem__)
    titles = {task.name: task.title for task in card(run.folder.config().dataset).tasks}
    label = (
        "Furthest outside its bound"
        if points and shares[worst] > 0
        else "Most above its bound"
        if shares[worst] > 0
        else "Closest to its limit"
    )
    if points:
        size, says = f"{abs(shares[worst]):.4f}", "In points of its metric."
    else:
        size, says = f"{abs(shares[worst]):.2f} %", "In per cent of its loss."
    return [kept, (label, f"{titles.get(worst, worst)} {size}", says)]
