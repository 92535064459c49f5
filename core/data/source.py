"""What is declared of a data set, and how a run says which one it reads; needs pydantic alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer, model_validator

from core.data.description import UPLOADED, DatasetCard, Form
from core.data.histories.limits import MOST, MOST_KEPT
from core.errors import PrecedenceError
from core.home import outside_data
from core.settings_field import YES_NO, setting

if TYPE_CHECKING:
    from core.data.histories.histories import Histories
    from core.data.histories.questions import Questions
    from core.data.pairs.judged import Judged

__all__ = ["EDITIONS", "UPLOADED", "DatasetChoice", "Source", "external_files"]

EDITIONS: Mapping[str, int] = {"shop": 2, "shop_histories": 2}
"""The newest edition of each data set that was ever made anew under its old name; of all others there is one."""


BRANCHING: Mapping[str, Any] = {
    "start": "branch",
    "start_together": 0.75,
    "together_decay": 0.3,
    "waiting": 0.05,
    "dual_step": "multiplicative",
    "dual_rate": 0.02,
    "penalty": 0.3,
    "smoothing": 0.8,
}
"""Of `Source.default_run`'s method: the form that came nearest to a grid of weights (docs/results.md)."""


class DatasetChoice(BaseModel):
    """Which data, before it is read: the only part of the run config that this room knows.

    A run goes on with the data that it began with, so a choice names their edition. One that was written whole before
    there were editions means the first, and is written back as it was, so that equal configs stay equal.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str = setting("shop", "Data set", f"A data set of the registry, or {UPLOADED} with a path.")
    conflict: float = setting(
        0.7,
        "Conflict between relevance and clicks",
        "How strongly tempting products that are off the topic draw clicks. 0: the two tasks agree.",
        step=0.05,
        ge=0.0,
        le=1.0,
    )
    path: str | None = setting(None, "Path", f"{UPLOADED} only: folder that holds table.parquet and description.json.")
    rows: int | None = setting(
        None,
        "Training rows",
        "Only the first so many rows, for a quick look.",
        group="Training",
        step=10_000,
        optional="all",
        gt=0,
    )
    edition: int = setting(
        2, "Edition", "Of data that were made anew under their old name; 1 is the first.", ge=1, le=2
    )
    next_event: bool = setting(
        False,
        "Foresee the next event",
        "One more task of a data set of histories: which item comes next, among those of the batch.",
        choices=YES_NO,
    )
    events: int = setting(
        MOST,
        "Events kept",
        f"Of a history: the latest so many before a moment. A network reads at most these; {MOST} as in the paper.",
        step=100,
        ge=10,
        le=MOST_KEPT,
    )
    ages: bool = setting(
        False,
        "Exact ages",
        "How old an event is, beside the paper's eleven buckets: what a continuous encoding of time reads.",
        choices=YES_NO,
    )
    fold: int | None = setting(
        None,
        "Fold",
        "Where queries can be divided anew: 0 to 4 are a cross-validation, each with another fifth of the queries as "
        "its test; 5 to 9 are another one, and so on.",
        ge=0,
        le=99,
    )

    @model_validator(mode="before")
    @classmethod
    def _of_its_time(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        if given.get("name", "shop") not in EDITIONS:
            return {**given, "edition": 1}
        written_whole = {"name", "conflict", "path", "rows"} <= given.keys()
        return {**given, "edition": 1} if written_whole and "edition" not in given else given

    @model_serializer(mode="wrap")
    def _as_it_was(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields: dict[str, Any] = write(self)
        usual = {"edition"} if self.edition == 1 else set()
        usual |= {"fold"} if self.fold is None else set()
        usual |= set() if self.next_event else {"next_event"}
        usual |= {"events"} if self.events == MOST else set()
        usual |= set() if self.ages else {"ages"}
        return {name: value for name, value in fields.items() if name not in usual}


def kept_as(name: str, choice: DatasetChoice) -> str:
    """The name of a prepared folder of histories, by what is kept of them beside the usual."""
    length = "" if choice.events == MOST else f"-{choice.events}"
    return f"{name}{length}{'-ages' if choice.ages else ''}"


@dataclass(frozen=True)
class Source:
    """All that the rest of the program knows of one data set: a module of `core.data.sources` makes one."""

    card: DatasetCard
    prepare: Callable[[DatasetChoice], Path]
    """The prepared folder (see `core.data.prepared`), made at first use."""
    default_run: Mapping[str, Any] = field(default_factory=dict)
    """What was found to train well on it: fields of the run config that differ from its defaults."""
    form: Form = "rows"
    options: tuple[str, ...] = ()
    """Fields of `DatasetChoice` that its form asks for: they mean something for this data set alone."""
    part_of: str = ""
    """Name of the data set of rows that knows the same people and products, by whose title a person finds them."""
    has_folds: bool = False
    """Whether `prepare` knows `DatasetChoice.fold`."""
    external: tuple[str, ...] = ()
    """Files that are not shipped, below the folder that PRECEDENCE_DATA names."""
    read_histories: Callable[[], Histories] | None = None
    """Form "histories": who did what, not yet cut before any moment."""
    ask: Callable[[Histories], Questions] | None = None
    """Form "histories": the questions that its rows are."""
    read_pairs: Callable[[], Judged] | None = None
    """Form "pairs": the judged texts."""

    @property
    def name(self) -> str:
        return self.card.name


def fold_mark(choice: DatasetChoice) -> str:
    """The fold as a part of a folder's name."""
    return "" if choice.fold is None else f"-fold-{choice.fold}"


def external_files(source: Source) -> list[Path]:
    """The files of a data set that is not shipped, each checked to be there."""
    files = [outside_data() / name for name in source.external]
    for file in files:
        if not file.is_file():
            raise PrecedenceError(
                f"The data set {source.name} is not here: {file} does not exist; put it there, or name the folder that "
                f"holds {file.parent.name}/{file.name} in PRECEDENCE_DATA."
            )
    return files
