"""What points share, they share bit by bit; where a stage begins from a neighbour, it is never worse than the start."""

from __future__ import annotations

import pytest
import torch

from core.bench.synthetic import synthetic_dataset
from core.events.events import Evaluated, Finished, StageFinished, StageStarted, Step
from core.methods.nmt import NMTConfig
from core.runs.folder.run_folder import RunFolder, run_ids
from core.runs.folder.shared_stages import read_branched, read_start
from core.runs.workers.run_to_completion import run_to_completion
from core.runs.workers.torch_engine import TorchEngine
from core.settings.run import RunConfig
from core.sweeps.description import parse_sweep
from core.sweeps.dominance import Watch
from core.sweeps.driver import Driver
from core.sweeps.folder import SweepFolder
from core.sweeps.keys import planned_steps

TASKS = ("task_0", "task_1", "task_2")
BASE = RunConfig(
    batch_size=128, stage_steps=40, evaluate_every=10, record_every=2, probe_every=20, patience=100, seed=3
)


class Synthetic(TorchEngine):
    """The real trainer on a small made-up data set."""

    data = synthetic_dataset()

    def load(self, choice):
        return self.data


class InThisProcess:
    """Trains each point at once, so that the order is known."""

    slots = 1

    def __init__(self, home):
        self.home = home

    def start(self, run_id):
        run_to_completion(self.home, run_id, Synthetic())

    def status(self, run_id):
        return RunFolder(self.home, run_id).status()

    def close(self):
        return None


def trained(home, **fields):
    folder = SweepFolder.create(home, parse_sweep({"base": BASE, **fields}, "sweep"), TASKS)
    driver = Driver(folder, InThisProcess(home))
    for _ in range(100):
        if driver.tick():
            break
    assert [record.state for record in folder.records()] == ["finished"] * len(folder.grid().points)
    return folder


def runs(folder):
    return [RunFolder(folder.home, record.run_id) for record in folder.records()]


def said(run):
    """Everything but the clock and what the run was called."""
    return [event.model_dump(exclude={"seconds"}) for event in run.events()]


def model(run):
    return torch.load(run.checkpoint, weights_only=True)["run"]["kept"][-1]


GRID = {"tolerances": {"task_0": (0.0, 0.05), "task_1": (0.01, 0.1)}}


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("shared"), **GRID)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("alone"), **GRID, shared_stages=False)


def test_points_that_share_stages_end_with_the_same_bits_as_points_that_do_not(shared, alone):
    for one, other in zip(runs(shared), runs(alone), strict=True):
        assert said(one) == said(other)
        assert one.result().tasks == other.result().tasks
        mine, theirs = model(one), model(other)
        assert mine.keys() == theirs.keys()
        assert all(torch.equal(mine[name], theirs[name]) for name in mine)


def test_each_common_stage_is_trained_once(shared, alone):
    taken = [read_branched(run.path).stages for run in runs(shared)]
    assert taken == [0, 2, 1, 2]  # (0, .01) trains all; (0, .1) shares two stages; (.05, .01) one; (.05, .1) two
    steps = sum(record.steps for record in shared.records())
    assert steps == (1 + 2 + 4) * BASE.stage_steps
    assert sum(record.steps for record in alone.records()) == 4 * 3 * BASE.stage_steps


def test_another_order_shares_what_comes_before(tmp_path):
    orders = (("task_0", "task_1", "task_2"), ("task_0", "task_2", "task_1"))
    folder = trained(tmp_path / "shared", priorities=orders)
    plain = trained(tmp_path / "alone", priorities=orders, shared_stages=False)
    assert [read_branched(run.path).stages for run in runs(folder)] == [0, 1]
    for one, other in zip(runs(folder), runs(plain), strict=True):
        assert said(one) == said(other)


def test_a_common_start_is_trained_once_whatever_the_tolerances_and_the_order(tmp_path):
    base = BASE.model_copy(update={"method": NMTConfig(start_together=0.5)})
    orders = (TASKS, ("task_1", "task_0", "task_2"))
    fields = {"base": base, "tolerances": {"task_0": (0.0, 0.05)}, "priorities": orders}
    folder = trained(tmp_path / "shared", **fields)
    plain = trained(tmp_path / "alone", **fields, shared_stages=False)
    taken = {
        (point.config.priority, point.config.tolerance_of("task_0")): read_branched(run.path).stages
        for point, run in zip(folder.grid().points, runs(folder), strict=True)
    }
    # the first trains all; another tolerance of the first task shares its bound too, another order the start alone
    assert taken == {(orders[0], 0.0): 0, (orders[0], 0.05): 2, (orders[1], 0.0): 1, (orders[1], 0.05): 3}
    for one, other in zip(runs(folder), runs(plain), strict=True):
        assert said(one) == said(other)
        assert all(torch.equal(value, model(other)[name]) for name, value in model(one).items())
    configs = [point.config for point in folder.grid().points]
    # 60 together, 1 for the bound, 30 and 29: all of one order, and what each of the others trains itself
    assert planned_steps(configs, TASKS) == (120 + 59 + 60 + 29, 4 * 120)
    assert sum(record.steps for record in folder.records()) == 120 + 59 + 60 + 29


def test_a_warm_stage_is_shorter_and_never_worse_than_the_model_it_was_offered(tmp_path):
    folder = trained(tmp_path, tolerances={"task_0": (0.0, 0.02, 0.1)}, priorities=[TASKS[:2]], warm_start=True)
    found = runs(folder)
    starts = [read_start(run.path) for run in found]
    assert [len(start.offers) for start in starts] == [0, 1, 1]
    assert starts[1].offers[0].keys == (starts[0].keys[1],)
    ends = [[event for event in run.events() if isinstance(event, StageFinished)][-1] for run in found]
    losses = [end.loss[1] for end in ends]
    assert losses == sorted(losses, reverse=True)  # looser bounds, at least as good
    for run, end in zip(found, ends, strict=True):
        assert end.violation[0] <= 0
        begun = [event for event in run.events() if isinstance(event, StageStarted)][-1]
        steps = [event.step for event in run.events() if isinstance(event, Step) and event.stage == 1]
        expected = BASE.stage_steps if run is found[0] else BASE.stage_steps // 2
        assert max(steps) - begun.step == expected


def test_a_stage_that_began_elsewhere_is_never_taken_for_one_that_did_not(tmp_path):
    """A cold sweep after a warm one of the same points trains them anew."""
    tolerances = {"task_0": (0.0, 0.1)}
    warm = trained(tmp_path / "one", tolerances=tolerances, priorities=[TASKS], warm_start=True)
    cold = trained(tmp_path / "one", tolerances=tolerances, priorities=[TASKS])
    plain = trained(tmp_path / "other", tolerances=tolerances, priorities=[TASKS], shared_stages=False)
    assert said(runs(warm)[1]) != said(runs(cold)[1])
    for one, other in zip(runs(cold), runs(plain), strict=True):
        assert said(one) == said(other)


def test_a_point_that_another_clearly_beats_is_ended_early(tmp_path):
    """Without a learning rate to speak of, the second point stays far above the first in every task."""
    folder = trained(tmp_path, seeds=(3,), priorities=[TASKS[:2]])
    hopeless = BASE.model_copy(
        update={
            "optimiser": BASE.optimiser.model_copy(update={"learning_rate": 1e-9}),
            "priority": TASKS[:2],
            "reference": False,
        }
    )
    beaten = RunFolder.create(tmp_path, hopeless)
    run_to_completion(tmp_path, beaten.run_id, Synthetic())
    points = [*folder.grid().points, folder.grid().points[0].model_copy(update={"number": 1, "config": hopeless})]
    records = [*folder.records(), folder.records()[0].model_copy(update={"state": "training"})]
    watch = Watch(tmp_path, points, TASKS)
    assert watch.is_beaten(1, beaten, records)
    own = RunFolder(tmp_path, folder.records()[0].run_id)
    assert not Watch(tmp_path, points, TASKS).is_beaten(0, own, records)


class StandsStill(InThisProcess):
    """Trains the first point; the second stands still late in its last stage, with half as high losses again."""

    def start(self, run_id):
        runs_before = [name for name in run_ids(self.home) if name != run_id]
        if not runs_before:
            super().start(run_id)
            return
        folder = RunFolder(self.home, run_id)
        lines = []
        for event in RunFolder(self.home, runs_before[0]).events():
            if isinstance(event, Finished):
                break
            if isinstance(event, Evaluated):
                event = event.model_copy(update={"loss": [1.5 * loss for loss in event.loss]})
            lines.append(event.model_dump_json())
        folder.log.write_text("\n".join(lines) + "\n")
        folder.write_status(folder.status().model_copy(update={"state": "running", "step": 40, "seconds": 2.0}))

    def status(self, run_id):
        folder = RunFolder(self.home, run_id)
        if folder.control().mode == "stop":
            folder.write_status(folder.status().model_copy(update={"state": "stopped"}))
        return folder.status()


def test_the_driver_stops_a_beaten_point_and_counts_what_it_cost(tmp_path):
    fields = {"methods": ("weighted_sum",), "weights": {"task_1": (1.0, 2.0)}, "priorities": [TASKS[:2]]}
    for early, expected in ((True, "dominated"), (False, "training")):
        home = tmp_path / expected
        sweep = parse_sweep({"base": BASE, **fields, "stop_dominated": early}, "sweep")
        folder = SweepFolder.create(home, sweep, TASKS)
        driver = Driver(folder, StandsStill(home))
        for _ in range(6):
            driver.tick()
        assert [record.state for record in folder.records()] == ["finished", expected]
        if early:
            assert (folder.records()[1].steps, folder.records()[1].seconds) == (40, 2.0)
            assert folder.is_over()
