"""python -m core data make-answers"""

from __future__ import annotations

from typing import Any

import click

from core.commands.options import Command, quiet, report, show, threads


@click.command(cls=Command)
@threads
@quiet
def make_answers(threads: int, quiet: bool) -> dict[str, Any]:
    """Train the shop's default run at a few tolerances of AUC and seeds, and keep what each had in the end: what the
    What-if page answers its first question from."""
    import torch

    from core.bench.one_start import from_one_start
    from core.data.registry import load_dataset
    from core.events.events import Finished
    from core.records import write_record
    from core.runs.run_prices import priced
    from core.settings.presets import default_run
    from core.sweeps.question import Question, asked_config
    from core.sweeps.recorded import AMOUNTS, FILE, SEEDS, RecordedRun, RecordedRuns

    torch.set_num_threads(threads)
    base = default_run("shop")
    task, gainer = base.priority[:2]
    asked = [asked_config(base, Question(task, amount, "metric", gainer)) for amount in AMOUNTS]
    data = load_dataset(base.dataset)
    runs = []
    for seed in SEEDS:
        configs = [config.model_copy(update={"seed": seed}) for config in asked]
        for config, (_, events) in zip(configs, from_one_start(configs, data, 0), strict=True):
            results = next(event.tasks for event in events if isinstance(event, Finished))
            runs.append(RecordedRun(config=config, priced=priced(events, config), results=results))
            if not quiet:
                report(f"seed {seed}, {config.tolerance_of(task):g} AUC")
    write_record(FILE, RecordedRuns(runs=tuple(runs)))
    show(f"{len(runs)} runs, {FILE.stat().st_size:,} bytes, in {FILE}")
    return {"runs": len(runs), "bytes": FILE.stat().st_size}
