"""Explanations in plain sentences. Only what the numbers carry is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.narration.reading import reading_sentences, same_words
from core.relevance.addition import DEPTH
from core.relevance.evaluation.impact import Impact, Moved
from core.relevance.explanation.explanation import Contribution, Difference, Explanation, Unmatched
from core.relevance.explanation.lift import MARGIN, Lift

SMALL = 0.005  # a share below it is not worth a word
NAMED = 4  # words that a sentence names


def reasons(explanation: Explanation) -> list[str]:
    """What carries the score, how the query's words were read, and which stand in the title, were inferred or lack."""
    read = reading_sentences(explanation.steps)
    if not explanation.contributions:
        if not explanation.unmatched:
            return ["The query holds no word that can be searched, so nothing carries a score.", *read]
        return ["No word of the query is in this product's bag, so its score is 0.", *read, *_matches(explanation)]
    first, *others = [(one.word, explanation.share(one)) for one in explanation.contributions][:NAMED]
    said = f"“{first[0]}” carries {percent(first[1])} of this score"
    rest = [f"“{word}” {percent(share)}" for word, share in others if share >= SMALL]
    if rest:
        said += ", " + ", ".join(rest)
    count = len(explanation.contributions)
    if count > NAMED:
        together = sum(explanation.share(one) for one in explanation.contributions[:NAMED])
        said += f": {NAMED} of the {count} shared words carry {percent(together)} of it"
    added = _added(explanation)
    return [
        said + ".",
        *added,
        *read,
        *same_words(explanation.contributions),
        *_matches(explanation),
        *_mistaken(explanation),
    ]


def _added(explanation: Explanation) -> list[str]:
    """What the score has that no word says."""
    added = explanation.added
    if added is None:
        return []
    if not added.amount:
        return [f"The order adds nothing for {added.name}: beyond the first {DEPTH} hits, or nothing known of it."]
    share, words = percent(explanation.share_added), number(explanation.score - added.amount)
    return [f"Its words make {words}; the order adds {number(added.amount)} for {added.name}, {share} of this score."]


def _matches(explanation: Explanation) -> list[str]:
    """Which words of the query stand in the title, which were inferred from what, which lack, which nobody knows."""
    held = [one for one in explanation.contributions if one.kind not in ("n-gram", "character")]
    parts = [
        ("In the title", [f"“{one.word}”" for one in held if one.match == "in the title" and not one.role]),
        ("In the title, but not of the thing itself", [_aside(one) for one in held if _is_aside(one)]),
        ("Not in the title, said elsewhere", [_aside(one) for one in held if one.match == "in another field"]),
        ("Put there by hand", [f"“{one.word}”" for one in held if one.match == "by hand"]),
        ("Not in the title, inferred", [_inferred(one) for one in held if one.match == "inferred"]),
        ("Missing", [f"“{one.word}”" for one in explanation.unmatched if one.match == "missing" and _is_word(one)]),
        ("Unknown to the model", [f"“{one.word}”" for one in explanation.unmatched if one.match != "missing"]),
    ]
    said = [f"{name}: {_listed(words[:NAMED], len(words))}." for name, words in parts if words]
    mass = explanation.unmatched_query_mass
    return said + ([f"What lacks is {percent(mass)} of what was asked."] if mass >= SMALL else [])


def _is_aside(one: Contribution) -> bool:
    """The title says it of what the product goes with, or of another thing."""
    return one.match == "in the title" and bool(one.role)


def _aside(one: Contribution) -> str:
    return f"“{one.word}” ({one.role}, counts × {one.factor:.2f})"


def _is_word(one: Unmatched) -> bool:
    """Not a phrase: its words are told by themselves."""
    return " " not in one.word


def _inferred(one: Contribution) -> str:
    return f"“{one.word}” (from {_source(one.source, one.span is not None)})"


def _mistaken(explanation: Explanation) -> list[str]:
    """Two rare words in one hash bucket count as one word, which nobody would guess from the score."""
    found = [one for one in explanation.contributions if one.match == "unknown to the model" and one.query_span]
    return [
        f"“{one.query_source}” was asked, “{one.word}” is held: both are unknown to the model, which takes one for the "
        "other."
        for one in found[:2]
        if explanation.share(one) >= 0.05
    ]


def _source(source: str, is_known: bool) -> str:
    return f"“{source}”" if is_known else source


def difference(first: str, second: str, differences: Sequence[Difference]) -> str:
    """Why one product is above the other, by the words that matter most; `first`, `second` name them."""
    distance = sum(one.amount for one in differences)
    if abs(distance) < 1e-9:
        return f"{first[:1].upper()}{first[1:]} and {second} have the same score."
    above, below, sign = (first, second, 1) if distance > 0 else (second, first, -1)
    helping = [one for one in differences if sign * one.amount > SMALL * abs(distance)]
    hindering = [one for one in differences if sign * one.amount < -SMALL * abs(distance)]
    said = f"{above} is above {below} by {number(abs(distance))}"
    if helping:
        said += ": " + ", ".join(
            f"{_part(one)} gives it {number(abs(one.amount))} more{f' ({one.why})' if one.why else ''}"
            for one in helping[:3]
        )
    if hindering:
        said += "; against it, " + ", ".join(
            f"{_part(one)} gives {below} {number(abs(one.amount))} more" for one in hindering[:2]
        )
    return said[:1].upper() + said[1:] + "."


def _part(one: Difference) -> str:
    return f"“{one.word}”" if one.is_word else f"the part for {one.word}"


def lifts(found: Lift, names: Mapping[int, str]) -> list[str]:
    """What would make the product first; `names`: the query's words by term."""
    if found.rank == 1:
        return ["It is first already."]
    if found.gap <= 2 * MARGIN:
        return ["Its score is that of the first product; among equals the order is that of the catalogue."]
    said = []
    if found.in_product:
        change = found.in_product
        word = names[change.term]
        said.append(f"It would be first if “{word}” weighed {number(change.new)} in it, not {number(change.old)}.")
    elif found.words:
        parts = [f"“{names[one.term]}” {number(one.new)} (now {number(one.old)})" for one in found.words]
        said.append(f"No single word is enough; it would be first if its title meant {_listed(parts, len(parts))}.")
    else:
        said.append("Even with every word of the query at the highest weight it would not be first.")
    if found.in_query:
        change = found.in_query
        word = names[change.term]
        verb = "counted" if change.new else "did not count"
        figures = f" {number(change.new)}, not {number(change.old)}" if change.new else ""
        said.append(f"It would also be first if “{word}” {verb}{figures} in this query.")
    return said


def impact_sentence(found: Impact) -> str:
    """What changes by hand do to a set of queries: what they harm first, then what they help, and what nobody knows."""
    count = len(found.queries)
    said = f"Of {count} {'query' if count == 1 else 'queries'} that they can touch, {found.changed} "
    said += "has" if found.changed == 1 else "have"
    said += " another first ten"
    if found.ndcg_before is None or found.ndcg_after is None:
        return said + "; nobody has judged their products, so whether it is better is not known."
    parts = [_steps("Worse", found.harmed), _steps("better", found.helped)]
    parts = [part for part in parts if part] or ["no judged query gets better or worse"]
    said = ". ".join(["; ".join(parts)[:1].upper() + "; ".join(parts)[1:], said])
    mean = f"mean NDCG@10 over the {found.judged} judged ones {found.ndcg_before:.3f} → {found.ndcg_after:.3f}"
    unjudged = f"; {found.unjudged} of the results there were judged by nobody" if found.unjudged else ""
    return f"{said}; {mean}{unjudged}."


def _steps(name: str, moved: Sequence[Moved]) -> str:
    """The queries that move in one direction, the three that move most by name."""
    if not moved:
        return ""
    named = ", ".join(f"“{one.query}” {one.ndcg_before:.3f} → {one.ndcg_after:.3f}" for one in moved[:3])
    more = f" and {len(moved) - 3} more" if len(moved) > 3 else ""
    return f"{name} in {len(moved)}: {named}{more}"


def percent(share: float) -> str:
    """41 %; less than one per cent is said so."""
    return "less than 1 %" if 0 < share < SMALL else f"{100 * share:.0f} %"


def number(value: float) -> str:
    """Three digits that matter, with a true minus sign."""
    return f"{value:.3g}".replace("-", "−") if abs(value) >= 1e-4 or value == 0 else "less than 0.0001"


def _listed(parts: list[str], count: int) -> str:
    if count > len(parts):
        return ", ".join(parts) + f" and {count - len(parts)} more"
    return ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else parts[0]


def known_words(share: float) -> str:
    """How much of a catalogue the shop's model has words for: it decides whether its scores can be believed."""
    return (
        f"The shop's model knows {100 * share:.0f} % of the words in these titles. The others share a few hundred "
        "places in it, so that it may take one for another."
    )
