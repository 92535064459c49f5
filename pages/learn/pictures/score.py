"""A search's first products, each score cut into the words that make it up; mends that are tried on nobody else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
ROW = 30  # pixels
LONGEST = 34  # characters of a title
LEAST = 0.005  # of a contribution that has a bar of its own


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
    plain = search.searcher("en")
    tried = plain
    with st.container(border=True):
        if settings.get("mend") == "yes":
            offered = mends()
            chosen = st.radio(
                words["mend"], list(offered), format_func=lambda name: words[f"mend_{name}"], key=f"{key}_mend"
            )
            tried = plain.with_overrides(offered[chosen])
        clean = _bars(tried, QUERY, f"{key}_bars", words)
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


def _bars(searcher: Searcher, query: str, key: str, words: Mapping[str, str]) -> bool:
    """One bar a product, one colour a word; whether all are of the right category."""
    values: list[dict[str, Any]] = []
    right, names = True, []
    for at, row in enumerate(_rows(searcher, query), 1):
        product = searcher.index.product(row)
        right &= product.attribute("category") == RIGHT
        name = f"{at}. {product.title if len(product.title) <= LONGEST else product.title[: LONGEST - 1] + '…'}"
        names.append(name)
        values += [
            {"product": name, "word": part.word, "score": part.contribution}
            for part in searcher.explain(query, row).contributions
            if part.contribution >= LEAST
        ]
    shown = QUERY.split()
    spec = {
        "height": ROW * SHOWN + 30,
        "mark": {"type": "bar", "height": 18},
        "encoding": {
            "x": {"field": "score", "type": "quantitative", "title": words["score"], "stack": "zero"},
            "y": {"field": "product", "type": "nominal", "title": None, "sort": names,
                  "axis": {"labelLimit": 230}},
            "color": {"field": "word", "type": "nominal", "title": None,
                      "scale": {"domain": shown, "range": [OKABE_ITO[1], GREY, OKABE_ITO[0], OKABE_ITO[4]]},
                      "legend": {"orient": "top"}},
        },
    }  # fmt: skip
    st.vega_lite_chart(values, spec, width="stretch", key=key)
    return right


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
