"""Points on a real local Ray cluster of two nodes: trained on both, moved when a node is lost, seen alive meanwhile."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest

from core.errors import PrecedenceError
from core.runs.folder.run_folder import RunFolder, run_ids
from core.runs.workers.registry import worker_folders
from core.runs.workers.supervisor import Supervisor
from core.sweeps.description import parse_sweep
from core.sweeps.driver import Driver
from core.sweeps.folder import SweepFolder
from core.sweeps.ray_cluster import RayCluster, gpus_a_point, ray_address
from tests.runs.support import quick, wait_until

ray = pytest.importorskip("ray", reason="ray is not installed (requirements-ray.txt)")
pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
TASKS = ("a", "b")
ENGINE = "tests.runs.double"
NODE = {"num_cpus": 1, "object_store_memory": 80_000_000}


@pytest.fixture(scope="module")
def cluster():
    """A head and one more node, one processor each."""
    from ray.cluster_utils import Cluster

    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), before)))  # what nodes' processes import from
    made = Cluster(initialize_head=True, head_node_args={**NODE, "include_dashboard": False})
    try:
        made.second = made.add_node(**NODE)
        yield made
    finally:
        with contextlib.suppress(Exception):
            ray.shutdown()
        made.shutdown()
        os.environ.pop("PYTHONPATH")
        if before is not None:
            os.environ["PYTHONPATH"] = before


@pytest.fixture
def executor(cluster, tmp_path):
    made = RayCluster(tmp_path, cluster.address, ENGINE)
    yield made
    made.close()


def sweep(home, points, steps):
    return SweepFolder.create(home, parse_sweep({"base": quick(steps), "seeds": tuple(range(points))}, "sweep"), TASKS)


def at_pace(folder, pace):
    """So slowly that no point ends before another has begun, on the slowest machine; None: as fast as they go."""
    for record in folder.records():
        run = RunFolder(folder.home, record.run_id) if record.run_id else None
        if run is not None and run.control().pace != pace:
            run.write_control(run.control().changed(pace=pace))


def test_points_are_trained_on_both_nodes_and_seen_alive(tmp_path, executor):
    folder = sweep(tmp_path, 4, 600)
    driver = Driver(folder, executor)
    assert executor.slots == 2
    supervisor = Supervisor(tmp_path, 1)  # not started: it only looks
    together = 0

    def over():
        nonlocal together
        done = driver.tick()
        running = [r.run_id for r in folder.records() if r.state == "training"]
        alive = sum(supervisor.status(run_id).state == "running" for run_id in running)
        together = max(together, alive)
        at_pace(folder, None if together == 2 else 50.0)
        return done

    wait_until(over)
    assert [record.state for record in folder.records()] == ["finished"] * 4
    assert together == 2
    wait_until(lambda: worker_folders(tmp_path) == [])
    results = [RunFolder(tmp_path, record.run_id).result().tasks["a"].loss for record in folder.records()]
    assert len(set(results)) == 4


def test_a_lost_node_loses_no_point(tmp_path, executor, cluster):
    folder = sweep(tmp_path, 2, 2500)
    driver = Driver(folder, executor)

    def both_run():
        driver.tick()
        at_pace(folder, 50.0)
        states = [RunFolder(tmp_path, r.run_id).status() for r in folder.records() if r.run_id]
        return len(states) == 2 and all(s.state == "running" and s.step > 50 for s in states)

    wait_until(both_run)
    at_pace(folder, None)
    cluster.remove_node(cluster.second, allow_graceful=False)
    wait_until(driver.tick)
    assert [record.state for record in folder.records()] == ["finished"] * 2
    assert len(run_ids(tmp_path)) == 2
    for record in folder.records():
        steps = [event.step for event in RunFolder(tmp_path, record.run_id).events() if event.kind == "step"]
        assert steps == list(range(1, 2501))


def test_a_wrong_setting_is_told(monkeypatch):
    monkeypatch.setenv("PRECEDENCE_RAY_GPUS", "many")
    with pytest.raises(PrecedenceError, match="PRECEDENCE_RAY_GPUS is 'many'"):
        gpus_a_point()
    monkeypatch.setenv("PRECEDENCE_RAY_GPUS", "0.25")
    assert gpus_a_point() == 0.25
    monkeypatch.delenv("PRECEDENCE_RAY_ADDRESS", raising=False)
    with pytest.raises(PrecedenceError, match="No Ray cluster is named"):
        ray_address()
