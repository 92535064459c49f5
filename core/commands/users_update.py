"""python -m core users update: fine-tune a kept model on a newest day, and say what was learnt and what forgotten."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.data.registry import names_of
from core.errors import PrecedenceError

STEPS, LEARNING_RATE = 60, 1e-3


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", type=Path, help="folder of a kept model; default: the trained start")
    parser.add_argument("--dataset", default="shop_histories", help=" or ".join(names_of("histories")))
    parser.add_argument("--day", help="the newest day, as 2026-04-17; default: the first day after training")
    parser.add_argument("--replay", type=int, default=10, help="days before it that are trained on again; 0: none")
    parser.add_argument("--half-life", type=float, default=3.0, help="days after which a row counts half")
    parser.add_argument("--steps", type=int, default=STEPS, help="optimiser steps")
    parser.add_argument("--learning-rate", type=float, default=LEARNING_RATE)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1, help="CPU threads")
    parser.add_argument("--out", type=Path, help="folder for the updated model")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    import torch

    from core.data.registry import histories_and_questions
    from core.training.presets import default_run
    from core.users.embedding.model import load_model, load_start, save_model
    from core.users.study.update import update

    torch.set_num_threads(arguments.threads)
    model = load_model(arguments.model) if arguments.model else load_start(arguments.dataset)
    histories, questions = histories_and_questions(arguments.dataset)
    day = day_of(arguments.day) if arguments.day else int(questions.time[questions.split == 1].min() // 86_400 * 86_400)
    config = default_run(arguments.dataset).model_copy(
        update={
            "model": model.config,
            "stage_steps": arguments.steps,
            "evaluate_every": arguments.steps,  # judged once, at its end: there is nothing to choose between
            "probe_every": 0,
            "seed": arguments.seed,
        }
    )
    config = config.model_copy(
        update={"optimiser": config.optimiser.model_copy(update={"learning_rate": arguments.learning_rate})}
    )
    done = update(model, config, histories, questions, day, arguments.replay, arguments.half_life)
    if arguments.out:
        save_model(arguments.out, done.model)
    result = {
        "day": datetime.fromtimestamp(day, UTC).date().isoformat(),
        "rows": done.rows,
        "grown": done.grown,
        "before": done.before,
        "after": done.after,
        "change": {where: round(done.change(where), 5) for where in done.after},
    }
    if not arguments.json:
        print(
            f"{result['day']}: losses of the day after {100 * done.change('tomorrow'):+.2f} %, of old days "
            f"{100 * done.change('old'):+.2f} %; {sum(done.grown.values())} new names"
        )
    return result


def day_of(text: str) -> int:
    """The first second of a day."""
    try:
        return int(datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).timestamp())
    except ValueError as error:
        raise PrecedenceError(f"'--day {text}' is no day; write it as 2026-04-17.") from error
