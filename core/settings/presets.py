"""The default run of each data set: `RunConfig` with the differences that the data set declares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.data.description import Form
from core.data.registry import SOURCES
from core.data.source import UPLOADED, DatasetChoice
from core.data.sources.uploaded import DEFAULT_RUNS, run_of
from core.settings.run import RunConfig

STEPS_A_PASS = 8  # at least so many steps go over a table once, or a small one is learnt by heart within a few
SMALLEST_BATCH = 128


def default_run(dataset: str) -> RunConfig:
    """The run that a person gets who only named a data set; what a user brought is then taken for a table of rows."""
    declared: Mapping[str, Any] = DEFAULT_RUNS["rows"] if dataset == UPLOADED else {}
    if dataset in SOURCES:
        declared = SOURCES[dataset].default_run
    return _run(DatasetChoice(name=dataset), declared)


def uploaded_run(path: str, form: Form = "rows", rows: int | None = None) -> RunConfig:
    """The default run on what a user brought, prepared in the folder `path`; of `rows` rows where that is known."""
    run = _run(DatasetChoice(name=UPLOADED, path=path), run_of(path, form))
    if rows is None:
        return run
    batch = max(SMALLEST_BATCH, min(run.batch_size, rows // STEPS_A_PASS))
    return run.model_copy(update={"batch_size": batch})


def _run(dataset: DatasetChoice, declared: Mapping[str, Any]) -> RunConfig:
    return RunConfig.model_validate({**declared, "dataset": dataset})
