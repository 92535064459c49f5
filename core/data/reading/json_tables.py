"""JSON as plain CSV: an object a line, one list of objects, and the forms in which programs save tables as JSON."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.data.reading.container import MOST_WORKBOOK, Plain
from core.errors import PrecedenceError

MOST_FIELDS = 5000
_ACTIONS = frozenset(("index", "create", "update", "delete"))
LOOKED_AT = 200  # objects by which a list of objects within each is known


def json_to_csv(plain: Plain, target: Path) -> str:
    """Writes the objects as CSV and returns what should be known of it.

    Objects within them become columns `outer.inner`. A list of objects in each, such as the items of an order, becomes
    a row for each; other lists stay JSON.
    """
    whole = _whole(plain)
    inner = _list_within(plain, whole)
    names: dict[str, None] = {}
    rows = 0
    for row in _rows(plain, whole, inner):
        names.update(dict.fromkeys(row))
        rows += 1
        if len(names) > MOST_FIELDS:
            raise PrecedenceError(
                f"{plain.name} has more than {MOST_FIELDS} different fields; a table has the same few in every object."
            )
    if not names:
        raise PrecedenceError(f'{plain.name} holds no object with a field; give lines such as {{"user": "a"}}.')
    with target.open("w", encoding="utf-8", errors="replace", newline="") as out:
        writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow(names)
        writer.writerows([row.get(name, "") for name in names] for row in _rows(plain, whole, inner))
    if not inner:
        return ""
    count = sum(1 for _ in _objects(plain, whole))
    return f"Each object in {inner[:60]} is a row of its own: {rows:,} rows of {count:,} objects."


def _list_within(plain: Plain, whole: Sequence[Any] | None) -> str:
    """The field that holds a list of objects in most objects, where there is one alone; empty else."""
    seen: dict[str, int] = {}
    count = 0
    for _, value in zip(range(LOOKED_AT), _objects(plain, whole), strict=False):
        count += 1
        for name, inner in value[1].items() if isinstance(value[1], dict) else ():
            if isinstance(inner, list) and inner and all(isinstance(one, dict) for one in inner):
                seen[str(name)] = seen.get(str(name), 0) + 1
    found = [name for name, times in seen.items() if 2 * times >= count]
    return found[0] if len(found) == 1 else ""


def _rows(plain: Plain, whole: Sequence[Any] | None, inner: str) -> Iterator[dict[str, str]]:
    for number, value in _objects(plain, whole):
        if not inner or not isinstance(value, dict) or not isinstance(value.get(inner), list):
            yield _flat(plain, value, number)
            continue
        outer = {name: one for name, one in value.items() if name != inner}
        for one in value[inner] or [{}]:
            yield _flat(plain, {**outer, inner: one}, number)


def _objects(plain: Plain, whole: Sequence[Any] | None) -> Iterator[tuple[int, Any]]:
    """Each object of the file with its number."""
    if whole is not None:
        yield from enumerate(whole, 1)
        return
    with plain.path.open("rb") as source:
        for number, line in enumerate(source, 1):
            if line.strip():
                value = _parsed(plain, line, number)
                if not _is_action(value):  # of a file for a search engine: {"index": {"_id": 1}} above each object
                    yield number, value


def _is_action(value: Any) -> bool:
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in _ACTIONS and isinstance(
        next(iter(value.values())), dict
    )  # fmt: skip


def _whole(plain: Plain) -> Sequence[Any] | None:
    """The objects of a file that is one JSON value; None where it is an object a line."""
    with plain.path.open("rb") as source:
        first = source.read(64).lstrip(b"\xef\xbb\xbf \r\n\t")
        size = plain.path.stat().st_size
        if first.startswith(b"["):
            if size > MOST_WORKBOOK:
                raise PrecedenceError(f"{plain.name} is one long JSON list; write an object a line (.jsonl) instead.")
            source.seek(0)
            return _of_lists(_parsed(plain, source.read(), 0))
        source.seek(0)
        line = next((line for line in source if line.strip()), b"")
        if (
            size > MOST_WORKBOOK
            or not first.startswith(b"{")
            or (line.rstrip().endswith(b"}") and source.read(64).strip())
        ):
            return None  # an object a line
        source.seek(0)
        return _of_object(_parsed(plain, source.read(), 1))


def _of_lists(every: Any) -> Sequence[Any]:
    """A list of objects, or of rows below a row of names."""
    if len(every) > 1 and all(isinstance(row, list) for row in every) and all(isinstance(n, str) for n in every[0]):
        return _with_names(every[0], every[1:])
    return list(every)


def _with_names(names: Sequence[str], rows: Sequence[Any]) -> list[Any]:
    return [dict(zip(names, row, strict=False)) if isinstance(row, list) else row for row in rows]


def _of_object(value: Any) -> Sequence[Any]:
    """One object: pandas' `split` and `columns`, or an answer that holds its rows in one of its fields."""
    if not isinstance(value, Mapping):
        return [value]
    columns, data = value.get("columns"), value.get("data")
    if isinstance(columns, list) and isinstance(data, list) and all(isinstance(row, list) for row in data):
        return _with_names([str(name) for name in columns], data)
    parts = list(value.values())
    if len(parts) > 1 and all(
        isinstance(part, dict) and len(part) > 1 and list(part) == list(parts[0]) for part in parts
    ):
        return [{name: part[key] for name, part in value.items()} for key in parts[0]]
    lists = [part for part in parts if isinstance(part, list) and len(part) > 1
             and all(isinstance(one, dict) for one in part)]  # fmt: skip
    others = [part for part in parts if isinstance(part, list) and part not in lists]
    return lists[0] if len(lists) == 1 and not others else [value]


def _parsed(plain: Plain, text: bytes, number: int) -> Any:
    try:
        return json.loads(text.decode("utf-8-sig"), parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        place = f"line {number}" if number else "the file"
        shown = text[:40].decode("utf-8", "replace").strip()
        why = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)[:80]
        raise PrecedenceError(
            f"{plain.name} is no JSON in {place}, which begins {shown!r} ({why}); write an object a line."
        ) from error


def _flat(plain: Plain, value: Any, number: int, before: str = "") -> dict[str, str]:
    if not isinstance(value, dict):
        raise PrecedenceError(
            f"{plain.name} holds {str(value)[:40]!r} in line {number}, which is no object; write one such as "
            '{"user": "a", "item": "b"} a line.'
        )
    found: dict[str, str] = {}
    for name, inner in value.items():
        key = f"{before}{name}"
        if isinstance(inner, dict) and before.count(".") < 4:
            found |= _flat(plain, inner, number, f"{key}.")
        elif isinstance(inner, (list, dict)):
            found[key] = json.dumps(inner, ensure_ascii=False)
        else:
            found[key] = "" if inner is None else str(inner).lower() if isinstance(inner, bool) else str(inner)
    return found
