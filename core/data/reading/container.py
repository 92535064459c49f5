"""What a person's file is: text, a workbook, JSON lines or Parquet; packed as .gz, .zst, .zip, or a folder."""

from __future__ import annotations

import bz2
import lzma
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Literal, cast

from core.errors import PrecedenceError

Form = Literal["text", "workbook", "json", "parquet"]
FORMS: dict[str, Form] = {
    **dict.fromkeys(("csv", "tsv", "txt", "tab", "psv", "dat", "data", "inter", "log", "qrels", "arff", "asc"), "text"),
    **dict.fromkeys(("xlsx", "xlsm", "xls", "ods"), "workbook"),
    **dict.fromkeys(("jsonl", "ndjson", "json"), "json"),
    **dict.fromkeys(("parquet", "pq"), "parquet"),
}  # fmt: skip
"""By the ending of the name."""
PACKED = ("gz", "zst", "bz2", "xz")
ENDINGS = (*FORMS, *PACKED, "zip")
"""All that can be brought."""
MOST_UNPACKED = 4 << 30  # bytes
MOST_WORKBOOK = 400 << 20  # bytes of a workbook's unpacked sheets, which are read as a whole
BLOCK = 1 << 22
SIGNATURES = {b"PAR1": "parquet", b"PK\x03\x04": "zip", b"\x1f\x8b": "gz", b"BZh": "bz2", b"\xfd7zXZ\0": "xz",
               b"(\xb5/\xfd": "zst", b"\xd0\xcf\x11\xe0": "xls"}  # fmt: skip
"""How files begin that are no text, whatever they are called."""
OTHERS = {
    b"%PDF": "a PDF",
    b"ARROW1": "an Arrow or Feather file",
    b"\x89HDF": "an HDF5 file",
    b"SQLite format": "an SQLite database",
    b"\x80\x04": "a pickle",
    b"\x93NUMPY": "an array of NumPy",
    b"\x89PNG": "a picture",
}
"""The same of files that hold no table here."""
BESIDE = ("readme", "license", "licence", "notice", "citation", "changelog")
"""How names of texts begin that lie beside tables in an archive."""
DAMAGED = (OSError, EOFError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error, lzma.LZMAError)
"""What unpacking raises where an archive is cut off, damaged, encrypted, or packed in a way that is not known here
(NotImplementedError is a RuntimeError)."""


@dataclass(frozen=True)
class Plain:
    """A file that is not packed any more; `name` is what the person calls it."""

    name: str
    path: Path
    form: Form

    @property
    def ending(self) -> str:
        return _endings(self.name)[-1]


def plain_files(sources: Sequence[Path], scratch: Path) -> list[Plain]:
    """The files of which a source is made; what is packed is unpacked in the folder `scratch`."""
    found = [plain for source in sources for plain in _plain(source, scratch)]
    if not found:
        raise PrecedenceError(
            f"{sources[0].name} holds no table; give a file that ends in .{', .'.join(('csv', 'tsv', 'parquet'))}, "
            ".xlsx or .jsonl."
        )
    return found


def _plain(source: Path, scratch: Path) -> Iterator[Plain]:
    if source.is_dir():
        for file in sorted(source.iterdir()):
            if file.is_file() and not file.name.startswith(".") and _endings(file.name)[-1] in ENDINGS:
                yield from _plain(file, scratch)
        return
    if not source.is_file():
        raise PrecedenceError(f"The file {source} does not exist; give a CSV, TSV, Excel, JSON lines or Parquet file.")
    if source.stat().st_size == 0:
        raise PrecedenceError(f"The file {source.name} is empty (0 bytes); give a table with a header and rows.")
    *_, before, ending = ["", *_endings(source.name)]
    true = _true_ending(source, ending, source.name)
    if true == "zip":
        yield from _of_zip(source, scratch)
    elif true in PACKED:
        name = source.name[: -len(ending) - 1] if ending in PACKED else source.name
        if before not in FORMS and ending in PACKED:
            name += ".csv"
        target = scratch / f"{len(list(scratch.iterdir()))}-{Path(name).name}"
        with _opened(source, true) as packed:
            _unpack(source, packed, target)
        yield Plain(name, target, _form(target, name))
    elif true in FORMS:
        yield Plain(source.name, source, FORMS[true])
    else:
        shown = f"ends in .{ending}" if ending else "has no ending, and does not begin as a text"
        raise PrecedenceError(
            f"The file {source.name} {shown}; a table is a .csv, .tsv, .xlsx, .jsonl or .parquet file, also "
            "as .gz, .zst, .bz2, .xz or .zip."
        )


def _form(unpacked: Path, name: str) -> Form:
    """The form of a file that came out of an archive."""
    ending = _true_ending(unpacked, _endings(name)[-1], name)
    if ending not in FORMS:
        raise PrecedenceError(f"{name} is packed once more (as .{ending}) within its archive; unpack it and give that.")
    return FORMS[ending]


def _true_ending(source: Path, ending: str, called: str) -> str:
    """The ending that a file should have: a workbook is often called .csv, and a text .xlsx."""
    with source.open("rb") as content:
        first = content.read(512)
    if what := next((what for mark, what in OTHERS.items() if first.startswith(mark)), None):
        raise PrecedenceError(f"The file {called} is {what}, no table; give a CSV, Excel or Parquet file.")
    if first[257:262] == b"ustar":
        raise PrecedenceError(f"The file {called} is a tar archive; unpack it, or pack its files as .zip.")
    known = ending in FORMS or ending in PACKED or ending == "zip" or not ending
    found = next((found for mark, found in SIGNATURES.items() if first.startswith(mark)), None) if known else None
    if found == "zip":
        return "xlsx" if _is_workbook(source) else "zip" if ending not in ("xlsx", "xlsm", "ods") else ending
    if found is not None:
        return found if FORMS.get(ending) != FORMS.get(found, "") or ending == "" else ending
    text = not any(byte < 9 for byte in first)
    if not ending and text:
        return "csv"
    begins = first.lstrip(b"\xef\xbb\xbf \r\n\t")
    misnamed = FORMS.get(ending) in ("workbook", "parquet") and b"\n" in first
    if (FORMS.get(ending) == "text" or misnamed) and text and begins.startswith((b'{"', b'[{"', b"[\n", b"[\r\n")):
        return "json"
    return "csv" if misnamed and text else ending


def _is_workbook(source: Path) -> bool:
    try:
        with zipfile.ZipFile(source) as archive:
            names = archive.namelist()
    except DAMAGED:
        return False
    return any(name.startswith("xl/") for name in names) or "content.xml" in names


def _endings(name: str) -> list[str]:
    return [part.lower() for part in name.split(".")[1:]] or [""]


def _opened(source: Path, ending: str) -> BinaryIO:
    if ending == "bz2":
        return cast(BinaryIO, bz2.open(source))
    if ending == "xz":
        return cast(BinaryIO, lzma.open(source))
    import pyarrow as pa

    codec = "gzip" if ending == "gz" else "zstd"
    return cast(BinaryIO, pa.CompressedInputStream(pa.OSFile(str(source)), codec))


def _unpack(source: Path, packed: IO[bytes], target: Path) -> None:
    written = 0
    try:
        with target.open("wb") as out:
            while block := packed.read(BLOCK):
                written += len(block)
                if written > MOST_UNPACKED:
                    raise PrecedenceError(
                        f"{source.name} holds more than {MOST_UNPACKED >> 30} GB once it is unpacked; give fewer rows."
                    )
                out.write(block)
    except DAMAGED as error:
        if isinstance(error, PrecedenceError):
            raise
        raise PrecedenceError(
            f"The file {source.name} cannot be unpacked ({_reason(error)}); pack it again or give it as it is."
        ) from error
    if not written:
        raise PrecedenceError(f"The file {source.name} is empty once unpacked; give a table with a header and rows.")


def _reason(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120] or type(error).__name__


def _of_zip(source: Path, scratch: Path) -> Iterator[Plain]:
    try:
        with zipfile.ZipFile(source) as archive:
            members = [member for member in archive.infolist() if _is_table(member)]
            tables = [member for member in members if not _lies_beside(member)]
            for number, member in enumerate(tables or members):
                name = Path(member.filename.replace("\\", "/")).name
                target = scratch / f"{number}-{name}"
                with archive.open(member) as packed:
                    _unpack(source, packed, target)
                yield Plain(name, target, _form(target, name))
    except DAMAGED as error:
        if isinstance(error, PrecedenceError):
            raise
        raise PrecedenceError(
            f"The file {source.name} cannot be unpacked ({_reason(error)}); pack it again or give the files themselves."
        ) from error


def _is_table(member: zipfile.ZipInfo) -> bool:
    name = Path(member.filename.replace("\\", "/")).name
    hidden = name.startswith((".", "~")) or member.filename.startswith("__MACOSX")
    return not member.is_dir() and not hidden and _endings(name)[-1] in FORMS and bool(member.file_size)


def _lies_beside(member: zipfile.ZipInfo) -> bool:
    """Whether it is a text about the tables."""
    return Path(member.filename).name.lower().startswith(BESIDE)
