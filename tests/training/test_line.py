"""A model on the line: the furthest before the first one outside a bound, and none of those seen on the way."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from core.bench.synthetic import synthetic_dataset
from core.events import events as ev
from core.settings.run import RunConfig
from core.training import line
from core.training.loop import Trainer
from core.training.measure import row_losses
from core.training.state import RunState

SMALL = {"batch_size": 128, "stage_steps": 40, "evaluate_every": 10, "record_every": 2, "probe_every": 0, "seed": 3}


def config(method=(), **changes):
    method = {"kind": "nmt", "keep": "line", "margin": 1.0, **dict(method)}
    return RunConfig.model_validate({**SMALL, "reference": False, "method": method, **changes})


@pytest.fixture(scope="module")
def data():
    return synthetic_dataset(rows=3000, tasks=2, conflict=0.9)


def shares(trainer: Trainer, last: dict[str, torch.Tensor]) -> float:
    """How far along the line the kept model lies, the same for every weight."""
    first, kept = trainer.state.kept[0], trainer.state.kept[-1]
    moved = torch.cat([(last[name] - first[name]).flatten() for name in last])
    went = torch.cat([(kept[name] - first[name]).flatten() for name in last])
    share = float(went @ moved / (moved @ moved))
    assert torch.allclose(went, share * moved, atol=1e-5)
    return share


def losses_of(run: RunState, weights: dict[str, torch.Tensor], split: str) -> np.ndarray:
    run.setup.network.load_state_dict(weights)
    rows = run.setup.dataset.rows[split]
    return row_losses(run.setup.network, run.setup.losses, run.setup.dataset, rows).double().numpy()


def last_of(config: RunConfig, data):
    """The run, what its last stage had come to before a model was kept, and its events."""
    trainer, events, found = Trainer(config, data), [], {}
    walk = line.walk

    def seen(run, stage):
        found.update(run.average or run.weights())
        walk(run, stage)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(line, "walk", seen)
        events = [event for turn in trainer.run() for event in turn]
    return trainer, found, events


@pytest.mark.parametrize("average", [0.0, 0.9])
def test_the_kept_model_is_the_furthest_before_the_first_outside(data, average):
    settled = {"stage_steps": 120, "optimiser": {"learning_rate": 2e-2, "average": average}}
    trainer, last, events = last_of(config(tolerance=0.01, **settled), data)
    share = shares(trainer, last)
    steps = line.REACH * (np.arange(line.STEPS + 1) / line.STEPS) ** 2
    run, scores = trainer.state, []
    limits = {split: losses_of(run, run.kept[0], split)[:, 0] for split in ("validation", "train")}
    for step in steps:
        model = {name: torch.lerp(run.kept[0][name], value, float(step)) for name, value in last.items()}
        outside = False
        for split, before in limits.items():
            apart = (losses_of(run, model, split)[:, 0] - before)[data.mask[data.rows[split], 0].numpy()]
            error = apart.std(ddof=1) / len(apart) ** 0.5
            outside |= apart.mean() + error > 0.01 * before.sum() / len(apart)
        if outside:
            break
        run.setup.network.load_state_dict(model)
        scores.append(run.read(run.validation_rows).loss[1])
    assert 1 < len(scores) < len(steps)  # the bound ends the walk
    assert share == pytest.approx(steps[int(np.argmin(scores))], abs=1e-4)
    end = [event for event in events if isinstance(event, ev.StageFinished)][-1]
    assert end.violation[0] <= 0


def test_a_stage_on_the_line_takes_all_its_steps_and_keeps_nothing_seen_on_the_way(data):
    _, _, events = last_of(config(tolerance=0.01, patience=1), data)
    second = [event for event in events if isinstance(event, ev.Evaluated) and event.stage == 1]
    assert len(second) == 4  # whatever the patience
    assert not any(event.best for event in second)


def test_where_nothing_may_be_lost_the_model_before_is_kept(data):
    settled = {"stage_steps": 120, "optimiser": {"learning_rate": 2e-2}}
    trainer, _, events = last_of(config({"margin": 10.0}, tolerance=0.0, **settled), data)
    end = [event for event in events if isinstance(event, ev.StageFinished)][-1]
    assert "nothing better stayed within the bounds" in end.reason
    for name, value in trainer.state.kept[0].items():
        assert torch.equal(value, trainer.state.kept[-1][name])


def test_a_run_that_is_saved_before_the_walk_keeps_the_same_model(data):
    asked = config(tolerance=0.02, optimiser={"average": 0.9})
    whole, _, _ = last_of(asked, data)
    turns = (half := Trainer(asked, data)).run()
    for _ in range(70):
        next(turns)
    again = Trainer(asked, data)
    again.state.load_state_dict(half.state.state_dict())
    for _ in again.run():
        pass
    for name, value in whole.state.kept[-1].items():
        assert torch.equal(value, again.state.kept[-1][name])


def test_no_line_leads_to_a_model_from_fresh_weights():
    with pytest.raises(ValidationError, match="set start = warm, or keep = best"):
        config({"start": "fresh"})
