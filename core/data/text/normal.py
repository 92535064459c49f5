"""One form for texts that a person would call the same, with the way back to the text as it was given."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

LONGEST = 512  # characters of a text that are read


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
