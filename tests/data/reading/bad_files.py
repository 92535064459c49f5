"""Files as people should not send them, each from a number: broken text, odd bytes, cut archives, hostile shapes."""

from __future__ import annotations

import gzip
import io
import random
import zipfile
from collections.abc import Callable

HEADERS = (
    "user,item,time,type,price", "query,title,label", "id,title,category", "a,b,click,buy", "zip;preis;geklickt",
    "day,amount,label", "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID",
)  # fmt: skip
ODD = (
    "", " ", "NA", "-1", "1e39", "inf", "nan", "1,234.5", "1.234,5", "007", "=cmd|' /C calc'!A0", "😀",
    "\u202e", "x" * 500, "\"", "\"\"", "'", "a\nb", "2026-13-45", "03/04/2026", "99999999999999999999",
    "-0", "1_000", "0x1F", "\u00a0", "NULL", "[1, 2", "a|b|c", "<b>", "DROP TABLE given", "\\", "$1",
    "12 %", "٣", "1e", "--", "E", "Exact", "yes",
)  # fmt: skip


def bad_file(number: int) -> tuple[str, bytes]:
    """The name and the content of the file of a number."""
    draw = random.Random(number)
    text = _table(draw)
    for _ in range(draw.randrange(4)):
        text = draw.choice(_TEXT)(draw, text)
    content = draw.choice(_ENCODE)(draw, text)
    for _ in range(draw.randrange(3)):
        content = draw.choice(_BYTES)(draw, content)
    ending = draw.choice(
        ("csv", "csv", "csv", "tsv", "txt", "jsonl", "json", "parquet", "xlsx", "csv.gz", "zip", "csv.zst")
    )
    if draw.random() < 0.6:
        content = _packed(ending, content)
    return f"bad{number}.{ending}", content


def _table(draw: random.Random) -> str:
    header = draw.choice(HEADERS)
    sign = ";" if ";" in header else ","
    width = header.count(sign) + 1
    odd = draw.choice((0.0, 0.02, 0.3, 1.0))

    def cell(at: int, row: int) -> str:
        if draw.random() < odd:
            return draw.choice(ODD)
        return draw.choice((str(row % 7), f"{draw.random():.3f}", f"word{row % 5}", f"2026-03-{1 + row % 28:02d}")) \
            if at % 2 else str(row % 3)  # fmt: skip

    rows = [sign.join(cell(at, row) for at in range(width)) for row in range(draw.choice((0, 1, 3, 60, 400)))]
    return "\n".join([header, *rows]) + draw.choice(("", "\n", "\n\n\n", "\nTotal: 7\n"))


def _cut(draw: random.Random, text: str) -> str:
    return text[: draw.randrange(len(text) + 1)]


def _ragged(draw: random.Random, text: str) -> str:
    lines = text.split("\n")
    at = draw.randrange(len(lines))
    lines[at] += draw.choice((",extra", ",,,", "\tx", ';"open', '"'))
    return "\n".join(lines)


def _doubled(draw: random.Random, text: str) -> str:
    header, _, rest = text.partition("\n")
    return f"{header},{header}\n{rest}"


def _reserved(draw: random.Random, text: str) -> str:
    return f"precedence_row,{text}"


def _above(draw: random.Random, text: str) -> str:
    return f"Report of the week\n\n{text}"


def _wide(draw: random.Random, text: str) -> str:
    return ",".join(f"c{at}" for at in range(draw.choice((300, 6000)))) + "\n" + text


def _long(draw: random.Random, text: str) -> str:
    return text + '\n"' + "y" * draw.choice((70_000, 3_000_000))


def _ends(draw: random.Random, text: str) -> str:
    return text.replace("\n", draw.choice(("\r\n", "\r", "\n\r")), draw.choice((1, -1)))


_TEXT: tuple[Callable[[random.Random, str], str], ...] = (
    _cut, _ragged, _ragged, _doubled, _reserved, _above, _wide, _long, _ends, _ends)  # fmt: skip
_ENCODE: tuple[Callable[[random.Random, str], bytes], ...] = (
    lambda draw, text: text.encode("utf-8"),
    lambda draw, text: text.encode("utf-8-sig"),
    lambda draw, text: text.encode(draw.choice(("utf-16", "utf-16-le", "utf-32"))),
    lambda draw, text: text.encode("latin-1", "replace") + b"\xe9\xfc",
    lambda draw, text: text.encode("gb18030", "replace"),
)


def _flipped(draw: random.Random, content: bytes) -> bytes:
    out = bytearray(content)
    for _ in range(draw.randrange(1, 20)):
        if out:
            out[draw.randrange(len(out))] = draw.randrange(256)
    return bytes(out)


def _zeros(draw: random.Random, content: bytes) -> bytes:
    at = draw.randrange(len(content) + 1)
    return content[:at] + bytes(draw.choice((1, 5000))) + content[at:]


def _halved(draw: random.Random, content: bytes) -> bytes:
    return content[: draw.randrange(len(content) + 1)]


_BYTES: tuple[Callable[[random.Random, bytes], bytes], ...] = (_flipped, _zeros, _halved)


def _packed(ending: str, content: bytes) -> bytes:
    if ending == "csv.gz":
        return gzip.compress(content)
    if ending in ("zip", "xlsx"):
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("../../etc/inner.csv", content)
            archive.writestr("bomb.csv", b"0," * 100_000)
        return target.getvalue()
    return content
