"""A text in one form for what a person would call the same, cut into words; each with its place in the text given."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Literal

from core.data.text.plurals import singular
from core.data.text.units import Piece, with_units

if TYPE_CHECKING:
    from opencc import OpenCC

LONGEST = 512  # characters of a text that are read
MOST_KEPT = 200_000  # texts that `keeping_segments` keeps: memory
READING: Literal[1, 2] = 2
"""How texts are read today. 1: case, width and composed letters folded. 2: beside these accents, traditional Chinese
characters, English plurals and the 's of possession; numbers with their units are one word. A vocabulary keeps the
reading that it was counted with, so that older models and their bags stay right."""
_FOLDED = {"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i"}
_APOSTROPHES = frozenset("'’ʼ‘`´")
_GAP, _WORD, _HAN, _SIGN = range(4)


@dataclass(frozen=True)
class Normal:
    """A text after compatibility composition (NFKC) and case folding: ＷｉＦｉ and wifi, ﬁ and fi become the same.
    In reading 2 also without accents on Latin letters, and with simplified Chinese characters.

    `starts[i]` and `ends[i]` are where the character i of `text` lies in the text as given: one given character may
    become several (ß → ss), several may become one (e + ◌́ → é).
    """

    text: str
    starts: list[int] | range
    ends: list[int] | range
    cut: bool  # the given text was longer than what is read


def normalise(given: str, longest: int = LONGEST, reading: int = 1) -> Normal:
    """The first `longest` characters of a text, normalised."""
    cut = len(given) > longest
    given = given[:longest]
    if given.isascii():
        return Normal(given.lower(), range(len(given)), range(1, len(given) + 1), cut)
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    while at < len(given):
        end = at + 1
        while end < len(given) and unicodedata.combining(given[end]):  # a letter and its marks go together
            end += 1
        form = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", given[at:end]).casefold())
        if reading > 1 and not form.isascii():
            form = "".join(map(plain_character, form))
        parts.append(form)
        starts += [at] * len(form)
        ends += [end] * len(form)
        at = end
    return Normal("".join(parts), starts, ends, cut)


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is compared, and where it stands: characters start … end − 1 of the text as given."""

    form: str
    start: int
    end: int


def segment(text: str, longest: int = LONGEST, reading: int = 1) -> list[Word]:
    """The words of a text in order; whatever parts words in writing is left out.

    Chinese characters in a row are cut by jieba's dictionary and hidden Markov model (the library rjieba); any other
    letters, digits and their marks in a row are one word; an emoji or another sign is a word of its own. Markup has no
    meaning here: `<b>` is the word b. `reading`: see READING.
    """
    if _kept is None:
        return _segmented(text, longest, reading)
    found = _kept.get((text, longest, reading))
    if found is None:
        found = tuple(_segmented(text, longest, reading))
        if len(_kept) < MOST_KEPT:
            _kept[text, longest, reading] = found
    return list(found)


@contextmanager
def keeping_segments() -> Iterator[None]:
    """Within it a text is cut once however often it is asked for: for work that reads the same texts several times."""
    global _kept
    before = _kept
    _kept = {} if before is None else before
    try:
        yield
    finally:
        _kept = before


_kept: dict[tuple[str, int, int], tuple[Word, ...]] | None = None


def _segmented(text: str, longest: int, reading: int) -> list[Word]:
    normal = normalise(text, longest, reading)
    pieces: list[Piece] = []
    at = 0
    for kind, characters in groupby(normal.text, _kind):
        run = "".join(characters)
        if kind == _HAN:
            forms = _han_words(run)
        elif kind == _SIGN:
            forms = list(run)
        else:
            forms = [run]
        for form in forms:
            end = at + len(form)
            if kind != _GAP:
                pieces.append(Piece(form, at, end))
            at = end
    if reading > 1:
        pieces = with_units(_without_possession(pieces, normal.text), normal.text)
        pieces = [Piece(singular(form), start, end) for form, start, end in pieces]
    return [Word(form, normal.starts[start], normal.ends[end - 1]) for form, start, end in pieces]


def _without_possession(pieces: list[Piece], text: str) -> list[Piece]:
    """The words without the s of men's."""
    return [
        piece
        for before, piece in zip([None, *pieces], pieces, strict=False)
        if not (piece.form == "s" and before and text[before.end : piece.start] in _APOSTROPHES)
    ]


@lru_cache(maxsize=1 << 16)
def plain_character(character: str) -> str:
    """A letter without its accents, a Chinese character in its simplified form; any other as it is."""
    if is_han(character):
        found = _simplified().convert(character)
        return found if len(found) == 1 else character
    if character in _FOLDED:
        return _FOLDED[character]
    parts = unicodedata.normalize("NFD", character)
    if len(parts) > 1 and parts[0].isascii():
        return parts[0]
    return "" if unicodedata.combining(character) and "COMBINING" in unicodedata.name(character, "") else character


@cache
def _simplified() -> OpenCC:
    from opencc import OpenCC  # its tables are read at the first Chinese character

    return OpenCC("t2s")


@lru_cache(maxsize=1 << 16)
def folded(word: str) -> str:
    """A word in today's reading, however it was read before."""
    return " ".join(one.form for one in segment(word, reading=READING))


def is_han(character: str) -> bool:
    """Whether it is a Chinese character."""
    return _kind(character) == _HAN


@lru_cache(maxsize=1 << 16)
def _kind(character: str) -> int:
    point = ord(character)
    if (
        0x3400 <= point <= 0x4DBF
        or 0x4E00 <= point <= 0x9FFF
        or 0xF900 <= point <= 0xFAFF
        or 0x20000 <= point <= 0x3FFFF
    ):
        return _HAN
    category = unicodedata.category(character)
    if category[0] in "LN" or (category in ("Mn", "Mc") and not 0xFE00 <= point <= 0xFE0F):  # no variation selectors
        return _WORD
    return _SIGN if category == "So" else _GAP


def _han_words(run: str) -> list[str]:
    if len(run) == 1:
        return [run]
    import rjieba  # its dictionary is read at the first call

    return list(rjieba.cut(run))


def pieces(text: str) -> frozenset[str]:
    """Matching units: English words and numbers in lower case; each pair of neighbouring Chinese characters."""
    found = re.findall(r"[a-z0-9-]+", text.lower())
    for run in re.findall(r"[\u4e00-\u9fff]+", text):
        found += [run[place : place + 2] for place in range(max(1, len(run) - 1))]
    return frozenset(found)
