"""The data sets that can be chosen, without reading one: no torch, no table."""

from __future__ import annotations

from core.data.choice import DatasetChoice
from core.data.description import DatasetCard
from core.data.shop.card import CARD as SHOP
from core.errors import PrecedenceError

CARDS = (SHOP,)


def cards() -> dict[str, DatasetCard]:
    """The built-in data sets by name, in the order of the menu."""
    return {card.name: card for card in CARDS}


def card(choice: DatasetChoice) -> DatasetCard:
    """The card of a choice."""
    known = cards()
    if choice.name in known:
        return known[choice.name]
    raise PrecedenceError(f"There is no data set called {choice.name}; choose one of {', '.join(known)}.")
