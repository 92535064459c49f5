"""The real trainer in real workers: killed and resumed, and taking turns, without a bit of difference."""

from __future__ import annotations

import json
import os
import signal

import pytest
import torch

from core.data.registry import card
from core.data.source import DatasetChoice
from core.events.events import Step
from core.methods.nmt import NMTConfig
from core.runs.folder.run_folder import RunFolder
from core.runs.folder.shared_stages import read_branched
from core.runs.paths import single_tasks_folder
from core.runs.workers.pool import WORKER
from core.runs.workers.supervisor import Supervisor
from core.settings.run import RunConfig
from core.training.knobs import Knobs
from tests.runs.support import end_workers, wait_until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def supervisor(tmp_path_factory):
    supervisor = Supervisor(tmp_path_factory.mktemp("home"), 1, command=WORKER)
    supervisor.start()
    yield supervisor
    supervisor.close()
    end_workers(supervisor.home)


def config(**fields):
    usual = {"batch_size": 256, "stage_steps": 100, "evaluate_every": 25, "record_every": 1, "probe_every": 40}
    return RunConfig(
        dataset=DatasetChoice(rows=4000),
        method=NMTConfig(validation_every=10),
        priority=card(DatasetChoice()).task_names()[:2],
        **{**usual, "reference": False, **fields},
    )


def undisturbed(supervisor, config):
    run_id = supervisor.submit(config)
    wait_until(lambda: supervisor.status(run_id).state not in ("queued", "starting", "running"), 300)
    status = supervisor.status(run_id)
    assert status.state == "finished", status.error
    return RunFolder(supervisor.home, run_id)


def state(folder):
    return torch.load(folder.checkpoint, weights_only=True)["run"]


def events(folder):
    """Everything that was said, but for the clock."""
    return [event.model_dump(exclude={"seconds"}) for event in folder.events()]


def differences(one, other, path=""):
    """Places where two nested states differ; tensors bit for bit."""
    if isinstance(one, torch.Tensor):
        return [] if one.dtype == other.dtype and torch.equal(one, other) else [path]
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        return [place for key in one for place in differences(one[key], other[key], f"{path}/{key}")]
    if isinstance(one, list | tuple):
        assert len(one) == len(other)
        return [
            place
            for at, pair in enumerate(zip(one, other, strict=True))
            for place in differences(*pair, f"{path}/{at}")
        ]
    return [] if one == other or path.endswith("/seconds") else [path]


def test_a_killed_and_resumed_run_ends_bit_for_bit_as_an_undisturbed_one(supervisor):
    whole = undisturbed(supervisor, config(seed=1))
    run_id = supervisor.submit(config(seed=1))
    wait_until(lambda: supervisor.status(run_id).step > 60)
    supervisor.command(run_id, "pause")
    wait_until(lambda: supervisor.status(run_id).state == "paused")
    at_checkpoint = supervisor.status(run_id).step
    supervisor.command(run_id, "run")
    wait_until(lambda: supervisor.status(run_id).step > at_checkpoint + 5)
    assert supervisor.status(run_id).state == "running"
    os.kill(supervisor.status(run_id).worker_pid, signal.SIGKILL)
    wait_until(lambda: supervisor.status(run_id).state == "crashed")
    supervisor.resume(run_id)
    wait_until(lambda: supervisor.status(run_id).state in ("finished", "failed"), 300)
    folder = RunFolder(supervisor.home, run_id)
    steps = [event.step for event in folder.events() if isinstance(event, Step)]
    assert steps == sorted(set(steps))
    assert events(folder) == events(whole)
    assert differences(state(folder), state(whole)) == []
    assert folder.result().tasks == whole.result().tasks


def test_runs_that_take_turns_do_not_disturb_each_other(supervisor):
    alone = [undisturbed(supervisor, config(seed=seed)) for seed in (1, 2)]
    together = [supervisor.submit(config(seed=seed)) for seed in (1, 2)]
    for run_id, whole in zip(together, alone, strict=True):
        wait_until(lambda run_id=run_id: supervisor.status(run_id).state == "finished", 300)
        folder = RunFolder(supervisor.home, run_id)
        assert events(folder) == events(whole)
        assert differences(state(folder), state(whole)) == []


def test_an_edit_while_running_survives_a_crash(supervisor):
    run_id = supervisor.submit(config(seed=3))
    wait_until(lambda: supervisor.status(run_id).step > 10)
    supervisor.edit(run_id, Knobs(learning_rate=0.0123))
    folder = RunFolder(supervisor.home, run_id)
    wait_until(lambda: any(event.kind == "changed" for event in folder.events()))
    wait_until(lambda: folder.applied() == 1)
    os.kill(supervisor.status(run_id).worker_pid, signal.SIGKILL)
    wait_until(lambda: supervisor.status(run_id).state == "crashed")
    supervisor.resume(run_id)
    wait_until(lambda: supervisor.status(run_id).state in ("finished", "failed"), 300)
    changes = [event for event in folder.events() if event.kind == "changed"]
    assert [(change.what, float(change.new)) for change in changes] == [("learning_rate", 0.0123)]
    assert json.loads(state(folder)["config"])["optimiser"]["learning_rate"] == 0.0123


def test_a_task_alone_is_trained_once_for_runs_of_equal_settings(supervisor):
    with_alone = config(reference=True, stage_steps=40, seed=5)
    first = undisturbed(supervisor, with_alone)
    (kept,) = single_tasks_folder(supervisor.home).iterdir()  # of click; relevance's own stage was alone already
    told = json.loads(kept.read_text())
    kept.write_text(json.dumps({**told, "metric": 0.4321}))
    second = undisturbed(supervisor, with_alone.model_copy(update={"tolerance": 0.2}))
    third = undisturbed(supervisor, with_alone.model_copy(update={"seed": 6}))
    mine, yours, other = (folder.result().tasks["click"].single_task_metric for folder in (first, second, third))
    assert mine == told["metric"]
    assert yours == 0.4321
    assert other not in (mine, yours)
    assert second.status().step == first.status().step
    steps = json.loads(kept.read_text())["events"]
    taken = [read_branched(folder.path).alone for folder in (first, second, third)]
    assert taken == [{}, {"click": steps[-1]["step"] - steps[0]["step"]}, {}]
