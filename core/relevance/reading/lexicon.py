"""The words that the titles of a catalogue hold, and what they are near to: other forms, halves, typing errors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, cached_property, lru_cache
from itertools import pairwise
from typing import Any

from core.data.text.plurals import IRREGULAR, singular
from core.data.text.segment import Word, folded, is_han, segment
from core.data.text.vocabulary import Vocabulary

MOST_TITLES = 100_000  # of a larger catalogue an even sample is read: memory and a start within seconds
SHORTEST_PART = 3  # letters of a half of an unknown word
_LONG, _LONGER = 6, 10  # letters from which two and three typing errors are forgiven
_SHORTEST_TYPED = 4
WILD = "＊"


class Lexicon:
    """Counts of the words in titles, as the vocabulary reads them; looked up in a dictionary or in milliseconds.

    A word is *known* where a title holds it, or where the model has a number of its own for it: then it may be inferred
    from other words. Whatever is said here is said of this catalogue, not of a language.
    """

    def __init__(self, vocabulary: Vocabulary, titles: Iterable[str]) -> None:
        self.vocabulary = vocabulary
        read = [segment(title, vocabulary.longest, vocabulary.reading) for title in titles]
        self.counts: Counter[str] = Counter(form for words in read for form in {word.form for word in words})
        self._pairs = self._pairs_of(read)
        self._beside = {hash((one.form, two.form)) for words in read for one, two in pairwise(words)}
        self._han = {
            one + two
            for words in read
            for run in _han_runs(words)
            for one, two in pairwise(run)
        }  # fmt: skip

    @cached_property
    def _characters(self) -> frozenset[str]:
        return frozenset("".join(self._han)) | {form for form in self.counts if len(form) == 1}

    def knows(self, form: str) -> bool:
        """Whether a title holds the word, or the model has a number of its own for it."""
        return form in self.counts or form in self.vocabulary.words

    def count(self, form: str) -> int:
        """Titles that hold the word; of one that only the model knows 0."""
        return self.counts[form]

    def written_apart(self, form: str) -> tuple[str, str] | None:
        """The two words as which titles write it as well: lunchbox → lunch, box; None where none does."""
        found = self._pairs.get(form)
        return found[0] if found else None

    def side_by_side(self, one: str, other: str) -> bool:
        """Whether some title has these two words one after the other."""
        return hash((one, other)) in self._beside

    def writes(self, character: str) -> bool:
        """Whether some title has this Chinese character beside another one."""
        return character in self._characters

    def joins_han(self, one: str, other: str) -> bool:
        """Whether some title has these two Chinese characters side by side."""
        return one + other in self._han

    def other_form(self, form: str) -> str | None:
        """A known word that differs by accents, script, number or ending alone: lamps → lamp, painted → paint."""
        return self._by_fold.get(folded(form)) or self._by_stem.get(_stem(form))

    def holds_inside(self, form: str) -> bool:
        """Whether titles write the characters of a Chinese word side by side, if only within longer words."""
        return is_han(form[0]) and all(self.joins_han(one, other) for one, other in pairwise(form))

    def longer(self, form: str) -> str | None:
        """The most frequent word of titles that holds a Chinese word and at most two characters more: 电视 → 电视机."""
        found = (word for word in self._chinese if form in word and len(word) <= len(form) + 2 and self.counts[word])
        return max(found, key=lambda word: self.counts[word], default=None) if len(form) > 1 else None

    def halves(self, form: str) -> tuple[str, ...] | None:
        """Known words that make up the unknown one: djmv10 → djm, v10. Fewest and most frequent first; None: none.

        Parts of letters have at least `SHORTEST_PART` of them; a Chinese word falls into known words of any length.
        """
        shortest = 1 if is_han(form[0]) or any(map(str.isdigit, form)) else SHORTEST_PART
        best: list[tuple[int, float, tuple[str, ...]] | None] = [(0, 0.0, ())] + [None] * len(form)
        for end in range(1, len(form) + 1):
            for start in range(max(0, end - 20), end):
                before, part = best[start], form[start:end]
                held_by = self.counts[part] or self.counts[singular(part)]
                if before is None or end - start < shortest or not held_by:
                    continue
                if shortest == 1 and not is_han(part[0]) and not _whole_code(form, start, end):
                    continue
                made = (before[0] + 1, before[1] - 1 / held_by, (*before[2], part))
                held = best[end]
                if held is None or (made[0], -made[1]) < (held[0], -held[1]):
                    best[end] = made
        found = best[len(form)]
        return found[2] if found and 1 < found[0] <= (4 if shortest == 1 else 2) else None

    def nearest(self, form: str, beside: Sequence[str] = ()) -> tuple[int, str] | None:
        """The known word that was meant, after how many typing errors: the fewest, then one that titles have beside
        the words `beside`, then the same first letter, then the most titles.

        An error is a letter too many, too few, another, or two in the wrong order (optimal string alignment). None
        where no word is near enough; words with digits are codes and are not guessed.
        """
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import extract

        if len(form) < _SHORTEST_TYPED or not form.isalpha() or is_han(form[0]):
            return None
        allowed = 1 + (len(form) >= _LONG) + (len(form) >= _LONGER)
        words = self._by_length(len(form), allowed)
        found = extract(form, words, scorer=OSA.distance, score_cutoff=allowed, limit=40)

        def rank(one: tuple[str, float, int]) -> tuple[float, bool, bool, int]:
            word = singular(one[0])
            is_beside = any(self.side_by_side(word, other) or self.side_by_side(other, word) for other in beside)
            return one[1], not is_beside, word[0] != form[0], -self.counts[word]

        if not found:
            return None
        best = min(found, key=rank)
        return int(best[1]), best[0]

    def warm(self) -> None:
        """Makes every table that a first unknown word would wait for."""
        self.other_form("warm")
        self.nearest("warming")

    def meant_in_chinese(self, run: str, at: int) -> tuple[bool, int, str] | None:
        """Where in a run of Chinese characters a known word stands with one character mistyped, over place `at`:
        whether it sounds the same, its start and the word. One that does comes first, then the longest, then the one
        with the most characters in common, then the most frequent."""
        best: tuple[tuple[bool, int, int, int], int, str] | None = None
        for length in range(2, 7):
            for start in range(max(0, at - length + 1), min(at, len(run) - length) + 1):
                typed = run[start : start + length]
                for word in self._near_in_chinese(typed):
                    sounds = _sound(word) == _sound(typed)
                    same = sum(one == other for one, other in zip(word, typed, strict=True))
                    rank = (sounds, length, same, self.counts[word])
                    if word != typed and (sounds or length > 2) and (best is None or rank > best[0]):
                        best = rank, start, word
        return (best[0][0], *best[1:]) if best else None

    def _near_in_chinese(self, typed: str) -> Iterator[str]:
        yield from self._by_sound.get(_sound(typed), ())
        for place in range(len(typed)):
            yield from self._by_pattern.get(typed[:place] + WILD + typed[place + 1 :], ())

    def _pairs_of(self, read: list[list[Word]]) -> dict[str, list[tuple[str, str]]]:
        """Joined word → the pairs that some title holds side by side; those of Chinese characters are left out."""
        found: dict[str, Counter[tuple[str, str]]] = {}
        for words in read:
            for one, other in pairwise(words):
                joined = one.form + other.form
                if joined in self.counts and not is_han(joined[0]):
                    found.setdefault(joined, Counter())[one.form, other.form] += 1
        return {joined: [pair for pair, _ in pairs.most_common()] for joined, pairs in found.items()}

    def _by_length(self, length: int, apart: int) -> list[str]:
        return [word for size in range(length - apart, length + apart + 1) for word in self._lengths.get(size, ())]

    @cached_property
    def _words(self) -> list[str]:
        """Every word of letters that a title holds, the most frequent first; then those that only the model knows."""
        held = [word for word, _ in self.counts.most_common()]
        return [*held, *(word for word in self.vocabulary.words if word not in self.counts)]

    @cached_property
    def _lengths(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for word in self._words:
            if len(word) >= SHORTEST_PART and word.isalpha() and not is_han(word[0]):
                found.setdefault(len(word), []).append(word)
        for plural, word in IRREGULAR.items():
            if self.counts[word]:  # wmoen is nearer to women than to woman
                found.setdefault(len(plural), []).append(plural)
        return found

    @cached_property
    def _by_fold(self) -> dict[str, str]:
        return {folded(word): word for word in reversed(self._words)}

    @cached_property
    def _by_stem(self) -> dict[str, str]:
        words = (
            word for word in reversed(self._words) if word.isascii() and word.isalpha() and len(word) > SHORTEST_PART
        )
        return {_stem(word): word for word in words}

    @cached_property
    def _chinese(self) -> list[str]:
        return [word for word in self._words if is_han(word[0]) and 2 <= len(word) <= 6]

    @cached_property
    def _by_sound(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for word in self._chinese:
            found.setdefault(_sound(word), []).append(word)
        return found

    @cached_property
    def _by_pattern(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for word in self._chinese:
            if len(word) > 2:
                for place in range(len(word)):
                    found.setdefault(word[:place] + WILD + word[place + 1 :], []).append(word)
        return found


def _han_runs(words: list[Word]) -> Iterator[str]:
    """Chinese characters that stand side by side, across words."""
    run, end = "", -1
    for word in words:
        if is_han(word.form[0]):
            if word.start != end:
                yield run
                run = ""
            run, end = run + word.form, word.end
    yield run


def _whole_code(form: str, start: int, end: int) -> bool:
    """Whether a part of a code does not cut a number: v10 is not v1, 0."""
    cuts = (place for place in (start, end) if 0 < place < len(form))
    return not any(form[place - 1].isdigit() and form[place].isdigit() for place in cuts)


@lru_cache(maxsize=1 << 16)
def _stem(form: str) -> str:
    """Porter's second stem of an English word."""
    if not form.isascii() or not form.isalpha() or len(form) <= SHORTEST_PART:
        return form
    return str(_stemmer().stemWord(form))


@cache
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")


@lru_cache(maxsize=1 << 16)
def _sound(text: str) -> str:
    """How Chinese characters sound, without tones."""
    from pypinyin import lazy_pinyin  # a quarter of a second: only where a character was mistyped

    return " ".join(lazy_pinyin(text))
