"""A simulated shop, from word lists to a multi-task table, the same bytes each time it is made.

Read in this order: `lexicon` and `words` (what exists), `world` (products), `text` (titles, matching words), `queries`
(queries and graded judgements), `users`, `causes` (why people act), `fits` (what pleases them), `needs`, `days` and
`visits` (what they do), `events`, `memory` (what they carry into a search), `impressions` (where relevance and clicks
conflict), `features` (the table a network reads), `columns` (what the files hold), `files` (writing), `tables`
(reading). None needs torch. `edition_1` is the shop as it was before behaviour had causes.
"""

from core.data.sources.shop.card import SOURCE

__all__ = ["SOURCE"]
