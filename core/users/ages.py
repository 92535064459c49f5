"""Ages of events as the attention table has them; no torch, so that pages may know them."""

DAY = 86_400
AGES = ((DAY, "< 1 day"), (3 * DAY, "1–3 days"), (7 * DAY, "3–7 days"), (14 * DAY, "1–2 weeks"),
        (30 * DAY, "2–4 weeks"), (2**62, "older"))  # fmt: skip
"""Upper end in seconds, and the name."""

PAPER = {"purchase": "0.30 → 0.46", "cart": "0.24 – 0.31, flat", "click": "0.26 → 0.16", "bookmark": "0.25 → 0.02"}
"""The paper's values from the newest events to the oldest (arXiv 1805.10727, its study of attention)."""
