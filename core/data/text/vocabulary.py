"""One id space for words, phrases and hash buckets, one for characters; a text as numbers, and back to words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from core.data.text.fields import Part, divided
from core.data.text.heads import FIELDS, NAMINGS, STEPS, Place, level_of, role, roles_of
from core.data.text.segment import LONGEST, Word, is_han, segment
from core.errors import PrecedenceError
from core.files import write_text

BOUNDARY = 1
"""The character id that stands before every word, so that a network can tell whose characters it reads."""


FIELD_WORDS = 32  # most words that a field other than the title adds


@dataclass(frozen=True)
class Term:
    """What a number of the id space stands for."""

    surface: str  # what a person reads
    kind: Literal["word", "ngram", "bucket"]
    surfaces: tuple[str, ...]  # every known form: several for a bucket


Translation = tuple[int, int, float]
"""(source word, term, P(term | source)): a title that holds the source word may mean the term as well."""


@dataclass(frozen=True)
class Expansions:
    """Terms that a text does not hold and may mean, the likeliest first. E of them."""

    ids: NDArray[np.uint32]  # [E]
    sources: NDArray[np.int16]  # [E] place of the unit that says it
    shares: NDArray[np.float32]  # [E] P(term | source)


@dataclass(frozen=True)
class Encoded:
    """A text as numbers. Its units are its n words in order, those of other fields behind the title's, the m phrases of
    the title, then c Chinese characters of its longer words, each under the number that it has as a word of its own."""

    word_ids: NDArray[np.uint32]  # [n + m + c] in the id space of `Vocabulary.term`
    spans: tuple[tuple[int, int], ...]  # [n + m + c] start and end of each unit in the text as given
    words: int  # n
    titled: int  # of them in the title
    whole: int  # n + m
    roles: NDArray[np.uint8]  # [n + m + c] what each unit is to the thing that the text is about: core.data.text.heads
    character_ids: NDArray[np.uint32]  # characters of word after word, a `BOUNDARY` before each word
    cut: bool  # the text was longer than what is read


class Vocabulary(BaseModel):
    """Ids of terms: 0 padding | words | n-grams | hash buckets. Made by `build.build_vocabulary`.

    Ids of characters: 0 padding | 1 boundary | known characters (Chinese characters, signs, and trigrams of ^word$ in
    any other writing) | hash buckets of the rest.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[2] = 2
    texts: int = Field(ge=0, description="texts that were counted")
    words: dict[str, int] = Field(
        description="word → number of texts that hold it, in the order of ids; a Chinese character also within a word"
    )
    ngrams: tuple[tuple[tuple[str, ...], int], ...] = Field(description="(words of the phrase, number of texts)")
    buckets: tuple[tuple[str, ...], ...] = Field(min_length=1, description="known forms of each bucket, usual first")
    bucket_texts: tuple[int, ...] = Field(description="number of texts that hold a word of the bucket")
    characters: tuple[str, ...]
    character_buckets: int = Field(gt=0)
    longest: int = Field(LONGEST, gt=0, description="characters of a text that are read")
    translations: tuple[Translation, ...] = Field((), description="see core.data.pairs.translations")
    reading: Literal[1, 2] = Field(1, description="how texts are read, see core.data.text.segment.READING")
    namings: dict[str, int] = Field({}, description="how often a word names a thing: core.data.text.heads; {}: unknown")

    @model_serializer(mode="wrap")
    def _as_it_was(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """An earlier vocabulary is written as before there was a second reading and before heads: its stamp stays."""
        written: dict[str, Any] = handler(self)
        if self.reading == 1:
            del written["reading"]
        if not self.namings:
            del written["namings"]
        return written

    @property
    def first_ngram(self) -> int:
        return 1 + len(self.words)

    @property
    def first_bucket(self) -> int:
        """Ids below it (and above 0) are words and phrases."""
        return self.first_ngram + len(self.ngrams)

    @property
    def size(self) -> int:
        """Number of term ids, 0 included."""
        return self.first_bucket + len(self.buckets)

    @property
    def character_size(self) -> int:
        """Number of character ids, padding and boundary included."""
        return 2 + len(self.characters) + self.character_buckets

    def term(self, id: int) -> Term:
        """What the id stands for."""
        if not 0 < id < self.size:
            raise PrecedenceError(f"There is no term {id}; ids of this vocabulary lie in 1..{self.size - 1}.")
        if id < self.first_ngram:
            word = self._word_list[id - 1]
            return Term(word, "word", (word,))
        if id < self.first_bucket:
            phrase = joined(self.ngrams[id - self.first_ngram][0])
            return Term(phrase, "ngram", (phrase,))
        forms = self.buckets[id - self.first_bucket]
        return Term(" / ".join(forms[:3]) if forms else f"unknown word {id - self.first_bucket}", "bucket", forms)

    def id_of(self, word: str) -> int:
        """The id of a word as `segment` gives it; that of its bucket where it is not known."""
        known = self._word_ids.get(word)
        return known if known is not None else self.first_bucket + crc32(word.encode()) % len(self.buckets)

    def encode(self, text: str) -> Encoded:
        """A text as numbers; an empty text, or one without words, has none.

        A field adds the words that no part before it has, at most `FIELD_WORDS`.
        """
        text, fields = divided(text)
        found = segment(text, self.longest, self.reading)
        ids = [self.id_of(word.form) for word in found]
        spans = [(word.start, word.end) for word in found]
        roles = roles_of(text, found, self.namings) if self.namings else [0] * len(found)
        for word, number in _of_fields(self, fields, found):
            ids.append(self.id_of(word.form))
            spans.append((word.start, word.end))
            roles.append(number)
        words = len(ids)
        for size in (2, 3):
            for at in range(len(found) - size + 1):
                phrase = self._ngram_ids.get(tuple(word.form for word in found[at : at + size]))
                if phrase is not None:
                    ids.append(phrase)
                    spans.append((found[at].start, found[at + size - 1].end))
                    roles.append(roles[at + size - 1])
        whole = len(ids)
        for at, word in enumerate(found):
            for start, character in within(word):
                if character in self._word_ids:
                    ids.append(self._word_ids[character])
                    spans.append((start, start + 1))
                    roles.append(roles[at])
        characters = [id for word in found for id in (BOUNDARY, *self._characters_of(word))]
        return Encoded(
            np.array(ids, dtype=np.uint32),
            tuple(spans),
            words,
            len(found),
            whole,
            np.array(roles, dtype=np.uint8),
            np.array(characters, dtype=np.uint32),
            len(text) > self.longest,
        )

    def expansions(self, encoded: Encoded) -> Expansions:
        """What the words of a text may mean beside what it holds; of several sources the likeliest.

        What names things is said by what names the thing alone: a light dress is no lamp, though a reading light is.
        """
        best: dict[int, tuple[float, int]] = {}
        held = set(encoded.word_ids.tolist())
        for place, word in enumerate(encoded.word_ids[: encoded.whole].tolist()):
            if encoded.titled <= place < encoded.words:
                continue
            describes = encoded.roles[place] // NAMINGS not in (Place.UNKNOWN, Place.THING)
            for term, share in self._says.get(word, ()):
                if describes and term in self._things:
                    continue
                if term not in held and share > best.get(term, (0.0, 0))[0]:
                    best[term] = (share, place)
        order = sorted(best, key=lambda term: (-best[term][0], term))
        return Expansions(
            np.array(order, dtype=np.uint32),
            np.array([best[term][1] for term in order], dtype=np.int16),
            np.array([best[term][0] for term in order], dtype=np.float32),
        )

    def idf(self) -> NDArray[np.float32]:
        """[size] ln(1 + (N − n + ½)/(n + ½)), N texts of which n hold the term; 0 for padding (BM25's form)."""
        holding = np.array([0, *self.words.values(), *(n for _, n in self.ngrams), *self.bucket_texts], np.float64)
        value = np.log1p((self.texts - holding + 0.5) / (holding + 0.5))
        value[0] = 0
        return value.astype(np.float32)

    def save(self, path: Path) -> None:
        """As JSON; the file appears whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, self.to_text())

    def to_text(self) -> str:
        """The text of its file."""
        return self.model_dump_json() + "\n"

    @staticmethod
    def load(path: Path) -> Vocabulary:
        """A vocabulary that `save` wrote."""
        try:
            return Vocabulary.model_validate_json(path.read_bytes())
        except (OSError, ValueError) as error:
            raise PrecedenceError(f"The file {path} is no readable vocabulary; make it again by training.") from error

    def _characters_of(self, word: Word) -> list[int]:
        first = 2 + len(self.characters)
        return [
            self._character_ids.get(part, first + crc32(part.encode()) % self.character_buckets)
            for part in parts_of(word.form)
        ]

    @cached_property
    def _word_list(self) -> list[str]:
        return list(self.words)

    @cached_property
    def _word_ids(self) -> dict[str, int]:
        return {word: 1 + at for at, word in enumerate(self.words)}

    @cached_property
    def _says(self) -> dict[int, list[tuple[int, float]]]:
        found: dict[int, list[tuple[int, float]]] = {}
        for source, term, share in self.translations:
            found.setdefault(source, []).append((term, share))
        return found

    @cached_property
    def _things(self) -> frozenset[int]:
        """Words that name things at least now and then."""
        return frozenset(self._word_ids[word] for word, steps in self.namings.items() if level_of(steps / STEPS))

    @cached_property
    def _ngram_ids(self) -> dict[tuple[str, ...], int]:
        return {phrase: self.first_ngram + at for at, (phrase, _) in enumerate(self.ngrams)}

    @cached_property
    def _character_ids(self) -> dict[str, int]:
        return {part: 2 + at for at, part in enumerate(self.characters)}


def _of_fields(vocabulary: Vocabulary, fields: Sequence[Part], found: Sequence[Word]) -> Iterator[tuple[Word, int]]:
    """The words of other fields that the text does not hold yet, each with its role."""
    held = {word.form for word in found}
    for part in fields:
        new = 0
        for word in segment(part.text, vocabulary.longest, vocabulary.reading):
            if word.form not in held and new < FIELD_WORDS:
                new += 1
                held.add(word.form)
                named = role(FIELDS[part.name], level_of(vocabulary.namings.get(word.form, 0) / STEPS))
                yield Word(word.form, word.start + part.start, word.end + part.start), named


def parts_of(word: str) -> list[str]:
    """The characters of a Chinese word or a sign; the trigrams of ^word$ in any other writing."""
    if is_han(word[0]) or len(word) == 1:
        return list(word)
    framed = f"^{word}$"
    return [framed[at : at + 3] for at in range(len(framed) - 2)]


def within(word: Word) -> list[tuple[int, str]]:
    """The characters of a Chinese word of several, each with its place in the text as given."""
    if len(word.form) == 1 or not is_han(word.form[0]) or word.end - word.start != len(word.form):
        return []
    return list(enumerate(word.form, word.start))


def joined(phrase: tuple[str, ...]) -> str:
    """A phrase as one would write it: Chinese words without a gap."""
    out = phrase[0]
    for before, word in pairwise(phrase):
        out += word if is_han(before[-1]) and is_han(word[0]) else f" {word}"
    return out
