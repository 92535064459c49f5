"""A vocabulary counted from texts: the frequent words, and the phrases worth a number of their own."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal
from zlib import crc32

from pydantic import BaseModel, ConfigDict, Field

from core.data.text.fields import divided
from core.data.text.heads import namings
from core.data.text.segment import LONGEST, READING, segment
from core.data.text.vocabulary import Vocabulary, parts_of, within

LEAST_PMI = 1.0  # nats: words together at least e times as often as by chance
FORMS_KEPT = 8  # of a bucket: an explanation shows what may have fallen into it
Phrase = tuple[str, ...]


class VocabularySizes(BaseModel):
    """How large a vocabulary may become. The paper names no sizes: these are ours."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    words: int = Field(24_000, ge=0)  # most frequent words that get an id of their own
    ngrams: int = Field(1_000, ge=0)  # best phrases; 0: none
    buckets: int = Field(512, gt=0)  # for all other words
    characters: int = Field(6_000, ge=0)  # most frequent characters and trigrams
    character_buckets: int = Field(256, gt=0)
    least: int = Field(2, gt=0)  # texts that must hold a word or character for it to get an id
    least_phrase: int = Field(6, gt=0)  # the same of a phrase


DEFAULT_SIZES = VocabularySizes()


def build_vocabulary(
    texts: Iterable[str], sizes: VocabularySizes = DEFAULT_SIZES, reading: Literal[1, 2] = READING
) -> Vocabulary:
    """Counts distinct `texts`; the same texts in any order give the same vocabulary."""
    distinct = sorted(set(texts))
    found = [segment(text, reading=reading) for text in distinct]
    cut = [[word.form for word in each] for each in found]
    words = Counter(word for each in cut for word in set(each))
    held = Counter(
        form
        for each in found
        for form in {word.form for word in each} | {character for word in each for _, character in within(word)}
    )
    characters = Counter(part for each in cut for part in {part for word in each for part in parts_of(word)})
    known = _top(held, sizes.words, sizes.least)
    phrases = choose_phrases(cut, sizes.ngrams, sizes.least_phrase) if sizes.ngrams else {}
    holding = Counter(
        phrase
        for each in cut
        for phrase in {tuple(each[at : at + size]) for size in (2, 3) for at in range(len(each) - size + 1)}
        if phrase in phrases
    )
    forms: list[list[str]] = [[] for _ in range(sizes.buckets)]
    bucket_texts = [0] * sizes.buckets
    for word in _top(words, len(words), 1):
        if word not in known:
            number = crc32(word.encode()) % sizes.buckets
            bucket_texts[number] += words[word]
            if len(forms[number]) < FORMS_KEPT:
                forms[number].append(word)
    return Vocabulary(
        texts=len(distinct),
        words=known,
        ngrams=tuple((phrase, holding[phrase]) for phrase in phrases),
        buckets=tuple(map(tuple, forms)),
        bucket_texts=tuple(bucket_texts),
        characters=tuple(_top(characters, sizes.characters, sizes.least)),
        character_buckets=sizes.character_buckets,
        longest=LONGEST,
        reading=reading,
        namings={word: step for word, step in namings(zip(distinct, found, strict=True)).items() if word in known},
    )


def with_fields(vocabulary: Vocabulary, texts: Iterable[str]) -> Vocabulary:
    """The same, with a number for each other word that the fields of product texts say (`core.data.text.fields`)."""
    held: Counter[str] = Counter()
    for text in texts:
        parts = divided(text)[1]
        found = (segment(part.text, vocabulary.longest, vocabulary.reading) for part in parts)
        held.update({word.form for words in found for word in words} - vocabulary.words.keys())
    return vocabulary.model_copy(update={"words": vocabulary.words | _top(held, len(held), 1)}) if held else vocabulary


def choose_phrases(texts: Iterable[Sequence[str]], most: int, least_count: int) -> dict[Phrase, int]:
    """Two- and three-word phrases with their counts, best first.

    value = count × PMI, PMI(a b) = ln( c(ab) N / (c(a) c(b)) ), N the number of words; of three words the smaller of
    PMI(a, b c) and PMI(a b, c), so that a phrase is no more than its parts by a word that goes with anything.
    """
    single: Counter[str] = Counter()
    joint: Counter[Phrase] = Counter()
    for words in texts:
        single.update(words)
        for size in (2, 3):
            joint.update(tuple(words[at : at + size]) for at in range(len(words) - size + 1))
    total = single.total()

    def count(phrase: Phrase) -> int:
        return single[phrase[0]] if len(phrase) == 1 else joint[phrase]

    def information(phrase: Phrase) -> float:
        parts = [(phrase[:at], phrase[at:]) for at in range(1, len(phrase))]
        return min(math.log(joint[phrase] * total / (count(left) * count(right))) for left, right in parts)

    frequent = [phrase for phrase, seen in joint.items() if seen >= least_count]
    worth = {phrase: information(phrase) for phrase in frequent}
    kept = [phrase for phrase in frequent if worth[phrase] >= LEAST_PMI]
    kept.sort(key=lambda phrase: (-joint[phrase] * worth[phrase], phrase))
    return {phrase: joint[phrase] for phrase in kept[:most]}


def _top(counts: Counter[str], most: int, least: int) -> dict[str, int]:
    """The most frequent first; equal counts by the text, so that the order does not depend on the input's."""
    order = sorted(counts, key=lambda text: (-counts[text], text))
    return {text: counts[text] for text in order[:most] if counts[text] >= least}
