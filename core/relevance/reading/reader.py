"""A typed query becomes the text that is searched. Nothing is changed that the catalogue knows."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Literal

from core.data.text.plurals import singular
from core.data.text.segment import Word, is_han, normalise, plain_character, segment
from core.data.text.vocabulary import Vocabulary
from core.relevance.reading.lexicon import Lexicon

if TYPE_CHECKING:
    from opencc import OpenCC

StepKind = Literal["spelling", "form", "split", "joined", "script", "region", "longer", "excluded", "unknown"]
REMEMBERED = 4096  # queries
SHORTEST_JOINED = 3  # letters
MOST_WORDS = 24  # of a query that are looked into
_MINUS = re.compile(r"(?:(?<=\s)|^)[-−–](?=[^\W\d_])")
_WITHOUT = frozenset(("without", "excluding", "except", "minus"))
_WITHOUT_HAN = ("不要", "不含", "不带", "除了", "没有", "不用")


@dataclass(frozen=True)
class Step:
    """One thing that reading did: `typed` stood in the query and was read as `read`; "" where it was left out.
    `also`: both are searched."""

    kind: StepKind
    typed: str
    read: str
    also: bool = False


@dataclass(frozen=True)
class ReadQuery:
    """`text` is what is searched for the query `typed`; the same where nothing had to be done."""

    typed: str
    text: str
    steps: tuple[Step, ...] = ()


@dataclass
class _Draft:
    """The pieces of the text to be searched, words that are added at its end, and what was done."""

    given: str
    pieces: list[tuple[int, int, str]] = field(
        default_factory=list
    )  # start and end in the typed text, what stands there
    added: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    def put(self, kind: StepKind, typed: str, span: tuple[int, int], read: str) -> None:
        self.pieces.append((*span, read))
        self.steps.append(Step(kind, typed, read))

    def add(self, kind: StepKind, typed: str, read: str) -> None:
        if read not in self.added:
            self.added.append(read)
            self.steps.append(Step(kind, typed, read, also=True))


class QueryReader:
    """Reads queries against the words of a catalogue, which are counted at the first query.

    In this order, and only for a word that neither a title nor the model knows: another form of a known word; two words
    that titles write side by side; the nearest spelling, of the last word only one that a title has with another word
    of the query; known words that make it up. Words written apart or together are searched in both ways where titles
    hold both.
    """

    def __init__(self, vocabulary: Vocabulary, titles: Callable[[], Iterable[str]]) -> None:
        self._vocabulary, self._titles = vocabulary, titles
        self._lexicon: Lexicon | None = None
        self._remembered: OrderedDict[str, ReadQuery] = OrderedDict()
        self._lock = threading.RLock()

    @property
    def lexicon(self) -> Lexicon:
        with self._lock:
            if self._lexicon is None:
                self._lexicon = Lexicon(self._vocabulary, self._titles())
            return self._lexicon

    def read(self, typed: str) -> ReadQuery:
        """The text that is searched, and each step on the way to it."""
        with self._lock:
            found = self._remembered.get(typed)
            if found is None:
                found = self._remembered[typed] = self._read(typed)
                if len(self._remembered) > REMEMBERED:
                    self._remembered.popitem(last=False)
        return found

    def _read(self, typed: str) -> ReadQuery:
        draft = _Draft(typed)
        given, typed = typed, self._simplified(typed, draft)
        words = segment(typed, self._vocabulary.longest, self._vocabulary.reading)
        if not words:
            return ReadQuery(given, typed)
        words = _without_excluded(typed, words, draft)
        known = [self.lexicon.knows(word.form) for word in words[:MOST_WORDS]]
        at = 0
        while at < len(known):
            at += self._word(typed, words, known, at, draft)
        return ReadQuery(given, _text(typed, draft), tuple(draft.steps))

    def _simplified(self, typed: str, draft: _Draft) -> str:
        """For a vocabulary of the first reading: Chinese characters that no title writes in their simplified form."""
        if self._vocabulary.reading > 1 or typed.isascii():
            return typed
        simple = "".join(
            one if not is_han(one) or self.lexicon.chinese.writes(one) else plain_character(one) for one in typed
        )  # fmt: skip
        for run in re.finditer(r"\w+", typed):
            if run[0] != simple[run.start() : run.end()]:
                draft.steps.append(Step("script", run[0], simple[run.start() : run.end()]))
        return simple

    def _word(self, typed: str, words: Sequence[Word], known: Sequence[bool], at: int, draft: _Draft) -> int:
        """Reads the word at a place; how many words were read with it."""
        word, lexicon = words[at], self.lexicon
        if is_han(word.form[0]) and (count := self._chinese(typed, words, known, at, draft)):
            return count
        if at + 1 < len(known) and (count := self._joined(typed, words, known, at, draft)):
            return count
        shown = typed[word.start : word.end]
        if known[at]:
            apart = lexicon.written_apart(word.form)
            if apart:
                draft.add("split", shown, " ".join(apart))
            return 1
        if lexicon.chinese.holds_inside(word.form):
            if longer := lexicon.chinese.longer(word.form):
                draft.add("longer", shown, longer)
            return 1
        kind, read = self._unknown(
            word.form, self._plain(shown), [other.form for other in words[max(0, at - 1) : at + 2]]
        )
        if kind == "spelling" and at == len(known) - 1 and self._is_another_thing(singular(read), words, known):
            read = ""
        if read:
            draft.put(kind, shown, (word.start, word.end), read)
        elif word.form != "s":  # of possession, in the first reading
            draft.steps.append(Step("unknown", shown, shown))
        return 1

    def _is_another_thing(self, read: str, words: Sequence[Word], known: Sequence[bool]) -> bool:
        """Whether the last word of a query, which names the thing, was read as one that no title has with any other
        word of the query: a coffee maker has nothing to do with make-up."""
        others = [word.form for word, is_known in zip(words, known, strict=False) if is_known]
        counted = [form for form in others if self.lexicon.count(form)]
        return bool(counted) and not self.lexicon.share_a_title(read, counted)

    def _plain(self, shown: str) -> str:
        """What was typed before its number was folded: a typing error or a gap may have made a plural of it."""
        return normalise(shown, reading=self._vocabulary.reading).text

    def _unknown(self, form: str, typed: str, beside: Sequence[str]) -> tuple[StepKind, str]:
        """What an unknown word is read as, and by which step; "" where nothing is near. `typed`: see `_plain`;
        `beside`: the words around it."""
        lexicon = self.lexicon
        if found := lexicon.other_form(form):
            return "form", found
        halves = lexicon.halves(form)
        if halves and (any(map(str.isdigit, form)) or is_han(form[0])):
            return "split", " ".join(halves)
        near = min(filter(None, (lexicon.nearest(one, beside) for one in {form, typed})), default=None)
        if near and (halves is None or (near[0] == 1 and not lexicon.side_by_side(*map(singular, halves)))):
            return "spelling", near[1]
        return "split", " ".join(halves or ())

    def _joined(self, typed: str, words: Sequence[Word], known: Sequence[bool], at: int, draft: _Draft) -> int:
        """Two neighbours that titles write as one word: searched in both ways, or as one where a half is unknown."""
        one, other = words[at], words[at + 1]
        if count := self._gaps(typed, words, at, draft):
            return count
        is_chinese = is_han(one.form[0])
        if is_chinese != is_han(other.form[0]) or (not is_chinese and len(one.form + other.form) < SHORTEST_JOINED):
            return 0
        as_typed = "".join(self._plain(typed[word.start : word.end]) for word in (one, other))
        forms = (one.form + other.form, as_typed, singular(as_typed))
        joined = next((form for form in forms if self.lexicon.count(form)), None)
        if joined is None and not (known[at] and known[at + 1]) and is_chinese:
            joined = forms[0] if self.lexicon.chinese.joins(one.form[-1], other.form[0]) else None
        if joined is None:
            return 0
        shown = typed[one.start : other.end]
        if one.end == other.start and is_chinese:
            return 0
        if known[at] and known[at + 1] and not is_chinese:  # Chinese leaves no gaps within a word
            draft.add("joined", shown, joined)
            return 0
        draft.put("joined", shown, (one.start, other.end), joined)
        return 2

    def _gaps(self, typed: str, words: Sequence[Word], at: int, draft: _Draft) -> int:
        """Chinese characters with gaps between them that titles write as one word: 遮 阳 伞."""
        for count in (4, 3):
            parts = words[at : at + count]
            whole = "".join(word.form for word in parts)
            if len(parts) == count and all(is_han(one) for one in whole) and self.lexicon.count(whole):
                span = parts[0].start, parts[-1].end
                if typed[slice(*span)] != whole:
                    draft.put("joined", typed[slice(*span)], span, whole)
                    return count
        return 0

    def _chinese(self, typed: str, words: Sequence[Word], known: Sequence[bool], at: int, draft: _Draft) -> int:
        """A run of Chinese words that begins here, where something in it is not what the catalogue writes."""
        if at and is_han(words[at - 1].form[0]) and words[at - 1].end == words[at].start:
            return 0  # looked at with the first of its run
        end = at + 1
        while end < len(known) and is_han(words[end].form[0]) and words[end].start == words[end - 1].end:
            end += 1
        run = "".join(word.form for word in words[at:end])
        span = (words[at].start, words[end - 1].end)
        if len(run) != span[1] - span[0]:
            return 0
        place = _odd_place(words[at:end], known[at:end], self.lexicon)
        if place is None:
            return 0
        shown = draft.given[span[0] : span[1]]
        other = _mainland().convert(shown)
        here = segment(other, reading=self._vocabulary.reading)
        if other not in (shown, run, typed[span[0] : span[1]]) and all(self.lexicon.knows(word.form) for word in here):
            draft.put("region", shown, span, other)
            return end - at
        found = self.lexicon.chinese.meant(run, place)
        if not found or not (found[0] or _is_one_piece(words[at:end], place, self.lexicon)):
            return 0
        _, start, word = found
        draft.steps.append(Step("spelling", run[start : start + len(word)], word))
        draft.pieces.append((*span, run[:start] + word + run[start + len(word) :]))
        return end - at


def _is_one_piece(words: Sequence[Word], place: int, lexicon: Lexicon) -> bool:
    """Whether the word over a place of the run does not fall into known words, one of them longer than a character."""
    at = 0
    for word in words:
        if at <= place < at + len(word.form):
            return max(map(len, lexicon.halves(word.form) or ("",))) < 2
        at += len(word.form)
    return True


def _odd_place(words: Sequence[Word], known: Sequence[bool], lexicon: Lexicon) -> int | None:
    """The place of a character that no title has beside its neighbours: within an unknown word, or a word by itself."""
    run, at = "".join(word.form for word in words), 0
    for word, is_known in zip(words, known, strict=True):
        end = at + len(word.form)
        if len(word.form) == 1:
            beside = [place for place in (at, at + 1) if 0 < place < len(run)]
            if beside and not any(lexicon.chinese.joins(run[place - 1], run[place]) for place in beside):
                return at
        elif not is_known:
            for place in range(at + 1, end):
                if not lexicon.chinese.joins(run[place - 1], run[place]):
                    return place
        at = end
    return None


def _without_excluded(typed: str, words: list[Word], draft: _Draft) -> list[Word]:
    """The words that are to be found; what a minus or *without* excludes is left out of the search and told."""
    kept: list[Word] = []
    at = 0
    minus = {found.end() for found in _MINUS.finditer(typed)}
    while at < len(words):
        word = words[at]
        follows = at + 1 < len(words)
        if word.start in minus and (kept or len(words) > 1):
            start, last = word.start - 1, word
        elif kept and follows and (word.form in _WITHOUT or word.form in _WITHOUT_HAN):
            at += 1
            start, last = word.start, words[at]
        else:
            kept.append(word)
            at += 1
            continue
        draft.put("excluded", typed[start : last.end], (start, last.end), "")
        at += 1
    if not kept:  # nothing would be left
        draft.pieces.clear()
        draft.steps.clear()
        return words
    return kept


def _text(typed: str, draft: _Draft) -> str:
    """The typed text with its pieces replaced and the added words at its end."""
    if not draft.pieces and not draft.added:
        return typed
    out, at = "", 0
    for start, end, read in sorted(draft.pieces):
        out += typed[at:start] + read
        at = end
    return " ".join([out + typed[at:], *draft.added])


@cache
def _mainland() -> OpenCC:
    """OpenCC's table of Taiwan's words and characters and the mainland's for them."""
    from opencc import OpenCC

    return OpenCC("tw2sp")
