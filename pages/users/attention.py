"""Attention by kind of behaviour and age of the event, over many users, beside the paper's values."""

from __future__ import annotations

import streamlit as st

from core.charts import users as charts
from core.users.spaces.space import AttentionTable, Space


def attention_card(found: Space) -> None:
    """The table of the whole source: what a kind of event is worth as it grows older."""
    table = found.attention
    if table is None:
        return
    with st.expander("Attention by behaviour and age, beside the paper's"):
        known = [at for at in range(len(table.ages)) if any(row[at] is not None for row in table.share)]
        rows = [
            {
                "Behaviour": kind,
                **{table.ages[at]: row[at] for at in known},
                "DUPN paper, youngest → oldest": _paper(table, kind),
            }
            for kind, row in zip(table.kinds, table.share, strict=True)
        ]
        st.vega_lite_chart(charts.attention_map(_cells(table), table.kinds, [table.ages[at] for at in known]))
        st.caption("Blue: more attention than an equal share of the kinds at that age; orange: less.")
        columns = {table.ages[at]: st.column_config.NumberColumn(format="percent") for at in known}
        st.dataframe(rows, hide_index=True, column_config=columns)
        st.caption(
            f"Mean attention of one event of that kind and age, as a share of the kinds at that age, over "
            f"{table.users:,} users without a query; cells of fewer than 30 events stay empty. The paper "
            "(arXiv 1805.10727) does not say how its values were scaled, and its data are another shop's."
        )


def _cells(table: AttentionTable) -> list[dict[str, object]]:
    """How far each known cell lies from an equal share of the kinds that are known at its age."""
    cells = []
    for at, age in enumerate(table.ages):
        shares = {kind: row[at] for kind, row in zip(table.kinds, table.share, strict=True) if row[at] is not None}
        for kind, share in shares.items():
            if share is not None:
                cells.append({"kind": kind, "age": age, "share": share, "apart": share - 1 / len(shares)})
    return cells


def _paper(table: AttentionTable, kind: str) -> str:
    if kind not in table.paper:
        return "not in the paper"
    young, old = table.paper[kind]
    return f"{young:.0%} → {old:.0%}"
