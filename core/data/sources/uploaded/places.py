"""Where what people bring is kept: a namespace a kind, so that a table, a file of pairs, a file of events and a
catalogue of one name never meet.

What is made of a file without a name that a person chose carries a mark of the file's content: an edited file is
another data set, and the same file is made once.
"""

from __future__ import annotations

from pathlib import Path

from core.data.prepared import DESCRIPTION
from core.files import safe_name
from core.home import home

KINDS = ("tables", "pairs", "histories", "judged")
"""Folders of the home. Homes of earlier versions have all four kinds in `tables`; what lies there is still read."""


def table_folder(name: str) -> Path:
    """Of a table of rows, which a person named."""
    return home() / "tables" / safe_name(name)


def pairs_folder(name: str, mark: str) -> Path:
    """Of a file of judged pairs."""
    return home() / "pairs" / f"{safe_name(name)}-{mark}"


def histories_folder(name: str, mark: str) -> Path:
    """Of a file of events."""
    return home() / "histories" / f"{safe_name(name)}-{mark}"


def judged_folder(collection: str, mark: str) -> Path:
    """Of the judged pairs of a collection of the Relevance page: it is the collection's, and goes with it."""
    return home() / "judged" / f"{safe_name(collection)}-{mark}"


def name_of_folder(path: str) -> str:
    """A prepared folder of the home as `tables/NAME`, which says nothing of the machine; another path as it is."""
    kind, _, name = Path(path).as_posix().removeprefix(f"{home().as_posix()}/").partition("/")
    return f"{kind}/{name}" if kind in KINDS and name and "/" not in name else path


def folder_of_name(text: str) -> str:
    """The path that `name_of_folder` names; another path as it is."""
    kind, _, name = text.partition("/")
    return str(home() / kind / name) if kind in KINDS and name and "/" not in name and name != ".." else text


def uploaded_folders() -> list[Path]:
    """All of them, in the order of their names."""
    found = [file.parent for kind in KINDS for file in (home() / kind).glob(f"[!.]*/{DESCRIPTION}")]
    return sorted(found, key=lambda folder: (folder.name, folder))
