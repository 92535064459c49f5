"""The Chinese words of titles, and what is near to them: longer words, words that sound alike or differ by a sign."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import pairwise

from core.data.text.segment import Word, is_han

LONGEST = 6  # characters of a word that is looked for
_WILD = "＊"


class ChineseWords:
    """Words of two to `LONGEST` Chinese characters among `words`, and which characters titles have side by side."""

    def __init__(self, words: Iterable[str], counts: Mapping[str, int], titles: Sequence[Sequence[Word]]) -> None:
        self._words = [word for word in words if is_han(word[0]) and 2 <= len(word) <= LONGEST]
        self._counts = counts
        self._pairs = {one + two for title in titles for run in _runs(title) for one, two in pairwise(run)}

    @cached_property
    def _characters(self) -> frozenset[str]:
        return frozenset("".join(self._pairs)) | {form for form in self._counts if len(form) == 1}

    def writes(self, character: str) -> bool:
        """Whether some title has this Chinese character beside another one."""
        return character in self._characters

    def joins(self, one: str, other: str) -> bool:
        """Whether some title has these two Chinese characters side by side."""
        return one + other in self._pairs

    def holds_inside(self, form: str) -> bool:
        """Whether titles write the characters of a Chinese word side by side, if only within longer words."""
        return is_han(form[0]) and all(self.joins(one, other) for one, other in pairwise(form))

    def longer(self, form: str) -> str | None:
        """The most frequent word of titles that holds a Chinese word and at most two characters more: 电视 → 电视机."""
        found = (
            word for word in self._words if form in word and len(word) <= len(form) + 2 and self._counts.get(word, 0)
        )
        return max(found, key=lambda word: self._counts.get(word, 0), default=None) if len(form) > 1 else None

    def meant(self, run: str, at: int) -> tuple[bool, int, str] | None:
        """Where in a run of Chinese characters a known word stands with one character mistyped, over place `at`:
        whether it sounds the same, its start and the word. One that does comes first, then the longest, then the one
        with the most characters in common, then the most frequent."""
        best: tuple[tuple[bool, int, int, int], int, str] | None = None
        for length in range(2, LONGEST + 1):
            for start in range(max(0, at - length + 1), min(at, len(run) - length) + 1):
                typed = run[start : start + length]
                for word in self._near(typed):
                    sounds = _sound(word) == _sound(typed)
                    same = sum(one == other for one, other in zip(word, typed, strict=True))
                    rank = (sounds, length, same, self._counts.get(word, 0))
                    if word != typed and (sounds or length > 2) and (best is None or rank > best[0]):
                        best = rank, start, word
        return (best[0][0], *best[1:]) if best else None

    def _near(self, typed: str) -> Iterator[str]:
        yield from self._by_sound.get(_sound(typed), ())
        for place in range(len(typed)):
            yield from self._by_pattern.get(typed[:place] + _WILD + typed[place + 1 :], ())

    @cached_property
    def _by_sound(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for word in self._words:
            found.setdefault(_sound(word), []).append(word)
        return found

    @cached_property
    def _by_pattern(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for word in self._words:
            if len(word) > 2:
                for place in range(len(word)):
                    found.setdefault(word[:place] + _WILD + word[place + 1 :], []).append(word)
        return found


def _runs(words: Sequence[Word]) -> Iterator[str]:
    """Chinese characters that stand side by side, across words."""
    run, end = "", -1
    for word in words:
        if is_han(word.form[0]):
            if word.start != end:
                yield run
                run = ""
            run, end = run + word.form, word.end
    yield run


@lru_cache(maxsize=1 << 16)
def _sound(text: str) -> str:
    """How Chinese characters sound, without tones."""
    from pypinyin import lazy_pinyin  # a quarter of a second: only where a character was mistyped

    return " ".join(lazy_pinyin(text))
