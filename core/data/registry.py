"""The data sets that can be chosen, and the one door through which each is loaded; nothing is read by importing it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from core.data.description import DatasetCard
from core.data.prepared import read_description, read_folder
from core.data.source import DatasetChoice
from core.data.sources import census, journey_histories, qbqtc, shop_histories, shop_pairs
from core.data.sources.completejourney import card as completejourney_card
from core.data.sources.completejourney import files as completejourney
from core.data.sources.shop import card as shop_card
from core.data.sources.shop import files as shop
from core.errors import PrecedenceError
from core.home import home

if TYPE_CHECKING:
    from core.data.dataset import Dataset

CARDS = (
    shop_card.CARD,
    completejourney_card.CARD,
    census.CARD,
    shop_histories.CARD,
    journey_histories.CARD,
    shop_pairs.CARD,
    qbqtc.CARD,
)


def cards() -> dict[str, DatasetCard]:
    """The built-in data sets by name, in the order of the menu."""
    return {card.name: card for card in CARDS}


def own_cards() -> dict[str, DatasetCard]:
    """The user's own prepared tables by folder: what `DatasetChoice.path` takes."""
    folders = sorted((home() / "tables").glob("[!.]*/description.json"))
    return {str(file.parent): read_description(file.parent).card for file in folders}


def card(choice: DatasetChoice) -> DatasetCard:
    """The card of a choice; of an own table the one that stands in its folder."""
    known = cards()
    if choice.name in known:
        return known[choice.name]
    if choice.name == "own":
        return read_description(own_folder(choice)).card
    raise PrecedenceError(f"There is no data set called {choice.name}; choose one of {', '.join(known)}, own.")


def load_dataset(choice: DatasetChoice) -> Dataset:
    """The chosen data set on the CPU; made and cached first where that is needed."""
    return read_folder(prepared_folder(choice), choice.rows)


def prepared_folder(choice: DatasetChoice) -> Path:
    """The folder of the chosen data set in prepared form; see `core.data.prepared`."""
    if choice.name not in FOLDERS:
        raise PrecedenceError(f"There is no data set called {choice.name}; choose one of {', '.join(FOLDERS)}.")
    return FOLDERS[choice.name](choice)


def own_folder(choice: DatasetChoice) -> Path:
    """The folder that an own choice names, checked to be one."""
    folder = Path(choice.path or "")
    if not choice.path or not (folder / "description.json").is_file():
        raise PrecedenceError(
            f"The path {choice.path!r} is no prepared table; "
            "give the folder that holds table.parquet and description.json."
        )
    return folder


FOLDERS: dict[str, Callable[[DatasetChoice], Path]] = {
    "shop": lambda choice: shop.prepared(choice.conflict),
    "completejourney": lambda choice: completejourney.prepared(),
    "census": lambda choice: census.prepared(),
    "shop_histories": lambda choice: shop_histories.prepared(),
    "journey_histories": lambda choice: journey_histories.prepared(),
    "shop_pairs": lambda choice: shop_pairs.prepared(),
    "qbqtc": lambda choice: qbqtc.prepared(),
    "own": own_folder,
}
