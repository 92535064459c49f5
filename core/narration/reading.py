"""How a query was read, in plain sentences: what was typed, and what was searched for it."""

from __future__ import annotations

from collections.abc import Sequence

from core.data.text.plurals import singular
from core.data.text.segment import normalise
from core.relevance.explanation.explanation import Contribution
from core.relevance.reading.reader import Step


def step_sentence(step: Step) -> str:
    """One step of reading."""
    typed, read = f"“{step.typed}”", f"“{step.read}”"
    if step.kind == "longer":
        return f"{typed} is no word of a title by itself; {read}, which holds it, was searched too."
    if step.also:
        return f"{typed} was searched as {read} too: titles write it in both ways."
    match step.kind:
        case "excluded":
            return f"{typed} is not understood: this search cannot exclude a word, so it was left out."
        case "unknown":
            return f"{typed} stands in no title and is unknown to the model."
        case "spelling":
            return f"{typed} stands in no title; it was read as {read}, the nearest spelling."
        case "form":
            return f"{typed} was read as {read}, another form of the word."
        case "split":
            return f"{typed} was read as {read}: titles write it apart."
        case "joined":
            return f"{typed} was read as {read}: titles write it as one word."
        case "script":
            return f"{typed} was read in simplified characters: {read}."
        case "region":
            return f"{typed} was read as {read}, which titles here write for it."


def reading_sentences(steps: Sequence[Step]) -> list[str]:
    """Every step of reading, in the order of the query."""
    return [step_sentence(step) for step in steps]


def same_words(contributions: Sequence[Contribution]) -> list[str]:
    """Why words of the title count as those that were typed, where both are written differently."""
    pairs: dict[str, list[str]] = {}
    for one in contributions:
        if one.kind == "n-gram" or one.match != "in the title" or one.span is None or one.query_span is None:
            continue
        typed, held = one.query_source, one.source
        if normalise(typed).text != normalise(held).text:
            pairs.setdefault(_why_one(typed, held), []).append(f"“{held}” counts as “{typed}”")
    return [f"In the title {', '.join(said)}: {why}." for why, said in pairs.items()]


def _why_one(typed: str, held: str) -> str:
    plain = [normalise(text, reading=2).text for text in (typed, held)]
    if plain[0] == plain[1]:
        return "accents do not count" if plain[0].isascii() else "simplified and traditional characters do not differ"
    if any(map(str.isdigit, typed)):
        return "a number is read with its unit"
    if singular(plain[0]) == singular(plain[1]):
        return "singular and plural do not differ"
    return "the model reads them alike"
