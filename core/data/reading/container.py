"""What a person's file is: text, a workbook, JSON lines or Parquet; packed as .gz, .zst, .zip, or a folder."""

from __future__ import annotations

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
    **dict.fromkeys(("csv", "tsv", "txt", "tab", "psv", "dat", "data", "inter", "log"), "text"),
    **dict.fromkeys(("xlsx", "xlsm", "xls", "ods"), "workbook"),
    **dict.fromkeys(("jsonl", "ndjson", "json"), "json"),
    **dict.fromkeys(("parquet", "pq"), "parquet"),
}  # fmt: skip
"""By the ending of the name."""
PACKED = ("gz", "zst")
ENDINGS = (*FORMS, *PACKED, "zip")
"""All that can be brought."""
MOST_UNPACKED = 4 << 30  # bytes
MOST_WORKBOOK = 400 << 20  # bytes of a workbook's unpacked sheets, which are read as a whole
BLOCK = 1 << 22
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
    if ending == "zip":
        yield from _of_zip(source, scratch)
    elif ending in PACKED:
        name = source.name[: -len(ending) - 1]
        if before not in FORMS:
            name += ".csv"
        target = scratch / f"{len(list(scratch.iterdir()))}-{Path(name).name}"
        _unpack(source, _opened(source, ending), target)
        yield Plain(name, target, FORMS[_endings(name)[-1]])
    elif ending in FORMS:
        yield Plain(source.name, source, FORMS[ending])
    else:
        raise PrecedenceError(
            f"The file {source.name} ends in .{ending}; a table is a .csv, .tsv, .xlsx, .jsonl or .parquet file, also "
            "as .gz, .zst or .zip."
        )


def _endings(name: str) -> list[str]:
    return [part.lower() for part in name.split(".")[1:]] or [""]


def _opened(source: Path, ending: str) -> BinaryIO:
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
            for number, member in enumerate(archive.infolist()):
                name = Path(member.filename.replace("\\", "/")).name
                hidden = name.startswith((".", "~")) or member.filename.startswith("__MACOSX")
                if member.is_dir() or hidden or _endings(name)[-1] not in FORMS or not member.file_size:
                    continue
                target = scratch / f"{number}-{name}"
                with archive.open(member) as packed:
                    _unpack(source, packed, target)
                yield Plain(name, target, FORMS[_endings(name)[-1]])
    except DAMAGED as error:
        if isinstance(error, PrecedenceError):
            raise
        raise PrecedenceError(
            f"The file {source.name} cannot be unpacked ({_reason(error)}); pack it again or give the files themselves."
        ) from error
