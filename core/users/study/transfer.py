"""What a representation learnt for four tasks is worth to a fifth: shop preference (SPP; DUPN, §4.5).

Four ways, all judged on the same test rows, with the same number of steps on the fifth task:

- scratch: the fifth task alone, from fresh weights.
- frozen: the four tasks' representation as it stands; only the new head learns.
- fine-tune: from the four tasks' weights, half of the steps the new head alone, then everything on the fifth task at a
  tenth of the rate (Kumar et al., ICLR 2022): a head that knows nothing yet would first undo what was learnt.
- retrain all: all five together, from fresh weights, with as many steps as the four had.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.data.dataset import Dataset
from core.errors import PrecedenceError
from core.events.events import Finished
from core.methods.weighted_sum import WeightedSumConfig
from core.models.network import Network
from core.settings.run import RunConfig
from core.training.loop import Trainer
from core.training.stage import Weights

ARMS = ("scratch", "frozen", "fine_tune", "retrain_all")
FINE = 0.1  # of the learning rate, when everything is fine-tuned
Report = Callable[[str], None]


@dataclass(frozen=True)
class Transferred:
    """The fifth task's result under one arm, on the test rows."""

    arm: str
    seed: int
    metric: float | None
    kind: str  # of the task, which names the metric
    loss: float | None
    steps: int
    seconds: float


def transfer(
    config: RunConfig,
    dataset: Dataset,
    target: str = "shop",
    arms: tuple[str, ...] = ARMS,
    report: Report = lambda words: None,
) -> list[Transferred]:
    """Runs the arms on a data set; the four tasks are all but `target`, under the weighted sum of `config`."""
    names = dataset.description.card.task_names()
    if target not in names:
        raise PrecedenceError(f"There is no task '{target}' to transfer to; choose one of {', '.join(names)}.")
    unknown = [arm for arm in arms if arm not in ARMS]
    if unknown:
        raise PrecedenceError(f"There is no arm '{unknown[0]}'; choose from {', '.join(ARMS)}.")
    others = tuple(name for name in names if name != target)
    learnt: Weights = {}
    if {"frozen", "fine_tune"} & set(arms):
        report(f"seed {config.seed}: {', '.join(others)}")
        first, _ = train(joint(config, others), dataset)
        learnt = first.state.kept[-1]
    found = []
    for arm in arms:
        report(f"seed {config.seed}: {target}, {arm}")
        if arm == "retrain_all":
            _, finished = train(joint(config, names), dataset)
        else:
            finished = learn_last(config, dataset, target, arm, learnt)
        result = finished.tasks[target]
        seconds = round(finished.seconds, 1)
        found.append(Transferred(arm, config.seed, result.metric, result.kind, result.loss, finished.step, seconds))
    return found


def learn_last(config: RunConfig, dataset: Dataset, target: str, arm: str, learnt: Weights) -> Finished:
    """The target alone, from scratch, or from what the other tasks learnt: frozen, or fine-tuned."""
    run, head = joint(config, (target,)), [f"heads.{dataset.description.card.task_names().index(target)}."]
    if arm == "scratch":
        return train(run, dataset)[1]
    if arm == "frozen" or run.stage_steps < 2:
        return train(run, dataset, learnt, only=head)[1]
    half = run.stage_steps // 2
    first, finished = train(run.model_copy(update={"stage_steps": half}), dataset, learnt, only=head)
    slow = run.optimiser.model_copy(update={"learning_rate": FINE * run.optimiser.learning_rate})
    rest = run.model_copy(update={"stage_steps": run.stage_steps - half, "optimiser": slow})
    _, last = train(rest, dataset, first.state.kept[-1])
    return last.model_copy(update={"step": finished.step + last.step, "seconds": finished.seconds + last.seconds})


def joint(config: RunConfig, tasks: tuple[str, ...]) -> RunConfig:
    """The run with these tasks alone, all at once; under its own weighted sum where that is its method."""
    own = config.method if isinstance(config.method, WeightedSumConfig) else WeightedSumConfig()
    changed: dict[str, Any] = {"priority": tasks, "method": own.model_dump(), "reference": False}
    return RunConfig.model_validate(config.model_dump() | changed)


def train(
    config: RunConfig, dataset: Dataset, start: Weights | None = None, only: list[str] | None = None
) -> tuple[Trainer, Finished]:
    """One run to its end, from given weights where there are any; with `only` nothing else than the parameters whose
    names begin so learns."""
    trainer = Trainer(config, dataset)
    if start is not None:
        trainer.begin_from(start)
    if only is not None:
        freeze(trainer.network, only)
    finished: Finished | None = None
    for events in trainer.run():
        for event in events:
            if isinstance(event, Finished):
                finished = event
    assert finished is not None
    return trainer, finished


def freeze(network: Network, learns: list[str]) -> None:
    """Keeps every parameter as it is whose name begins with none of `learns`."""
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(any(name.startswith(beginning) for beginning in learns))
