"""What a person chooses the shop by, and what the program needs to know of it."""

from __future__ import annotations

from core.data.description import DatasetCard, Split, Task

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
