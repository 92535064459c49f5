"""The exact probe of a run: angles from several batches, transference from one, the compass of the two."""

from __future__ import annotations

import copy
import math
from typing import cast

import torch
from torch import Tensor

from core.data.dataset import Batch
from core.events import events as ev
from core.insight.angles import Angles
from core.insight.angles import probe as probe_angles
from core.insight.batch_replay import BatchReplay
from core.insight.compass import compass
from core.insight.last_layer import pairs
from core.insight.resting import Forces, forces
from core.insight.transference import transference
from core.methods.gradients import TaskGradients
from core.methods.interface import GradientMethod
from core.training.draws import PROBE_POOLED
from core.training.state import RunState


def probe(run: RunState) -> list[ev.Event]:
    """Reads alone: neither the network, nor the method, nor any training draw is changed."""
    chosen = run.trained_tasks
    if len(chosen) < 2:
        return []
    run.setup.network.eval()
    groups = run.setup.network.layer_groups()
    batches = [run.draws.probe_batch(run.setup.dataset) for _ in range(run.config.probe_batches)]
    angles = probe_angles(run.setup.network, run.setup.losses, batches, chosen, list(groups.values()), PROBE_POOLED)
    rest = _forces(run, angles, chosen)
    looked, first_order = _transference(run, batches[0], angles, chosen)
    run.setup.network.train()
    at = pairs(range(len(chosen)))
    norms = dict(zip(chosen, angles.norm.tolist(), strict=True))
    return [
        ev.Probed(
            step=run.step,
            stage=run.place,
            pairs=pairs(chosen),
            cosine=_of_pairs(angles.cosine, at),
            error=_of_pairs(angles.error, at),
            interval=_of_pairs(angles.interval, at),
            norm=[norms.get(task) for task in range(len(run.setup.tasks))],
            magnitude_similarity=_of_pairs(angles.magnitude_similarity, at),
            transference=_square(looked, chosen, len(run.setup.tasks)),
            transference_first_order=_square(first_order, chosen, len(run.setup.tasks)),
            layers={name: _of_pairs(layer, at) for name, layer in zip(groups, angles.layers, strict=True)},
            compass=_compass(run, batches[0], angles, chosen),
            resting=None if rest is None else rest.cosine,
            resting_error=None if rest is None else finite(rest.error),
        )
    ]


def known(values: list[float]) -> ev.Numbers:
    """None in the place of what is not finite."""
    return [finite(value) for value in values]


def finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _of_pairs(matrix: Tensor, at: list[tuple[int, int]]) -> ev.Numbers:
    return known([matrix[pair].item() for pair in at])


def _square(matrix: Tensor, chosen: list[int], tasks: int) -> list[ev.Numbers]:
    """[tasks][tasks] with None for tasks that were not probed and on the diagonal."""
    out: list[ev.Numbers] = [[None] * tasks for _ in range(tasks)]
    for i, row in enumerate(matrix.tolist()):
        for j, value in enumerate(row):
            if i != j:
                out[chosen[i]][chosen[j]] = value if math.isfinite(value) else None
    return out


def _forces(run: RunState, angles: Angles, chosen: list[int]) -> Forces | None:
    """On the last shared layer, of a stage under bounds; None where nothing presses, or the step is no weighted sum."""
    stage, weights = run.phase.stage, run.method.weights()
    if not stage.constraints or not bool(torch.isfinite(weights).all()):
        return None
    parts = [torch.zeros_like(weights) for _ in range(2)]
    for part, tasks in zip(parts, (stage.objective, stage.constraints), strict=True):
        part[list(tasks)] = weights[list(tasks)]
    network = run.setup.network
    parameters = network.shared_parameters()
    last = next(at for at, parameter in enumerate(parameters) if parameter is network.last_shared())
    layer = next(places for places in network.layer_groups().values() if last in places)
    return forces(angles.each, parts[0][chosen], parts[1][chosen], parameters, run.optimiser, only=layer)


def _transference(run: RunState, batch: Batch, angles: Angles, chosen: list[int]) -> tuple[Tensor, Tensor]:
    again = BatchReplay(run.setup.network, run.setup.losses, batch, chosen, angles.first.touched)
    with torch.no_grad():
        losses = run.setup.losses(run.setup.network(batch), batch)[chosen]
    found = transference(again, angles.first, losses)
    return found.looked, found.first_order


def _compass(run: RunState, batch: Batch, angles: Angles, chosen: list[int]) -> ev.Compass:
    """The gradients in their plane, and what the method as it stands makes of them.

    Under weights both are of the mean gradients; otherwise of one batch, since the update is then no sum of gradients.
    """
    weights = run.method.weights()[chosen].to("cpu", torch.float64)
    if bool(torch.isfinite(weights).all()):
        length = angles.mean_squared.sqrt()
        gram = (angles.cosine * torch.outer(length, length)).to(weights)
        plane = compass(gram, gram @ weights)
    else:
        plane = compass(angles.first.gram(), _update_products(run, batch, angles.first, chosen))
    return ev.Compass(
        tasks=chosen,
        gradients=[(x, y) for x, y in plane.gradients.tolist()],
        update=(plane.update[0].item(), plane.update[1].item()),
        kept=plane.kept,
    )


def _update_products(run: RunState, batch: Batch, gradients: TaskGradients, chosen: list[int]) -> Tensor:
    """[K] ⟨update, g_i⟩ with the update that a copy of the method makes of the gradients."""
    method = cast(GradientMethod, copy.deepcopy(run.method))
    tasks = method.tasks()
    order = [chosen.index(task) for task in tasks]
    ordered = TaskGradients(gradients.touched, gradients.rows[order], tuple(part[order] for part in gradients.trunk))
    again = (
        BatchReplay(run.setup.network, run.setup.losses, batch, tasks, gradients.touched)
        if method.needs_replay
        else None
    )
    update = method.combine(ordered, again).update
    return (gradients.flat() @ update.flat()).to("cpu", torch.float64)
