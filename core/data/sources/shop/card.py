"""What a person chooses the shop by, and what the program needs to know of it."""

from __future__ import annotations

from pathlib import Path

from core.data.description import DatasetCard, Split, Task
from core.data.source import DatasetChoice, Source

CARD = DatasetCard(
    name="shop",
    title="Simulated shop",
    about=(
        "A row is a product shown on a search page: was it what was asked for, clicked, put into the cart, bought, "
        "and at which price level did that page sell? Tempting off-topic products draw clicks against relevance."
    ),
    notice="Simulated: a stated world with a fixed seed and an adjustable conflict; no real shop, product or person.",
    tasks=(
        Task(name="relevance", title="Relevance", label="relevant"),
        Task(name="click", title="Click", label="click"),
        Task(name="cart", title="Cart", label="cart"),
        Task(name="purchase", title="Purchase", label="purchase"),
        Task(name="price_level", title="Price level", kind="regression", label="price_level"),
    ),
    split=Split(kind="time", column="time", says="days 15-47 / 48-53 / 54-60 of sixty"),
)


def prepare(choice: DatasetChoice) -> Path:
    """The prepared folder at the chosen strength of conflict."""
    from core.data.sources.shop.files import prepared  # the generator, which itself needs the card

    return prepared(choice.conflict, choice.edition)


SOURCE = Source(
    card=CARD,
    prepare=prepare,
    options=("conflict",),
    # A narrow last shared layer and strong decay, so that tasks compete for room and the multiplier shows it. Large
    # steps bring the first stage near its optimum within a few seconds; the later ones, which begin there, take small
    # steps, or their noise alone would breach a bound. At 5 % the bound lets go in the end; tightened, it holds.
    default_run={
        "tolerance": 0.05,
        "stage_steps": 400,
        "evaluate_every": 25,
        "patience": 16,
        "probe_every": 200,
        "model": {"embedding_dim": 4, "trunk": (64, 8), "dropout": 0.0},
        "optimiser": {"learning_rate": 3e-2, "later_rate": 0.15, "final_rate": 0.05, "weight_decay": 1.0},
    },
)
