"""Every part of every page can be imported: what one asks of another is there."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

from pages import parts

NAMES = sorted(module.name for module in pkgutil.iter_modules(parts.__path__))


@pytest.mark.parametrize("name", NAMES)
def test_it_can_be_imported(name: str) -> None:
    assert importlib.import_module(f"pages.parts.{name}").__doc__
