"""Every method, found in its module: makes the page's menu, the choices of `--method` and the table of docs/methods.md.

A module of this package that has a `CARD` declares a method. Loads no torch, so that pages and the server may read it.
"""

from __future__ import annotations

from functools import reduce
from importlib import import_module
from operator import or_
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Annotated, TypeAlias

from pydantic import Field

import core.methods
from core.methods.interface import BaseConfig, MethodCard


def _cards() -> list[MethodCard]:
    names = [module.name for module in iter_modules(core.methods.__path__)]
    modules = [import_module(f"core.methods.{name}") for name in names if name != "registry"]
    cards = [module.CARD for module in modules if hasattr(module, "CARD")]
    return sorted(cards, key=lambda card: (card.place, card.title))


METHODS: dict[str, MethodCard] = {card.kind: card for card in _cards()}
"""By the config's `kind`, in the order of menus."""
CONSTRAINED: str = next(kind for kind, card in METHODS.items() if card.constrains)
"""The first choice of a method that keeps tolerances."""
PLAIN: str = next(kind for kind, card in METHODS.items() if card.weighted)
"""The plain step, with fixed weights: what others are compared with."""

if TYPE_CHECKING:
    MethodConfig: TypeAlias = BaseConfig
else:
    MethodConfig = Annotated[reduce(or_, (card.config for card in METHODS.values())), Field(discriminator="kind")]
"""One of all configs, told apart by `kind`."""
