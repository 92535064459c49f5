"""Weighted sums under many weights at once: the same network, batches and optimiser as a run each, in one pass.

A grid of weights differs in nothing but the weights, so its networks can be stacked: every product of a layer becomes
one batched product over all of them, which costs far less than as many runs. What a lane comes to is what a run of the
weighted sum comes to, up to rounding; dropout alone is drawn for each lane anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from core.data.dataset import Batch, Dataset
from core.errors import PrecedenceError
from core.settings.run import RunConfig
from core.training.averaging import COMPETES, decay_at
from core.training.draws import Draws
from core.training.primal import build_optimiser, learning_rate
from core.training.setup import Setup

LANES_A_PASS = 13  # trained at once: of more, what a layer gives no longer fits a core's cache
ROWS_A_PASS = 256  # read at once where nothing is learnt, for the same reason


@dataclass(frozen=True)
class Lanes:
    """Losses [L, K] of the model that each of L settings kept, on validation and on test rows."""

    validation: Tensor
    test: Tensor


class _Stacked(nn.Module):
    """L copies of a network's parameters, each stacked along a new first axis."""

    def __init__(self, network: nn.Module, lanes: int) -> None:
        super().__init__()
        self.names = [name for name, _ in network.named_parameters()]
        self.each = nn.ParameterList(
            parameter.detach().unsqueeze(0).repeat(lanes, *[1] * parameter.dim()) for parameter in network.parameters()
        )

    def named(self) -> dict[str, Tensor]:
        return dict(zip(self.names, self.each, strict=True))


class _Kept:
    """Each lane's best model so far by the validation rows."""

    def __init__(self, lanes: _Stacked, counted: Tensor) -> None:
        self.counted = counted  # [L, K] what a task's loss counts
        self.score = torch.full((len(counted),), torch.inf)
        self.validation = torch.zeros_like(counted)
        self.each = [parameter.detach().clone() for parameter in lanes.each]

    def offer(self, losses: Tensor, parameters: Sequence[Tensor]) -> None:
        score = (losses * self.counted).sum(1)
        better = score < self.score
        self.score = torch.where(better, score, self.score)
        self.validation[better] = losses[better]
        for mine, now in zip(self.each, parameters, strict=True):
            mine[better] = now.detach()[better]


def train_side_by_side(config: RunConfig, dataset: Dataset, weights: Tensor) -> Lanes:
    """Trains the network of `config` for `stage_steps` under each row of `weights` [L, K], tasks in the data set's
    order. A lane keeps the model with the least sum of normalised losses over its weighted tasks, as a run does, its
    averaged weights included; `patience` ends nothing. Raises PrecedenceError where the config shortens gradients:
    lanes would share the length.
    """
    if config.optimiser.clip is not None:
        raise PrecedenceError("Weights are trained side by side without a longest gradient; leave out optimiser.clip.")
    setup = Setup.make(config, dataset, "cpu", torch.float32)
    network, losses = setup.network, setup.losses
    draws = Draws(config.seed, dataset, dataset.rows["validation"], config.batch_size)
    network.use_generator(draws.dropout)
    lanes = _Stacked(network, len(weights))
    optimiser = build_optimiser(config.optimiser, lanes)
    counted = (weights > 0) / losses.base  # [L, K]

    def of_batch(parameters: dict[str, Tensor], batch: Batch) -> Tensor:
        return losses(functional_call(network, parameters, (batch,)), batch)

    every = vmap(of_batch, in_dims=(0, None), randomness="different", chunk_size=LANES_A_PASS)
    kept = _Kept(lanes, counted)
    average = [parameter.detach().clone() for parameter in lanes.each] if config.optimiser.average else []
    for step in range(1, config.stage_steps + 1):
        network.train()
        optimiser.zero_grad()
        (weights * every(lanes.named(), dataset.batch(draws.train.next()))).sum().backward()
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(config.optimiser, step, config.stage_steps, trained=False, share=1.0)
        optimiser.step()
        if average:
            now = [parameter.detach() for parameter in lanes.each]
            torch._foreach_lerp_(average, now, 1 - decay_at(config.optimiser.average, step))
        if step % config.evaluate_every and step != config.stage_steps:
            continue
        kept.offer(_read(network, losses, dataset, lanes.named(), "validation"), list(lanes.each))
        if average and step >= COMPETES * config.stage_steps:
            named = dict(zip(lanes.names, average, strict=True))
            kept.offer(_read(network, losses, dataset, named, "validation"), average)
    test = _read(network, losses, dataset, dict(zip(lanes.names, kept.each, strict=True)), "test")
    return Lanes(kept.validation, test)


@torch.no_grad()
def _read(
    network: nn.Module,
    losses: Callable[[Tensor, Batch], Tensor],
    dataset: Dataset,
    stacked: dict[str, Tensor],
    split: str,
) -> Tensor:
    """[L, K] of a split's rows, dropout off."""
    network.eval()
    rows = dataset.rows[split]
    forward = vmap(lambda parameters, batch: functional_call(network, parameters, (batch,)), in_dims=(0, None))
    given = torch.cat([forward(stacked, dataset.batch(part)) for part in rows.split(ROWS_A_PASS)], 1)  # [L, n, C]
    whole = dataset.batch(rows)
    return torch.stack([losses(one, whole) for one in given])
