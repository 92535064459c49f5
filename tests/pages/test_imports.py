"""Every module of every page can be imported, and no page knows another's."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import grimp
import pytest

import pages
from pages.navigation import PAGES, page_file

SCRIPTS = {"pages.shell"} | {f"pages.{folder}.page" for folder in PAGES}
NAMES = sorted(module.name for module in pkgutil.walk_packages(pages.__path__, "pages.") if module.name not in SCRIPTS)


@pytest.mark.parametrize("name", NAMES)
def test_it_can_be_imported(name: str) -> None:
    assert importlib.import_module(name).__doc__


@pytest.mark.parametrize("folder", PAGES)
def test_a_declared_page_is_there(folder: str) -> None:
    assert (Path(pages.__path__[0]) / page_file(folder)).is_file()


def test_addresses_stay_as_they_are() -> None:
    addresses = {page.url_path for page in PAGES.values()}
    assert addresses >= {"home", "learn", "priority_lab", "what_if", "conflict", "relevance", "users"}


def test_no_page_knows_another() -> None:
    graph = grimp.build_graph("pages")
    for importer in graph.modules:
        for imported in graph.find_modules_directly_imported_by(importer):
            one, other = importer.split(".")[1:2], imported.split(".")[1:2]
            assert one == other or not set(other) & set(PAGES), f"{importer} imports {imported}"
