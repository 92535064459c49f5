"""The comparison of the paper's tables 2 and 4 and figure 7 on data that are here: arms, single tasks, transfer.

One run after another; each finished one is a line of a file, so that a study that was cut off goes on where it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from core.data.dataset import Dataset
from core.models.dupn_config import DUPNConfig
from core.settings.run import RunConfig
from core.statistics import mean_and_half
from core.users.study.transfer import joint, train

ARMS = ("none", "gates", "attention", "all")
TARGET = "shop"


def study(
    config: RunConfig,
    dataset: Dataset,
    seeds: Iterable[int],
    file: Path,
    report: Callable[[str], None],
    only: tuple[str, ...] = (),
) -> None:
    """All runs of each seed, or `only` those named: the four arms, each task alone, and the transfer to TARGET.

    Scratch of the transfer is TARGET alone, and retraining all is the arm `all`: they are not run twice.
    """
    names = dataset.description.card.task_names()
    others = tuple(name for name in names if name != TARGET)
    done = {(line["what"], line["seed"]) for line in lines(file)}
    for seed in seeds:
        base = config.model_copy(update={"seed": seed})
        todo: list[tuple[str, RunConfig]] = [(f"arm {arm}", joint(_arm(base, arm), names)) for arm in ARMS]
        todo += [(f"alone {name}", joint(base, (name,))) for name in names]
        for what, run in todo:
            if (what, seed) not in done and (not only or what in only):
                report(f"seed {seed}: {what}")
                _keep(file, what, seed, train(run, dataset)[1].tasks)
        if {("frozen", seed), ("fine_tune", seed)} - done and (not only or "transfer" in only):
            report(f"seed {seed}: transfer")
            learnt = train(joint(base, others), dataset)[0].state.kept[-1]
            head = [f"heads.{names.index(TARGET)}."]
            for what, learns in (("frozen", head), ("fine_tune", None)):
                _keep(file, what, seed, train(joint(base, (TARGET,)), dataset, learnt, learns)[1].tasks)


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


def _keep(file: Path, what: str, seed: int, tasks: dict[str, Any]) -> None:
    metric = {name: result.metric for name, result in tasks.items()}
    loss = {name: result.loss for name, result in tasks.items()}
    with file.open("a") as out:
        out.write(json.dumps({"what": what, "seed": seed, "metric": metric, "loss": loss}) + "\n")
