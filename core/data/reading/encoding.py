"""Which encoding a file of text was saved in."""

from __future__ import annotations

import codecs
import re
from typing import BinaryIO

BLOCK = 1 << 20
MIXED = "utf-8-or-cp1252"
"""Of a file whose lines were written by several programs: each letter in the one encoding or the other."""
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
         (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
"""Signs at the beginning that say it."""
SEVERAL_BYTES = ["gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "cp949"]
"""Encodings of East Asia, in which a letter has one byte or more."""
EAST = [*SEVERAL_BYTES, "cp1251", "koi8_r", "cp1253", "cp1255", "cp1256"]
"""Encodings whose letters beyond ASCII stand in runs, which a library tells apart."""
MOST_ODD = 1 << 16  # bytes around letters beyond ASCII that are looked at


def found_encoding(source: BinaryIO) -> str:
    """The name of the encoding: its mark, else UTF-8 where the whole file is such, MIXED where most lines beyond ASCII
    are, else the likeliest old one."""
    first = source.read(BLOCK)
    for mark, name in MARKS:
        if first.startswith(mark):
            return name
    zeros = (first[0:4000:2].count(0), first[1:4000:2].count(0))
    if max(zeros) > 0.2 * len(first[:4000]) and min(zeros) < 0.05 * max(zeros):  # two bytes a letter, without a mark
        return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    decoder, odd = codecs.getincrementaldecoder("utf-8")(), b""
    is_utf8, block = True, first
    while block:
        if is_utf8:
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                is_utf8 = False
        if not is_utf8 and len(odd) < MOST_ODD:
            odd += b"\n".join(line for line in block.splitlines() if not line.isascii())
        block = source.read(BLOCK) if is_utf8 or len(odd) < MOST_ODD else b""
    if is_utf8:
        try:
            decoder.decode(b"", final=True)
            return "utf-8"
        except UnicodeDecodeError:
            odd = odd or first
    lines = [line for line in odd.splitlines() if not line.isascii()]
    if len(lines) > 1 and sum(map(_is_utf8, lines)) > 0.5 * len(lines):
        return MIXED
    return _old(odd[:MOST_ODD])


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _as_western(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are no UTF-8, as Western Europe wrote them before it."""
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(MIXED, _as_western)


def _old(odd: bytes) -> str:
    """The likeliest encoding before UTF-8 of some lines: Western letters stand alone among ASCII, others in runs."""
    high = [byte > 127 for byte in odd]
    runs = sum(one and (before or after) for before, one, after in zip([False, *high], high, [*high[1:], False],
                                                                      strict=False))  # fmt: skip
    if runs > 0.6 * max(1, sum(high)):
        from charset_normalizer import from_bytes

        best = from_bytes(odd, cp_isolation=EAST).best()
        if best is not None and best.encoding not in SEVERAL_BYTES and not _are_words(str(best)):
            best = from_bytes(odd, cp_isolation=SEVERAL_BYTES).best() or best
        if best is not None:
            return str(best.encoding)
    return "latin-1" if any(byte in odd for byte in b"\x81\x8d\x8f\x90\x9d") else "cp1252"


def _are_words(text: str) -> bool:
    """Whether most runs beyond ASCII are words: letters alone, in capitals, small, or with the first one a capital."""
    runs = re.findall(r"[^\x00-\x7f]{2,}", text)
    good = sum(run.isalpha() and (run.islower() or run.isupper() or run.istitle() or run.lower() == run.upper())
               for run in runs)  # fmt: skip
    return good >= 0.7 * len(runs)
