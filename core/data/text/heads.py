"""What a text is about: which word names the thing, and what the others are to it.

A title is a noun phrase and what follows it: "red canvas camera strap K3 for photo machine". English and Chinese put
the word that names the thing last in the phrase (Selkirk 1982, the righthand head rule); what follows "for" or 适用 is
what it goes with. Position alone errs ("jeans black"), so that a second pass prefers, among the last words of the
phrase, one that names things elsewhere: naming(t) = share of the phrases with t in which t names the thing, counted in
the first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum

from core.data.text.segment import Word

NAMINGS = 3
"""Levels of `naming`: a word that hardly ever names a thing, one that may, one that mostly does."""
STEPS = 9  # naming as it is kept: whole numbers 0 … 9
_LEVELS = (0.15, 0.45)
_LAST = 4  # words from the end of a phrase among which the head is looked for
_RIVAL = 3.0  # how many times as often a word must name things as the one behind it to be the head in its place
_DOUBT = 2.0  # texts that a word's naming is drawn towards nothing by
_BREAK = re.compile(r"[,;:|/()\[\]【】（），、；。]|\s[-–—~•·]\s|\s[-–—]|[-–—]\s")


class Place(IntEnum):
    """What a word is to the thing that a text is about."""

    UNKNOWN = 0
    THING = 1  # names it
    BESIDE = 2  # stands right before the word that does: "camera" of a camera strap
    BEFORE = 3  # earlier in the phrase
    LATER = 4  # behind the phrase: what else is said
    FOR = 5  # what it goes with
    WITHOUT = 6  # what it lacks
    BRAND = 7  # stands in no title but in another field: core.data.text.fields
    COLOR = 8
    BULLETS = 9


FIELDS = {"brand": Place.BRAND, "color": Place.COLOR, "bullets": Place.BULLETS}
"""A field's name, and the place of its words."""
PHRASE = (Place.THING, Place.BESIDE, Place.BEFORE)
"""Places within the phrase that names the thing."""
ROLES = len(Place) * NAMINGS
_FOR = {"for", "fits", "fit", "compatible", "with", "w", "适用", "适用于", "用于", "适合", "专用于", "搭配", "配"}
_WITHOUT = {"without", "no", "not", "无", "不含", "没有", "不带"}
_BEHIND = {"in", "from", "that", "which", "by", "on", "to", "of", "at"}
_NOT_A_THING = {"the", "a", "an", "and", "or", "的", "与", "和", "款", "新款", "正品"}


def roles_of(text: str, words: Sequence[Word], namings: Mapping[str, int]) -> list[int]:
    """The role of each word of a text: its place, and how often it names things elsewhere."""
    known = places(text, words, namings)
    levels = [level_of(namings.get(word.form, 0) / STEPS) for word in words]
    return [role(place, level) for place, level in zip(known, levels, strict=True)]


def role(place: Place, level: int) -> int:
    """Its number in 0 … ROLES − 1; 0 where nothing is known."""
    return 0 if place == Place.UNKNOWN else int(place) * NAMINGS + level


def is_mention(number: int) -> bool:
    """Whether a word of that role names some other thing than the one the text is about, or what it lacks."""
    place, level = divmod(number, NAMINGS)
    if place == Place.WITHOUT:
        return True
    return place in (Place.BESIDE, Place.BEFORE, Place.LATER, Place.FOR) and level > 0


def is_of_field(number: int) -> bool:
    """Whether a word of that role stands in another field than the title."""
    return number // NAMINGS in FIELDS.values()


def level_of(naming: float) -> int:
    """0 … NAMINGS − 1."""
    return sum(naming >= bound for bound in _LEVELS)


def places(text: str, words: Sequence[Word], naming: Mapping[str, float] | None = None) -> list[Place]:
    """The place of each word of a text as `segment` cuts it. `naming`: how often words name things, in any unit."""
    if not words:
        return []
    found: list[Place] = []
    current = Place.BEFORE
    end = 0
    for at, word in enumerate(words):
        gap = text[words[at - 1].end : word.start] if at else ""
        if at and _BREAK.search(gap) and found[-1] != Place.UNKNOWN:
            current = Place.LATER
        marker = _marker(word.form) if at else None
        if word.form in _WITHOUT and not at:
            marker = Place.WITHOUT
        if marker is not None:
            current = marker
            found.append(Place.LATER)
            continue
        found.append(current)
        if current == Place.BEFORE:
            end = at + 1
    head = _head(words[:end], naming)
    if head is not None:
        found[head] = Place.THING
        for at in range(head - 1, max(-1, head - 3), -1):
            found[at] = Place.BESIDE
    return found


def namings(texts: Iterable[tuple[str, Sequence[Word]]]) -> dict[str, int]:
    """word → how often it names the thing, in STEPS, of words for which that is above 0."""
    texts = list(texts)
    share: dict[str, float] = {}
    for _ in range(2):
        held: Counter[str] = Counter()
        things: Counter[str] = Counter()
        for text, words in texts:
            known = places(text, words, share or None)
            named = list(zip(words, known, strict=True))
            held.update({word.form for word, place in named if place in PHRASE})
            things.update({word.form for word, place in named if place == Place.THING})
        share = {word: count / (held[word] + _DOUBT) for word, count in things.items()}
    steps = {word: round(STEPS * value) for word, value in share.items()}
    return {word: value for word, value in steps.items() if value}


def _marker(form: str) -> Place | None:
    if form in _FOR:
        return Place.FOR
    if form in _WITHOUT:
        return Place.WITHOUT
    return Place.LATER if form in _BEHIND else None


def _head(words: Sequence[Word], naming: Mapping[str, float] | None) -> int | None:
    """The place of the word that names the thing."""
    able = [at for at, word in enumerate(words) if _may_name(word.form)]
    if not able:
        return None
    best = able[-1]
    if naming is not None:
        for at in reversed(able[-_LAST:-1]):
            if naming.get(words[at].form, 0) > _RIVAL * naming.get(words[best].form, 0):
                best = at
    return best


def _may_name(form: str) -> bool:
    if form in _NOT_A_THING or any(character.isdigit() for character in form):
        return False
    return len(form) > 1 or not form.isascii()
