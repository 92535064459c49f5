"""The data sets that can be chosen, and the one door through which each is loaded; nothing is read by importing it.

A data set is declared in `core/data/sources`, a module or package each with one `SOURCE`; its line in `SOURCES` here
puts it into menus and commands.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

from core.data.description import DatasetCard, Form
from core.data.histories.field_vocabulary import FieldVocabularies
from core.data.histories.limits import MOST
from core.data.histories.next_task import with_task
from core.data.histories.questions import VOCABULARIES
from core.data.prepared import read_description, read_folder
from core.data.source import UPLOADED, DatasetChoice, Source
from core.data.sources import (
    census,
    completejourney,
    esci150,
    esci150_pairs,
    journey_histories,
    qbqtc,
    shop,
    shop_histories,
    shop_lists,
    shop_pairs,
)
from core.data.sources.uploaded import uploaded_source
from core.data.sources.uploaded.event_file import Repairs, read_events
from core.data.sources.uploaded.event_options import options_for
from core.data.sources.uploaded.places import uploaded_folders
from core.data.sources.uploaded.vector_file import is_vectors, read_vectors
from core.errors import PrecedenceError
from core.files import Stamp, content_mark, stamp
from core.task_kinds.kinds import KINDS

if TYPE_CHECKING:
    from core.data.dataset import Dataset
    from core.data.histories.histories import Histories
    from core.data.histories.questions import Questions

SOURCES: dict[str, Source] = {
    module.SOURCE.name: module.SOURCE
    for module in (
        shop,
        completejourney,
        census,
        shop_lists,
        esci150,
        shop_histories,
        journey_histories,
        shop_pairs,
        qbqtc,
        esci150_pairs,
    )
}
"""The built-in data sets by name, in the order of the menu."""


def source_of(choice: DatasetChoice) -> Source:
    """What is declared of the chosen data set; of an uploaded one what stands in its folder."""
    if choice.name not in SOURCES and choice.name != UPLOADED:
        raise PrecedenceError(
            f"There is no data set called {choice.name}; choose one of {', '.join((*SOURCES, UPLOADED))}."
        )
    source = SOURCES[choice.name] if choice.name in SOURCES else uploaded_source(choice.path)
    for option, asked in {"events": choice.events != MOST, "ages": choice.ages}.items():
        if asked and option not in source.options:
            raise PrecedenceError(
                f"The data set {source.card.name} keeps its histories as they are: leave dataset.{option} out, or "
                f"choose one of {', '.join(name for name, each in SOURCES.items() if option in each.options)}."
            )
    return _with_next_event(source) if choice.next_event else source


def _with_next_event(source: Source) -> Source:
    """The same data set with one task more: what comes next."""
    if source.form != "histories":
        raise PrecedenceError(
            f"The data set {source.name} has no histories in which a next event could be foreseen "
            f"(dataset.next_event = true); leave it out, or choose one of {', '.join(names_of('histories'))}."
        )
    return replace(source, card=with_task(source.card))


def names_of(form: Form) -> tuple[str, ...]:
    """The built-in data sets of one form."""
    return tuple(name for name, source in SOURCES.items() if source.form == form)


def names_of_lists() -> tuple[str, ...]:
    """The built-in data sets whose tasks are all rankings."""
    found = {name: [KINDS[task.kind].in_lists for task in source.card.tasks] for name, source in SOURCES.items()}
    return tuple(name for name, in_lists in found.items() if all(in_lists))


def cards() -> dict[str, DatasetCard]:
    """Cards of the built-in data sets by name, in the order of the menu."""
    return {name: source.card for name, source in SOURCES.items()}


def uploaded_cards() -> dict[str, DatasetCard]:
    """Cards of what users brought, by folder: what `DatasetChoice.path` takes."""
    found: dict[str, DatasetCard] = {}
    for folder in uploaded_folders():
        with suppress(PrecedenceError):  # damaged: whoever chooses it is told, the others can still be chosen
            found[str(folder)] = read_description(folder).card
    return found


def card(choice: DatasetChoice) -> DatasetCard:
    """The card of a choice."""
    return source_of(choice).card


def load_dataset(choice: DatasetChoice) -> Dataset:
    """The chosen data set on the CPU; made and cached first where that is needed."""
    from core.data.dataset import content_of, with_cost

    dataset = read_folder(prepared_folder(choice), choice.rows)
    if choice.next_event:
        dataset = with_cost(dataset, card(choice))
    return replace(dataset, content=content_of(dataset))


def prepared_folder(choice: DatasetChoice) -> Path:
    """The folder of the chosen data set in prepared form; see `core.data.prepared`."""
    source = source_of(choice)
    if choice.fold is not None and not source.has_folds:
        known = ", ".join(name for name, one in SOURCES.items() if one.has_folds)
        raise PrecedenceError(
            f"The data set {choice.name} cannot be divided anew (dataset.fold = {choice.fold}); leave the fold out, or "
            f"choose {known}."
        )
    return source.prepare(choice)


def read_histories(name: str = "shop_histories", path: str | None = None) -> Histories:
    """Histories of a built-in data set, or of the user's file of events at `path`, as it is now."""
    return _histories(name, path, content_of(path))


def content_of(path: str | None) -> str | None:
    """A mark of what the file at `path` holds now; None without a file."""
    if path is None:
        return None
    options = options_for(Path(path))
    mark = _content(path, stamp(Path(path)))
    return mark if options is None else f"{mark}-{crc32(options.model_dump_json().encode()):08x}"


@lru_cache(maxsize=64)
def _content(path: str, _: Stamp | None) -> str:
    return content_mark(Path(path))


def repairs_of_events(path: str) -> Repairs:
    """What was done to make histories of the user's file of events at `path`."""
    return event_file(path, content_of(path) or "")[1]


@lru_cache(maxsize=2)
def event_file(path: str, _: str) -> tuple[Histories, Repairs]:
    """A file of events, or of vectors, as it is read now; the mark of its content says when it is another one."""
    file = Path(path)
    return read_vectors(file) if is_vectors(file) else read_events(file, options=options_for(file))


@lru_cache(maxsize=3)
def _histories(name: str, path: str | None, _: str | None) -> Histories:
    if name == UPLOADED and path:
        return event_file(path, _ or "")[0]
    read = SOURCES[name].read_histories if name in SOURCES else None
    if read is None:
        raise _no_histories(name)
    return read()


def histories_and_questions(name: str) -> tuple[Histories, Questions]:
    """What a built-in data set of histories is made from."""
    ask = SOURCES[name].ask if name in SOURCES else None
    if ask is None:
        raise _no_histories(name)
    histories = read_histories(name)
    return histories, ask(histories)


def vocabularies_of(choice: DatasetChoice) -> FieldVocabularies:
    """The vocabularies that a data set of histories was encoded with."""
    file = prepared_folder(choice) / VOCABULARIES
    if not file.is_file():
        raise _no_histories(choice.name)
    return FieldVocabularies.load(file)


def _no_histories(name: str) -> PrecedenceError:
    known = ", ".join(names_of("histories"))
    return PrecedenceError(f"The data set {name} has no histories; choose {known}, or give a file of events.")
