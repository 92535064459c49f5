"""Every check and timing that wants a CUDA device, in one call of a few minutes.

Needs torch, numpy and pydantic alone, so that it runs wherever there is a GPU. A part that fails says so in its own
field and leaves the others. Later parts of the program add their checks to `CHECKS`.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from core.bench.synthetic import synthetic_dataset
from core.events import events as ev
from core.insight.angles import probe
from core.insight.batch_replay import BatchReplay
from core.insight.task_gradients import task_gradients
from core.methods.cograd import CoGradConfig
from core.models.build import build
from core.models.config import ModelConfig
from core.models.losses import TaskLosses
from core.rounds import interleaved, ratio
from core.settings.run import RunConfig
from core.training.loop import Trainer

MODELS = ("shared_bottom", "mmoe", "ple")


def measure(device: str = "cuda", threads: int = 1, quick: bool = False) -> dict[str, Any]:
    out: dict[str, Any] = {"torch": torch.__version__, "device": device}
    if device == "cuda":
        if not torch.cuda.is_available():
            return {**out, "status": "not run: torch finds no CUDA device here"}
        out["gpu"] = torch.cuda.get_device_name()
    torch.set_num_threads(threads)
    began = time.perf_counter()
    for name, check in CHECKS.items():
        at = time.perf_counter()
        try:
            out[name] = check(device, quick)
        except Exception as error:  # a bench reports what broke and goes on
            out[name] = {"failed": f"{type(error).__name__}: {error}"[:300]}
        out[name]["seconds"] = round(time.perf_counter() - at, 1)
    return {**out, "status": "done", "seconds": round(time.perf_counter() - began, 1)}


def agreement(device: str, quick: bool) -> dict[str, Any]:
    """The same run in float64 on the CPU and on the device: largest relative difference of any recorded loss.

    Dropout is off, since generators of different devices draw different numbers; batches are drawn on the CPU's order
    for both, so only arithmetic differs.
    """
    data = synthetic_dataset(rows=3000, regression=True)
    out = {}
    for kind in MODELS:
        config = RunConfig(
            model=ModelConfig(kind=kind, trunk=(32, 16), dropout=0),
            batch_size=1800,
            stage_steps=10 if quick else 60,
            evaluate_every=10,
            record_every=1,
            probe_every=10,
            reference=False,
        )
        logs = [_losses(Trainer(config, data, device=where, dtype=torch.float64)) for where in ("cpu", device)]
        differences = [
            abs(a - b) / max(abs(a), 1e-12)
            for one, other in zip(*logs, strict=True)
            for a, b in zip(one, other, strict=True)
        ]
        out[kind] = {"steps": len(logs[0]), "largest_relative_difference": max(differences)}
    return out


def _losses(trainer: Trainer) -> list[list[float]]:
    # one batch holds every training row, so that the order in which devices shuffle does not matter
    return [
        [value for value in event.loss if value is not None]
        for turn in trainer.run()
        for event in turn
        if isinstance(event, ev.Step)
    ]


def steps(device: str, quick: bool) -> dict[str, Any]:
    """Milliseconds of an eager NMT step on the CPU and on the device, at several batch sizes."""
    data = synthetic_dataset(rows=2_000 if quick else 200_000, fields=8 if quick else 32, size=1000, tasks=4)
    out = {}
    for batch in (256,) if quick else (1024, 8192):
        config = RunConfig(
            model=ModelConfig(trunk=(256, 128), tower=(64,)),
            batch_size=batch,
            stage_steps=10**6,
            evaluate_every=10**6,
            probe_every=0,
            record_every=10,
        )
        count = 5 if quick else 60
        contenders = {}
        for where in ("cpu", device):
            turns = Trainer(config, data, device=where).run()
            for _ in range(5):
                next(turns)
            contenders[f"{where}_run"] = _repeat(lambda turns=turns: next(turns), count, where)  # type: ignore[misc]
        seconds = interleaved(contenders, 3 if quick else 7)
        out[f"batch_{batch}"] = {
            "cpu_ms": 1e3 * statistics.median(seconds["cpu_run"]) / count,
            "device_ms": 1e3 * statistics.median(seconds[f"{device}_run"]) / count,
            "cpu_over_device": ratio(seconds, "cpu_run", f"{device}_run"),
        }
    return out


def graph(device: str, quick: bool) -> dict[str, Any]:
    """An eager step against the same step captured once as a CUDA graph and replayed."""
    if device != "cuda":
        return {"not_run": "CUDA graphs need a CUDA device"}
    data = synthetic_dataset(rows=100_000, fields=32, size=1000, tasks=4).to(device)
    out = {}
    for batch in (1024, 8192):
        eager, replay, error = _graph_pair(data, batch)
        count = 20 if quick else 200
        seconds = interleaved(
            {"eager": _repeat(eager, count, device), "graph": _repeat(replay, count, device)}, 3 if quick else 9
        )
        out[f"batch_{batch}"] = {
            "eager_ms": 1e3 * statistics.median(seconds["eager"]) / count,
            "graph_ms": 1e3 * statistics.median(seconds["graph"]) / count,
            "eager_over_graph": ratio(seconds, "eager", "graph"),
            "largest_weight_difference": error,
        }
    return out


def _graph_pair(data: Any, batch: int) -> tuple[Callable[[], None], Callable[[], None], float]:
    """Two networks of equal start, one stepped eagerly, one by a replayed graph; how far they part in 20 steps."""
    config = ModelConfig(trunk=(256, 128), tower=(64,), dropout=0)
    losses = TaskLosses(data)
    weights = torch.full_like(losses.base, 0.25)
    rows = data.rows["train"]
    draw = torch.Generator(rows.device).manual_seed(0)

    def make() -> tuple[torch.nn.Module, Tensor, Callable[[], None]]:
        network = build(config, data.description, 0).to(rows.device)
        optimiser = torch.optim.AdamW(network.parameters(), lr=1e-3, capturable=True, fused=True)
        index = rows[:batch].clone()

        def step() -> None:
            chosen = data.batch(index)
            optimiser.zero_grad(set_to_none=True)
            (weights * losses(network(chosen), chosen)).sum().backward()
            optimiser.step()

        return network, index, step

    eager_network, eager_index, eager_step = make()
    graph_network, graph_index, graph_step = make()
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            graph_step()
    torch.cuda.current_stream().wait_stream(side)
    captured = torch.cuda.CUDAGraph()
    with torch.cuda.graph(captured):
        graph_step()
    for _ in range(3):  # the warm-up that the other had; capturing itself does not step
        eager_step()

    def draw_rows() -> Tensor:
        return rows[torch.randint(len(rows), (batch,), generator=draw, device=rows.device)]

    for _ in range(20):
        chosen = draw_rows()
        eager_index.copy_(chosen)
        graph_index.copy_(chosen)
        eager_step()
        captured.replay()
    pairs = zip(eager_network.parameters(), graph_network.parameters(), strict=True)
    error = max((a - b).abs().max().item() for a, b in pairs)

    def eager() -> None:
        eager_index.copy_(draw_rows())
        eager_step()

    def replay() -> None:
        graph_index.copy_(draw_rows())
        captured.replay()

    return eager, replay, error


def together(device: str, quick: bool) -> dict[str, Any]:
    """Several runs taking turns on one device: steps a second in all, against one run alone."""
    data = synthetic_dataset(rows=3_000 if quick else 20_000, fields=16, size=500, tasks=4)
    config = RunConfig(
        batch_size=256 if quick else 1024, stage_steps=10**6, evaluate_every=10**6, probe_every=0, reference=False
    )
    count = 10 if quick else 100
    rates = {}
    for runs in (1, 8):
        turns = [Trainer(config.model_copy(update={"seed": s}), data, device=device).run() for s in range(runs)]
        for turn in turns:
            for _ in range(5):
                next(turn)
        began = time.perf_counter()
        for _ in range(count):
            for turn in turns:
                next(turn)
        _wait(device)
        rates[f"runs_{runs}_steps_per_second"] = runs * count / (time.perf_counter() - began)
    return rates


def angles(device: str, quick: bool) -> dict[str, Any]:
    """Cosines of a probe in float64 on the CPU and on the device, and what a probe costs there."""
    data = synthetic_dataset(rows=8_000 if quick else 20_000, fields=16, size=500, tasks=4, conflict=1.0)
    found = []
    cost = 0.0
    for where in ("cpu", device):
        moved = data.to(where, torch.float64)
        network = build(ModelConfig(trunk=(64, 32), dropout=0), data.description, 0).double().to(where).eval()
        batches = [moved.batch(part) for part in moved.rows["train"].split(1024)[:4]]
        found.append(probe(network, TaskLosses(moved), batches, [0, 1, 2, 3]).cosine.cpu())
        _wait(where)
        began = time.perf_counter()
        probe(network, TaskLosses(moved), batches, [0, 1, 2, 3])
        _wait(where)
        cost = time.perf_counter() - began
    return {"largest_difference": (found[0] - found[1]).abs().max().item(), "probe_ms": 1e3 * cost}


def task_gradient_agreement(device: str, quick: bool) -> dict[str, Any]:
    """Task gradients, curvature and a run of CoGrad in float64 on the CPU and on the device."""
    data = synthetic_dataset(rows=4_000, fields=8, size=200, tasks=4, conflict=1.0)
    flats, curves, logs = [], [], []
    for where in ("cpu", device):
        moved = data.to(where, torch.float64)
        network = build(ModelConfig(trunk=(32, 16), dropout=0), data.description, 0).double().to(where).eval()
        batch, losses = moved.batch(moved.rows["train"][:1024]), TaskLosses(moved)
        found = task_gradients(network, losses, batch, [0, 1, 2, 3])
        flats.append(found.flat().cpu())
        again = BatchReplay(network, losses, batch, [0, 1, 2, 3], found.touched)
        curves.append(again.curvature_along(0, found.task(1)).flat().cpu())
        config = RunConfig(
            model=ModelConfig(trunk=(32, 16), dropout=0),
            method=CoGradConfig(),
            batch_size=2400,  # every training row, so that the order in which devices shuffle does not matter
            stage_steps=10 if quick else 40,
            evaluate_every=10,
            record_every=1,
            probe_every=10,
            reference=False,
        )
        logs.append(_losses(Trainer(config, data, device=where, dtype=torch.float64)))
    apart = [abs(a - b) / max(abs(a), 1e-12) for x, y in zip(*logs, strict=True) for a, b in zip(x, y, strict=True)]
    return {
        "largest_difference": (flats[0] - flats[1]).abs().max().item(),
        "largest_curvature_difference": (curves[0] - curves[1]).abs().max().item(),
        "cograd_largest_relative_difference": max(apart),
    }


def _repeat(call: Callable[[], object], count: int, device: str) -> Callable[[], None]:
    def repeated() -> None:
        for _ in range(count):
            call()
        _wait(device)

    return repeated


def _wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


CHECKS: dict[str, Callable[[str, bool], dict[str, Any]]] = {
    "agreement": agreement,
    "steps": steps,
    "graph": graph,
    "together": together,
    "angles": angles,
    "task_gradients": task_gradient_agreement,
}
