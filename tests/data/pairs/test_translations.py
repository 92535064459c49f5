"""What words of titles say: found where it is there, not where another word explains it, and by the formula."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.pairs import translations as module
from core.data.pairs.judged import Judged, numbered
from core.data.pairs.translations import translations
from core.data.text.build import VocabularySizes, build_vocabulary
from core.data.text.vocabulary import Vocabulary

COLOURS = ("blue", "green", "pink", "grey")
ROWS = [
    row
    for n in range(12)
    for colour, brand in [(COLOURS[n % 4], f"{chr(97 + n)}corp")]
    for row in (
        ("hoover", f"{brand} {colour} vacuum", 1),
        ("hoover", f"{brand} {colour} kettle", 0),
        ("red lamp", f"{brand} crimson lamp", 1),
        ("red lamp", f"{brand} {colour} lamp", 0),
        ("red iron", f"{brand} crimson iron", 1),
        ("red iron", f"{brand} {colour} iron", 0),
        ("kettle T21", f"{brand} kettle T22", 1),
        ("kettle T21", f"{brand} lamp T22", 0),
    )
]
THINGS = {"hoover", "vacuum", "kettle", "lamp", "iron"}


def judged(split: int = 0, most: int = len(ROWS)) -> tuple[Judged, Vocabulary]:
    return of_rows(ROWS[:most], split)


def of_rows(rows: list[tuple[str, str, int]], split: int = 0, ngrams: int = 0) -> tuple[Judged, Vocabulary]:
    queries, query_of = numbered([row[0] for row in rows])
    titles, title_of = numbered([row[1] for row in rows])
    grades = np.array([row[2] for row in rows], np.float32)
    pairs = Judged(queries, titles, query_of, title_of, grades, np.full(len(rows), split, np.uint8))
    return pairs, build_vocabulary([*queries, *titles], VocabularySizes(least=1, buckets=4, ngrams=ngrams))


def found(pairs: Judged, vocabulary: Vocabulary) -> dict[tuple[str, str], float]:
    return {
        (vocabulary.term(a).surface, vocabulary.term(b).surface): share
        for a, b, share in translations(pairs, vocabulary)
    }


def test_a_synonym_is_found_and_brands_colours_numbers_and_matched_words_are_not() -> None:
    said = found(*judged())
    assert said[("vacuum", "hoover")] > 0.9
    assert said[("crimson", "red")] > 0.9
    assert len(said) == 2


def test_little_evidence_says_nothing_and_neither_do_other_splits() -> None:
    assert found(*judged(most=8)) == {}
    assert found(*judged(split=2)) == {}


def test_shares_are_those_of_plain_loops(monkeypatch: pytest.MonkeyPatch) -> None:
    """Expectation maximisation over dictionaries, pair by pair."""
    monkeypatch.setattr(module, "LEAST_SHARE", 0.0)
    monkeypatch.setattr(module, "LEAST_PAIRS", 0.0)
    monkeypatch.setattr(module, "LEAST_QUERIES", 1)
    monkeypatch.setattr(module, "MEETING", 99.0)
    monkeypatch.setattr(module, "MOST_MET", 1.0)
    monkeypatch.setattr(module, "OTHER_COMPANY", 2.0)
    pairs, vocabulary = judged()
    chance: dict[tuple[str, str], float] = {}
    alignments = []
    for query, title, grade in ROWS:
        gains = [g for q, _, g in ROWS if q == query]
        weight = grade - sum(gains) / len(gains)
        if weight > 0:
            said = title.split()[1:]  # what a title begins with says nothing
            asked, held = ({word for word in words if word[0] != "T"} for words in (query.split(), said))
            for term in asked - held:
                sources = ["", *(word for word in held - asked if term not in THINGS or word in THINGS)]
                alignments.append((term, sources, weight))
                chance |= {(source, term): 1.0 for source in sources}
    for _ in range(module.ROUNDS):
        counts = dict.fromkeys(chance, 0.0)
        for term, sources, weight in alignments:
            parts = {source: chance[source, term] if source else module.NOTHING for source in sources}
            for source, part in parts.items():
                counts[source, term] += weight * part / sum(parts.values())
        totals: dict[str, float] = {}
        for (source, _), count in counts.items():
            totals[source] = totals.get(source, 0.0) + count
        chance = {pair: count / totals[pair[0]] for pair, count in counts.items()}
    wanted = {pair: share for pair, share in chance.items() if pair[0]}
    assert found(pairs, vocabulary) == pytest.approx(wanted, abs=1e-3)


def test_what_describes_a_thing_does_not_name_it() -> None:
    """Women's gowns answer "dress", but "women" does not mean it; nor does "women" stand in a title as often."""
    rows = [
        *[("dress", f"{brand} women gown", 1) for brand in "abcdefghijkl"],
        *[("dress", f"{brand} men coat", 0) for brand in "abcdefghijkl"],
        *[("women shirt", f"{brand} women blouse", 1) for brand in "abcdefghijkl"],
        *[("women shirt", f"{brand} men coat", 0) for brand in "abcdefghijkl"],
    ]
    said = found(*of_rows(rows))
    assert said[("gown", "dress")] > 0.9
    assert said[("blouse", "shirt")] > 0.9
    assert not [pair for pair in said if pair[0] == "women"]


def test_of_a_phrase_alone_its_word_says_nothing() -> None:
    """High shoes are boots, open shoes are not."""
    rows = [
        *[("boots", f"{brand}corp high shoes", 1) for brand in "abcdefghijkl"],
        *[("boots", f"{brand}corp hat", 0) for brand in "abcdefghijkl"],
        *[("sandals", f"{brand}corp open shoes", 1) for brand in "abcdefghijkl"],
        *[("sandals", f"{brand}corp hat", 0) for brand in "abcdefghijkl"],
    ]
    said = found(*of_rows(rows, ngrams=20))
    assert {pair[0] for pair in said} == {"high shoe", "open shoe"}


def test_what_stands_beside_in_titles_is_another_thing_that_they_say() -> None:
    """Colour and material of the same titles: each describes, neither means the other."""
    rows = [
        (f"quick {thing}", f"{brand}corp {quick} blow {thing}", grade)
        for thing in ("dryer", "fan")
        for brand in "abcdefgh"
        for quick, grade in (("quick", 1), ("slow", 0), ("", 1))
    ]
    assert ("blow", "quick") not in found(*of_rows(rows))
