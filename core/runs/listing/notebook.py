"""A run as a command line and as a Jupyter notebook; neither names a place on this machine."""

from __future__ import annotations

import json
import shlex
from typing import Any

from core.data.description import UPLOADED
from core.methods.registry import METHODS
from core.settings.address import to_query
from core.settings.run import RunConfig

_UPLOADED = """
# an uploaded table: prepare your file first (precedence data prepare FILE --labels …) and name its folder
config = config.model_copy(update={"dataset": config.dataset.model_copy(update={"path": "FOLDER"})})"""
_LOAD = """import torch
from core.data.registry import load_dataset
from core.settings.run import RunConfig
from core.training import Trainer

torch.set_num_threads(1)  # the same bits on every machine
config = RunConfig.model_validate_json(r'''{fields}'''){uploaded}
dataset = load_dataset(config.dataset)"""
_TRAIN = """trainer = Trainer(config, dataset)
for events in trainer.run():
    for event in events:
        if event.kind in ("stage_finished", "finished"):
            print(event.step, event)"""
_PARTS = """from core.data.batches import Shuffler
from core.models.build import build
from core.models.losses import TaskLosses

torch.manual_seed(config.seed)
network = build(config.model, dataset.description, config.seed)
network.begin(dataset)
losses = TaskLosses(dataset)
optimiser = torch.optim.Adam(network.parameters(), lr=config.optimiser.learning_rate)
train, generator = dataset.rows["train"], torch.Generator().manual_seed(config.seed)
batches = Shuffler(train, config.batch_size, generator, dataset.groups(train))


def losses_on(rows):  # [K] the mean loss of each task
    batch = dataset.batch(rows)
    return losses(network(batch), batch)"""
_SUM = """for step in range(config.stage_steps):
    optimiser.zero_grad()
    (losses_on(batches.next()) / losses.base).sum().backward()
    optimiser.step()"""
_METHOD = """from core.methods.interface import Problem
from core.training.knobs import tolerance_list

names = dataset.description.card.task_names()
order = tuple(names.index(name) for name in config.priority or names)  # most important first
method = config.method.build(Problem(names, losses.base, config.seed))
tolerance, kind = torch.tensor(tolerance_list(config, names)), config.tolerance_kind
held = dataset.rows["validation"]
held = held[:: max(1, len(held) // 2000)]  # where bounds are kept
bound, never = torch.zeros(len(names)), torch.zeros(len(names), dtype=torch.bool)

for stage in method.stages(order):  # one task is improved; those before it stay within their bounds
    method.begin(stage)
    for step in range(config.stage_steps):
        if step % 5 == 0:
            with torch.no_grad():
                method.observe(losses_on(held) - bound, never)  # the dual step: multipliers answer to violations
        each = losses_on(batches.next())
        method.see(each.detach())
        optimiser.zero_grad()
        (method.weights() * each).sum().backward()  # the primal step
        optimiser.step()
    with torch.no_grad():  # what each task may lose from here on
        reached = losses_on(held)
        unit = {"relative": reached, "absolute": 1.0, "metric": losses.loss_of_a_point}[kind]
        bound = reached + tolerance * unit
    print(stage, dict(zip(names, reached.tolist())), "weights", method.weights().tolist())"""
_READ = """from core.training.measure import read

reading = read(network, losses, dataset, dataset.rows["test"])
dict(zip(dataset.description.card.task_names(), reading.metric))"""


def command_line(config: RunConfig) -> str:
    """The words that train this run anew."""
    words = ["precedence", "train"]
    for name, value in to_query(config.without_place()).items():
        words += ["--set", f"{name}={value}"]
    return " ".join(map(shlex.quote, words))


def notebook(config: RunConfig, name: str) -> str:
    """A Jupyter notebook that trains the run with `core`, and its network and method in a loop of plain PyTorch.

    A method that combines gradients gets the sum of the losses there, to compare with. Of the trainer's care the loop
    has the order, the bounds and the multipliers; it keeps no best model and stops no stage early.
    """
    fields = config.without_place().model_dump_json(indent=1).replace("'", r"\u0027")  # a name may hold quotes
    weighs = METHODS[config.method.kind].needs == "losses"
    loop = (
        f"The network, and {METHODS[config.method.kind].title} with an optimiser of your own. No best model is kept, "
        "and no stage ends early."
        if weighs
        else "The network and an optimiser: all tasks summed, no priorities, to compare with."
    )
    cells = [
        ("markdown", f"# {name}\n\nThe run, from its settings to its figures. `core` is the package of Precedence; "
                     f"the same on the command line:\n\n    {command_line(config)}"),
        ("code", _LOAD.format(fields=fields, uploaded=_UPLOADED if config.dataset.name == UPLOADED else "")),
        ("markdown", "## The run itself\n\nOne optimiser step a turn; not asking for the next is a pause."),
        ("code", _TRAIN),
        ("markdown", f"## The same in plain PyTorch\n\n{loop}"),
        ("code", _PARTS),
        ("code", _METHOD if weighs else _SUM),
        ("code", _READ),
    ]  # fmt: skip
    return json.dumps(
        {
            "cells": [_cell(at, kind, text) for at, (kind, text) in enumerate(cells)],
            "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        },
        indent=1,
    )


def _cell(number: int, kind: str, text: str) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}}
    cell["source"] = text.splitlines(keepends=True)
    return cell | ({"outputs": [], "execution_count": None} if kind == "code" else {})
