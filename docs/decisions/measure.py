"""The small measurements behind these pages: python docs/decisions/measure.py [NAME …], from the checkout's folder.

Larger ones are benches of the program (`python -m core bench`) and stand in docs/benchmarks.md.
"""

from __future__ import annotations

import itertools
import json
import multiprocessing
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

_GARBAGE = """
import gc, statistics, time
import duckdb, pandas, plotly.graph_objects, pyarrow, streamlit
def collect():
    began = time.process_time()
    gc.collect()
    return 1000 * (time.process_time() - began)
before = statistics.median(collect() for _ in range(9))
gc.freeze()
print(f"{before:.1f} {statistics.median(collect() for _ in range(9)):.2f}")
"""
_MEMORY = """
import psutil
import core.server.application, pandas, pyarrow, duckdb
def megabytes(): return psutil.Process().memory_info().rss / 2**20
before = megabytes()
import torch
print(f"{before:.0f} {megabytes():.0f}")
"""


def garbage() -> str:
    """What Streamlit's full collection after every rerun costs, before and after gc.freeze."""
    before, after = _python(_GARBAGE)
    return f"gc.collect with the pages' libraries imported: {before} ms; after gc.freeze {after} ms"


def memory() -> str:
    """Resident memory of the server's imports, without and with torch."""
    without, with_torch = _python(_MEMORY)
    return f"server's imports {without} MB; with torch {with_torch} MB"


def library() -> str:
    """DuckDB: one row at a time, and a second process while one has the file open for writing."""
    import duckdb

    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/library.duckdb"
        with duckdb.connect(file) as database:
            database.execute("CREATE TABLE t (a BIGINT)")
            insert = _median(lambda: database.execute("INSERT INTO t VALUES (1)"), 50)
            other = [sys.executable, "-c", f"import duckdb; duckdb.connect({file!r}, read_only=True)"]
            refused = subprocess.run(other, capture_output=True, check=False).returncode != 0
    return f"single-row insert {insert:.1f} ms; a reader in a second process is {'refused' if refused else 'let in'}"


def queue() -> str:
    """1,000 runs put into the queue folder and taken by two processes: each run is taken once."""
    from core.runs.workers.registry import Queue

    with tempfile.TemporaryDirectory() as folder:
        home, waiting = Path(folder), Queue(Path(folder))
        began = time.perf_counter()
        for number in range(1000):
            waiting.put(f"run{number}")
        put = time.perf_counter() - began
        began = time.perf_counter()
        with multiprocessing.get_context("spawn").Pool(2) as pool:
            taken = pool.starmap(_take, [(home, "a"), (home, "b")])
        took = max(seconds for _, seconds in taken)
    names = [name for names, _ in taken for name in names]
    assert len(names) == len(set(names)) == 1000
    return f"put {put:.2f} ms a run; two takers {took:.2f} ms a run; every run taken exactly once"


def modules() -> str:
    """The front end as it is served: files, bytes, and what the server pays for it at its first page."""
    from core.server import assets

    began = time.perf_counter()
    files = assets._files()
    took = 1000 * (time.perf_counter() - began)
    plain, packed = (sum(len(getattr(file, kind)) for file in files.values()) for kind in ("plain", "packed"))
    sizes = f"{plain / 1000:.0f} kB, {packed / 1000:.0f} kB compressed"
    return f"{len(files)} files, {sizes}; read and packed in {took:.0f} ms"


def pairing() -> str:
    """Scatter of one reading of a violation: bound as a constant, and paired with the frozen model on the same rows.

    Multipliers are held, so that both runs train through the same bits.
    """
    scatter = {}
    for bound in ("constant", "paired"):
        with tempfile.TemporaryDirectory() as folder:
            line = (
                f"train --dataset shop --priority relevance,click --out {folder}/run --quiet --set reference=0 "
                "--set probe_every=0 --set stage_steps=200 --set record_every=1 --set method.validation_every=1 "
                f"--set method.frozen.relevance=1 --set method.bound={bound}"
            )
            subprocess.run([sys.executable, "-m", "core", *line.split()], cwd=ROOT, check=True, capture_output=True)
            events = [json.loads(one) for one in Path(folder, "run", "events.jsonl").read_text().splitlines()]
        read = [event["violation"] for event in events if event["kind"] == "step" and event["stage"] == 1]
        place = next(n for n, value in enumerate(read[-1]) if value is not None)
        last = [violation[place] for violation in read[len(read) // 2 :]]
        changes = [after - before for before, after in itertools.pairwise(last)]
        scatter[bound] = statistics.stdev(changes) / 2**0.5
    ratio = scatter["constant"] / scatter["paired"]
    return f"deviation of a reading: constant {scatter['constant']:.4f}, paired {scatter['paired']:.4f} ({ratio:.1f} ×)"


def losses() -> str:
    """Operators of one batch's losses and their gradient, five tasks: all binary, and with a regression among them."""
    import torch
    from torch.profiler import ProfilerActivity, profile

    from core.bench.synthetic import synthetic_dataset
    from core.models.losses import TaskLosses

    counts = []
    for regression in (False, True):
        data = synthetic_dataset(rows=2000, tasks=5, regression=regression)
        of, batch = TaskLosses(data), data.batch(torch.arange(1024))
        predictions = torch.randn(1024, 5, requires_grad=True)
        with profile(activities=[ProfilerActivity.CPU]) as counted:
            of(predictions, batch).sum().backward()
        counts.append(sum(one.count for one in counted.key_averages()))
    return f"operators: {counts[0]} for binary tasks, {counts[1]} with a regression"


def _python(script: str) -> list[str]:
    """The words that a script prints in a process of its own."""
    command = [sys.executable, "-c", script]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()


def _take(home: Path, worker: str) -> tuple[list[str], float]:
    from core.runs.workers.registry import Queue, WorkerFolder

    folder, waiting, taken = WorkerFolder(home, worker), Queue(home), []
    folder.make()
    began = time.perf_counter()
    while (run := waiting.claim(folder, 0.0)) is not None:
        taken.append(run)
    return taken, time.perf_counter() - began


def _median(act: Callable[[], object], times: int) -> float:
    """Milliseconds."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        took.append(1000 * (time.perf_counter() - began))
    return statistics.median(took)


MEASUREMENTS = {one.__name__: one for one in (garbage, memory, library, queue, modules, pairing, losses)}

if __name__ == "__main__":
    for name in sys.argv[1:] or MEASUREMENTS:
        print(f"{name}: {MEASUREMENTS[name]()}", flush=True)
