"""Every module of every page can be imported, and no page needs another page's."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import pytest

import pages
import pages.navigation
from pages.navigation import PAGES

SCRIPTS = {"pages.shell"} | {f"pages.{page.file.removesuffix('.py').replace('/', '.')}" for page in PAGES}
NAMES = sorted(module.name for module in pkgutil.walk_packages(pages.__path__, "pages.") if module.name not in SCRIPTS)


@pytest.mark.parametrize("name", NAMES)
def test_it_can_be_imported(name: str) -> None:
    assert importlib.import_module(name).__doc__ or name.endswith("__init__")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.url_path)
def test_a_declared_page_is_there(page: pages.navigation.PageEntry) -> None:
    assert (Path(pages.__path__[0]) / page.file).is_file()
