"""The data sets of histories by name: their prepared folder, and histories with the questions asked of them."""

from __future__ import annotations

from pathlib import Path

from core.data.histories.histories import Histories
from core.data.histories.next_events import ask_next
from core.data.histories.questions import VOCABULARIES, Questions
from core.data.histories.reading import READERS, read_histories
from core.data.histories.vocabulary import Vocabularies
from core.data.registry import prepared_folder
from core.data.source import DatasetChoice
from core.data.sources import journey_histories, shop_histories
from core.errors import PrecedenceError

_CARDS = {"shop_histories": shop_histories.CARD, "journey_histories": journey_histories.CARD}


def histories_and_questions(name: str) -> tuple[Histories, Questions]:
    """What a built-in data set of histories is made from."""
    if name not in _CARDS:
        raise PrecedenceError(f"The data set {name} has no histories; choose one of {', '.join(READERS)}.")
    histories = read_histories(name)
    return histories, shop_histories.ask_shop(histories) if name == "shop_histories" else ask_next(histories)


def vocabularies_of(choice: DatasetChoice) -> Vocabularies:
    """The vocabularies that a data set of histories was encoded with."""
    folder: Path = prepared_folder(choice)
    if not (folder / VOCABULARIES).is_file():
        raise PrecedenceError(
            f"The data set {choice.name} has no histories; choose one of {', '.join(READERS)}, or give --events FILE."
        )
    return Vocabularies.load(folder / VOCABULARIES)
