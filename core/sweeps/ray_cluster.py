"""Points on a Ray cluster: each is a task that may need a fraction of a GPU and moves on when its node is lost.

Every node must see the home folder under the same path and have this program installed. Ray is an optional extra.
"""

from __future__ import annotations

import importlib
import logging
import os
from pathlib import Path
from typing import Any

from core.errors import PrecedenceError
from core.runs.folder.run_folder import RunFolder
from core.runs.folder.status import ACTIVE, UNDER_WAY, RunStatus
from core.runs.workers.run_to_completion import run_to_completion

ADDRESS_VARIABLE = "PRECEDENCE_RAY_ADDRESS"
GPUS_VARIABLE = "PRECEDENCE_RAY_GPUS"
ENGINE = "core.runs.workers.torch_engine"  # by name: the server that leads a sweep imports no torch
RETRIES = 3  # times that Ray moves a point whose node is lost
_FEWEST_SLOTS = 1


def ray_address() -> str:
    """The cluster named by PRECEDENCE_RAY_ADDRESS, e.g. `10.0.0.5:6379`, `auto` or `ray://host:10001`."""
    address = os.environ.get(ADDRESS_VARIABLE, "")
    if not address:
        raise PrecedenceError(
            f"No Ray cluster is named; set {ADDRESS_VARIABLE}, e.g. to 10.0.0.5:6379, or train the sweep here."
        )
    return address


def gpus_a_point() -> float:
    """PRECEDENCE_RAY_GPUS: which share of a GPU a point takes; 0, the default, for processors alone."""
    text = os.environ.get(GPUS_VARIABLE, "0")
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 8:
        raise PrecedenceError(f"{GPUS_VARIABLE} is {text!r}; expected a number from 0 to 8, e.g. 0.25.")
    return share


class RayCluster:
    """One Ray task a point, on whichever node has room; what becomes of it stands in the run folders."""

    def __init__(self, home: Path, address: str, engine: str = ENGINE) -> None:
        self._home = home
        self._engine = engine
        self._ray = _connected(address)
        self._gpus = gpus_a_point()
        self._tasks: dict[str, Any] = {}

    @property
    def slots(self) -> int:
        """As many points as the cluster has processors, or shares of GPUs, for; it may grow."""
        there = self._ray.cluster_resources()
        room = there.get("GPU", 0.0) / self._gpus if self._gpus else there.get("CPU", 0.0)
        return max(_FEWEST_SLOTS, int(room))

    def start(self, run_id: str) -> None:
        folder = RunFolder(self._home, run_id)
        folder.write_control(folder.control().changed(mode="run"))
        task = self._ray.remote(_hold).options(
            num_cpus=1, num_gpus=self._gpus, max_retries=RETRIES, name=f"point {run_id}"
        )
        self._tasks[run_id] = task.remote(str(self._home), run_id, self._engine)

    def status(self, run_id: str) -> RunStatus:
        status = RunFolder(self._home, run_id).status()
        if status.state not in UNDER_WAY:
            self._tasks.pop(run_id, None)
            return status
        task = self._tasks.get(run_id)
        if task is None:
            return _gone(status, "the program that led the sweep was ended") if status.state != "queued" else status
        if not self._ray.wait([task], timeout=0)[0]:
            return status
        del self._tasks[run_id]
        try:
            self._ray.get(task)
        except Exception as error:
            return _gone(status, " ".join(str(error).split())[:200])
        again = RunFolder(self._home, run_id).status()  # it ended between the two looks
        return _gone(again, "its task ended without a word") if again.state in ACTIVE else again

    def close(self) -> None:
        self._ray.shutdown()


def _connected(address: str) -> Any:
    try:
        import ray
    except ImportError as error:
        raise PrecedenceError(
            "Ray is not installed here; install requirements-ray.txt, or train the sweep on this machine."
        ) from error
    try:
        ray.init(address=address, ignore_reinit_error=True, log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, RuntimeError, ValueError) as error:
        first = str(error).splitlines()[0][:160]
        raise PrecedenceError(f"The Ray cluster at {address} does not answer ({first}); check its address.") from error
    return ray


def _hold(home: str, run_id: str, engine: str) -> str:
    return run_to_completion(Path(home), run_id, importlib.import_module(engine).engine())


def _gone(status: RunStatus, why: str) -> RunStatus:
    return status.model_copy(
        update={"state": "crashed", "error": f"The point lost its process at step {status.step}: {why}."}
    )
