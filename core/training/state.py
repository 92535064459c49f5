"""All that a run is, as plain containers of tensors and numbers, so that it can go on elsewhere with the same bits."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import torch

from core.methods.fixed import FixedWeights
from core.methods.interface import Problem
from core.training.bounds import Protected
from core.training.config import RunConfig
from core.training.events import StageFinished
from core.training.measure import Reading
from core.training.optimiser import build as build_optimiser
from core.training.stage import Progression

if TYPE_CHECKING:
    from core.training.trainer import Trainer


def state_of(run: Trainer) -> dict[str, Any]:
    """Safe to read with `torch.load(weights_only=True)`. The config is part of it: knobs may have been turned."""
    return {
        "config": run.config.model_dump_json(),
        "step": run.step,
        "seconds": run.seconds,
        "place": run.place,
        "learning_rate": run.learning_rate,
        "network": run.network.state_dict(),
        "progression": run.progression and run.progression.state_dict(),
        "optimiser": run.optimiser.state_dict() if run.progression else None,
        "method": run.method.state_dict(),
        "draws": run.draws.state_dict(),
        "recorder": run.recorder.state_dict(),
        "slice_violation": run.slice_violation,
        "train_violation": run.train_violation,
        "last_train_violation": run.last_train_violation,
        "protected": {task: dict(vars(held)) for task, held in run.bounds.protected.items()},
        "kept": run.kept,
        "alone": {task: asdict(reading) for task, reading in run.alone.items()},
        "final": run.final and asdict(run.final),
        "final_stage": run.final_stage and run.final_stage.model_dump_json(),
    }


def restore(run: Trainer, state: dict[str, Any]) -> None:
    """Bring a trainer that was just made for the same data set to where `state` was taken."""
    run.adopt(RunConfig.model_validate_json(state["config"]))
    run.step, run.seconds, run.place = state["step"], state["seconds"], state["place"]
    run.learning_rate = state["learning_rate"]
    run.network.load_state_dict(state["network"])
    run.network.train()
    run.draws.load_state_dict(state["draws"])
    run.recorder.load_state_dict(state["recorder"])
    run.slice_violation = state["slice_violation"]
    run.train_violation = state["train_violation"]
    run.last_train_violation = state["last_train_violation"]
    run.bounds.protected = {task: Protected(**held) for task, held in state["protected"].items()}
    run.kept = state["kept"]
    run.alone = {task: Reading.from_state(reading) for task, reading in state["alone"].items()}
    run.final = state["final"] and Reading.from_state(state["final"])
    run.final_stage = state["final_stage"] and StageFinished.model_validate_json(state["final_stage"])
    run.progression = None
    alone = run.place < len(run.plan) and run.phase.kind == "reference"
    run.method = (
        FixedWeights(torch.ones_like(run.losses.base), alone=True)
        if alone
        else run.config.method.build(Problem(run.tasks, run.losses.base, run.config.seed))
    )
    run.method.load_state_dict(state["method"])
    if state["progression"] is not None:
        run.progression = Progression.from_state(state["progression"])
        run.optimiser = build_optimiser(run.config.optimiser, run.network, run.learning_rate)
        run.optimiser.load_state_dict(state["optimiser"])
