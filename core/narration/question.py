"""A question of tolerance and its answer in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.data.description import Task
from core.errors import PrecedenceError
from core.methods.interface import ToleranceKind
from core.sweeps.answer import Answer, Moved
from core.sweeps.question import ENOUGH_SEEDS, Missing, Question

Tasks = Mapping[str, Task]
_DIGITS = 4


def unit_name(task: Task, unit: ToleranceKind) -> str:
    """What stands behind a number of the task: `AUC`, `loss`, `% of its loss`."""
    if unit == "metric":
        return task.metric.name
    return "of its loss" if unit == "absolute" else "% of its loss"


def units_of(task: Task) -> dict[ToleranceKind, str]:
    """The units in which a question about the task may be asked."""
    return {
        "metric": task.metric.name,
        "absolute": "log loss" if task.kind in ("binary", "multiclass") else "loss",
        "relative": "% of loss",
    }


def read_unit(text: str, task: Task) -> ToleranceKind:
    """The unit that a person names for a task, in any of its names; raises PrecedenceError for another one."""
    said = text.strip().lower().replace("_", " ")
    names: dict[str, ToleranceKind] = {
        "metric": "metric",
        task.metric.key: "metric",
        task.metric.name.lower(): "metric",
    }
    names |= dict.fromkeys(("loss", "log loss", "logloss", "absolute"), "absolute")
    names |= dict.fromkeys(("%", "percent", "% of loss", "% of its loss", "relative"), "relative")
    if said not in names:
        raise PrecedenceError(
            f"'{text[:40]}' is no unit for {task.title}; it is measured in {task.metric.name}, loss or % of loss."
        )
    return names[said]


def amount(value: float, task: Task, unit: ToleranceKind) -> str:
    """`.002 AUC`, `1 % of its loss`."""
    if unit == "relative":
        return f"{100 * value:.3g}\u00a0% of its loss"
    return f"{value:.3g} {unit_name(task, unit)}"


def describe_question(question: Question, tasks: Tasks) -> str:
    """The question in one line."""
    lost = amount(question.amount, tasks[question.task], question.unit)
    return f"{tasks[question.task].title} may lose {lost}: what does {tasks[question.gainer].title} gain?"


def describe_answer(answer: Answer, tasks: Tasks) -> str:
    """The answer in a sentence or two."""
    question = answer.question
    task, gainer = tasks[question.task], tasks[question.gainer]
    if answer.found == "stuck":
        return (
            f"No answer in so few steps: in {answer.stuck} of {answer.runs} runs no model with a better {gainer.title} "
            "was found within the tolerance. Train longer stages, or let more be lost."
        )
    if answer.gained is None:
        return f"What {gainer.title} would gain is not known: no run of these settings bears on it."
    moved = answer.gained
    if moved.low is None or moved.high is None:
        band = "one seed, so no band"
    else:
        low, high = _signed(moved.low, question.unit), _signed(moved.high, question.unit)
        band = f"90\u00a0% band {low} to {high}, {_seeds(answer)}"
    if moved.is_noise:
        said = f"{gainer.title} {_verb('gain', answer)} nothing that is more than noise: "
        said += f"{_noise(gainer, moved, question.unit)} ({band})."
    else:
        said = f"{_moves(gainer, moved, answer)} ({band})."
        said += _how_sure(moved, answer)
    return f"{said} {_given_up(answer, task)}".strip()


def describe_source(answer: Answer, missing: Missing) -> str:
    """How the answer was found, and what would make it surer."""
    more = f"; training {len(missing.runs)} {_runs(missing)} would" if missing.runs else ""
    match answer.found:
        case "trained":
            each = "with the tolerance and without" if len(answer.seeds) == 1 else "each with the tolerance and without"
            enough = f"{more} make it {ENOUGH_SEEDS} seeds" if more else ""
            runs = "1 run" if answer.stuck == 1 else f"{answer.stuck} runs"
            stuck = f"; of {runs} with it nothing better was found, which counts as no gain" if answer.stuck else ""
            return f"Trained exactly so: {_seeds(answer)}, {each}{stuck}{_recorded(answer)}{enough}."
        case "in_hand":
            model = "a model" if answer.runs == 1 else f"{answer.runs} models"
            direct = f"{more} answer it directly" if more else ""
            return (
                f"Read off {model} in hand: the best within the tolerance between those of runs trained at others, "
                f"{_seeds(answer)}, with nothing trained for it{direct}."
            )
        case "stuck":
            return f"Trained exactly so, {answer.runs} runs."
        case "neighbours":
            tell = "" if answer.share is None else _share(answer.share)
            return (
                f"Read off {answer.runs} trained neighbours, by the prices between their tolerances{tell}"
                f"{_recorded(answer)}{more and more + ' answer it directly'}."
            )
        case "price":
            count = "one trained run" if answer.runs == 1 else f"{answer.runs} runs at one tolerance"
            return f"By the multiplier of {count} alone, so the band is wide{more and more + ' answer it directly'}."
        case _:
            return f"Nothing comparable is trained yet{more and more + ' answer it'}."


def _recorded(answer: Answer) -> str:
    """That nobody here has trained them."""
    if not answer.recorded:
        return ""
    some = "" if answer.recorded == answer.runs else f"{answer.recorded} of "
    come = "comes" if answer.recorded == 1 else "come"
    return f"; {some}these runs {come} with the program"


def _runs(missing: Missing) -> str:
    return "run" if len(missing.runs) == 1 else "runs"


def answer_json(answer: Answer, missing: Missing, tasks: Tasks, seconds: float) -> dict[str, Any]:
    """The same as one object."""
    question = answer.question
    moved = {question.task: answer.lost, question.gainer: answer.gained}
    return {
        "question": {
            "task": question.task,
            "amount": question.amount,
            "unit": question.unit,
            "gainer": question.gainer,
            "text": describe_question(question, tasks),
        },
        "found": answer.found,
        "tasks": {name: _moved_json(one, tasks[name], question.unit) for name, one in moved.items()},
        "more_than_noise": None
        if answer.gained is None or answer.gained.is_noise is None
        else not answer.gained.is_noise,
        "seeds": list(answer.seeds),
        "runs": answer.runs,
        "sentence": describe_answer(answer, tasks),
        "source": describe_source(answer, missing),
        "missing": [{"seed": seed, "tolerance": tolerance} for seed, tolerance in missing.runs],
        "missing_steps": missing.steps,
        "missing_seconds": round(seconds, 1) if missing.runs else 0.0,
        "rows": "test",
    }


def _moved_json(moved: Moved | None, task: Task, unit: ToleranceKind) -> dict[str, Any] | None:
    if moved is None:
        return None
    return {
        "unit": "share of loss" if unit == "relative" else task.metric.name if unit == "metric" else "loss",
        "before": moved.before,
        "after": moved.after,
        "change": moved.change,
        "low": moved.low,
        "high": moved.high,
    }


def level(value: float) -> str:
    """A loss or a metric."""
    return f"{value:.{_DIGITS}f}"


def describe_change(moved: Moved, unit: ToleranceKind) -> str:
    """`+0.0041 (+0.0030 to +0.0052)`."""
    text = _signed(moved.change, unit)
    if moved.low is None or moved.high is None:
        return text
    return f"{text} ({_signed(moved.low, unit)} to {_signed(moved.high, unit)})"


def _given_up(answer: Answer, task: Task) -> str:
    if answer.lost is None:
        return f"{task.title} may give up as much as it is allowed."
    gives = f"On the test rows {task.title} {_verb('give', answer)} up"
    if answer.lost.gain >= 0:
        return f"{gives} nothing for it."
    size = _size(answer.lost.change, answer.question.unit)
    if _is_up(task, answer.question.unit):
        return f"{gives} {size} {task.metric.name} for it."
    lowered = _lowered(task, answer.question.unit)
    return f"On the test rows the {lowered} of {task.title} {_verb('rise', answer)} by {size} for it."


def _moves(task: Task, moved: Moved, answer: Answer) -> str:
    """`Click gains 0.0233 AUC`, `The RMSE of Price would fall by 0.0210`."""
    unit = answer.question.unit
    size, better = _size(moved.change, unit), moved.gain > 0
    if _is_up(task, unit):
        return f"{task.title} {_verb('gain' if better else 'lose', answer)} {size} {task.metric.name}"
    return f"The {_lowered(task, unit)} of {task.title} {_verb('fall' if better else 'rise', answer)} by {size}"


def _noise(task: Task, moved: Moved, unit: ToleranceKind) -> str:
    """What was seen of a change that may be none; which sign is better is said where less is."""
    size = _signed(moved.change, unit)
    return (
        f"{size} {task.metric.name}" if _is_up(task, unit) else f"{size} {_lowered(task, unit)}, where less is better"
    )


def _how_sure(moved: Moved, answer: Answer) -> str:
    """Only what was trained is called more than noise; a prediction's band is right more or less often."""
    if moved.is_noise is None:
        return " One seed cannot tell it from noise."
    return " That is more than noise." if _is_a_fact(answer) else " That is predicted: its band leaves 0 out."


def _verb(word: str, answer: Answer) -> str:
    """Of what a model in hand has as a fact, of what is only predicted as what would be."""
    return f"{word}s" if _is_a_fact(answer) else f"would {word}"


def _is_a_fact(answer: Answer) -> bool:
    return answer.found in ("trained", "in_hand")


def _is_up(task: Task, unit: ToleranceKind) -> bool:
    return unit == "metric" and task.metric.higher_is_better


def _lowered(task: Task, unit: ToleranceKind) -> str:
    """The name of what is better where it is less."""
    return task.metric.name if unit == "metric" else "loss"


def _size(change: float, unit: ToleranceKind) -> str:
    """Without its sign, in the digits of the table and of the band."""
    return f"{abs(100 * change):.2f}\u00a0%" if unit == "relative" else f"{abs(change):.{_DIGITS}f}"


def _signed(value: float, unit: ToleranceKind) -> str:
    text = f"{100 * value:+.2f}\u00a0%" if unit == "relative" else f"{value:+.{_DIGITS}f}"
    return text.replace("-", "−") if text.strip("+-0.\u00a0%") else text.replace("-", "+")


def _seeds(answer: Answer) -> str:
    return "one seed" if len(answer.seeds) == 1 else f"{len(answer.seeds)} seeds"


def _share(share: float) -> str:
    if share <= 0:
        return ", which went another way than the multipliers promise"
    return f", of whose promise {100 * share:.0f}\u00a0% came true"
