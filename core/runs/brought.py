"""Everything that people brought to this home: what it is, how large, since when, and what was made of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.data.prepared import TABLE, read_description
from core.data.registry import load_dataset
from core.data.source import UPLOADED, DatasetChoice
from core.data.sources.uploaded.kept import read_kept
from core.data.sources.uploaded.places import KINDS
from core.errors import PrecedenceError
from core.files import bytes_in
from core.home import home
from core.relevance.stores.collection import folder_of, names, read_about, table_of
from core.runs.folder.run_folder import RunFolder, run_ids
from core.runs.folder.status import UNDER_WAY
from core.users.uploaded_events import file_of, kept_files

TABLES, CATALOGUES, EVENTS = "table", "catalogue", "events"
NAMED = {"tables": TABLES, "pairs": "judged pairs", "histories": "histories", "judged": "pairs of a catalogue"}
SHOWN = 3  # runs named in a sentence


@dataclass(frozen=True)
class Brought:
    """One thing. `used` is the newest run on it, in seconds since 1970; `runs` all of them."""

    kind: str
    name: str
    path: Path
    size: int  # bytes
    rows: int | None
    since: float
    used: float | None
    runs: tuple[str, ...]
    part_of: str = ""  # the catalogue that it goes with

    def depends(self) -> str:
        """What would no longer work without it; empty where nothing would."""
        if not self.runs:
            return ""
        named = ", ".join(self.runs[:SHOWN]) + (f" and {len(self.runs) - SHOWN} more" if len(self.runs) > SHOWN else "")
        return (
            f"{len(self.runs)} run{'s' * (len(self.runs) > 1)} learnt from it ({named}): they can still be looked at, "
            "but not resumed or run again."
        )


def brought() -> list[Brought]:
    """All of it, the newest first."""
    used = _uses()
    found = [*_prepared(used), *_events(), *_catalogues(used)]
    return sorted(found, key=lambda one: -one.since)


def recheck(thing: Brought) -> str:
    """What is wrong with it now; empty where nothing is."""
    try:
        if thing.kind == EVENTS:
            from core.data.registry import read_histories

            read_histories(UPLOADED, str(thing.path))
        elif thing.kind == CATALOGUES:
            from core.relevance.index import Index

            Index.opened(thing.path)
        else:
            load_dataset(DatasetChoice(name=UPLOADED, path=str(thing.path)))
    except PrecedenceError as error:
        return str(error)
    return ""


def remove(thing: Brought) -> None:
    """Takes a table, pairs, histories or events away; refused while a run learns from it, or a catalogue has it."""
    if thing.part_of or thing.kind == CATALOGUES:
        raise PrecedenceError(f"{thing.name} goes with its catalogue; remove that on the Relevance page.")
    for run_id in thing.runs:
        state = RunFolder(home(), run_id).status().state
        if state in UNDER_WAY:
            raise PrecedenceError(f"Run {run_id}, which learns from {thing.name}, is {state}; stop it first.")
    if thing.path.is_dir():
        gone = thing.path.with_name(f".{thing.path.name}.removed")
        thing.path.replace(gone)  # at once for whoever looks
        shutil.rmtree(gone, ignore_errors=True)
    else:
        thing.path.unlink(missing_ok=True)


def named(name: str) -> Brought:
    """The thing of this name or path."""
    found = [one for one in brought() if name in (one.name, str(one.path))]
    if len(found) == 1:
        return found[0]
    if found:
        paths = ", ".join(str(one.path) for one in found)
        raise PrecedenceError(f"{len(found)} things are called {name}: {paths}; give the path of one.")
    known = ", ".join(one.name for one in brought()[:20]) or "nothing"
    raise PrecedenceError(f"Nothing called {name[:60]!r} was brought; there is {known}.")


def _uses() -> dict[Path, list[tuple[float, str]]]:
    """Runs by the prepared folder that they learn from, each with the time of its folder."""
    found: dict[Path, list[tuple[float, str]]] = {}
    for run_id in run_ids(home()):
        with suppress(PrecedenceError, OSError):  # deleted or damaged meanwhile
            folder = RunFolder(home(), run_id)
            path = folder.config().dataset.path
            if path:
                found.setdefault(Path(path).resolve(), []).append((folder.path.stat().st_mtime, run_id))
    return found


def _thing(
    kind: str, name: str, path: Path, rows: int | None, uses: list[tuple[float, str]], part_of: str = ""
) -> Brought:
    ordered = sorted(uses, reverse=True)
    return Brought(
        kind, name, path, bytes_in(path), rows, path.stat().st_mtime,
        ordered[0][0] if ordered else None, tuple(run for _, run in ordered), part_of,
    )  # fmt: skip


def _prepared(used: dict[Path, list[tuple[float, str]]]) -> Iterator[Brought]:
    owners = {}
    for name in names():
        with suppress(PrecedenceError):
            held = table_of(read_about(folder_of(name)))
            if held is not None:
                owners[held.resolve()] = name
    for kind in KINDS:
        for file in sorted((home() / kind).glob(f"[!.]*/{TABLE}")):
            folder = file.parent
            title = folder.name
            with suppress(PrecedenceError):
                title = read_description(folder).card.title
            rows = read_kept(folder).get("rows")
            part_of = owners.get(folder.resolve(), "")
            kind_ = NAMED["judged"] if part_of else NAMED[kind]
            uses = used.get(folder.resolve(), [])
            yield _thing(kind_, title, folder, rows if rows is not None else _rows(file), uses, part_of)


def _rows(file: Path) -> int | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return int(pq.read_metadata(file).num_rows)
    except (OSError, pa.ArrowException):  # damaged: a check says so
        return None


def _events() -> Iterator[Brought]:
    for name in kept_files():
        yield _thing(EVENTS, name, file_of(name), None, [])


def _catalogues(used: dict[Path, list[tuple[float, str]]]) -> Iterator[Brought]:
    for name in names():
        with suppress(PrecedenceError, OSError):
            folder = folder_of(name)
            about = read_about(folder)
            table = table_of(about)
            runs = used.get(table.resolve(), []) if table is not None else []
            yield _thing(CATALOGUES, name, folder, None, runs)
