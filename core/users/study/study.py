"""The comparison of the paper's tables 2 and 4 and figure 7 on data that are here: arms, single tasks, transfer.

One run after another; each finished one is a line of a file, so that a study that was cut off goes on where it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from core.data.dataset import Dataset
from core.data.histories.fields import HISTORY
from core.models.dupn_config import DUPNConfig
from core.settings.run import RunConfig
from core.statistics import mean_and_half
from core.users.embedding.attention import Pull, pull_of_queries
from core.users.study.transfer import joint, learn_last, train

ARMS = ("none", "gates", "attention", "all")
TARGET = "shop"
PARTS = (1, 10)  # of a hundred labels of TARGET, beside all of them


def study(
    config: RunConfig,
    dataset: Dataset,
    seeds: Iterable[int],
    file: Path,
    report: Callable[[str], None],
    only: tuple[str, ...] = (),
) -> None:
    """All runs of each seed, or `only` those named: the four arms, each task alone, and the transfer to TARGET.

    The transfer has all labels of TARGET, and 1 and 10 % of its training rows. Scratch with all of them is TARGET
    alone, and retraining all is the arm `all`: they are not run twice. `only` names 'transfer' or single arms of it.
    """
    names = dataset.description.card.task_names()
    done = {(line["what"], line["seed"]) for line in lines(file)}
    for seed in seeds:
        base = config.model_copy(update={"seed": seed})
        todo: list[tuple[str, RunConfig]] = [(f"arm {arm}", joint(_arm(base, arm), names)) for arm in ARMS]
        todo += [(f"alone {name}", joint(base, (name,))) for name in names]
        for what, run in todo:
            if (what, seed) not in done and (not only or what in only):
                report(f"seed {seed}: {what}")
                trainer, finished = train(run, dataset)
                pull = pull_of_queries(trainer.network, dataset) if what.startswith("arm ") else None
                _keep(file, what, seed, finished.tasks, pull)
        wanted = [arm for arm in _transfer_arms(only) if (arm, seed) not in done]
        if wanted:
            report(f"seed {seed}: transfer")
            _transfer(base, dataset, wanted, file, report)


def _transfer_arms(only: tuple[str, ...]) -> list[str]:
    arms = ["frozen", "fine_tune", *(f"{arm} {part} %" for part in PARTS for arm in ("scratch", "frozen", "fine_tune"))]
    return [arm for arm in arms if not only or "transfer" in only or arm in only]


def _transfer(config: RunConfig, dataset: Dataset, arms: list[str], file: Path, report: Callable[[str], None]) -> None:
    """The arms on TARGET: from the other tasks' weights, with only its head learning, or from nothing."""
    names = dataset.description.card.task_names()
    learnt = None
    for arm in arms:
        report(f"seed {config.seed}: {arm}")
        way, part = [*arm.split(" ")[:2], "100"][:2]
        if learnt is None and way != "scratch":
            others = tuple(name for name in names if name != TARGET)
            learnt = train(joint(config, others), dataset)[0].state.kept[-1]
        few = with_part(dataset, int(part) / 100, config.seed)
        _keep(file, arm, config.seed, learn_last(config, few, TARGET, way, learnt or {}).tasks)


def with_part(dataset: Dataset, part: float, seed: int) -> Dataset:
    """The same data with a share of the training rows, drawn by histories, since rows of one moment belong together."""
    if part >= 1:
        return dataset
    rows = dataset.rows["train"]
    history = dataset.keys[HISTORY][rows]
    every = torch.unique(history)
    random = torch.Generator().manual_seed(seed)
    kept = every[torch.randperm(len(every), generator=random)[: max(1, round(part * len(every)))]]
    return replace(dataset, rows={**dataset.rows, "train": rows[torch.isin(history, kept)]})


def lines(file: Path) -> list[dict[str, Any]]:
    """The runs that a file holds."""
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def summary(file: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """What was run → task → mean of the metric over seeds, half the 95 % interval of that mean, and the seeds.

    The metric is that of the task's kind: AUC, of a task with classes the accuracy.
    """
    values: dict[str, dict[str, list[float]]] = {}
    for line in lines(file):
        for task, metric in line["metric"].items():
            values.setdefault(line["what"], {}).setdefault(task, []).append(metric)
    return {what: {task: _interval(found) for task, found in tasks.items()} for what, tasks in values.items()}


def attention(file: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """Arm → of the attention of a search, how much falls on events of the query's category: as asked, without the
    query, and were it even (`core.users.embedding.attention`), each with its interval over seeds."""
    values: dict[str, dict[str, list[float]]] = {}
    for line in lines(file):
        for name, share in line.get("attention", {}).items():
            values.setdefault(line["what"], {}).setdefault(name, []).append(share)
    return {what: {name: _interval(found) for name, found in shares.items()} for what, shares in values.items()}


def difference(file: Path, one: str, other: str, task: str) -> dict[str, Any]:
    """Mean of `one` − `other` on a task over the seeds that both have, with half its 95 % interval: paired."""
    by = {(line["what"], line["seed"]): line["metric"].get(task) for line in lines(file)}
    seeds = sorted({seed for _, seed in by})
    pairs = [(by.get((one, seed)), by.get((other, seed))) for seed in seeds]
    return _interval([a - b for a, b in pairs if a is not None and b is not None])


def _interval(values: list[float]) -> dict[str, Any]:
    """Mean, half width of its 95 % interval (None with one seed), and the number of seeds."""
    mean, half = mean_and_half(values)
    return {"mean": mean, "half": half, "seeds": len(values)}


def _arm(config: RunConfig, arm: str) -> RunConfig:
    assert isinstance(config.model, DUPNConfig)
    return config.model_copy(update={"model": config.model.model_copy(update={"arm": arm})})


def _keep(file: Path, what: str, seed: int, tasks: dict[str, Any], pull: Pull | None = None) -> None:
    metric = {name: result.metric for name, result in tasks.items()}
    loss = {name: result.loss for name, result in tasks.items()}
    line = {"what": what, "seed": seed, "metric": metric, "loss": loss}
    if pull is not None and pull.searches:
        line["attention"] = {"asked": pull.asked, "without": pull.without, "even": pull.even}
    with file.open("a") as out:
        out.write(json.dumps(line) + "\n")
