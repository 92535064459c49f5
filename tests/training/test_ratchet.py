"""A bound that only tightens: by readings made by hand, and on a small made-up data set."""

from __future__ import annotations

import pytest
import torch

from core.bench.synthetic import synthetic_dataset
from core.events import events as ev
from core.settings.run import RunConfig
from core.training.checkpoint import load, save
from core.training.loop import Trainer
from core.training.measure import Reading, read

SMALL = {"batch_size": 128, "stage_steps": 60, "evaluate_every": 5, "record_every": 2, "probe_every": 0, "seed": 3}


def config(bound: str = "ratchet", kind: str = "relative", **changes: object) -> RunConfig:
    method = {"kind": "nmt", "bound": bound, "tolerance_kind": kind}
    return RunConfig.model_validate({**SMALL, "method": method, "tolerance": 0.02, "reference": False, **changes})


def run(trainer: Trainer) -> list[ev.Event]:
    return [event for turn in trainer.run() for event in turn]


@pytest.fixture(scope="module")
def data():
    return synthetic_dataset(regression=True)


@pytest.fixture(scope="module")
def log(data):
    return run(Trainer(config(), data))


def at_second_stage(data, **changes):
    trainer = Trainer(config(**changes), data)
    turns = trainer.run()
    while trainer.state.place == 0:
        next(turns)
    next(turns)
    return trainer.state


@pytest.mark.parametrize("kind", ["relative", "absolute"])
def test_by_hand_a_lower_loss_tightens_and_a_higher_one_does_nothing(data, kind):
    state = at_second_stage(data, kind=kind)
    bounds, network = state.bounds, state.setup.network
    now = read(network, state.setup.losses, state.setup.dataset, state.validation_rows)
    share = 0.02 * now.loss[0] if kind == "relative" else 0.02
    bounds.protected[0].validation_loss = torch.tensor(now.loss[0] + 0.1)
    assert bounds.tighten([0], Reading([now.loss[0] + 0.2, 0, 0], [None] * 3, {}), network) == []
    assert bounds.bound(0).item() > now.loss[0] + 0.1
    assert bounds.tighten([0], now, network) == [0]
    assert bounds.bound(0).item() == pytest.approx(now.loss[0] + share, rel=1e-5)
    assert bounds.tighten([0], now, network) == []  # the same model is not better than itself
    assert bounds.violation(0, now) <= 0


def test_by_hand_a_better_metric_tightens(data):
    state = at_second_stage(data, kind="metric")
    bounds, network = state.bounds, state.setup.network
    now = read(network, state.setup.losses, state.setup.dataset, state.validation_rows)
    bounds.protected[0].metric = now.metric[0] - 0.05
    worse = Reading([0.0] * 3, [now.metric[0] - 0.06, None, None], {})
    assert bounds.tighten([0], worse, network) == []  # a lower loss is not what is bounded
    assert bounds.tighten([0], now, network) == [0]
    assert bounds.bound(0).item() == pytest.approx(now.metric[0] - 0.02)


def test_bounds_only_fall_and_follow_the_best_reading_within_all_of_them(log):
    moves = [event for event in log if isinstance(event, ev.BoundMoved)]
    assert moves
    bound, best = [None] * 3, [None] * 3
    at_last_move = None
    for event in log:
        if isinstance(event, ev.StageStarted):
            bound, best = event.bound, list(event.reference_loss)
        elif isinstance(event, ev.BoundMoved):
            assert all(new is None or new <= old for new, old in zip(event.bound, bound, strict=True))
            bound, at_last_move = event.bound, event.step
        elif isinstance(event, ev.Evaluated) and event.feasible:
            for task, reference in enumerate(best):
                if reference is not None:
                    best[task] = min(reference, event.loss[task])
                    assert bound[task] == pytest.approx(1.02 * best[task], rel=1e-4)
            assert event.step == at_last_move or all(v is None or v <= 0 for v in event.violation)


def test_a_stage_never_ends_outside_the_bounds_as_they_became(log):
    for stage in (event for event in log if isinstance(event, ev.StageFinished)):
        assert stage.found
        assert all(violation is None or violation <= 0 for violation in stage.violation)


@pytest.mark.parametrize("stop_at", [64, 90, 130])
def test_a_resumed_run_ends_bit_identical(tmp_path, data, log, stop_at):
    first, second = Trainer(config(), data), Trainer(config(), data)
    turns = first.run()
    before = [event for _ in range(stop_at + 1) for event in next(turns)]
    save(tmp_path / "checkpoint.pt", first.state, offset=0)
    load(tmp_path / "checkpoint.pt", second.state)
    after = run(second)
    assert [event.model_dump(exclude={"seconds"}) for event in before + after] == [
        event.model_dump(exclude={"seconds"}) for event in log
    ]


def test_without_it_no_bound_moves(data):
    assert not any(isinstance(event, ev.BoundMoved) for event in run(Trainer(config("paired"), data)))
