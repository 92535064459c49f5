"""The words that the titles of a catalogue hold, and what they are near to: other forms, halves, typing errors."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache, cached_property, lru_cache
from itertools import pairwise
from typing import Any

from core.data.text.plurals import IRREGULAR, singular
from core.data.text.segment import Word, folded, is_han, segment
from core.data.text.vocabulary import Vocabulary
from core.relevance.reading.chinese import ChineseWords

MOST_TITLES = 100_000  # of a larger catalogue an even sample is read: memory and a start within seconds
SHORTEST_PART = 3  # letters of a half of an unknown word
_LONG, _LONGER = 6, 10  # letters from which two and three typing errors are forgiven
_SHORTEST_TYPED = 4
_USUAL_PAIR = 0.25  # times that titles write a word apart for each time that they write it as one
_LIKE = 60.0  # per cent of letters in common, at least


class Lexicon:
    """Counts of the words in titles, as the vocabulary reads them; looked up in a dictionary or in milliseconds.

    A word is *known* where a title holds it, or where the model has a number of its own for it: then it may be inferred
    from other words. Whatever is said here is said of this catalogue, not of a language.
    """

    def __init__(self, vocabulary: Vocabulary, titles: Iterable[str]) -> None:
        self.vocabulary = vocabulary
        read = [segment(title, vocabulary.longest, vocabulary.reading) for title in titles]
        self._titles_of: dict[str, array[int]] = {}
        for number, title in enumerate(read):
            for form in {word.form for word in title}:
                self._titles_of.setdefault(form, array("I")).append(number)
        self.counts: Counter[str] = Counter({form: len(held) for form, held in self._titles_of.items()})
        self._pairs = self._pairs_of(read)
        self._beside = {hash((one.form, two.form)) for words in read for one, two in pairwise(words)}
        words = [*self.counts, *(word for word in vocabulary.words if word not in self.counts)]
        self.chinese = ChineseWords(words, self.counts, read)

    def knows(self, form: str) -> bool:
        """Whether a title holds the word, or the model has a number of its own for it."""
        return form in self.counts or form in self.vocabulary.words

    def count(self, form: str) -> int:
        """Titles that hold the word; of one that only the model knows 0."""
        return self.counts[form]

    def written_apart(self, form: str) -> tuple[str, str] | None:
        """The two words as which titles write it as well: lunchbox → lunch, box; None where next to none does."""
        found = self._pairs.get(form)
        return found[0] if found else None

    def side_by_side(self, one: str, other: str) -> bool:
        """Whether some title has these two words one after the other."""
        return hash((one, other)) in self._beside

    def share_a_title(self, form: str, others: Iterable[str]) -> bool:
        """Whether some title holds the word and one of the others."""
        held = set(self._titles_of.get(form, ()))
        return any(not held.isdisjoint(self._titles_of.get(other, ())) for other in others)

    def other_form(self, form: str) -> str | None:
        """A known word that differs by accents, script, number or ending alone: lamps → lamp, painted → paint."""
        return self._by_fold.get(folded(form)) or self._by_stem.get(_stem(form))

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

        An error is a letter too many, too few, another, or two in the wrong order (optimal string alignment). Two
        letters that are others make another word of a short one, as planter of printer. None where no word is near
        enough; words with digits are codes and are not guessed.
        """
        from rapidfuzz.distance import OSA, Indel
        from rapidfuzz.process import extract

        if len(form) < _SHORTEST_TYPED or not form.isalpha() or is_han(form[0]):
            return None
        allowed = 1 + (len(form) >= _LONG) + (len(form) >= _LONGER)
        words = self._by_length(len(form), allowed)
        found = [
            one
            for one in extract(form, words, scorer=OSA.distance, score_cutoff=allowed, limit=40)
            if one[1] < 2 or len(form) >= _LONGER or Indel.distance(form, one[0]) < 2 * one[1]
        ]

        def rank(one: tuple[str, float, int]) -> tuple[float, bool, bool, int]:
            word = singular(one[0])
            is_beside = any(self.side_by_side(word, other) or self.side_by_side(other, word) for other in beside)
            return one[1], not is_beside, word[0] != form[0], -self.counts[word]

        if not found:
            return None
        best = min(found, key=rank)
        return int(best[1]), best[0]

    def likest(self, form: str) -> str | None:
        """The word of titles that is most like the typed one, however far: for a person to choose, not to be read."""
        from rapidfuzz.fuzz import ratio
        from rapidfuzz.process import extractOne

        words = [word for word, _ in self.counts.most_common() if len(word) >= SHORTEST_PART or is_han(word[0])]
        found = extractOne(form, words, scorer=ratio, score_cutoff=_LIKE)
        return str(found[0]) if found else None

    def warm(self) -> None:
        """Makes every table that a first unknown word would wait for."""
        self.other_form("warm")
        self.nearest("warming")

    def _pairs_of(self, read: list[list[Word]]) -> dict[str, list[tuple[str, str]]]:
        """Joined word → the pairs that titles hold side by side, not just now and then; those of Chinese characters
        are left out."""
        found: dict[str, Counter[tuple[str, str]]] = {}
        for words in read:
            for one, other in pairwise(words):
                joined = one.form + other.form
                if joined in self.counts and not is_han(joined[0]) and _are_halves(one.form, other.form):
                    found.setdefault(joined, Counter())[one.form, other.form] += 1
        return {
            joined: [pair for pair, count in pairs.most_common() if count >= _USUAL_PAIR * self.counts[joined]]
            for joined, pairs in found.items()
        }

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


def _are_halves(one: str, other: str) -> bool:
    """Whether two neighbours can be a word written apart: no single letters, no cut through a number."""
    return len(one) > 1 and len(other) > 1 and not (one[-1].isdigit() and other[0].isdigit())


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
