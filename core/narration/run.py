"""What the picture says: sentences computed from a run's events, the most important first.

A sentence names a figure with its sign and unit, and claims only what that figure carries: a conflict beyond its
standard error, over-fitting where the training rows clearly say the opposite of the validation rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.events import events as ev
from core.methods.interface import ToleranceKind
from core.narration.angles import HELD, angles, correction
from core.narration.outcome import outcome
from core.narration.story import Story, error_of_last, mean_of_last, tell
from core.narration.tolerances import NOTABLE, at_most, number, share_of_learnt
from core.narration.tolerances import amount as amount_words
from core.task_kinds.kinds import KINDS
from core.wording import listed

_AT_BOUND = 0.25  # of the tolerance: a violation within so much of zero sits at its limit
_WITHIN = 0.005  # of the loss: room under a bound that is more than the unrest of the readings
_WITHIN_POINTS = 0.001  # the same of a metric
_GROWING = 1.3  # times, over the last half of the stage


def describe(
    events: Iterable[ev.Event], titles: Mapping[str, str] | None = None, *, unit: ToleranceKind = "relative"
) -> list[str]:
    """A few sentences on where the run stands and what the multipliers say; empty before anything has happened.

    `titles` are the tasks' names for a person, `unit` is that of the run's tolerances.
    """
    story = tell(events)
    story.titles, story.unit = dict(titles or {}), unit
    if story.started is None or story.stage is None:
        return []
    if story.finished is not None:
        sentences = _result(story, story.finished)
    elif outcome(story, ""):
        sentences = [_stage(story), *_outcome(story)]
    else:
        sentences = [
            _stage(story),
            *_changed(story),
            *_tightened(story),
            *_constraints(story),
            *correction(story),
            *angles(story),
        ]
    sentences += [*_at_most(story), *_ended_without_gain(story)]
    return [_capital(sentence) for sentence in sentences]


# ------------------------------------------------------------------ where it stands


def _stage(story: Story) -> str:
    assert story.stage is not None
    if story.in_reference:
        return "The run itself is done; each task is now trained alone, to have something to compare with."
    objective = listed(map(story.say, story.stage.objective))
    number = story.stage.stage + 1 - story.bound_at_once
    if story.stage.constraints:
        return f"Stage {number} improves {objective}, while {_allowed(story)}."
    if story.stage.phase == "together":
        return f"Stage {number}: {objective} are trained together, before any of them is given a limit."
    if len(story.stage.objective) > 1:
        return f"Stage {number}: {objective} are trained together, without limits."
    if story.began_together:
        return f"Stage {number}: learning how good {objective} gets alone, from where all were trained together."
    return f"Stage {number}: learning how good {objective} gets alone."


def _allowed(story: Story) -> str:
    """What the tasks that the stage protects may lose, those with the same tolerance together."""
    by_tolerance: dict[str, list[str]] = {}
    for task in story.constrained():
        by_tolerance.setdefault(_size(story, task, story.tolerance(task)), []).append(story.name(task))
    if story.unit == "metric":
        return listed(f"{listed(names)} may lose at most {size}" for size, names in by_tolerance.items())
    return listed(f"{_losses(names)} may rise by at most {size}" for size, names in by_tolerance.items())


def _outcome(story: Story) -> list[str]:
    return outcome(story, _allowed(story))


def _losses(names: list[str]) -> str:
    return f"the loss of {names[0]}" if len(names) == 1 else f"the losses of {listed(names)}"


def _size(story: Story, task: int, value: float, signed: bool = False) -> str:
    """An amount of what a task may lose, in the unit of the run's tolerances."""
    assert story.started is not None
    assert story.stage is not None
    return amount_words(value, story.unit, story.started.task_kinds[task], story.stage.reference_loss[task], signed)


def _outside(story: Story) -> str:
    return "outside its bound" if story.unit == "metric" else "above its bound"


def _where(story: Story, task: int, violation: float) -> str:
    """How far a task is from its bound; of a metric, where more is often better, in words rather than by a sign."""
    if story.unit != "metric":
        return f"({_size(story, task, violation, signed=True)})"
    return f"({_size(story, task, abs(violation))} {'too little' if violation > 0 else 'to spare'})"


# ------------------------------------------------------------------ what the multipliers say


def _constraints(story: Story) -> list[str]:
    """One sentence for each bound that presses, one for all that do not."""
    out: list[str] = []
    free: list[str] = []
    for task in story.constrained():
        said = _constraint(story, task)
        if said == "":
            free.append(story.name(task))
        elif said is not None:
            out.append(said)
    if free:
        verb = "is within its bound and costs" if len(free) == 1 else "are within their bounds and cost"
        at = "its multiplier is" if len(free) == 1 else "their multipliers are"
        out.append(f"{listed(free)} {verb} nothing: {at} near 0.")
    return out


def _constraint(story: Story, task: int) -> str | None:
    """What one multiplier says: finite price, growing, over-fitting; empty where it is near 0, None where unread."""
    assert story.stage is not None
    name, reference = story.name(task), story.stage.reference_loss[task]
    multiplier = mean_of_last(story.steps, "multiplier", task)
    violation = mean_of_last(story.steps, "violation", task)
    if multiplier is None or violation is None or not reference:
        return None
    tolerance = story.tolerance(task)
    where, outside = _where(story, task, violation), _outside(story)
    half = [step.multiplier[task] or 0.0 for step in story.steps[len(story.steps) // 2 :]]
    growing = len(half) > 10 and half[-1] > _GROWING * max(half[0], HELD)
    near = _AT_BOUND * tolerance
    if _is_over_fitted(story, task, violation):
        return (
            f"{name} is {outside} on the validation rows {where} while it meets it on the training rows: that is "
            f"over-fitting, not interference. Shorten the stage or regularise; more weight on {name} would not help."
        )
    if tolerance == 0 and growing:
        return (
            f"{name} has no tolerance, so its multiplier has no finite value and keeps growing (now {half[-1]:.1f}); "
            f"allow a little and it settles."
        )
    if multiplier <= HELD:
        return "" if violation <= near else f"{name} is {outside} {where}; its multiplier is still near 0."
    if violation > near:
        trend = "still rising to push it back" if growing else "not rising any more"
        return f"{name} {_is_lately(story, task)} {outside} {where}; its multiplier is {multiplier:.1f} and {trend}."
    if not _is_at_bound(story, task, violation):
        return f"{name} has room under its bound {where}; its multiplier, {multiplier:.1f}, falls while that lasts."
    return f"{name} sits at its limit {where}. {_price(story, task, multiplier)}"


def _is_lately(story: Story, task: int) -> str:
    """The mean of the last records may be outside where the last full reading is within: then it has been."""
    assert story.stage is not None
    last = story.evaluated
    violation = None if last is None or last.step <= story.stage.step else last.violation[task]
    return "has lately been" if violation is not None and violation <= 0 else "is"


def _is_at_bound(story: Story, task: int, violation: float) -> bool:
    """Where this holds, and only there, a multiplier is a price: elsewhere it is on its way."""
    assert story.stage is not None
    near = _AT_BOUND * story.tolerance(task)
    unrest = _WITHIN_POINTS if story.unit == "metric" else _WITHIN * (story.stage.reference_loss[task] or 0.0)
    return -max(near, unrest) <= violation <= near


def _is_over_fitted(story: Story, task: int, violation: float) -> bool:
    """Above its bound on the validation rows, and clearly within it on the training rows."""
    on_train = mean_of_last(story.steps, "violation_train", task)
    if on_train is None or violation <= _AT_BOUND * story.tolerance(task):
        return False
    return on_train + 2 * error_of_last(story.steps, "violation_train", task) < 0


def _price(story: Story, task: int, multiplier: float) -> str:
    """The multiplier in words: it is the exchange rate of normalised losses, and by that of per cent."""
    assert story.started is not None
    assert story.stage is not None
    objective = story.started.tasks.index(story.stage.objective[0])
    percent = _percent(story, task, multiplier, mean_of_last(story.steps, "loss", objective))
    if percent is None:
        return f"One unit of its loss is now worth {multiplier:.1f} units of {story.name(objective)}."
    return (
        f"1 % worse {story.name(task)} would improve {story.name(objective)} by about {percent:.1f} % "
        f"(loss; multiplier {multiplier:.1f})."
    )


def _percent(story: Story, task: int, multiplier: float, objective_loss: float | None) -> float | None:
    """One per cent of the bound task's loss, in normalised units, times λ, in per cent of the objective's loss."""
    assert story.started is not None
    assert story.stage is not None
    objective = story.started.tasks.index(story.stage.objective[0])
    reference, base = story.stage.reference_loss[task], story.started.base_loss
    if not objective_loss or not reference:
        return None
    return multiplier * (reference / base[task]) / (objective_loss / base[objective])


def _changed(story: Story) -> list[str]:
    """The last turned knob, and what the multiplier has done since."""
    if not story.changes:
        return []
    last = story.changes[-1]
    if last.what == "priority":
        order = listed(story.say(name.strip()) for name in last.new.split(">"))
        return [f"at step {last.step:,} the order became {order}{_begun_anew(story, last.step)}."]
    if not last.what.startswith("tolerances."):
        return [f"at step {last.step:,} the {last.what.replace('_', ' ')} changed from {last.old} to {last.new}."]
    task = last.what.removeprefix("tolerances.")
    old, new = (_tolerance_words(story, task, float(text)) for text in (last.old, last.new))
    text = f"at step {last.step:,} the tolerance of {story.say(task)} went from {old} to {new}"
    return [text + _since(story, last.step, task) + "."]


def _tightened(story: Story) -> list[str]:
    """What a ratchet did last."""
    if not story.tightened:
        return []
    step, before, now = story.tightened[-1]
    moved = [
        f"that of {story.name(task)} from {old:.4g} to {new:.4g}"
        for task, (old, new) in enumerate(zip(before, now, strict=True))
        if old is not None and new is not None and old != new
    ]
    return [f"at step {step:,} a better model tightened the bounds: {listed(moved)}."] if moved else []


def _tolerance_words(story: Story, task: str, value: float) -> str:
    """A tolerance as the config holds it."""
    assert story.started is not None
    kinds = dict(zip(story.started.tasks, story.started.task_kinds, strict=True))
    return amount_words(value, story.unit, kinds.get(task, ""), 1.0)


def _begun_anew(story: Story, step: int) -> str:
    assert story.stage is not None
    return "; the stages began anew" if story.stage.stage == 0 and story.stage.step >= step else ""


def _since(story: Story, step: int, task: str) -> str:
    assert story.started is not None
    position = story.started.tasks.index(task) if task in story.started.tasks else None
    if position is None or position not in story.constrained():
        return ""
    before = [held.multiplier[position] or 0.0 for held in story.steps if held.step <= step]
    after = [held.multiplier[position] or 0.0 for held in story.steps if held.step > step]
    if not before or not after:
        return ""
    return f"; its multiplier was {before[-1]:.1f} then and is {after[-1]:.1f} now"


# ------------------------------------------------------------------ what a tolerance can lose


def _at_most(story: Story) -> list[str]:
    """A sentence for each bound that leaves room for much of what its task has learnt."""
    found = []
    for task in story.constrained():
        tolerance, learnt = story.tolerance(task), _learnt(story, task)
        if learnt is None or tolerance <= 0 or (share := share_of_learnt(tolerance, learnt)) < NOTABLE:
            continue
        size = _size(story, task, tolerance)
        of = size if story.unit == "metric" else f"{size} of the loss"
        found.append(f"{at_most(story.name(task), of, share)}: a smaller tolerance protects more.")
    return found


def _learnt(story: Story, task: int) -> float | None:
    """By how much the protected model is better than a constant prediction, in the unit of the run's tolerances."""
    assert story.started is not None
    assert story.stage is not None
    reached, constants = story.stage.reference_loss[task], story.started.constant_loss
    if story.unit != "metric":
        constant = constants[task] if task < len(constants) else None
        return None if constant is None or reached is None else constant - reached
    metric, bound = KINDS[story.started.task_kinds[task]].metric, story.stage.bound[task]
    if metric.chance is None or bound is None:
        return None
    side = 1 if metric.higher_is_better else -1
    return side * (bound - metric.chance) + (story.stage.tolerance[task] or 0.0)


# ------------------------------------------------------------------ the end


def _ended_without_gain(story: Story) -> list[str]:
    """Stages that ended without a gain, or without a model that keeps all bounds, deserve a word."""
    return [
        f"the stage of {listed(map(story.say, done.objective))}: {done.reason[:1].lower()}{done.reason[1:]}"
        for done in story.stages_done
        if not done.found or (done.gain is not None and done.gain <= 0)
    ]


def _result(story: Story, finished: ev.Finished) -> list[str]:
    """The model that was kept: its promises, each task beside itself trained alone, the most expensive limit."""
    held = {name: task.violation for name, task in finished.tasks.items() if task.violation is not None}
    broken = [story.say(name) for name, violation in held.items() if violation > 0]
    out = ["finished."]
    if broken:
        side = "outside" if story.unit == "metric" else "above"
        out = [f"finished; the model that was kept is {side} the bound of {listed(broken)} on the validation rows."]
    elif held:
        out = ["finished: all bounds are kept on the validation rows."]
    out += [*_outcome(story), *_against_alone(story, finished)]
    return out + _dearest(story, finished)


def _against_alone(story: Story, finished: ev.Finished) -> list[str]:
    """A sentence a metric, the tasks that gained most first."""
    moved: dict[str, dict[str, float]] = {}  # kind of task → task → how much its metric rose
    for name, task in finished.tasks.items():
        if task.metric is not None and task.single_task_metric is not None and not KINDS[task.kind].metric.is_loss:
            moved.setdefault(task.kind, {})[story.say(name)] = task.metric - task.single_task_metric
    out = []
    for kind, risen in moved.items():
        metric = KINDS[kind].metric
        ordered = sorted(risen.items(), key=lambda pair: metric.error(pair[1]))
        figures = ", ".join(f"{name} {number(difference, '+.3f')}" for name, difference in ordered)
        note = "" if metric.higher_is_better else " (less is better)"
        out.append(f"Test {metric.name} of this one model, against a model for each task alone: {figures}{note}.")
    return out


def _dearest(story: Story, finished: ev.Finished) -> list[str]:
    """The bound with the highest price in the last stage; a multiplier that over-fitting drove up is none."""
    assert story.started is not None
    assert story.stage is not None
    objective = finished.tasks.get(story.stage.objective[0])
    prices: dict[str, float] = {}
    over_fitted: list[str] = []
    unpriced = True
    for position in story.constrained():
        name = story.started.tasks[position]
        multiplier = finished.tasks[name].multiplier or 0.0
        violation = mean_of_last(story.steps, "violation", position)
        unpriced = unpriced and multiplier <= HELD
        if violation is None or multiplier <= HELD:
            continue
        percent = _percent(story, position, multiplier, objective.validation_loss if objective else None)
        if _is_over_fitted(story, position, violation):
            over_fitted.append(story.say(name))
        elif _is_at_bound(story, position, violation) and percent is not None:
            prices[name] = percent
    out = []
    if prices:
        name = max(prices, key=prices.__getitem__)
        out.append(
            f"In the last stage the most expensive limit was that of {story.say(name)}: allowing it 1 % more loss "
            f"would have lowered the loss of {story.say(story.stage.objective[0])} by about {prices[name]:.1f} %."
        )
    elif story.constrained() and not story.steps:  # nothing is known of multipliers, as of a stage that was read off
        out += [done.reason for done in story.stages_done[-1:]]
    elif story.constrained() and unpriced:
        out.append("No bound had a price in the last stage.")
    if over_fitted:
        out.append(
            f"In the last stage over-fitting drove up the multiplier of {listed(over_fitted)}, so it is no price; "
            "shorten the stage or regularise."
        )
    return out


# ------------------------------------------------------------------ writing


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
