"""What task gradients and probes cost against a plain step, and how far the probe's cosine can be trusted."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from core.bench.synthetic import synthetic_dataset
from core.data.dataset import Dataset
from core.data.registry import load_dataset
from core.insight.angles import probe as probe_angles
from core.insight.last_layer import pairs
from core.insight.task_gradients import task_gradients
from core.methods.interface import Problem
from core.methods.upgrad import UPGradConfig
from core.methods.weighted_sum import WeightedSumConfig
from core.models.build import build
from core.models.config import ModelConfig
from core.models.losses import TaskLosses
from core.models.network import Network
from core.rounds import interleaved, ratio
from core.settings.presets import default_run
from core.settings.run import RunConfig
from core.training.draws import PROBE_POOLED
from core.training.loop import CHEAP_EVERY, Trainer
from core.training.primal import by_gradients
from core.training.probe import probe

TASKS = [0, 1, 2, 3]
MANY = 16  # batches a probe, where an angle matters more than its cost
MODEL = ModelConfig(trunk=(256, 128), tower=(64,), dropout=0)


def measure(rounds: int, batch: int, seeds: int, threads: int, quick: bool) -> dict[str, Any]:
    """Four tasks, 32 sparse fields × 16, trunk 256–128; a probe of one batch is K gradients and their Gram matrix."""
    torch.set_num_threads(threads)
    small, large = (320, 3200) if quick else (32_000, 1_000_000)
    out: dict[str, Any] = {}
    seconds = _timed(_data(small), rounds, batch, sparse=False, others=True)
    out["probe_over_plain_32k"] = round(ratio(seconds, "probe", "plain"), 3)
    out["step_over_plain_32k"] = round(ratio(seconds, "step", "plain"), 3)  # a whole step of UPGrad, ours
    out["torchjd_over_plain_32k"] = round(ratio(seconds, "torchjd", "plain"), 3)  # a whole step of UPGrad, TorchJD's
    out["plain_ms_32k"] = round(1e3 * statistics.median(seconds["plain"]), 2)
    for name, sparse in (("dense", False), ("sparse", True)):
        seconds = _timed(_data(large), rounds, batch, sparse=sparse, others=False)
        out[f"probe_over_plain_1m_{name}"] = round(ratio(seconds, "probe", "plain"), 3)
        out[f"step_over_plain_1m_{name}"] = round(ratio(seconds, "step", "plain"), 3)
        out[f"plain_ms_1m_{name}"] = round(1e3 * statistics.median(seconds["plain"]), 2)
    out.update(_overhead(_data(small), rounds, batch))
    out.update(quality(seeds, quick=quick))
    return {**out, "batch": batch, "threads": threads, "torch": torch.__version__}


def _data(rows: int) -> Dataset:
    return synthetic_dataset(rows=20_000, fields=32, size=rows // 32, dense=4, tasks=4)


def _timed(data: Dataset, rounds: int, batch_size: int, sparse: bool, others: bool) -> dict[str, list[float]]:
    """Seconds of a plain step, of a probe of one batch, of a step by task gradients, and of TorchJD's."""
    losses = TaskLosses(data)
    batches = [data.batch(rows) for rows in data.rows["train"].split(batch_size)[:4]]
    turn = iter(range(10**9))

    def batch() -> Any:
        return batches[next(turn) % len(batches)]

    network, optimisers = _network(data, sparse)
    plain_network, plain_optimisers = _network(data, sparse)
    method: Any = UPGradConfig().build(Problem(("a", "b", "c", "d"), losses.base))
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
    return interleaved(contenders, rounds)


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


def _overhead(data: Dataset, rounds: int, batch: int) -> dict[str, float]:
    """Share of a run's time that the default schedule spends on exact probes and on the cheap line."""
    config = RunConfig(
        method=WeightedSumConfig(),
        model=MODEL,
        batch_size=batch,
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
        "probe": lambda: probe(telling.state),
    }
    interleaved(contenders, 2)
    seconds = interleaved(contenders, rounds)
    exact = ratio(seconds, "probe", "silent") * every / default.probe_every
    cheap = ratio(seconds, "telling", "silent") - 1
    return {
        "average_overhead": round(exact + max(cheap, 0.0), 4),
        "overhead_exact": round(exact, 4),
        "overhead_cheap_and_record": round(cheap, 4),
        "whole_probe_over_plain": round(ratio(seconds, "probe", "silent") * every, 2),
    }


def quality(seeds: int, quick: bool = False) -> dict[str, float]:
    """Along runs of a weighted sum: the probe's cosine and its 90 % interval against the cosine of 16 × the batch,
    drawn apart; with the default number of batches a probe, and with `MANY`.

    Two kinds of data: the shop in its default run, steps 20 to 400, fixed before its figures were known, and made-up
    data whose tasks share much of a batch's noise, steps 20 to 120, where the probe is at its best.
    """
    made: list[tuple[float, ...]] = []
    real: list[tuple[float, ...]] = []
    for seed in range(seeds):
        data = synthetic_dataset(rows=2_000 if quick else 40_000, fields=8, size=1000, tasks=4, conflict=1.0, seed=seed)
        small = RunConfig(model=ModelConfig(trunk=(32, 16)), batch_size=64 if quick else 1024, seed=seed)
        made += _along(small, data, (10, 20) if quick else (20, 40, 60, 80, 100, 120))
        if not quick:
            shop = default_run("shop").model_copy(update={"seed": seed})
            real += _along(shop, load_dataset(shop.dataset), (20, 50, 100, 150, 200, 250, 300, 350, 400))
    return _figures("", made) | (_figures("shop_", real) if real else {})


def _along(config: RunConfig, data: Dataset, at: Sequence[int]) -> list[tuple[float, ...]]:
    """What `_judged` says at these steps of a run of the weighted sum."""
    plain = {"method": WeightedSumConfig(), "probe_every": 0, "evaluate_every": 10**6, "reference": False}
    trainer = Trainer(config.model_copy(update={**plain, "stage_steps": at[-1] + 1}), data)
    draw = torch.Generator().manual_seed(config.seed)
    rows: list[tuple[float, ...]] = []
    turns = trainer.run()
    next(turns)  # the opening words
    for step in range(1, at[-1] + 1):
        next(turns)
        if step in at:
            rows += _judged(trainer, draw)
    return rows


def _figures(before: str, rows: list[tuple[float, ...]]) -> dict[str, float]:
    big, again, own, few, few_interval, many, many_interval = torch.tensor(rows, dtype=torch.float64).T
    figures = {
        "cosine_correlation": _correlation(few, big),
        "coverage": ((few - big).abs() <= few_interval).double().mean().item(),
        f"cosine_correlation_{MANY}_batches": _correlation(many, big),
        f"coverage_{MANY}_batches": ((many - big).abs() <= many_interval).double().mean().item(),
        "one_batch_correlation": _correlation(own, big),
        "truth_repeats_with_correlation": _correlation(again, big),  # no estimate can do better
        "cosines_judged": len(rows),
    }
    return {before + name: round(value, 4) for name, value in figures.items()}


def _judged(trainer: Trainer, draw: torch.Generator) -> list[tuple[float, ...]]:
    """For each pair: cosine on 16 batches, on 16 others, on one, across few and across many probe batches with the
    half-widths of their intervals."""
    run, setup = trainer.state, trainer.state.setup
    train, batch = setup.dataset.rows["train"], run.config.batch_size
    tasks = list(range(len(setup.tasks)))
    setup.network.eval()

    def own(rows: Tensor) -> Tensor:
        flat = task_gradients(setup.network, setup.losses, setup.dataset.batch(rows), tasks).flat()
        unit = nn.functional.normalize(flat, dim=1)
        return unit @ unit.T

    big, again, one = (train[torch.randperm(len(train), generator=draw)] for _ in range(3))
    drawn = [run.draws.probe_batch(setup.dataset) for _ in range(MANY)]
    few, many = (
        probe_angles(setup.network, setup.losses, drawn[:count], tasks, pooled=PROBE_POOLED)
        for count in (RunConfig().probe_batches, MANY)
    )
    readings = (
        *(own(big[: 16 * batch]), own(again[: 16 * batch]), own(one[:batch])),
        *(few.cosine, few.interval, many.cosine, many.interval),
    )
    setup.network.train()
    return [tuple(reading[pair].item() for reading in readings) for pair in pairs(tasks)]


def _correlation(one: Tensor, other: Tensor) -> float:
    return torch.corrcoef(torch.stack((one, other)))[0, 1].item()
