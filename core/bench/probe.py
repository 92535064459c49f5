"""What task gradients and probes cost against a plain step, and how far the probe's cosine can be trusted."""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from core.bench.rounds import interleaved, ratio
from core.bench.synthetic import synthetic_dataset
from core.data.dataset import Dataset
from core.insight.angles import probe as probe_angles
from core.insight.last_layer import pairs
from core.insight.task_gradients import task_gradients
from core.methods.build import build as build_method
from core.methods.config import UPGradConfig, WeightedSumConfig
from core.models.build import build
from core.models.config import ModelConfig
from core.models.losses import TaskLosses
from core.models.network import Network
from core.training.config import RunConfig
from core.training.draws import PROBE_POOLED, PROBE_SHARE
from core.training.primal import by_gradients
from core.training.probe import probe
from core.training.trainer import CHEAP_EVERY, Trainer

TASKS = [0, 1, 2, 3]
MODEL = ModelConfig(trunk=(256, 128), tower=(64,), dropout=0)


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=15, help="interleaved rounds of each size")
    parser.add_argument("--batch", type=int, default=1024)
    parser.add_argument("--seeds", type=int, default=3, help="runs whose angles are judged")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="small tables and few probes, to test this bench itself")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Four tasks, 32 sparse fields × 16, trunk 256–128; a probe of one batch is K gradients and their Gram matrix."""
    torch.set_num_threads(arguments.threads)
    small, large = (320, 3200) if arguments.quick else (32_000, 1_000_000)
    out: dict[str, Any] = {}
    seconds = _timed(_data(small), arguments, sparse=False, others=True)
    out["probe_over_plain_32k"] = round(ratio(seconds, "probe", "plain"), 3)
    out["step_over_plain_32k"] = round(ratio(seconds, "step", "plain"), 3)  # a whole step of UPGrad, ours
    out["torchjd_over_plain_32k"] = round(ratio(seconds, "torchjd", "plain"), 3)  # a whole step of UPGrad, TorchJD's
    out["plain_ms_32k"] = round(1e3 * statistics.median(seconds["plain"]), 2)
    for name, sparse in (("dense", False), ("sparse", True)):
        seconds = _timed(_data(large), arguments, sparse=sparse, others=False)
        out[f"probe_over_plain_1m_{name}"] = round(ratio(seconds, "probe", "plain"), 3)
        out[f"step_over_plain_1m_{name}"] = round(ratio(seconds, "step", "plain"), 3)
        out[f"plain_ms_1m_{name}"] = round(1e3 * statistics.median(seconds["plain"]), 2)
    out.update(_overhead(_data(small), arguments))
    out.update(quality(arguments.seeds, quick=arguments.quick))
    return {**out, "batch": arguments.batch, "threads": arguments.threads, "torch": torch.__version__}


def _data(rows: int) -> Dataset:
    return synthetic_dataset(rows=20_000, fields=32, size=rows // 32, dense=4, tasks=4)


def _timed(data: Dataset, arguments: argparse.Namespace, sparse: bool, others: bool) -> dict[str, list[float]]:
    """Seconds of a plain step, of a probe of one batch, of a step by task gradients, and of TorchJD's."""
    losses = TaskLosses(data)
    batches = [data.batch(rows) for rows in data.rows["train"].split(arguments.batch)[:4]]
    turn = iter(range(10**9))

    def batch() -> Any:
        return batches[next(turn) % len(batches)]

    network, optimisers = _network(data, sparse)
    plain_network, plain_optimisers = _network(data, sparse)
    method: Any = build_method(UPGradConfig(), ("a", "b", "c", "d"), losses.base)
    method.begin(method.stages((0, 1, 2, 3))[0])

    def plain() -> None:
        now = batch()
        plain_network.zero_grad(set_to_none=True)
        losses(plain_network(now), now).sum().backward()
        for optimiser in plain_optimisers:
            optimiser.step()

    def step() -> None:
        by_gradients(network, losses, batch(), method, torch.default_generator)
        for optimiser in optimisers:
            optimiser.step()

    contenders: dict[str, Callable[[], object]] = {
        "plain": plain,
        "probe": lambda: task_gradients(network, losses, batch(), TASKS).gram(),
        "step": step,
    }
    if others:
        contenders["torchjd"] = _torchjd(data, losses, batch)
    interleaved(contenders, 2)  # warm
    return interleaved(contenders, arguments.rounds)


def _network(data: Dataset, sparse: bool) -> tuple[Network, list[torch.optim.Optimizer]]:
    """Dense: fused Adam over everything; sparse: SparseAdam on the table."""
    network = build(MODEL, data.description, 0)
    if not sparse:
        return network, [torch.optim.AdamW(network.parameters(), lr=1e-3, fused=True)]
    network.embedding.table.sparse = True
    rest = [p for p in network.parameters() if p is not network.table]
    return network, [torch.optim.SparseAdam([network.table], lr=1e-3), torch.optim.AdamW(rest, lr=1e-3, fused=True)]


def _torchjd(data: Dataset, losses: TaskLosses, batch: Callable[[], Any]) -> Callable[[], None]:
    from torchjd.aggregation import UPGrad
    from torchjd.autojac import jac_to_grad, mtl_backward

    network, (optimiser,) = _network(data, sparse=False)
    shared: list[nn.Parameter] = network.shared_parameters()
    own = [list(head.parameters()) for head in network.heads]
    aggregator = UPGrad()

    def step() -> None:
        now = batch()
        features = network.represent(now)
        value = [  # from graphs of their own, as it wants them
            losses.mean_of(
                binary_cross_entropy_with_logits(head(z), now.labels[:, [k]], reduction="none") * now.mask[:, [k]],
                now.mask[:, [k]],
            )[0]
            for k, (head, z) in enumerate(zip(network.heads, features, strict=True))
        ]
        network.zero_grad(set_to_none=True)
        mtl_backward(value, features=features[0], tasks_params=own, shared_params=shared)
        jac_to_grad(shared, aggregator)
        optimiser.step()

    return step


def _overhead(data: Dataset, arguments: argparse.Namespace) -> dict[str, float]:
    """Share of a run's time that the default schedule spends on exact probes and on the cheap line."""
    config = RunConfig(
        method=WeightedSumConfig(),
        model=MODEL,
        batch_size=arguments.batch,
        stage_steps=10**8,
        evaluate_every=10**8,
        probe_every=0,
        reference=False,
    )
    silent = Trainer(config.model_copy(update={"record_every": 10**8}), data)
    telling = Trainer(config, data)
    steps = {"silent": silent.run(), "telling": telling.run()}
    every = config.record_every * CHEAP_EVERY

    def advance(name: str) -> Callable[[], None]:
        def advanced() -> None:
            for _ in range(every):
                next(steps[name])

        return advanced

    default = RunConfig()
    contenders: dict[str, Callable[[], object]] = {
        "silent": advance("silent"),
        "telling": advance("telling"),
        "probe": lambda: probe(telling),
    }
    interleaved(contenders, 2)
    seconds = interleaved(contenders, arguments.rounds)
    exact = ratio(seconds, "probe", "silent") * every / default.probe_every
    cheap = ratio(seconds, "telling", "silent") - 1
    return {
        "average_overhead": round(exact + max(cheap, 0.0), 4),
        "overhead_exact": round(exact, 4),
        "overhead_cheap_and_record": round(cheap, 4),
        "whole_probe_over_plain": round(ratio(seconds, "probe", "silent") * every, 2),
    }


def quality(seeds: int, quick: bool = False) -> dict[str, float]:
    """Along short runs: the probe's cosine and its 90 % interval against the cosine of 16 × the batch, drawn apart.

    Beside it, the correlation of one batch's own cosine, and the probe's with the cosine on all training rows.
    """
    batch, steps, every = (64, 20, 10) if quick else (1024, 120, 20)
    default = RunConfig()
    rows: list[tuple[float, ...]] = []
    for seed in range(seeds):
        data = synthetic_dataset(rows=2_000 if quick else 40_000, fields=8, size=1000, tasks=4, conflict=1.0, seed=seed)
        config = RunConfig(
            method=WeightedSumConfig(),
            model=ModelConfig(trunk=(32, 16)),
            batch_size=batch,
            stage_steps=steps + 1,
            evaluate_every=10**6,
            probe_every=0,
            reference=False,
            seed=seed,
        )
        trainer = Trainer(config, data)
        draw = torch.Generator().manual_seed(seed)
        turns = trainer.run()
        for step in range(steps):
            next(turns)
            if step and step % every == 0:
                rows += _judged(trainer, batch, default, draw)
    big, own, cosine, truth, interval = torch.tensor(rows, dtype=torch.float64).T
    return {
        "cosine_correlation": round(_correlation(cosine, big), 4),
        "one_batch_correlation": round(_correlation(own, big), 4),
        "correlation_with_all_rows": round(_correlation(cosine, truth), 4),
        "coverage": round(((cosine - big).abs() <= interval).double().mean().item(), 4),
        "cosines_judged": len(rows),
    }


def _judged(trainer: Trainer, batch: int, default: RunConfig, draw: torch.Generator) -> list[tuple[float, ...]]:
    """For each pair: cosine on 16 batches, on one, across the probe's, on all rows; half-width of the interval."""
    train = trainer.dataset.rows["train"]
    trainer.network.eval()

    def own(rows: Tensor) -> Tensor:
        flat = task_gradients(trainer.network, trainer.losses, trainer.dataset.batch(rows), TASKS).flat()
        unit = nn.functional.normalize(flat, dim=1)
        return unit @ unit.T

    shuffled = [train[torch.randperm(len(train), generator=draw)] for _ in range(3)]
    size = batch // PROBE_SHARE
    parts = [trainer.dataset.batch(part) for part in shuffled[2].split(size)[: default.probe_batches]]
    angles = probe_angles(trainer.network, trainer.losses, parts, TASKS, pooled=PROBE_POOLED)
    readings = (own(shuffled[0][: 16 * batch]), own(shuffled[1][:batch]), angles.cosine, own(train), angles.interval)
    trainer.network.train()
    return [tuple(reading[pair].item() for reading in readings) for pair in pairs(TASKS)]


def _correlation(one: Tensor, other: Tensor) -> float:
    return torch.corrcoef(torch.stack((one, other)))[0, 1].item()
