"""Runs of the same settings at other tolerances or seeds: they check what a run's multipliers promise."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from core.errors import PrecedenceError
from core.insight.prices import PricedRun
from core.runs.folder.run_folder import RunFolder, run_ids
from core.runs.folder.shared_stages import read_start
from core.runs.run_prices import priced
from core.settings.run import RunConfig

_FREE = ("seed", "tolerance", "tolerances", "name", "device", "reference", "probe_every", "probe_batches")
"""Fields in which sisters may differ: none of them changes what a tolerance buys."""


@lru_cache(maxsize=512)
def priced_run(home: Path, run_id: str) -> PricedRun:
    """A finished run's prices. Raises PrecedenceError where it has none; a finished run never changes."""
    folder = RunFolder(home, run_id)
    config = folder.config()
    start = read_start(folder.path)
    if start is not None and start.between:
        raise PrecedenceError(
            f"Run {run_id} was read off models of other runs, so it has no multipliers; pick one that was trained."
        )
    if folder.control().edits:
        raise PrecedenceError(
            f"Run {run_id} was edited while it went on, so its multipliers belong to no one setting; "
            "train its last settings anew."
        )
    return priced(folder.events(), config)


def comparable_runs(home: Path, config: RunConfig) -> list[PricedRun]:
    """The finished runs that differ from `config` in tolerances and seed alone, in no order."""
    return [priced for _, _, priced in comparable_runs_by_id(home, config)]


def comparable_runs_by_id(
    home: Path, config: RunConfig, any_unit: bool = False
) -> list[tuple[str, RunConfig, PricedRun]]:
    """The same with their names and configs; with `any_unit` tolerances may also be in another unit."""
    found = []
    wanted = settings_of(config, any_unit)
    for run_id in run_ids(home):
        try:
            other, settings = _finished(home, run_id, any_unit)
            if settings == wanted:
                found.append((run_id, other, priced_run(home, run_id)))
        except PrecedenceError:  # damaged, not finished, edited or without prices: it checks nothing
            continue
    return found


@lru_cache(maxsize=8192)
def _finished(home: Path, run_id: str, any_unit: bool) -> tuple[RunConfig, dict[str, object] | None]:
    """A finished run's config and settings, which never change; None where its model comes of other runs' models,
    in fewer steps or in none. Raises PrecedenceError, which is not remembered, while it has not finished."""
    folder = RunFolder(home, run_id)
    if folder.status().state != "finished":
        raise PrecedenceError(f"Run {run_id} has not finished; wait for its end.")
    config, start = folder.config(), read_start(folder.path)
    return config, settings_of(config, any_unit) if start is None or start.stands_alone else None


def settings_of(config: RunConfig, any_unit: bool = False) -> dict[str, object]:
    """What is equal in runs that differ in tolerances and seed alone; with `any_unit`, or in the tolerances' unit."""
    return config.model_dump(
        exclude={**dict.fromkeys(_FREE, True), "method": {"tolerance_kind"} if any_unit else set()}
    )
