"""Which encoding a file of text was saved in."""

from __future__ import annotations

import codecs
from typing import BinaryIO

BLOCK = 1 << 20
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
         (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
"""Signs at the beginning that say it."""
EAST = ["gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "cp949", "cp1251", "koi8_r", "cp1253", "cp1255", "cp1256"]
"""Encodings whose letters beyond ASCII stand in runs, which a library tells apart."""
MOST_ODD = 1 << 16  # bytes around letters beyond ASCII that are looked at


def found_encoding(source: BinaryIO) -> str:
    """The name of the encoding: its mark, else UTF-8 where the whole file is such, else the likeliest old one."""
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
    return _old(odd[:MOST_ODD])


def _old(odd: bytes) -> str:
    """The likeliest encoding before UTF-8 of some lines: Western letters stand alone among ASCII, others in runs."""
    high = [byte > 127 for byte in odd]
    runs = sum(one and (before or after) for before, one, after in zip([False, *high], high, [*high[1:], False],
                                                                      strict=False))  # fmt: skip
    if runs > 0.6 * max(1, sum(high)):
        from charset_normalizer import from_bytes

        best = from_bytes(odd, cp_isolation=EAST).best()
        if best is not None:
            return str(best.encoding)
    return "latin-1" if any(byte in odd for byte in b"\x81\x8d\x8f\x90\x9d") else "cp1252"
