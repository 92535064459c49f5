"""A simulated shop, from word lists to a multi-task table, the same bytes each time it is made.

Read in this order: `lexicon` and `words` (what exists), `world` (products), `text` (titles, matching words), `queries`
(queries and graded judgements), `users`, `events`, `impressions` (where relevance and clicks conflict), `features` (the
table a network reads), `columns` (what the files hold), `files` (writing), `tables` (reading). None needs torch.
"""

from core.data.sources.shop.card import SOURCE

__all__ = ["SOURCE"]
