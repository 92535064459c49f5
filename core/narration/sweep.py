"""What a sweep says in plain words, computed from its points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.methods.interface import WeightedConfig
from core.methods.registry import METHODS
from core.sweeps.folder import SweepFolder
from core.sweeps.outcome import Contest, Measure, Outcome, PointOutcome, Setting, contest, contest_on_test, outcome_of
from core.sweeps.regret import Regret, regrets
from core.task_kinds.kinds import KINDS
from core.wording import listed

OF_MEASURE: dict[Measure, str] = {"loss": "test loss", "error": "test error", "validation": "validation loss"}
"""By what settings are compared, within a sentence."""
_AS_GOOD = 0.02  # of the range of the grid's front: nearer than one can see on the picture


def describe_setting(setting: Setting, titles: Mapping[str, str]) -> str:
    """What is particular about a setting: `NMT (Relevance may lose 1 %)`."""
    config = setting.config
    order = config.priority or tuple(titles)
    method = METHODS[config.method.kind].title
    if METHODS[config.method.kind].constrains:
        alike: dict[str, list[str]] = {}
        for name in order[:-1]:
            alike.setdefault(tolerance_of(setting, name), []).append(titles.get(name, name))
        said = [f"{listed(names)} may lose {size}" for size, names in alike.items()]
        return f"{method} ({', '.join(said)})" if said else method
    if isinstance(config.method, WeightedConfig):
        weights = config.method.weights
        said = [f"{titles.get(name, name)} × {weights.get(name, 1.0):g}" for name in order]
        return f"{method} ({', '.join(said)})"
    return method


def tolerance_of(setting: Setting, task: str) -> str:
    """What a task may lose in a setting: `1 %` of its loss, `0.002 AUC`, `0.01 loss`, `nothing`."""
    allowed, kind = setting.config.tolerance_of(task), setting.config.tolerance_kind
    if not allowed:
        return "nothing"
    if kind == "relative":
        return f"{100 * allowed:g}\u00a0%"
    if kind == "absolute":
        return f"{allowed:g} loss"
    of = setting.points[0].results[task].kind if task in setting.points[0].results else ""
    return f"{allowed:g} {KINDS[of].metric.name if of in KINDS else 'of its metric'}"


def describe_contest(outcome: Outcome) -> list[str]:
    """Tolerances against the grid of weights, on validation rows and on test rows; empty without both methods."""
    sentences = describe_regret(regrets(outcome.points))
    validation, test = contest(outcome.points), contest_on_test(outcome.points)
    if validation is not None:
        sentences.append(
            f"{_beaten(validation)} (all bounds kept on the validation rows and the last task better there, same seed)."
        )
    if test is not None:
        sentences.append(f"On the test rows: {_lower(_beaten(test))} (nowhere worse and the last task better).")
    return sentences


def describe_regret(found: Regret | None) -> list[str]:
    """How near the points under bounds come to the best that the grid has, and what they cost; empty where unknown."""
    if found is None:
        return []
    said = []
    one = len(found.medians()) == 1
    for task, medians in found.medians().items():
        validation, test = medians["slice"], medians["test"]
        if validation is None:
            continue
        of = "" if one else f" in {task}"
        on_test = "" if test is None else f", {_share(abs(test))} {_way(test)} on the test rows"
        cost = f"for {_fraction(found.compute_ratio)} of the compute"
        if validation < -_AS_GOOD:
            said.append(
                f"{found.title} lies {_share(-validation)} of their range below the best of the {found.grid} weight "
                f"settings{of} on the validation rows{on_test}, {cost} (median; 0 is their envelope)."
            )
        elif validation <= _AS_GOOD:
            said.append(
                f"{found.title} is as good{of} as the best of the {found.grid} weight settings, {cost}: "
                f"{_share(abs(validation))} of their range {_way(validation)} on the validation rows{on_test} "
                "(median; 0 is their envelope)."
            )
        else:
            said.append(
                f"{found.title} stays {_share(validation)} of their range behind the best of the {found.grid} weight "
                f"settings{of} on the validation rows{on_test}, {cost} (median; 0 is their envelope)."
            )
    return said


def _way(share: float) -> str:
    """On which side of the grid's envelope: a loss below it is better."""
    return "below" if share < 0 else "behind"


def _share(share: float) -> str:
    return f"{100 * share:.1f}\u00a0%".replace("-", "\u2212")


def _fraction(ratio: float) -> str:
    return f"1/{1 / ratio:.0f}" if ratio < 0.6 else f"{100 * ratio:.0f}\u00a0%"


def _beaten(found: Contest) -> str:
    points = f"the {found.title} point" if found.points == 1 else f"any of the {found.points} {found.title} points"
    none = f"none in {found.unbeaten_seeds} of {found.seeds} seeds" if found.unbeaten_seeds else "some in every seed"
    seeds = "" if found.seeds == 1 else f", {none}"
    if found.unbeaten == found.points:
        over = "" if found.seeds == 1 else f" in any of {found.seeds} seeds"
        return f"No weight grid point beats {points} here{over}"
    beaten = found.points - found.unbeaten
    if beaten == found.points:
        return (
            f"Weight grid points beat {'the' if beaten == 1 else f'all {beaten}'} {found.title} point{_s(beaten)} here"
        )
    return f"Weight grid points beat {beaten} of the {found.points} {found.title} points here{seeds}"


def describe_front(outcome: Outcome, titles: Mapping[str, str]) -> list[str]:
    """How large the front is, and what share of the space each method's points cover."""
    if not outcome.settings or outcome.hypervolume is None:
        return []
    front = [setting for setting in outcome.settings if not setting.dominated]
    shares = ", ".join(
        f"{METHODS[kind].title} {100 * share:.0f}\u00a0%" for kind, share in outcome.hypervolumes.items()
    )
    said = [
        f"{len(front)} of {len(outcome.settings)} settings are on the front of {OF_MEASURE[outcome.measure]}: no other "
        f"is at least as good in {' and '.join(titles.get(task, task) for task in outcome.tasks)} and better somewhere."
    ]
    if len(outcome.hypervolumes) > 1:
        said.append(f"Front coverage (hypervolume, as a share of the space between best and worst): {shares}.")
    broken = sum(point.feasible is False for point in outcome.points)
    if broken:
        said.append(f"{broken} point{_s(broken)} found no model within all bounds on the validation rows.")
    return said


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def summary(folder: SweepFolder, seconds: float) -> dict[str, Any]:
    """The sweep as one JSON object; `seconds` by the clock, `training_seconds` of all points together."""
    outcome = outcome_of(folder)
    beaten = {setting.number: setting.dominated for setting in outcome.settings}
    titles = {task: task for task in folder.grid().tasks}
    against = regrets(outcome.points)
    return {
        "sweep": folder.sweep_id,
        "points": [_point(point, beaten, against) for point in outcome.points],
        "hypervolume": outcome.hypervolume,
        "hypervolumes": outcome.hypervolumes,
        "regret": against.medians() if against else {},
        "compute_ratio": against.compute_ratio if against else None,
        "seconds": round(seconds, 3),
        "training_seconds": round(outcome.seconds, 3),
        "sentences": sweep_sentences(outcome, titles),
    }


def sweep_sentences(outcome: Outcome, titles: dict[str, str]) -> list[str]:
    """The sweep's sentences, the most important first."""
    return [*describe_contest(outcome), *describe_front(outcome, titles)]


def _point(point: PointOutcome, beaten: dict[int, bool], against: Regret | None) -> dict[str, Any]:
    own = next((one for one in against.points if one.number == point.number), None) if against else None
    return {
        "config": point.config.model_dump(mode="json"),
        "tasks": {name: result.model_dump() for name, result in point.results.items()},
        "feasible": point.feasible,
        "dominated": beaten.get(point.setting) if point.results else None,
        "regret": {"slice": own.validation, "test": own.test} if own else None,
        "seconds": round(point.seconds, 3),
        "state": point.state,
        "run": point.run_id,
        "problem": point.problem,
    }
