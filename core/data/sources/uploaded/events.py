"""Uploaded events as a data set of histories, kept as a prepared folder beside the uploaded tables."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np

from core.data.description import DatasetCard, Split, Task
from core.data.histories.field_vocabulary import vocabularies
from core.data.histories.next_events import ask_next
from core.data.histories.questions import Questions, before_validation, write_questions
from core.data.reading.options import ReaderOptions
from core.data.source import UPLOADED
from core.data.sources.uploaded.event_file import Repairs, read_events
from core.data.sources.uploaded.places import histories_folder
from core.errors import PrecedenceError
from core.files import content_mark

FEWEST_MOMENTS = 30


def prepare_events(
    file: Path, name: str = "", now: float | None = None, options: ReaderOptions | None = None
) -> tuple[Path, Repairs]:
    """Makes a prepared folder, of the file's name and content; the repairs say what was left out or put in order.

    Tasks without a label are left out: no prices no price level, no brands no brand following, no shops no shop.
    """
    histories, repairs = read_events(file, now, options)
    questions = ask_next(histories)
    sizes = np.bincount(questions.split, minlength=3)
    if sizes.min() < 1 or len(questions.user) < FEWEST_MOMENTS:
        raise PrecedenceError(
            f"{file.name} gives {len(questions.user)} sessions to ask about ({sizes[0]} to train, {sizes[1]} to keep "
            f"promises on, {sizes[2]} to test); give at least {FEWEST_MOMENTS} sessions of users with an earlier one."
        )
    card = DatasetCard(
        name=UPLOADED,
        title=f"{name or file.stem} (histories)",
        about=(
            f"A row is a user of {file.name} about to begin a session, with the last hundred events, and one of ten "
            f"items: is it in the session? {repairs.events:,} events of {repairs.users:,} users."
        ),
        notice=" ".join(repairs.sentences()),
        tasks=tuple(task for task in _TASKS if _answered(questions, str(task.label))),
        split=Split(kind="time", column="time", says="first 70 % of the sessions asked about / next 15 % / last 15 %"),
    )
    folder = histories_folder(name or file.stem, content_mark(file, name, *([options] if options is not None else [])))
    write_questions(folder, card, histories, vocabularies(before_validation(histories, questions)), questions)
    return folder, repairs


_TASKS = (
    Task(name="ctr", title="In the next session (proxy)", label="next"),
    Task(name="l2r", title="Ranking (proxy)", label="ranked", weight="rank_weight"),
    Task(name="ppp", title="Price level in the next session", kind="multiclass", label="next_level", classes=7),
    Task(name="follow", title="Brand following (proxy)", label="follows_brand"),
    Task(name="shop", title="Shop preference", label="prefers_shop"),
)


def _answered(questions: Questions, label: str) -> bool:
    """Whether a label has two different values in each split."""
    values, split = questions.answers[label], questions.split[questions.moment]
    return all(len(np.unique(values[(split == number) & ~np.isnan(values)])) > 1 for number in range(3))


def repairs_of(repairs: Repairs) -> dict[str, object]:
    """The repairs as plain fields, with their sentences."""
    return {**asdict(repairs), "sentences": repairs.sentences()}
