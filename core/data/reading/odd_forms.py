"""Files of text that no single sign cuts into cells, written again so that a tab does: runs of blanks, `::`, lines of
learning to rank, ARFF; and those that are no table at all, told in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args

from core.data.reading.dialect import records
from core.errors import PrecedenceError

OddForm = Literal["spaces", "::", "letor", "arff"]
SAID: tuple[str, ...] = get_args(OddForm)[:2]
"""What can be said as the delimiter."""
_CELL = re.compile(r'"[^"]*"|\S+')
_LETOR = re.compile(r"[-+.\d]+\s+qid:\S+(\s|$)")
_LIBSVM = re.compile(r"[-+]?[\d.]+(\s+\d+:[-+.\deE]+)+\s*")
_NUMBER = re.compile(r"[-+]?\d*[.,]?\d+([eE][-+]?\d+)?")
_ATTRIBUTE = re.compile(r"@attribute\s+('[^']*'|\"[^\"]*\"|\S+)\s", re.I)
FEWEST_LINES = 5  # by which a form is known


def refuse_other_things(name: str, sample: str) -> None:
    """A sentence for what is text and no table: a page of the web, a pointer to a file, sparse vectors."""
    begins = sample.lstrip().lower()
    if begins.startswith(("<!doctype html", "<html", "<?xml")):
        what = "a page of the web, perhaps one to sign in" if not begins.startswith("<?xml") else "XML"
        raise PrecedenceError(f"{name} holds {what}, no table; fetch the file itself, or save it as CSV or .xlsx.")
    if begins.startswith("version https://git-lfs"):
        raise PrecedenceError(f"{name} is only Git LFS's note of where the file is; fetch it with: git lfs pull.")
    lines = [line for line in sample.splitlines()[:FEWEST_LINES] if line.strip()]
    if lines and all(map(_LIBSVM.fullmatch, lines)):
        raise PrecedenceError(
            f"{name} holds sparse vectors, {lines[0][:40]!r}: a label and index:value; give a table with a column for "
            "each feature."
        )


def odd_form(sample: str, delimiter: str | None) -> OddForm | None:
    """The form of a text whose cells no single sign keeps apart; None of any other. `delimiter`: what a person said."""
    if delimiter is not None:
        return delimiter if delimiter in SAID else None  # type: ignore[return-value]
    lines = [line for line in sample.splitlines()[:-1] if line.strip()][:200] or sample.splitlines()
    if any(line.lower().startswith("@relation") for line in lines[:50]) and "@data" in sample.lower():
        return "arff"
    if lines and "\t" not in lines[0] and all(map(_LETOR.match, lines)):
        return "letor"
    if lines and "\t" not in sample and len({line.count("::") for line in lines}) == 1 and "::" in lines[0]:
        return "::"
    return "spaces" if _by_blanks(lines) else None


def _by_blanks(lines: list[str]) -> bool:
    """Whether runs of blanks cut every line alike, and a column holds numbers: a title a line is no such table."""
    if len(lines) < FEWEST_LINES or not any(re.search(r"\S\s{2,}\S", line) for line in lines):
        return False
    rows = [_CELL.findall(line) for line in lines]
    if len(set(map(len, rows))) != 1 or len(rows[0]) < 2 or any(sign in line for line in lines for sign in ";|"):
        return False
    return any(all(_NUMBER.fullmatch(row[at]) for row in rows[1:]) for at in range(len(rows[0])))


def escapes_quotes(sample: str) -> bool:
    """Whether quotes within cells are written \\" in place of "": only so are all lines cut alike."""
    if '\\"' not in sample:
        return False
    lines = sample.splitlines()[:-1][:200] or sample.splitlines()
    for sign in ",;\t|":
        before, after = (
            {len(row) for row in records("\n".join(each), sign, '"')}
            for each in (lines, [line.replace('\\"', '""') for line in lines])
        )
        if len(after) == 1 and after != {1} and after != before:
            return True
    return False


def write_doubled(file: Path) -> None:
    """Writes the file anew, a quote within a cell doubled."""
    target = file.with_suffix(".doubled")
    with file.open(encoding="utf-8", newline="") as source, target.open("w", encoding="utf-8", newline="") as out:
        out.writelines(line.replace('\\"', '""') for line in source)
    target.replace(file)


def write_with_tabs(file: Path, form: OddForm) -> None:
    """Writes the file anew, a tab between cells."""
    target = file.with_suffix(".tabs")
    with file.open(encoding="utf-8", newline="") as source, target.open("w", encoding="utf-8", newline="") as out:
        lines = (line.rstrip("\n") for line in source)
        written = {"spaces": _of_blanks, "::": _of_colons, "letor": _of_letor, "arff": _of_arff}[form](lines)
        out.writelines(f"{line}\n" for line in written)
    target.replace(file)


def _of_blanks(lines: Iterator[str]) -> Iterator[str]:
    return ("\t".join(_CELL.findall(line)) for line in lines)


def _of_colons(lines: Iterator[str]) -> Iterator[str]:
    return (line.replace("::", "\t") for line in lines)


def _of_letor(lines: Iterator[str]) -> Iterator[str]:
    """`2 qid:7 1:.5 3:.2 #docid = GX8 lamp` as label, qid:7, # GX8, lamp; the features are left out."""
    for line in lines:
        head, _, comment = line.partition("#")
        label, query, *_ = head.split()
        named = re.search(r"docid\s*=\s*(\S+)", comment)
        document, *rest = [named[1]] if named else comment.split(maxsplit=1) or [""]
        yield "\t".join([label, query, f"# {document}", *rest])


def _of_arff(lines: Iterator[str]) -> Iterator[str]:
    """The names of the attributes, then the data."""
    names: list[str] = []
    for line in lines:
        if found := _ATTRIBUTE.match(line.strip()):
            names.append(found[1].strip("'\""))
        if line.strip().lower() == "@data":
            break
    yield "\t".join(names)
    for line in lines:
        if line.strip() and not line.startswith("%"):
            cells = re.findall(r"\s*('(?:[^'\\]|\\.)*'|\"[^\"]*\"|[^,]*)\s*(?:,|$)", line.strip())
            yield "\t".join(cell.strip().strip("'\"") for cell in cells[: len(names)])
