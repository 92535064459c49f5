"""Trains the points: a score of two parts under a bound on NDCG@10, by the trainer and the ranker of any other run.

    s = c · (r / best r) + v · u            a ranker without layers, one score for both tasks
    w = v / c                               what a search adds (`core.relevance.addition`)

where c is fixed, the one that fits the relevance alone best, and v = 0 at first. The aim is trained under "relevance
loses at most so many points of NDCG@10", with a standard error to spare (`core.methods.nmt`, `tolerance_kind` metric,
`margin`). What it may lose is counted from the order that is searched, v = 0. There relevance is trained already, so
its own stage takes one step, too short to break even a tie, and the bound is measured.

One number is learnt, by which no query can be learnt by heart: so the bound is read on all queries but the test's,
those that the relevance model learnt from among them. Of the validation queries alone it is too unsure
(docs/results.md).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch

from core.data.dataset import Dataset
from core.data.description import DatasetCard, DatasetDescription, DenseFeature, Split, Task
from core.data.list_gains import gains_within
from core.data.ranking import weighted_in_lists
from core.events import events as ev
from core.models.losses import TaskLosses
from core.models.ranker import OneScore
from core.relevance.aims import Aim
from core.relevance.order.fronts import TOLERANCES, Front, Point
from core.relevance.order.lists import JudgedLists
from core.settings.run import RunConfig
from core.training.knobs import Knobs
from core.training.loop import Trainer

RELEVANCE, AIM = "relevance", "aim"
LEAST_QUERIES = 5  # with a gain, of the test and of the others
NEXT_TO_NOTHING = 1e-12
LEARNING_RATE = 0.1
SCALES = tuple(float(round(scale, 2)) for scale in np.geomspace(1, 60, 25))
RUN = {
    "method": {"kind": "nmt", "tolerance_kind": "metric", "start_together": NEXT_TO_NOTHING, "margin": 1.0},
    "priority": (RELEVANCE, AIM),
    "batch_size": 1000,
    "stage_steps": 120,
    "evaluate_every": 10,
    "patience": 40,
    "reference": False,
    "probe_every": 0,
    "device": "cpu",
    "optimiser": {"learning_rate": NEXT_TO_NOTHING, "weight_decay": 0.0},
}
Report = Callable[[int, int], None]


def untrainable(lists: JudgedLists) -> str:
    """Why nothing can be trained on these lists, in a sentence; empty where it can."""
    for held_out, name in ((False, "training"), (True, "test")):
        count = len(lists.where(held_out).ndcg(0.0))
        if count < LEAST_QUERIES:
            return (
                f"There are {count} {name} queries that find a fitting product; an order between two aims takes "
                f"{LEAST_QUERIES}."
            )
    return ""


def train_front(
    lists: JudgedLists, aim: Aim, tolerances: Sequence[float] = TOLERANCES, seed: int = 0, report: Report | None = None
) -> Front:
    """One model a tolerance, measured on the test queries."""
    data, test = dataset_of(lists), lists.where(held_out=True)
    points = []
    for at, tolerance in enumerate(tolerances):
        if report:
            report(at, len(tolerances))
        points.append(measured(test, aim, tolerance, trained_weight(data, tolerance, seed)))
    before = test.averages(0.0)
    return Front(
        name=aim.name, title=aim.title, counted=aim.counted, mean=aim.mean,
        queries=len(test.ndcg(0.0)),
        ndcg=round(float(test.ndcg(0.0).mean()), 5),
        amount=round(aim.amount(float(before.mean())), 5),
        points=tuple(points),
    )  # fmt: skip


def dataset_of(lists: JudgedLists) -> Dataset:
    """The lists as a data set of two rankings."""
    tasks = (
        Task(name=RELEVANCE, title="Relevance", kind="ranking", label="gain"),
        Task(name=AIM, title="Aim", kind="ranking", label="outcome"),
    )
    card = DatasetCard(
        name="order", title="Judged lists", about="A row is a product judged for a query.", tasks=tasks,
        split=Split(kind="given", says="as the relevance model's"),
    )  # fmt: skip
    description = DatasetDescription(
        card=card, dense=(DenseFeature(name="relevance"), DenseFeature(name="known")), group="query"
    )
    labels = np.stack([lists.gain, gains_within(lists.outcome, lists.query)], 1).astype(np.float32)
    mask = ~np.isnan(labels)
    learnt, test = (torch.from_numpy(np.flatnonzero(lists.held_out == part)) for part in (False, True))
    return weighted_in_lists(
        Dataset(
            description=description,
            sparse=torch.zeros(len(labels), 0, dtype=torch.int32),
            dense=torch.from_numpy(np.stack([lists.relevance, lists.known], 1).astype(np.float32)),
            sequences=(),
            labels=torch.from_numpy(np.where(mask, labels, np.float32(0))),
            mask=torch.from_numpy(mask),
            rows={"train": learnt, "validation": learnt, "test": test},
            keys={"query": torch.from_numpy(lists.query.astype(np.int32))},
        )
    )


def trained_weight(data: Dataset, tolerance: float, seed: int = 0) -> float:
    """w of the model that is kept under the bound; 0 where the bound lets nothing pass."""
    scale = fitting_scale(data)
    model = {"kind": "ranker", "trunk": (), "dropout": 0.0, "first_weight": scale}
    config = RunConfig.model_validate({**RUN, "model": model, "tolerance": tolerance, "seed": seed})
    trainer = Trainer(config, data, device="cpu")
    for turn in trainer.run():
        if any(isinstance(event, ev.StageStarted) and event.objective == [AIM] for event in turn):
            trainer.change(Knobs(learning_rate=LEARNING_RATE))
    assert isinstance(trainer.network.sharing, OneScore)
    return max(0.0, float(trainer.network.sharing.score.weight.detach()) / scale)


def fitting_scale(data: Dataset) -> float:
    """c of which the list-wise loss of relevance alone is lowest on the training rows."""
    rows = data.rows["train"]
    losses = TaskLosses(data)
    batch = data.batch(rows)
    found = {}
    for scale in SCALES:
        scores = (scale * batch.dense[:, :1]).expand(-1, 2)
        found[scale] = float(losses(scores, batch)[0])
    return min(found, key=found.__getitem__)


def measured(test: JudgedLists, aim: Aim, tolerance: float, weight: float) -> Point:
    """What a weight does on the test queries against relevance alone."""
    before, after = test.ndcg(0.0), test.ndcg(weight)
    first, then = test.averages(0.0), test.averages(weight)
    change, error = _change(after - before)
    amount = aim.amount(float(then.mean()))
    rise, rise_error = _change(then - first)
    if aim.mean == "typical":
        gain, gain_error = float(np.expm1(rise)), float(np.exp(rise)) * rise_error
    else:
        whole = max(abs(float(first.mean())), 1e-12)
        gain, gain_error = rise / whole, rise_error / whole
    return Point(
        tolerance=tolerance,
        weight=weight,
        ndcg=round(float(after.mean()), 5),
        ndcg_change=round(change, 5),
        ndcg_error=round(error, 5),
        amount=round(amount, 5),
        gain=round(gain, 5),
        gain_error=round(gain_error, 5),
    )


def _change(values: np.ndarray) -> tuple[float, float]:
    """Mean and standard error of paired differences over queries."""
    return float(values.mean()), float(values.std(ddof=1) / len(values) ** 0.5)
