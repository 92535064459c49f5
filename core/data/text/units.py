"""Numbers with their units as one word each: 12V, 12 v and 12 volts are 12v, 500毫升 is 500ml, 1,000 is 1000,
8 x 10 is 8x10."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_SAID = {
    "v": "v volt volts 伏 伏特",
    "w": "w watt watts 瓦 瓦特",
    "kw": "kw kilowatt kilowatts 千瓦",
    "mah": "mah 毫安 毫安时",
    "ah": "ah",
    "wh": "wh",
    "kg": "kg kgs kilogram kilograms kilo kilos 公斤 千克",
    "g": "g gram grams gm 克",
    "mg": "mg milligram milligrams 毫克",
    "lb": "lb lbs pound pounds 磅",
    "oz": "oz ounce ounces 盎司",
    "ml": "ml milliliter milliliters millilitre millilitres 毫升",
    "l": "l liter liters litre litres ltr 升",
    "gal": "gal gallon gallons 加仑",
    "qt": "qt quart quarts 夸脱",
    "mm": "mm millimeter millimeters millimetre millimetres 毫米",
    "cm": "cm centimeter centimeters centimetre centimetres 厘米 公分",
    "m": "m meter meters metre metres 米",
    "in": "in inch inches 英寸 寸",
    "ft": "ft foot feet 英尺",
    "yd": "yd yard yards",
    "gb": "gb gigabyte gigabytes",
    "tb": "tb terabyte terabytes",
    "mb": "mb megabyte megabytes",
    "hz": "hz hertz 赫兹",
    "khz": "khz",
    "mhz": "mhz",
    "ghz": "ghz",
    "lm": "lm lumen lumens 流明",
    "pack": "pack packs pk",
    "pc": "pc pcs piece pieces",
    "ct": "ct count",
    "rpm": "rpm",
    "psi": "psi",
    "mp": "mp megapixel megapixels 像素",
    "db": "db decibel decibels 分贝",
    "p": "p",
    "k": "k",
    "a": "a amp amps 安 安培",
    "hr": "hr hour hours 小时",
    "min": "min minute minutes 分钟",
}
UNITS = {word: unit for unit, words in _SAID.items() for word in words.split()}
ATTACHED_ALONE = frozenset(("in", "a", "p", "k", "min"))
"""Units that are words of their own too: read as a unit only where they stand at the number itself (*2 in 1*)."""
_ATTACHED = re.compile(r"(\d+(?:\.\d+)?)([a-z]+)")
_SIZE = re.compile(r"\d+(?:\.\d+)?(?:x\d+(?:\.\d+)?)*x?")
_CROSSED = re.compile(r"\dx(?:\d+)?|x\d+[a-z]*")
"""A number's last digit with what follows it, or the cross with the next number: 8 x 10 in either cut."""
_THOUSAND = re.compile(r"\d{3}[a-z]*")
SHORT = 3  # digits between two commas
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


class Piece(NamedTuple):
    """A word before numbers are joined: its form, and where it lies in the normalised text."""

    form: str
    start: int
    end: int


def with_units(pieces: Sequence[Piece], text: str) -> list[Piece]:
    """The words with every number joined to its digits after a point or comma, and to its unit."""
    joined: list[Piece] = []
    for piece in _with_sizes(pieces, text):
        before = joined[-1] if joined else None
        gap = text[before.end : piece.start] if before else ""
        if before and _continues(before.form, gap, piece.form):
            point = "." if gap == "." else ""
            joined[-1] = Piece(before.form + point + piece.form, before.start, piece.end)
        elif before and _NUMBER.fullmatch(before.form) and gap in ("", " ", "-") and _is_unit(piece.form, gap):
            joined[-1] = Piece(before.form + UNITS[piece.form], before.start, piece.end)
        else:
            joined.append(piece)
    return [Piece(_attached(one.form), one.start, one.end) for one in joined]


def _with_sizes(pieces: Sequence[Piece], text: str) -> list[Piece]:
    """The words with every 8 x 10, 8x 10, 8 × 10 as 8x10."""
    out: list[Piece] = []
    for piece in pieces:
        if out and _SIZE.fullmatch(out[-1].form):
            gap = text[out[-1].end : piece.start].strip()
            crossed = "x" if gap == "×" and piece.form[0].isdigit() else ""
            if crossed or (gap == "" and _CROSSED.fullmatch(out[-1].form[-1] + piece.form)):
                out[-1] = Piece(out[-1].form + crossed + piece.form, out[-1].start, piece.end)
                continue
        out.append(piece)
    return out


def _continues(number: str, gap: str, digits: str) -> bool:
    """Whether both are one number: 1.5, 1.5l, 1,000."""
    if not number.isdigit() or not number.isascii() or not digits[:1].isdigit() or not digits.isascii():
        return False
    if gap == ".":
        return digits.isdigit() or _ATTACHED.fullmatch(digits) is not None
    return gap == "," and len(number) <= SHORT and _THOUSAND.fullmatch(digits) is not None


def _is_unit(word: str, gap: str) -> bool:
    return word in UNITS and (gap == "" or word not in ATTACHED_ALONE)


def _attached(form: str) -> str:
    """12volts → 12v; a model code such as v10 or t21 stays."""
    found = _ATTACHED.fullmatch(form)
    return found[1] + UNITS[found[2]] if found and found[2] in UNITS else form
