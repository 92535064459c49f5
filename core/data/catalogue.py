"""The data sets that can be chosen, without reading one: no torch, no table."""

from __future__ import annotations

from core.data.description import DatasetCard
from core.data.prepared import read_description
from core.data.registry import own_folder
from core.data.source import DatasetChoice
from core.data.sources.census import CARD as CENSUS
from core.data.sources.completejourney.card import CARD as COMPLETE_JOURNEY
from core.data.sources.journey_histories import CARD as JOURNEY_HISTORIES
from core.data.sources.qbqtc import CARD as QBQTC
from core.data.sources.shop.card import CARD as SHOP
from core.data.sources.shop_histories import CARD as SHOP_HISTORIES
from core.data.sources.shop_pairs import CARD as SHOP_PAIRS
from core.errors import PrecedenceError
from core.home import home

CARDS = (SHOP, COMPLETE_JOURNEY, CENSUS, SHOP_HISTORIES, JOURNEY_HISTORIES, SHOP_PAIRS, QBQTC)


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
