"""A method in words beside its picture: the formula in the tasks' colours, three sentences, and where it comes from."""

from __future__ import annotations

import re

import streamlit as st

from core.charts.palette import OKABE_ITO
from core.methods.registry import METHODS, MethodCard

_FIRST, _SECOND = OKABE_ITO[0], OKABE_ITO[1]
_COLOURS = {"1": _FIRST, "i": _FIRST, "2": _SECOND, "j": _SECOND}
_SYMBOL = re.compile(r"((?:\\(?:hat|tilde)\s+)?(?<![A-Za-z])[gL]_([12ij]))(?![A-Za-z0-9{])")


def coloured(card: MethodCard) -> str:
    """The method's formula with task i (or 1) in the first arrow's colour and task j (or 2) in the second's.

    A card may name one more symbol of the second arrow: in NMT's formula the task that is improved, as on the bench,
    where the first is the one it protects.
    """
    text = _SYMBOL.sub(lambda found: rf"\textcolor{{{_COLOURS[found[2]]}}}{{{found[1]}}}", card.formula)
    if card.second:
        text = text.replace(card.second, rf"\textcolor{{{_SECOND}}}{{{card.second}}}")
    return text


def stacked(formula: str) -> str:
    """A formula of two parts as two lines, which a phone can show."""
    lines = formula.replace(r",\quad", r",\\[.7em]")
    return rf"\begin{{gathered}} {lines} \end{{gathered}}"


def describe_method(kind: str) -> None:
    """What it guarantees, what it costs, when it fails, and what else a picture of it needs said."""
    card = METHODS[kind]
    with st.container(border=True):
        left, right = st.columns([1, 1.35], vertical_alignment="center")
        with left:
            st.markdown(f"**{card.title}**")
            st.latex(stacked(coloured(card)))
            st.caption(card.source)
        with right:
            st.markdown(f"- **Guarantees.** {card.guarantee}\n- **Costs.** {card.cost}\n- **Fails when.** {card.fails}")
            if card.remark:
                st.caption(card.remark)
