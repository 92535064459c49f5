"""python -m core bench ranker: what a promise in NDCG is worth on unseen queries, where all tasks share one score.

For each division of the queries, the most important task alone, then all tasks under a tolerance in points of NDCG@10.
On the test queries, which neither run saw, the mean drop of NDCG@10 should stay within the tolerance plus its standard
error over queries. Regret against a grid of weights: `core.bench.front`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.bench.one_start import from_one_start
from core.data.dataset import Dataset
from core.data.registry import card, load_dataset
from core.events import events as ev
from core.settings.address import from_query
from core.settings.run import RunConfig
from core.statistics import ndcg_of_gains
from core.training.knobs import check_several
from core.training.loop import Trainer
from core.training.measure import predict
from core.training.stage import Weights
from core.training.state import RunState

Report = Callable[[str], None]


@dataclass(frozen=True)
class Split:
    """One division of the queries: NDCG@10 of the most important task on its test queries."""

    fold: int
    tolerance: float
    queries: int
    alone: float
    bounded: float
    drop: float
    standard_error: float
    gain: float  # of the last task, in NDCG@10, over the model of the most important one alone
    kept: bool
    kept_on_validation: bool


def measure(
    dataset: str,
    tolerances: Sequence[float],
    splits: int,
    first_split: int,
    settings: dict[str, str],
    report: Report,
) -> dict[str, Any]:
    """`promise`: a row a tolerance, over the divisions, and each of them."""
    base = from_query({"dataset.name": dataset, "reference": "false", "probe_every": "0", **settings}, flags={})
    base = base.model_copy(update={"priority": base.priority or card(base.dataset).task_names()})
    check_several(base.priority)
    each = [one for fold in range(first_split, first_split + splits) for one in _split(base, fold, tolerances, report)]
    rows = [_promise(dataset, value, [one for one in each if one.tolerance == value]) for value in tolerances]
    return {"promise": rows}


def _split(base: RunConfig, fold: int, tolerances: Sequence[float], report: Report) -> list[Split]:
    data = load_dataset(base.dataset.model_copy(update={"fold": fold}))
    names = data.description.card.task_names()
    first, last = names.index(base.priority[0]), names.index(base.priority[-1])
    each = [base.model_copy(update={"tolerance": value, "seed": fold}) for value in tolerances]
    out = []
    for trainer, events in from_one_start(each, data, 0):
        state = trainer.state
        after = [_by_query(trainer.network, data, task) for task in (first, last)]
        state.setup.network.load_state_dict(_alone(state, data))
        before = [_by_query(trainer.network, data, task) for task in (first, last)]
        drop = before[0] - after[0]
        error = float(drop.std(ddof=1) / len(drop) ** 0.5)
        stage = [event for event in events if isinstance(event, ev.StageFinished)][-1]
        tolerance, gain = state.config.tolerance, float(after[1].mean() - before[1].mean())
        report(f"fold {fold}, tolerance {tolerance:g}: {drop.mean():+.4f} ± {error:.4f}, gain {gain:+.4f}")
        out.append(Split(
            fold, tolerance, len(drop), float(before[0].mean()), float(after[0].mean()), float(drop.mean()), error,
            gain=gain,
            kept=bool(drop.mean() <= tolerance + error),
            kept_on_validation=all(value is None or value <= 0 for value in stage.violation),
        ))  # fmt: skip
    return out


def _alone(state: RunState, data: Dataset) -> Weights:
    """The most important task's model alone: what the run's first stage kept, where no common start comes before."""
    if state.plan[0].kind != "together":
        return state.kept[0]
    alone = Trainer(state.config.model_copy(update={"priority": state.config.priority[:1]}), data, device="cpu")
    for _ in alone.run():
        pass
    return alone.state.weights()


def _by_query(network: Any, data: Dataset, task: int) -> NDArray[np.float64]:
    """NDCG@10 of each test query that has a gain."""
    rows = data.rows["test"]
    scores, lists = predict(network, data, rows)[:, task], data.groups(rows)
    assert lists is not None
    known = data.mask[rows, task]
    parts = (data.labels[rows, task][known], scores[known], lists[known])
    gains, given, groups = (part.double().numpy() for part in parts)
    return ndcg_of_gains(gains, given, groups)


def _promise(dataset: str, tolerance: float, each: Sequence[Split]) -> dict[str, Any]:
    return {
        "dataset": dataset,
        "tolerance": tolerance,
        "splits": len(each),
        "kept": round(fmean(one.kept for one in each), 3),
        "kept_on_validation": round(fmean(one.kept_on_validation for one in each), 3),
        "mean_drop": round(fmean(one.drop for one in each), 4),
        "mean_standard_error": round(fmean(one.standard_error for one in each), 4),
        "mean_gain": round(fmean(one.gain for one in each), 4),
        "nothing_bought": sum(one.bounded == one.alone and one.gain == 0 for one in each),
        "each": [asdict(one) for one in each],
    }
