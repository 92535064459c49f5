"""Questions in SQL over all runs: one SELECT, in a process of its own that can reach no file and no network.

The process gets the rows as text on its standard input, builds its tables in memory, locks its configuration and is
ended when the time is over: see `sql_process`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import PrecedenceError
from core.home import PROGRAM
from core.runs.listing.overview import RunRow

SECONDS = 5.0
START_SECONDS = 20.0  # for the process itself on a busy machine
MOST_ROWS = 1000
LONGEST = 10_000  # characters of a question

QUESTIONS: dict[str, str] = {
    "The best runs of each task": (
        "SELECT task, metric_name, metric, run, method, dataset\nFROM results JOIN runs USING (run)\n"
        "QUALIFY row_number() OVER (PARTITION BY dataset, task ORDER BY better * metric DESC) <= 3\n"
        "ORDER BY dataset, task, better * metric DESC"
    ),
    "Do the methods keep their bounds?": (
        "SELECT dataset, method, count(DISTINCT run) AS runs,\n"
        "    round(avg((violation <= 0)::INT), 3) AS share_kept\n"
        "FROM results JOIN runs USING (run)\nWHERE violation IS NOT NULL\nGROUP BY ALL ORDER BY ALL"
    ),
    "Mean and spread over seeds": (
        "SELECT dataset, method, task, metric_name, count(*) AS runs,\n"
        "    round(avg(metric), 4) AS mean, round(stddev_samp(metric), 4) AS deviation\n"
        "FROM results JOIN runs USING (run)\nGROUP BY ALL HAVING count(*) > 1 ORDER BY ALL"
    ),
    "What did a setting do?": (
        "SELECT settings.value AS learning_rate, task, round(avg(metric), 4) AS mean, count(*) AS runs\n"
        "FROM settings JOIN results USING (run)\nWHERE field = 'optimiser.learning_rate'\nGROUP BY ALL ORDER BY ALL"
    ),
    "Where did the time go?": (
        "SELECT dataset, method, device, count(*) AS runs, round(sum(seconds) / 60, 1) AS minutes\n"
        "FROM runs GROUP BY ALL ORDER BY minutes DESC"
    ),
}
"""Ready questions by title."""


@dataclass(frozen=True)
class Answer:
    """A table; `truncated` where there are more rows than are shown."""

    columns: list[str]
    rows: list[list[Any]]
    truncated: bool


def ask(question: str, rows: Sequence[RunRow], seconds: float = SECONDS, most: int = MOST_ROWS) -> Answer:
    """The answer over the tables runs, results and settings; raises PrecedenceError with DuckDB's reason."""
    if not question.strip():
        raise PrecedenceError("There is no question; write a SELECT over the tables runs, results and settings.")
    if len(question) > LONGEST:
        raise PrecedenceError(f"The question has {len(question):,} characters; at most {LONGEST:,} are read.")
    given = {"question": question, "seconds": seconds, "most": most, "tables": tables(rows)}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "core.runs.listing.sql_process"],
            input=json.dumps(given).encode(),
            capture_output=True,
            timeout=seconds + START_SECONDS,
            env={"PYTHONPATH": str(PROGRAM), "PYTHONSAFEPATH": "1", "HOME": "/nonexistent", "OMP_NUM_THREADS": "1"},
            cwd="/",
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _too_long(seconds) from error
    try:
        said: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:  # it was ended by its limits of time or memory
        raise PrecedenceError(
            f"The question took more than {seconds:g} s or more memory than it may; ask for less, e.g. with a WHERE."
        ) from error
    if said.get("timeout"):
        raise _too_long(seconds)
    if "problem" in said:
        raise PrecedenceError(str(said["problem"]))
    return Answer(said["columns"], said["rows"], said["truncated"])


def _too_long(seconds: float) -> PrecedenceError:
    return PrecedenceError(f"The question took longer than {seconds:g} s and was ended; ask for less.")


def tables(rows: Sequence[RunRow]) -> dict[str, dict[str, list[Any]]]:
    """Columns by table. No place on this machine and no word that opens a run is among them."""
    plain = ("run", "name", "dataset", "method", "network", "seed", "steps", "seconds", "device", "sweep", "family",
             "pinned", "notes")  # fmt: skip
    runs: dict[str, list[Any]] = {name: [getattr(row, name) for row in rows] for name in plain}
    runs["state"] = [row.state for row in rows]
    runs["created"] = [row.created for row in rows]
    runs["tags"] = [", ".join(row.tags) for row in rows]
    runs["priority"] = [", ".join(row.priority) for row in rows]
    figures = ("task", "kind", "metric_name", "metric", "loss", "violation", "multiplier", "single_task_metric")
    pairs = [(row.run, one) for row in rows for one in row.tasks]
    results: dict[str, list[Any]] = {"run": [run for run, _ in pairs]}
    results |= {name: [getattr(one, name) for _, one in pairs] for name in figures}
    results["better"] = [1 if one.higher_is_better else -1 for _, one in pairs]
    flat = [(row.run, name, value) for row in rows for name, value in row.settings]
    settings = {name: [one[at] for one in flat] for at, name in enumerate(("run", "field", "value"))}
    return {"runs": runs, "results": results, "settings": settings}
