"""What the picture says: sentences computed from a run's events, the most important first."""

from __future__ import annotations

from collections.abc import Iterable

from core.explain.story import Story, mean_of_last, tell
from core.training import events as ev

_AT_BOUND = 0.25  # of the tolerance: a violation within so much of zero sits at its bound
_HELD = 0.05  # a mean multiplier above this is a price
_GROWING = 1.3  # times, over the last half of the stage


def describe(events: Iterable[ev.Event]) -> list[str]:
    """A few sentences on where the run stands and what the multipliers say; empty before anything has happened."""
    story = tell(events)
    if story.started is None or story.stage is None:
        return []
    out = [_stage(story)]
    for task in story.constrained():
        out += _constraint(story, task)
    out += _angles(story)
    out += _change(story)
    out += _ended_stages(story)
    if story.finished is not None:
        out = [*_result(story), *out[1:]]
    return [sentence for sentence in out if sentence]


def _stage(story: Story) -> str:
    assert story.started is not None
    assert story.stage is not None
    objective = _join(story.stage.objective)
    held = _join(story.stage.constraints)
    if story.in_reference:
        return "The run itself is done; each task is now trained alone, to have something to compare with."
    if not held:
        together = "together, under fixed weights" if len(story.stage.objective) > 1 else "alone"
        return f"Stage {story.stage.stage + 1}: {objective} is trained {together}; nothing holds it back yet."
    return f"Stage {story.stage.stage + 1}: {objective} is trained while {held} may not get worse than allowed."


def _constraint(story: Story, task: int) -> list[str]:
    """What one multiplier says: finite price, inactive, growing, over-fitting."""
    assert story.stage is not None
    name = story.name(task)
    tolerance, reference = story.stage.tolerance[task], story.stage.reference_loss[task]
    multiplier = mean_of_last(story.steps, "multiplier", task)
    violation = mean_of_last(story.steps, "violation", task)
    on_train = mean_of_last(story.steps, "violation_train", task)
    if multiplier is None or violation is None or on_train is None or not reference:
        return []
    tolerance = _tolerance_now(story, task, tolerance or 0.0, reference)
    share = f"{violation / reference:+.1%} of its loss"
    half = [step.multiplier[task] or 0.0 for step in story.steps[len(story.steps) // 2 :]]
    growing = len(half) > 10 and half[-1] > _GROWING * max(half[0], _HELD)
    if violation > 0 and on_train < 0:
        return [
            f"{name} is outside its bound on the slice ({share}) while it meets it on the training rows: that is "
            f"over-fitting, not interference. Shorten the stage or regularise; more weight on {name} would not help."
        ]
    if tolerance == 0 and growing:
        return [
            f"{name} has no tolerance, so its multiplier has no finite value and keeps growing (now {half[-1]:.1f}); "
            f"allow a little and it settles."
        ]
    if violation > _AT_BOUND * max(tolerance, 1e-12) and multiplier > _HELD:
        trend = "still rising" if growing else "not rising any more"
        return [f"{name} is outside its bound ({share}); its multiplier is {multiplier:.1f} and {trend}."]
    if multiplier > _HELD:
        return [f"{name} sits at its bound. {_price(story, task, multiplier)}"]
    return [f"{name} is within its bound ({share}) and costs nothing: its multiplier is {multiplier:.2f}."]


def _price(story: Story, task: int, multiplier: float) -> str:
    """The multiplier in words: it is the exchange rate of normalised losses, and by that of percent."""
    assert story.started is not None
    assert story.stage is not None
    objective = story.started.tasks.index(story.stage.objective[0])
    reference = story.stage.reference_loss[task] or 0.0
    objective_loss = mean_of_last(story.steps, "loss", objective)
    base = story.started.base_loss
    percent = None
    if objective_loss:
        # one percent of the bound task's loss, in normalised units, times λ, as a percentage of the objective's loss
        percent = multiplier * (reference / base[task]) / (objective_loss / base[objective])
    text = f"One unit of its loss is now worth {multiplier:.1f} units of {story.name(objective)}"
    if percent is not None:
        text += (
            f": allowing {story.name(task)} 1 % more would lower the loss of {story.name(objective)} "
            f"by about {percent:.1f} %"
        )
    return text + "."


def _tolerance_now(story: Story, task: int, tolerance: float, reference: float) -> float:
    """The tolerance in the unit of the loss, after any edit in this stage."""
    assert story.started is not None
    assert story.stage is not None
    name = f"tolerances.{story.started.tasks[task]}"
    edits = [change for change in story.changes if change.what == name and change.step >= story.stage.step]
    if not edits or not float(edits[0].old):
        return float(edits[-1].new) * reference if edits else tolerance
    return tolerance * float(edits[-1].new) / float(edits[0].old)


def _angles(story: Story) -> list[str]:
    """The pair that conflicts most, with what that means at an active constraint."""
    if story.probed is None:
        return []
    known = [
        (cosine, error or 0.0, pair)
        for cosine, error, pair in zip(story.probed.cosine, story.probed.error, story.probed.pairs, strict=True)
        if cosine is not None
    ]
    if not known:
        return []
    cosine, error, (first, second) = min(known)
    names = f"{story.name(first)} and {story.name(second)}"
    if cosine + 2 * error < 0:
        text = f"The gradients of {names} point apart (cosine {cosine:.2f} ± {error:.2f})"
        active = [task for task in story.constrained() if (mean_of_last(story.steps, "multiplier", task) or 0) > _HELD]
        if first in active or second in active:
            return [text + "; at an active constraint that is what success looks like, not a fault."]
        return [text + ": a step for one undoes part of the other."]
    if cosine - 2 * error > 0:
        return [f"No pair of tasks pulls apart: even {names} agree (cosine {cosine:.2f} ± {error:.2f})."]
    return [f"No conflict can be told from noise: the lowest cosine is {cosine:.2f} ± {error:.2f} ({names})."]


def _change(story: Story) -> list[str]:
    if not story.changes:
        return []
    last = story.changes[-1]
    what = last.what.removeprefix("tolerances.").replace("_", " ")
    if last.what.startswith("tolerances."):
        return [f"At step {last.step} the tolerance of {what} went from {last.old} to {last.new}."]
    return [f"At step {last.step} the {what} changed from {last.old} to {last.new}."]


def _ended_stages(story: Story) -> list[str]:
    """Stages that ended without a gain deserve a word."""
    return [
        f"The stage of {_join(done.objective)}: {done.reason}"
        for done in story.stages_done
        if done.gain is not None and done.gain <= 0
    ]


def _result(story: Story) -> list[str]:
    """Each task beside itself trained alone."""
    assert story.finished is not None
    kept: list[str] = []
    lost: list[str] = []
    for name, result in story.finished.tasks.items():
        if result.auc is None or result.single_task_auc is None:
            continue
        difference = result.auc - result.single_task_auc
        text = f"{name.replace('_', ' ')} {difference:+.3f}"
        (lost if difference < -0.0005 else kept).append(text)
    out = ["The run is finished."]
    if kept or lost:
        out.append("Against each task trained alone, test AUC moved by " + ", ".join(kept + lost) + ".")
    return out


def _join(names: Iterable[str]) -> str:
    parts = [name.replace("_", " ") for name in names]
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1] if parts else ""
