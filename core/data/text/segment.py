"""A text in one form for what a person would call the same, cut into words; each with its place in the text given."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

LONGEST = 512  # characters of a text that are read
_GAP, _WORD, _HAN, _SIGN = range(4)


@dataclass(frozen=True)
class Normal:
    """A text after compatibility composition (NFKC) and case folding: ＷｉＦｉ and wifi, ﬁ and fi become the same.

    `starts[i]` and `ends[i]` are where the character i of `text` lies in the text as given: one given character may
    become several (ß → ss), several may become one (e + ◌́ → é).
    """

    text: str
    starts: list[int] | range
    ends: list[int] | range
    cut: bool  # the given text was longer than what is read


def normalise(given: str, longest: int = LONGEST) -> Normal:
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
        parts.append(form)
        starts += [at] * len(form)
        ends += [end] * len(form)
        at = end
    return Normal("".join(parts), starts, ends, cut)


@dataclass(frozen=True)
class Word:
    """A word as it is compared, and where it stands: characters start … end − 1 of the text as given."""

    form: str
    start: int
    end: int


def segment(text: str, longest: int = LONGEST) -> list[Word]:
    """The words of a text in order; whatever parts words in writing is left out.

    Chinese characters in a row are cut by jieba's dictionary and hidden Markov model (the library rjieba); any other
    letters, digits and their marks in a row are one word; an emoji or another sign is a word of its own. Markup has no
    meaning here: `<b>` is the word b.
    """
    normal = normalise(text, longest)
    words: list[Word] = []
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
                words.append(Word(form, normal.starts[at], normal.ends[end - 1]))
            at = end
    return words


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
