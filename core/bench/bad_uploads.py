"""Files as nobody should bring them, each from a number: broken, packed to burst, nested, endless, or with text that
means to be something else."""

from __future__ import annotations

import gzip
import io
import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

HEADERS = (
    "user,item,time,type,price", "query,title,label", "id,title,category", "a,b,click,buy", "zip;preis;geklickt",
    "user,item,time", "x,bought", "query_id,product_title,relevance", "day,amount,label",
)  # fmt: skip
CELLS = (
    "", "NA", "-1", "1e39", "inf", "nan", "1,234.5", "=cmd|' /C calc'!A0", "😀", "\u202e", '"', "a\nb", "2026-13-45",
    "99999999999999999999", "<script>alert(1)</script>", "![](http://evil.example/x.png)", "'; DROP TABLE given; --",
    "../../etc/passwd", "{{7*7}}", "$(id)", "x" * 3000, "\x00", "\ufeff", "yes", "0", "1",
)  # fmt: skip
_ENTITIES = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
LAUGHS = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{_ENTITIES}]><worksheet>&l8;</worksheet>'


def bad_upload(number: int, seed: int = 0) -> tuple[str, bytes]:
    """Name and content of the file of a number."""
    draw = random.Random(f"{seed} {number}")
    ending, content = draw.choice(_KINDS)(draw)
    for _ in range(draw.choice((0, 0, 1, 2))):
        content = draw.choice(_BLOWS)(draw, content)
    return f"upload{number}.{ending}", content


def write_upload(folder: Path, number: int, seed: int) -> Path:
    """The file of a number, written into the folder."""
    name, content = bad_upload(number, seed)
    (folder / name).write_bytes(content)
    return folder / name


def _table(draw: random.Random) -> str:
    header = draw.choice(HEADERS)
    sign = ";" if ";" in header else ","
    odd = draw.choice((0.0, 0.05, 0.5, 1.0))

    def cell(row: int, at: int) -> str:
        if draw.random() < odd:
            return draw.choice(CELLS)
        return (str(row % 3), f"word{row % 5}", f"2026-03-{1 + row % 28:02d}", f"{draw.random():.3f}")[at % 4]

    rows = (sign.join(cell(row, at) for at in range(header.count(sign) + 1)) for row in range(draw.choice((0, 3, 200))))
    return "\n".join([header, *rows])


def _text(draw: random.Random) -> tuple[str, bytes]:
    code = draw.choice(("utf-8", "utf-8", "utf-16", "utf-32", "latin-1", "gb18030"))
    return draw.choice(("csv", "tsv", "txt")), _table(draw).encode(code, "replace")


def _wide(draw: random.Random) -> tuple[str, bytes]:
    names = ",".join(f"c{at}" for at in range(draw.choice((1_500, 30_000))))
    return "csv", f"{names}\n{names}\n".encode()


def _long_line(draw: random.Random) -> tuple[str, bytes]:
    return "csv", b"a,b\n" + draw.choice((b"x", b'"', b",", b"\xff")) * draw.choice((500_000, 3_000_000, 30_000_000))


def _quotes(draw: random.Random) -> tuple[str, bytes]:
    return "csv", b"a,b\n" + b'"x,1\n' * draw.choice((100, 100_000))


def _noise(draw: random.Random) -> tuple[str, bytes]:
    ending = draw.choice(("csv", "tsv", "parquet", "xlsx", "jsonl", "json", "zip", "csv.gz", "csv.zst", "xls", "ods"))
    return ending, draw.randbytes(draw.choice((0, 1, 300, 200_000)))


def _packed(draw: random.Random) -> tuple[str, bytes]:
    content = _table(draw).encode() if draw.random() < 0.5 else b"0," * draw.choice((1_000, 40_000_000))
    return "csv.gz", gzip.compress(content, 1)


def _zip(draw: random.Random) -> tuple[str, bytes]:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in draw.sample(("../../etc/cron.csv", "/abs.csv", "a.csv", "b.jsonl", "in.zip", "~x.csv"), 3):
            archive.writestr(name, draw.choice((_table(draw), "0\n" * 20_000_000, "")))
    return "zip", target.getvalue()


def _workbook(draw: random.Random) -> tuple[str, bytes]:
    sheet = draw.choice((LAUGHS, "<worksheet>" + "<a>" * 100_000, "<worksheet><sheetData/></worksheet>", ""))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", draw.choice((LAUGHS, "<workbook><sheets/></workbook>")))
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    return draw.choice(("xlsx", "ods")), target.getvalue()


def _nested(draw: random.Random) -> tuple[str, bytes]:
    deep = draw.choice((50, 200_000))
    inner = "[" * deep + "]" * deep if draw.random() < 0.5 else '{"a":' * deep + "1" + "}" * deep
    return draw.choice(("json", "jsonl")), f'{{"user": 1, "item": {inner}}}\n'.encode()


def _lines(draw: random.Random) -> tuple[str, bytes]:
    rows = ({draw.choice(("user", "a", "a b", "", "title")): draw.choice(CELLS), "n": n} for n in range(60))
    return "jsonl", "\n".join(json.dumps(row) for row in rows).encode()


def _parquet(draw: random.Random) -> tuple[str, bytes]:
    rows = draw.choice((0, 50, 3_000_000))
    text = draw.choice(CELLS) if rows < 100 else "y" * 4000
    column = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array([text]))
    table = pa.table({"title": column, draw.choice(("label", "a\nb", "precedence_row", "x" * 900)): column})
    target = io.BytesIO()
    pq.write_table(table, target, compression="zstd")
    return "parquet", target.getvalue()


_KINDS: tuple[Callable[[random.Random], tuple[str, bytes]], ...] = (
    _text, _text, _text, _text, _wide, _long_line, _quotes, _noise, _noise, _packed, _zip, _workbook, _nested, _lines,
    _parquet,
)  # fmt: skip


def _flipped(draw: random.Random, content: bytes) -> bytes:
    out = bytearray(content)
    for _ in range(draw.randrange(1, 20) if out else 0):
        out[draw.randrange(len(out))] ^= 1 << draw.randrange(8)
    return bytes(out)


def _cut(draw: random.Random, content: bytes) -> bytes:
    return content[: draw.randrange(len(content) + 1)]


def _zeros(draw: random.Random, content: bytes) -> bytes:
    at = draw.randrange(len(content) + 1)
    return content[:at] + bytes(draw.choice((1, 5000))) + content[at:]


_BLOWS: tuple[Callable[[random.Random, bytes], bytes], ...] = (_flipped, _cut, _zeros)
