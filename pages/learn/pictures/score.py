"""A search's first products, each score cut into the words that make it up; mends that are tried on nobody else."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import streamlit as st

from core.charts.palette import GREY, OKABE_ITO
from core.lessons.lesson import Facts
from core.relevance.overrides import Override, override_of
from core.relevance.searcher import Searcher
from core.server import search

QUERY, OTHER = "yellow strong lunch box", "sound box"
"""The query that is looked at, and what others search for who may be hurt by a mend."""
WORD, RAISED, WRONG, RIGHT = "box", "lunch", "speaker", "lunch box"
RAISED_TO = 0.5
SHOWN = 6
LONGEST = 0.42  # the score of a bar as wide as the picture
LEAST = 0.005  # of a contribution that has a bar of its own
COLOURS = {
    "yellow": (OKABE_ITO[1], "#000"), "strong": (GREY, "#000"), "lunch": (OKABE_ITO[0], "#fff"),
    "box": (OKABE_ITO[4], "#000"),
}  # fmt: skip
"""Of a word's part of a bar: the ground and what stands on it."""


def mends() -> dict[str, tuple[Override, ...]]:
    """What the learner may try, by name."""
    return {
        "none": (),
        "query": (override_of(scope="query", word=WORD, target=QUERY, action="forbid"),),
        "category": (override_of(scope="category", word=WORD, target=WRONG, action="forbid"),),
        "raise": (override_of(scope="query", word=RAISED, target=QUERY, action="set", value=RAISED_TO),),
    }


def score(settings: Mapping[str, str], key: str, words: Mapping[str, str]) -> Facts:
    """`mend=yes`: mends can be chosen; `other=yes`: the other query's products stand below."""
    with st.container(border=True):
        with st.spinner(words["loading"]):
            plain = tried = search.searcher("en")
        if settings.get("mend") == "yes":
            offered = mends()
            chosen = st.radio(
                words["mend"], list(offered), format_func=lambda name: words[f"mend_{name}"], key=f"{key}_mend"
            )
            tried = plain.with_overrides(offered[chosen])
        clean = _bars(tried, QUERY, words)
        harmless = True
        if settings.get("other") == "yes":
            found, before = _rows(tried, OTHER), _rows(plain, OTHER)
            harmless = found == before
            st.markdown(f"**{words['others'].format(OTHER)}** {words['unchanged' if harmless else 'changed']}")
            st.markdown("\n".join(f"{at}. {tried.index.product(row).title}" for at, row in enumerate(found[:3], 1)))
        opened = st.selectbox(
            words["open"], range(1, SHOWN + 1), index=None, key=f"{key}_open", placeholder=words["open_hint"],
            format_func=lambda at: f"{at}. {tried.index.product(_rows(tried, QUERY)[at - 1]).title}",
        )  # fmt: skip
        if opened is not None:
            _words(tried, _rows(tried, QUERY)[opened - 1], words)
    return {"opened": opened or 0, "clean": clean, "mended": clean and harmless}


def _rows(searcher: Searcher, query: str) -> list[int]:
    return list(map(int, searcher.search(query, SHOWN).rows.tolist()))


def _bars(searcher: Searcher, query: str, words: Mapping[str, str]) -> bool:
    """One bar a product, one colour a word; whether all are of the right category."""
    right, lines = True, []
    for at, row in enumerate(_rows(searcher, query), 1):
        product, found = searcher.index.product(row), searcher.explain(query, row)
        right &= product.attribute("category") == RIGHT
        parts = "".join(_part(part.word, part.contribution) for part in found.contributions)
        lines.append(
            f"<div style='display:flex;justify-content:space-between;gap:1rem'>"
            f"<span>{at}. {escape(product.title)}</span><b title='{words['score']}'>{found.score:.3f}</b></div>"
            f"<div style='display:flex;height:1.5rem;margin-bottom:.6rem'>{parts}</div>"
        )
    st.html("".join(lines))
    return right


def _part(word: str, contribution: float) -> str:
    colour, text = COLOURS.get(word, ("transparent", "inherit"))
    width = f"{100 * contribution / LONGEST:.2f}%"
    return (
        f"<div title='{escape(word)}' style='width:{width};background:{colour};color:{text};overflow:hidden;"
        "white-space:nowrap;text-overflow:ellipsis;font-size:.85rem;padding-left:2px;box-sizing:border-box'>"
        f"{escape(word)}</div>"
        if contribution >= LEAST
        else ""
    )


def _words(searcher: Searcher, row: int, words: Mapping[str, str]) -> None:
    """The products of two weights that add up to the score of one title."""
    found = searcher.explain(QUERY, row)
    lines = [f"| {words['word']} | {words['in_query']} | {words['in_title']} | = |", "|---|--:|--:|--:|"]
    lines += [
        f"| {part.word} | {part.query_weight:.3f} | {part.product_weight:.3f} | {part.contribution:.3f} |"
        for part in found.contributions
    ]
    st.markdown("\n".join([*lines, f"| **{words['score']}** | | | **{found.score:.3f}** |"]))
    st.caption(f"{searcher.index.product(row).attribute('category')}: {found.title}")
