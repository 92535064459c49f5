"""Which words of a title say which word of a query: what a title may be expanded to, learnt from judged pairs.

IBM Model 1 (Brown et al., Computational Linguistics 1993, §4.1), for retrieval Berger & Lafferty, SIGIR 1999: a query's
word t comes from one of the title's words or phrases s, or from none, so that they compete for having said it,

    P(t | title) ∝ nothing + Σ_{s in title} P(t | s),      P by expectation maximisation.

Ours: a pair counts by how far its gain 2^grade − 1 lies above the mean of its query, so that what all titles of a
query share explains nothing; pairs below it count nothing. Only words that the title lacks are to be explained, and
only by words that the query lacks: what is in both has said itself. Numbers and model codes say nothing and are not
said. Co-occurrence is not meaning, so that

- what names the thing in a query is said only by what names the thing in a title, and what describes it by what
  describes (`core.data.text.heads`); what a title is for, or lacks, says nothing;
- words that stand side by side in titles about as often as chance has it describe different things ("women dress"):
  s says t only where both meet in fewer than `MEETING` of the phrases that chance has them meet in;
- a word is as general as the company that it keeps: of "high shoes", which say boots, "shoes" alone says nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data.pairs.judged import Judged
from core.data.text.heads import NAMINGS, PHRASE, Place
from core.data.text.vocabulary import Translation, Vocabulary

ROUNDS = 8
NOTHING = 0.05  # the model's null word, the same for every t: what a source must be likelier than
LEAST_SHARE = 0.3  # of what a source word says
LEAST_PAIRS = 1.25  # perfect pairs that the evidence must be worth
LEAST_QUERIES = 2  # that a describing word is learnt from
MOST_PAIRS = 20_000  # that are read: memory
MEETING = 0.35
OTHER_COMPANY = 0.35  # by which the share of a word's most usual modifier may lie above that in all titles
SHORT = 2  # words of a title that begins with no brand
MOST_MET = 0.04  # share of the phrases with s that may hold t however rare t is

_THING, _BESIDE, _DESCRIBES, _ELSE = range(4)
_CLASS = {Place.THING: _THING, Place.BESIDE: _BESIDE, Place.BEFORE: _DESCRIBES, Place.LATER: _DESCRIBES}
_SAID_BY = np.array(  # [class of t, class of s]
    [
        [True, False, False, False],
        [True, True, True, False],
        [False, True, True, False],
        [False, False, False, False],
    ]
)


@dataclass(frozen=True)
class _Meetings:
    """M times that a word of a query is not in a title, and something in the title may have said it."""

    terms: NDArray[np.int64]  # [M]
    sources: NDArray[np.int64]  # [M] 0: nothing
    pairs: NDArray[np.int64]  # [M] row of the judged pairs
    weights: NDArray[np.float64]  # [M] how much better the pair is than what else one would have found
    describes: NDArray[np.bool_]  # [M] the word describes the thing that the query asks for


def translations(judged: Judged, vocabulary: Vocabulary) -> tuple[Translation, ...]:
    """(source term, word, P(word | source)) from the training queries, by source, the likeliest word first."""
    met = _meetings(judged, vocabulary)
    if not len(met.terms):
        return ()
    code, at = np.unique(met.sources * vocabulary.size + met.terms, return_inverse=True)
    source, term = code // vocabulary.size, code % vocabulary.size
    able = (source == 0) | (
        _apart(judged, vocabulary, source, term)
        & _seen_enough(judged, met, at, len(code))
        & _in_usual_company(judged, vocabulary, met, at, source)
    )
    _, asked = np.unique(met.pairs * vocabulary.size + met.terms, return_inverse=True)
    share: NDArray = able.astype(np.float64)
    for _ in range(ROUNDS):
        part = np.where(met.sources > 0, share[at], NOTHING)
        part *= met.weights / np.bincount(asked, part)[asked]
        counts = np.bincount(at, part, len(code))
        share = able * counts / np.maximum(np.bincount(source, counts)[source], 1e-12)
    kept = (source > 0) & (share >= LEAST_SHARE) & (counts >= LEAST_PAIRS)
    order = np.lexsort((term[kept], -share[kept], source[kept]))
    found = zip(source[kept][order].tolist(), term[kept][order].tolist(), share[kept][order].tolist(), strict=True)
    return tuple((int(one), int(other), round(float(value), 3)) for one, other, value in found)


def _seen_enough(judged: Judged, met: _Meetings, at: NDArray, codes: int) -> NDArray[np.bool_]:
    """What describes is learnt from at least `LEAST_QUERIES` queries: of one query all its words would be learnt."""
    seen = np.unique(at * len(judged.queries) + judged.query_of[met.pairs])
    queries = np.bincount(seen // len(judged.queries), minlength=codes)
    things = np.bincount(at, ~met.describes, codes)
    return (queries >= LEAST_QUERIES) | (things > 0)


def _in_usual_company(
    judged: Judged, vocabulary: Vocabulary, met: _Meetings, at: NDArray, source: NDArray
) -> NDArray[np.bool_]:
    """Whether the titles that taught a word put before it what titles mostly do.

    "shoes" that were always "high shoes" where boots were asked for did not say boots: "high shoes" did.
    """
    before: dict[int, dict[int, int]] = {}  # title → thing word → the word before it

    def company(title: int) -> dict[int, int]:
        if title not in before:
            encoded = vocabulary.encode(judged.products[title])
            ids, places = encoded.word_ids.tolist(), (encoded.roles // NAMINGS).tolist()
            before[title] = {
                ids[place]: ids[place - 1] for place in range(1, encoded.words) if places[place] == Place.THING
            }
        return before[title]

    usual: dict[int, Counter[int]] = {}
    for title in range(len(judged.products)):
        for thing, modifier in company(title).items():
            usual.setdefault(thing, Counter())[modifier] += 1
    taught: dict[int, Counter[int]] = {}
    for place, row in zip(at.tolist(), met.pairs.tolist(), strict=True):
        found = company(int(judged.product_of[row])).get(int(source[place]))
        if found is not None:
            taught.setdefault(place, Counter())[found] += 1
    out = np.ones(len(source), dtype=bool)
    for place, seen in taught.items():
        everywhere = usual[int(source[place])]
        modifier, times = seen.most_common(1)[0]
        out[place] = times / seen.total() - everywhere[modifier] / everywhere.total() < OTHER_COMPANY
    return out


def _better(judged: Judged) -> tuple[NDArray, NDArray, NDArray]:
    """Training rows, and by how much of the highest gain each lies above the mean of its query, and above the mean of
    those of its query that fit at all, which are the thing that was asked for."""
    train = np.flatnonzero(judged.split == 0)
    gain = (np.exp2(judged.grades[train].astype(np.float64)) - 1) / (2.0**judged.highest - 1)
    query = judged.query_of[train]
    fits = (gain > 0).astype(np.float64) if judged.highest > 1 else np.ones(len(gain))
    mean = np.bincount(query, gain) / np.maximum(1, np.bincount(query))
    mean_fit = np.bincount(query, gain * fits) / np.maximum(1, np.bincount(query, fits))
    return train, gain - mean[query], gain - mean_fit[query]


def _meetings(judged: Judged, vocabulary: Vocabulary) -> _Meetings:
    """Of each pair every word of its query that the title lacks, with every word and phrase of the title that the query
    lacks and that may say it, and with 0 for nothing."""
    train, above, above_fit = _better(judged)
    rows = np.flatnonzero(above > 0)
    rows = rows[:: 1 + len(rows) // MOST_PAIRS]
    queries = {
        at: _classes(judged.queries[at], vocabulary, False) for at in np.unique(judged.query_of[train[rows]]).tolist()
    }
    products = {
        at: _classes(judged.products[at], vocabulary, True) for at in np.unique(judged.product_of[train[rows]]).tolist()
    }
    found: list[tuple[int, int, int, float, bool]] = []
    for place in rows.tolist():
        row = int(train[place])
        asked, held = queries[int(judged.query_of[row])], products[int(judged.product_of[row])]
        able = [(other, kind) for other, kind in held.items() if other not in asked]
        for term, kind in asked.items():
            weight = above[place] if kind == _THING else above_fit[place]
            if term in held or kind == _ELSE or weight <= 0:
                continue
            sayers = [other for other, of in able if _SAID_BY[kind, of]] + [0]
            found += [(term, other, row, weight, kind != _THING) for other in sayers]
    terms, sources, pairs, weights, describes = zip(*found, strict=True) if found else ((),) * 5
    return _Meetings(
        np.array(terms, np.int64),
        np.array(sources, np.int64),
        np.array(pairs, np.int64),
        np.array(weights, np.float64),
        np.array(describes, np.bool_),
    )


def _classes(text: str, vocabulary: Vocabulary, phrases: bool) -> dict[int, int]:
    """Term → what it is to the thing, of the known words without digits, and of phrases where they are asked for.

    The first word of a title is mostly its brand's, which describes nothing.
    """
    encoded = vocabulary.encode(text)
    units = encoded.whole if phrases else encoded.words
    found: dict[int, int] = {}
    if phrases and encoded.words > SHORT and encoded.roles[0] // NAMINGS != Place.THING:
        found[int(encoded.word_ids[0])] = _ELSE
    for id, role in zip(encoded.word_ids[:units].tolist(), encoded.roles[:units].tolist(), strict=True):
        if (
            0 < id < vocabulary.first_bucket
            and id not in found
            and not any(map(str.isdigit, vocabulary.term(id).surface))
        ):
            found[id] = _CLASS.get(Place(role // NAMINGS), _ELSE)
    return found


def _apart(judged: Judged, vocabulary: Vocabulary, source: NDArray, term: NDArray) -> NDArray[np.bool_]:
    """Whether s and t keep apart in the phrases of titles, or are too rare to tell; nothing (0) says anything."""
    holding: dict[int, set[int]] = {}
    count = 0
    for number, title in enumerate(judged.products):
        encoded = vocabulary.encode(title)
        count += 1
        units = zip(encoded.word_ids[: encoded.whole].tolist(), encoded.roles[: encoded.whole].tolist(), strict=True)
        for id, role in units:
            if Place(role // NAMINGS) in PHRASE:
                holding.setdefault(id, set()).add(number)
    none: set[int] = set()
    out = np.ones(len(source), dtype=bool)
    for at, (s, t) in enumerate(zip(source.tolist(), term.tolist(), strict=True)):
        mine, other = holding.get(s, none), holding.get(t, none)
        if s and mine and other:
            met = len(mine & other)
            out[at] = met <= max(MEETING * len(mine) * len(other) / count, MOST_MET * len(mine) if met < 3 else 0)
    return out
