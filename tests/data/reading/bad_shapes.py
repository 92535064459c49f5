"""Bad files that are real workbooks, Parquet files, JSON lines and archives, and text of odd shapes; each from a
number."""

from __future__ import annotations

import gzip
import io
import json
import random
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.parquet as pq

NUMBERS = (
    "1,234.56", "1.234,56", "1 234,56", "1\u00a0234,56", "1\u202f234.5", "1'234.50", "1’234", "12,34,567.8",
    "1.234.567", "(1,234)", "1234-", "−5", "+5", "5 %", "€ 3,50", "3.50 EUR", "$1,000", "1e5", "1,5e3", "٣٫٥", "NaN",
    "-inf", "Infinity", "∞", "1/2", ".5", "5.", "0x10", "1_000", "TRUE", "00012", "1e999", "-1e39",
)  # fmt: skip
"""Numbers as people of several countries write them."""
DATES = ("2026-03-01", "01/03/2026", "3/1/26", "1.3.2026", "1 Mar 2026", "20260301", "2026-02-30", "0000-00-00",
         "1900-01-00", "9999-12-31", "2026-03-01T12:00:00Z", "2026-03-01 25:00", "1711929600", "45717")  # fmt: skip
NAMES = ("user", "item", "time", "query", "title", "label", "click", "a b", "", " ", "select", '"', "';--", "😀", "Ä",
         "x" * 300, "a\nb", "User", "rowid", "c0", "\u202e", "1", "NULL", "user.id", "$1")  # fmt: skip


def bad_shape(number: int) -> tuple[str, bytes]:
    """The name and the content of the file of a number."""
    draw = random.Random(10_000 + number)
    ending, content = draw.choice(_KINDS)(draw)
    if draw.random() < 0.15:
        content = content[: draw.randrange(len(content) + 1)]
    if draw.random() < 0.05:
        ending = draw.choice(("csv", "xlsx", "parquet", "jsonl", "zip", "csv.gz"))
    return f"shape{number}.{ending}", content


def _names(draw: random.Random, width: int) -> list[str]:
    return [draw.choice(NAMES) if draw.random() < 0.7 else f"c{at}" for at in range(width)]


def _cell(draw: random.Random) -> str:
    return draw.choice((*NUMBERS, *DATES, "", "a", "b", "word", str(draw.randrange(9))))


def _rows(draw: random.Random, width: int, sign: str = ",") -> list[str]:
    pools = [
        draw.choice((NUMBERS, DATES, ("0", "1"), ("a", "b", ""), tuple(map(str, range(40))))) for _ in range(width)
    ]
    return [sign.join(_quoted(draw.choice(pool), sign) for pool in pools) for _ in range(draw.choice((0, 1, 60, 300)))]


def _quoted(cell: str, sign: str) -> str:
    return f'"{cell}"' if sign in cell else cell


def _text(draw: random.Random) -> tuple[str, bytes]:
    """Text of an odd shape."""
    width, sign = draw.randrange(1, 8), draw.choice((",", ";", "\t", "|"))
    header = sign.join(f'"{name.replace(chr(34), 2 * chr(34))}"' for name in _names(draw, width))
    rows = _rows(draw, width, sign)
    shape = draw.randrange(9)
    if shape == 0:  # the header stands again, as where files were put one after another
        rows = [*rows, header, *_rows(draw, width, sign)]
    elif shape == 1:  # half of it by another sign
        rows = [*rows, *_rows(draw, width, draw.choice((",", ";", "\t")))]
    elif shape == 2:
        header, rows = ",".join(f"c{at}" for at in range(10_000)), [",".join("1" * 10_000)] * draw.choice((0, 3))
    elif shape == 3:
        rows.append(sign.join(["y" * draw.choice((200_000, 5_000_000))] * width))
    elif shape == 4:
        rows = [row + sign * draw.randrange(-1, 3) if sign in row else row for row in rows]
    elif shape == 5:
        return draw.choice(("csv", "tsv", "txt")), draw.choice((b"", b"\n", b" \n \n", b'"', b'""\n""', b"\xef\xbb\xbf",
                                                                b"\0", b",", b",,,\n,,,\n", b"a"))  # fmt: skip
    elif shape == 6:
        rows = [row.replace(sign, sign + draw.choice(("\0", "\x1f", "\ufeff", "\x0b", "\u2028")), 1) for row in rows]
    elif shape == 7:
        rows = rows * 200
    text = "\n".join([header, *rows])
    return draw.choice(("csv", "tsv", "txt", "log")), text.encode(draw.choice(("utf-8", "utf-8-sig", "utf-16", "cp1252",
                                                                               "shift_jis")), "replace")  # fmt: skip


def _json(draw: random.Random) -> tuple[str, bytes]:
    """Objects whose fields change their types, and lines that are none."""
    values: tuple[Any, ...] = (1, "1", 1.5, None, True, [1, 2], ["a", None], {"a": 1}, {"a": {"b": [1]}}, "", "x",
                               10**400, float("nan"), float("inf"), "\ud800", "2026-03-01", [], {}, [[1], [2]],
                               -0.0)  # fmt: skip
    names = [name for name in _names(draw, draw.randrange(1, 6)) if name] or ["a"]
    lines = [json.dumps({name: draw.choice(values) for name in names if draw.random() < 0.9})
             for _ in range(draw.choice((0, 1, 80, 300)))]  # fmt: skip
    odd = draw.randrange(8)
    if odd == 0:
        lines.insert(
            len(lines) // 2, draw.choice(("[1, 2]", "7", '"text"', "null", "{", "{'a': 1}", '{"a": 1} {"a": 2}'))
        )
    elif odd == 1:
        lines.append('{"a": ' * 5000 + "1" + "}" * 5000)
    elif odd == 2:
        lines.append(json.dumps({f"field {at}": at for at in range(6000)}))
    elif odd == 3:
        lines.append('{"a": 1, "a": 2, "A": 3}')
    if draw.random() < 0.3:
        return "json", ("[" + ",\n".join(lines) + "]").encode("utf-8", "surrogatepass")
    return draw.choice(("jsonl", "ndjson", "json")), "\n".join(lines).encode()


def _parquet(draw: random.Random) -> tuple[str, bytes]:
    """Columns of every type that Parquet has."""
    count = draw.choice((0, 1, 60, 300))
    made: tuple[tuple[pa.DataType, Callable[[], Any]], ...] = (
        (pa.int64(), lambda: draw.choice((0, 1, 2**62, -1))),
        (pa.uint64(), lambda: draw.choice((0, 2**64 - 1))),
        (pa.float64(), lambda: draw.choice((0.0, 1.0, float("nan"), float("inf"), 1e300))),
        (pa.float16(), lambda: draw.choice((0.0, 1.0))),
        (pa.decimal128(38, 10), lambda: Decimal(draw.randrange(10**9)).scaleb(-4)),
        (pa.timestamp("ns", "Europe/Berlin"), lambda: datetime(2026, 3, draw.randrange(1, 28), tzinfo=UTC)),
        (pa.timestamp("us"), lambda: datetime(draw.choice((1, 2026, 9999)), 3, 1)),
        (pa.date32(), lambda: date(2026, 3, draw.randrange(1, 28))),
        (pa.time64("us"), lambda: datetime(2026, 3, 1, 12).time()),
        (pa.duration("s"), lambda: draw.randrange(99)),
        (pa.string(), lambda: _cell(draw)),
        (pa.binary(), lambda: draw.choice((b"\xff\0", b"a"))),
        (pa.bool_(), lambda: draw.random() < 0.5),
        (pa.null(), lambda: None),
        (pa.list_(pa.string()), lambda: ["a"] * draw.randrange(3)),
        (pa.list_(pa.list_(pa.int32())), lambda: [[1], None]),
        (pa.list_(pa.float32(), 3), lambda: [1.0, 2.0, draw.choice((3.0, float("nan")))]),
        (pa.struct([("a", pa.int32()), ("b", pa.list_(pa.string()))]), lambda: {"a": 1, "b": ["x"]}),
        (pa.map_(pa.string(), pa.int32()), lambda: [("k", 1)]),
        (pa.dictionary(pa.int8(), pa.string()), lambda: draw.choice(("u", "v"))),
    )
    kinds = [draw.choice(made) for _ in range(draw.randrange(0, 7))]
    lacking = draw.choice((0.0, 0.2, 1.0))
    columns = [pa.array([None if draw.random() < lacking else value() for _ in range(count)], type_)
               for type_, value in kinds]  # fmt: skip
    target = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(columns, names=_names(draw, len(columns))), target,
                   compression=draw.choice(("snappy", "zstd", "none")))  # fmt: skip
    return draw.choice(("parquet", "pq")), target.getvalue()


def _workbook(draw: random.Random) -> tuple[str, bytes]:
    """Sheets with merged cells, errors, formulas, gaps, dates and titles above the header."""
    sheets = [_sheet(draw) for _ in range(draw.randrange(0, 4))]
    names = [draw.choice(("Sheet", "Data 2026", "Ä", "a" * 40)) + str(at) for at in range(len(sheets))]
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    listed = "".join(f'<sheet name="{escape(name)}" sheetId="{at}" r:id="r{at}"/>' for at, name in enumerate(names, 1))
    places = "".join(f'<Relationship Id="r{at}" Type="{links}/worksheet" Target="worksheets/sheet{at}.xml"/>'
                     for at in range(1, len(names) + 1))  # fmt: skip
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{package}"><Relationship Id="r1" Type="{links}/officeDocument" '
                       'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {space} xmlns:r="{links}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}">{places}</Relationships>',
        **{f"xl/worksheets/sheet{at}.xml": f"<worksheet {space}>{sheet}</worksheet>"
           for at, sheet in enumerate(sheets, 1)},
    }  # fmt: skip
    if draw.random() < 0.15:
        parts.pop(draw.choice(list(parts)))
    return draw.choice(("xlsx", "xlsx", "xlsm", "xls", "ods")), _zipped(list(parts.items()))


def _sheet(draw: random.Random) -> str:
    width, rows = draw.randrange(1, 6), []
    texts = [["Report"] + [""] * (width - 1)] * draw.randrange(2) + [_names(draw, width)]
    texts += [[_cell(draw) for _ in range(width)] for _ in range(draw.choice((0, 1, 80)))]
    for at, row in enumerate(texts, 1):
        cells = []
        for place, text in enumerate(row):
            kind, name = draw.randrange(8), f"{chr(65 + place)}{at}"
            if kind == 0:
                cells.append(f'<c r="{name}" t="e"><v>#DIV/0!</v></c>')
            elif kind == 1:
                cells.append(f'<c r="{name}"><f>A1+1</f><v>{draw.random()}</v></c>')
            elif kind == 2:
                cells.append(f'<c r="{name}" t="b"><v>1</v></c>')
            elif kind == 3:
                cells.append(f'<c r="{name}"><v>{draw.choice(("45717.5", "1e400", "-1", "abc", ""))}</v></c>')
            elif text.isprintable():
                cells.append(f'<c r="{name}" t="inlineStr"><is><t>{escape(text)}</t></is></c>')
        rows.append(f'<row r="{at}">{"".join(cells)}</row>')
    merged = '<mergeCells count="1"><mergeCell ref="A1:B2"/></mergeCells>' if draw.random() < 0.5 else ""
    return f"<sheetData>{''.join(rows)}</sheetData>{merged}"


def _zipped(parts: Sequence[tuple[str, bytes | str]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return target.getvalue()


def _archive(draw: random.Random) -> tuple[str, bytes]:
    """Zips of zips, of paths, of files that do not belong together, and of nothing."""
    table = _plain(draw)
    inner: tuple[tuple[str, bytes | str], ...] = (
        ("../../a.csv", table), ("/etc/b.csv", table), ("folder/c.csv", table), ("C:\\d.csv", table),
        ("e.zip", _zipped([])), ("readme.md", b"# no table"), ("same.csv", table), ("empty.csv", b""),
        ("x" * 200 + ".csv", table),
        ("other.csv", b"product_id,title\n1,lamp\n2,sofa\n"), ("judged.csv", b"query,product_id,label\nq,1,2\nq,2,0\n"),
        ("folder/", b""), (".hidden.csv", table), ("deep/" * 40 + "f.csv", table), ("g.jsonl", b'{"a": 1}\n'),
        ("h.parquet", b"no parquet"),
    )  # fmt: skip
    parts = [draw.choice(inner) for _ in range(draw.randrange(0, 4))]
    method = draw.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))
    names: set[str] = set()
    content = bytearray(_zipped([part for part in parts if not (part[0] in names or names.add(part[0]))], method))
    if draw.random() < 0.3 and len(content) > 50:
        content[draw.randrange(len(content))] ^= 0xFF
    if draw.random() < 0.1 and len(content) > 50:
        content[6] |= 1  # says that it is encrypted
    return "zip", bytes(content)


def _packed(draw: random.Random) -> tuple[str, bytes]:
    """Packed text: cut off, twice, with something behind it, or as large as hardly anything is when packed."""
    ending = draw.choice(("gz", "zst"))
    content = draw.choice((_plain(draw), b"", b"a,b\n" + b"0,1\n" * 3_000_000, bytes(50_000_000)))
    pack: Callable[[bytes], bytes] = gzip.compress if ending == "gz" else lambda plain: bytes(
        pa.compress(plain, codec="zstd", asbytes=True)
    )  # fmt: skip
    whole = pack(content)
    shape = draw.randrange(5)
    if shape == 0:
        whole = whole[: draw.randrange(len(whole) + 1)]
    elif shape == 1:
        whole = pack(whole)
    elif shape == 2:
        whole += draw.choice((b"\0" * 10, b"something", pack(_plain(draw))))
    return draw.choice((f"csv.{ending}", ending, f"parquet.{ending}", f"jsonl.{ending}")), whole


def _plain(draw: random.Random) -> bytes:
    return "\n".join(["user,item,time,label", *_rows(draw, 4)]).encode()


_KINDS: tuple[Callable[[random.Random], tuple[str, bytes]], ...] = (
    _text, _text, _text, _json, _json, _parquet, _parquet, _workbook, _workbook, _archive, _packed)  # fmt: skip
