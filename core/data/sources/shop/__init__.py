"""A simulated shop, from word lists to a multi-task table, the same bytes each time it is made.

Read in this order: `lexicon` and `words` (what exists), `world` (products), `text` (titles, matching words), `queries`
(queries and graded judgements), `users`, `causes` (why people act), `fits` (what pleases them), `needs`, `days` and
`visits` (what they do), `events`, `memory` (what they carry into a search), `impressions` (where relevance and clicks
conflict), `features` (the table a network reads), `columns` (what the files hold), `files` (writing), `tables`
(reading). None needs torch. `edition_1` is the shop as it was before behaviour had causes.
"""

from __future__ import annotations

from pathlib import Path

from core.data.source import BRANCHING, DatasetChoice, Source
from core.data.sources.shop.card import CARD

__all__ = ["SOURCE"]


def prepare(choice: DatasetChoice) -> Path:
    """The prepared folder at the chosen strength of conflict."""
    from core.data.sources.shop.files import prepared

    return prepared(choice.conflict, choice.edition)


SOURCE = Source(
    card=CARD,
    prepare=prepare,
    options=("conflict",),
    # The one question that the shop was made for: what do clicks gain for 1 % of relevance? A narrow last shared layer
    # and strong decay, so that the two compete for room. Both are trained together for three quarters of the steps,
    # with three times as much on relevance; then each stage takes the rest. Steps so large leave noise, which an
    # average over the last thirty takes out (docs/results.md).
    default_run={
        "priority": ("relevance", "click"),
        "tolerance": 0.01,
        "stage_steps": 300,
        "evaluate_every": 25,
        "patience": 16,
        "record_every": 2,
        "probe_every": 50,
        "probe_batches": 24,
        "model": {"embedding_dim": 4, "trunk": (64, 8), "activation": "leaky_relu", "dropout": 0.0},
        "optimiser": {
            "learning_rate": 3e-2,
            "schedule": "cosine",
            "later_rate": 0.15,
            "final_rate": 0.05,
            "weight_decay": 1.0,
            "average": 0.97,
        },
        "method": {"kind": "nmt", **BRANCHING},
    },
)
