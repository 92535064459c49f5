"""python -m core users train, transfer, update, study: DUPN learns from histories."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.commands.options import (
    FILE,
    Command,
    Names,
    Numbers,
    config_flag,
    on_a_line,
    reader_flags,
    report,
    show,
    threads,
)
from core.commands.train import RunFlags, read_config, run_flags, trained
from core.data.histories.next_events import ask_next
from core.data.reading.options import ReaderOptions
from core.data.registry import histories_and_questions, names_of, read_histories
from core.data.source import UPLOADED
from core.errors import PrecedenceError
from core.models.dupn_config import DUPNConfig
from core.settings.address import from_query
from core.settings.run import RunConfig
from core.task_kinds.kinds import KINDS

if TYPE_CHECKING:
    from core.data.histories.histories import Histories
    from core.data.histories.questions import Questions
    from core.users.embedding.model import UserModel


def _on_histories(flags: RunFlags, settings: Sequence[str] = ()) -> RunConfig:
    """The run that the flags ask for, of the shop's histories where they name no data set; `settings` come first."""
    dataset = flags.dataset or "shop_histories"
    return read_config(replace(flags, dataset=dataset, settings=(*settings, *flags.settings)))


@click.command(cls=Command)
@run_flags
@click.option("--events", type=FILE, help="Own file: user, item, time, and optional columns.")
@reader_flags
def train(flags: RunFlags, events: Path | None, options: ReaderOptions) -> dict[str, Any]:
    """Train DUPN on histories, to the end, and keep in the folder --out a model that users can be embedded with.

    Of own --events the model is kept as theirs too: the Users page, neighbours, judge and update take it as 'dupn'.
    """
    if events:
        return _train_own(flags, str(events), options)
    config = _on_histories(flags)
    trainer, result = trained(replace(flags, out=None), _of_dupn(config))  # the folder is the model's, not the run's
    if flags.out:
        keep(flags.out, trainer, config, result)
    return result


OWN_RUN = {"method.kind": "weighted_sum", "stage_steps": "200", "reference": "false", "probe_every": "0"}
"""What is other than the default in the run on a person's own log: one stage for all tasks, so that it ends soon."""


def _train_own(flags: RunFlags, events: str, options: ReaderOptions) -> dict[str, Any]:
    """Trains on a person's own events and keeps the model as theirs, telling how far it is for whoever waits."""
    from core.data.sources.uploaded.event_options import options_for, remember
    from core.data.sources.uploaded.events import prepare_events, repairs_of
    from core.progress import telling
    from core.settings.presets import uploaded_run
    from core.users import own_models

    file = Path(events)
    if options != ReaderOptions():
        remember(file, options)
    with telling(own_models.progress_file(events)) as tell:
        tell("reading the events", 0, 0)
        folder, found = prepare_events(file, options=options_for(file))
        show(*(on_a_line(one) for one in found.sentences()))
        config = _of_dupn(read_config(flags, from_query(OWN_RUN, uploaded_run(str(folder), "histories"))))
        trainer, result = trained(replace(flags, out=None), config, progress=partial(tell, "training, steps"))
        for place in (own_models.model_folder(events), *([flags.out] if flags.out else [])):
            keep(place, trainer, config, result)
    own_models.updated_file(UPLOADED, events).unlink(missing_ok=True)
    show(f"The model is kept as the DUPN of {file.name}: the Users page takes it, and --events with --model dupn.")
    return result | {"repairs": repairs_of(found), "model": str(own_models.model_folder(events))}


def _of_dupn(config: RunConfig) -> RunConfig:
    """The config, where its network embeds users."""
    if not isinstance(config.model, DUPNConfig):
        raise PrecedenceError(f"Users are embedded by the network 'dupn', not by '{config.model.kind}'; leave --model.")
    return config


def keep(folder: Path, trainer: Any, config: RunConfig, result: dict[str, Any]) -> None:
    """The run's last model, as `core.users.embedding.model` reads it."""
    from core.data.registry import vocabularies_of
    from core.users.embedding.model import UserModel, save_model

    assert isinstance(config.model, DUPNConfig)
    about = {
        "run": config.model_dump(mode="json", exclude_defaults=True),
        "steps": result["steps"],
        "tasks": result["tasks"],
    }
    names = vocabularies_of(config.dataset)
    save_model(folder, UserModel(trainer.network, config.model, trainer.state.setup.dataset.description, names, about))


@click.command(cls=Command)
@run_flags
@click.option("--target", default="shop", help="The task that is learnt last.")
@click.option("--arms", type=Names(), default="scratch,frozen,fine_tune,retrain_all", help="Which ways, with commas.")
def transfer(flags: RunFlags, target: str, arms: tuple[str, ...]) -> dict[str, Any]:
    """What four tasks' representation is worth to a fifth, in four ways."""
    import torch

    from core.data.registry import load_dataset
    from core.users.study.transfer import transfer as run

    torch.set_num_threads(flags.threads)
    config = _on_histories(flags)
    progress = (lambda words: None) if flags.quiet else report
    found = run(config, load_dataset(config.dataset), target, arms, progress)
    for each in found:
        metric = KINDS[each.kind].metric
        value = "-" if each.metric is None else format(each.metric, metric.shape)
        show(f"{each.arm}: {metric.name} {value}, {each.steps} steps")
    results = [asdict(each) | {KINDS[each.kind].metric.key: each.metric} for each in found]
    return {"target": target, "arms": results}


@click.command(cls=Command)
@run_flags
@click.option("--seeds", type=Numbers(int, "0,1,2"), default="0,1,2,3,4", help="With commas.")
@click.option("--file", type=FILE, required=True, help="One line a finished run; goes on where it ended.")
@click.option("--only", type=Names(), default="", help="Some runs, with commas: 'arm all,alone ctr,transfer'.")
@click.option("--show", "shown", is_flag=True, help="Only what the file holds.")
def study(flags: RunFlags, seeds: tuple[int, ...], file: Path, only: tuple[str, ...], shown: bool) -> dict[str, Any]:
    """The arms, single tasks and transfer over seeds, with intervals."""
    import torch

    from core.data.registry import load_dataset
    from core.users.study.study import attention, summary
    from core.users.study.study import study as run

    if not shown:
        torch.set_num_threads(flags.threads)
        config = _on_histories(flags, ("probe_every=0", "record_every=50"))
        run(config, load_dataset(config.dataset), seeds, file, report, only)
    found = summary(file)
    for what, tasks in found.items():
        figures = (f"{task} {v['mean']:.4f} ± {v['half'] or 0:.4f}" for task, v in tasks.items())
        show("  ".join([f"{what:18}", *figures]))
    pulls = attention(file)
    for what, shares in pulls.items():
        figures = (f"{name} {v['mean']:.3f} ± {v['half'] or 0:.3f}" for name, v in shares.items())
        show(f"{what}, attention on the query's category: {', '.join(figures)}")
    return {"study": found, "attention": pulls}


@click.command(cls=Command)
@click.option("--model", type=FILE, help="Folder of a kept model; by default the trained start.")
@click.option("--dataset", default="shop_histories", help=f"{' or '.join(names_of('histories'))}.")
@click.option("--events", type=FILE, help="Own file of events instead, on which a DUPN was trained.")
@click.option("--day", help="The newest day, as 2026-04-17; by default the first after training that has a next one.")
@click.option("--replay", default=10, help="Days before it that are trained on again; 0: none.")
@click.option("--half-life", default=3.0, help="Days after which a row counts half.")
@click.option("--steps", type=click.IntRange(min=1), default=60, help="Optimiser steps.")
@config_flag("--learning-rate", RunConfig, "optimiser.learning_rate", default="0.001")
@config_flag("--seed", RunConfig, "seed", default="0")
@threads
@click.option("--out", type=FILE, help="Folder for the updated model.")
def update(
    model: Path | None,
    dataset: str,
    events: Path | None,
    day: str | None,
    replay: int,
    half_life: float,
    steps: int,
    learning_rate: str,
    seed: str,
    threads: int,
    out: Path | None,
) -> dict[str, Any]:
    """Fine-tune a kept model on a newest day, and say what was learnt, what forgotten, and who moved."""
    import torch

    from core.files import write_text
    from core.progress import telling
    from core.users.embedding.model import save_model
    from core.users.own_models import update_progress, updated_file
    from core.users.study.moved import moved
    from core.users.study.update import first_day, until
    from core.users.study.update import update as run

    torch.set_num_threads(threads)
    whose = (UPLOADED, str(events)) if events else (dataset, None)
    known, base, histories, questions = _known(model, *whose)
    newest = day_of(day) if day else first_day(questions)
    fields = {
        "stage_steps": str(steps),
        "evaluate_every": str(steps),  # judged once, at its end: there is nothing to choose between
        "probe_every": "0",
        "seed": seed,
        "optimiser.learning_rate": learning_rate,
    }
    config = from_query(
        fields, base.model_copy(update={"model": known.config}), {"optimiser.learning_rate": "--learning-rate"}
    )
    with telling(update_progress(*whose)) as tell:
        tell("learning the newest day", 0, 0)
        done = run(known, config, histories, questions, newest, replay, half_life)
        if out:
            save_model(out, done.model)
        tell("looking who moved", 0, 0)
        changed = moved(known, done.model, until(histories, newest))
    date = datetime.fromtimestamp(newest, UTC).date().isoformat()
    ahead, old = (100 * done.change(where) for where in ("tomorrow", "old"))
    show(f"{date}: losses of the day after {ahead:+.2f} %, of old days {old:+.2f} %", changed.in_words())
    result = {
        "day": date,
        "rows": done.rows,
        "grown": done.grown,
        "before": done.before,
        "after": done.after,
        "change": {where: round(done.change(where), 5) for where in done.after},
    } | {"moved": changed.as_fields()}
    if model is None:
        write_text(updated_file(*whose), json.dumps(result))  # of the model that the page uses
    return result


def _known(model: Path | None, dataset: str, events: str | None) -> tuple[UserModel, RunConfig, Histories, Questions]:
    """The model that is updated, the run that it learns by, and what is asked of which histories."""
    from core.data.sources.uploaded.event_options import options_for
    from core.data.sources.uploaded.events import prepare_events
    from core.settings.presets import default_run, uploaded_run
    from core.users.embedding.model import load_model, load_start
    from core.users.own_models import resolved

    if events is None:
        known = load_model(model) if model else load_start(dataset)
        return known, default_run(dataset), *histories_and_questions(dataset)
    known = load_model(model or resolved("dupn", events))
    folder, _ = prepare_events(Path(events), options=options_for(Path(events)))
    histories = read_histories(UPLOADED, events)
    return known, uploaded_run(str(folder), "histories"), histories, ask_next(histories)


def day_of(text: str) -> int:
    """The first second of a day."""
    try:
        return int(datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).timestamp())
    except ValueError as error:
        raise PrecedenceError(f"'--day {text}' is no day; write it as 2026-04-17.") from error
