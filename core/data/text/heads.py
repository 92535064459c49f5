"""What a text is about: which word names the thing, and what the others are to it.

A title is a noun phrase and what follows it: "red canvas camera strap K3 for photo machine". English and Chinese put
the word that names the thing last in the phrase (Selkirk 1982, the righthand head rule); what follows "for" or 适用 is
what it goes with. Position alone errs ("jeans black"), so that a second pass prefers, among the last words of the
phrase, one that names things elsewhere: naming(t) = share of the phrases with t in which t names the thing, counted in
the first; 0 of a word that titles put between commas by itself, as they do with colours and sizes.
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
_ALONE = 0.25  # share of a word's places in which it is all that stands between two breaks: then it names nothing
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
_HYPHENS = ("-", "‐")
_GOES_WITH = {
    "cover", "case", "sleeve", "stand", "holder", "mount", "rack", "strap", "charger", "cable", "cord", "adapter",
    "battery", "remote", "filter", "cartridge", "refill", "replacement", "protector", "insert", "liner", "hanger",
    "套", "壳", "保护套", "保护壳", "支架", "充电器", "数据线", "电池", "遥控器", "滤芯", "贴膜", "收纳袋",
}  # fmt: skip
"""Things that are there for other things."""
_ARTICLES = {"the", "a", "an", "and", "or", "的", "与", "和"}
_NOT_A_THING = _ARTICLES | {"xs", "xl", "xxl", "款", "新款", "正品"}


def roles_of(text: str, words: Sequence[Word], namings: Mapping[str, int]) -> list[int]:
    """The role of each word of a text: its place, and how often it names things elsewhere."""
    known = places(text, words, namings)
    head = next((word.form for word, place in zip(words, known, strict=True) if place == Place.THING), "")
    return [
        role(place, max(level_of(step / STEPS), _least_level(place, head) if step else 0))
        for place, step in zip(known, (namings.get(word.form, 0) for word in words), strict=True)
    ]


def _least_level(place: Place, head: str) -> int:
    """Of a word that names things at least now and then: what stands before a cover, or behind "for", is another."""
    if place == Place.BESIDE and head in _GOES_WITH:
        return NAMINGS - 1
    return int(place == Place.FOR)


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


def is_function_word(form: str) -> bool:
    """Whether a word says how others go together, and nothing of the thing: for, in, the."""
    return form in _FOR or form in _BEHIND or form in _ARTICLES


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
        marker = _marker(text, word) if at else None
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
    attributes = _attributes(texts)
    share: dict[str, float] = {}
    for _ in range(2):
        held: Counter[str] = Counter()
        things: Counter[str] = Counter()
        for text, words in texts:
            known = places(text, words, share or None)
            named = list(zip(words, known, strict=True))
            held.update({word.form for word, place in named if place in PHRASE})
            things.update({word.form for word, place in named if place == Place.THING})
        share = {word: count / (held[word] + _DOUBT) for word, count in things.items() if word not in attributes}
    steps = {word: round(STEPS * value) for word, value in share.items()}
    return {word: value for word, value in steps.items() if value}


def _attributes(texts: Sequence[tuple[str, Sequence[Word]]]) -> set[str]:
    """Words that often are all that stands between two breaks of a text: "boots, black, large"."""
    held: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    for text, words in texts:
        breaks = [at for at in range(1, len(words)) if _BREAK.search(text[words[at - 1].end : words[at].start])]
        held.update(word.form for word in words)
        if breaks:
            ends = zip([0, *breaks], [*breaks, len(words)], strict=True)
            alone.update(words[start].form for start, end in ends if end - start == 1)
    return {word for word, count in alone.items() if count >= _ALONE * held[word]}


def _marker(text: str, word: Word) -> Place | None:
    """What a word says of those behind it. An "all-in-one printer" is a printer, and "slim fit" goes with nothing."""
    if word.form in _FOR:
        return Place.FOR if text[word.start : word.end].casefold() != "fit" else None
    if word.form in _WITHOUT:
        return Place.WITHOUT
    is_joined = text[: word.start].endswith(_HYPHENS) or text.startswith(_HYPHENS, word.end)
    return Place.LATER if word.form in _BEHIND and not is_joined else None


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
