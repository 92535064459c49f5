"""The shop as a data set of histories: its searches, and visits without one; `events` reads what users did.

Searches alone would teach a network little of what a user likes: all ten products of a page are of the category that
was asked for, and every one of them has a query. So ten rows in twenty-three are of visits: is the product in the
user's next session, as in `next_events`, among others that are drawn from everybody's events? There is no query then,
and no search page to rank.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from core.data.description import DatasetCard, Split, Task
from core.data.histories.field_vocabulary import vocabularies
from core.data.histories.histories import Histories
from core.data.histories.next_events import CANDIDATES, SEED, candidates, sessions
from core.data.histories.questions import HISTORIES_RUN, Questions, write_questions
from core.data.parquet import Array
from core.data.prepared import cached
from core.data.source import DatasetChoice, Source, kept_as
from core.data.sources.shop.events import DAY, EPOCH
from core.data.sources.shop.features import TEST_DAY, VALIDATION_DAY
from core.data.sources.shop.impressions import FIRST_DAY
from core.data.sources.shop_histories.events import read_shop
from core.data.sources.shop_histories.searches import ENDS, ask_searches, late_answers
from core.data.text.segment import pieces

VERSION = 5  # of the questions: raise it when they change, so that no stale cache is read
VERSION_1 = 4  # of those of the first edition, by which the caches of that time are found again
VISITS = 12_000

CARD = DatasetCard(
    name="shop_histories",
    title="Shop histories (DUPN)",
    about=(
        "A row is a product, shown on a search page or perhaps in the user's next visit, with the user's last hundred "
        "clicks, bookmarks, cart additions and purchases: will it be clicked, how should it rank, at which price "
        "level does the user buy next, which brand and shop will the user turn to within a week?"
    ),
    notice="Simulated, as the shop is. Following a brand stands in for following a fashion icon.",
    tasks=(
        Task(name="ctr", title="Click", label="click"),
        Task(name="l2r", title="Ranking, weighted by event", label="ranked", weight="rank_weight"),
        Task(name="ppp", title="Price level of the next purchase", kind="multiclass", label="next_level", classes=7),
        Task(name="follow", title="Brand following (proxy)", label="follows_brand"),
        Task(name="shop", title="Shop preference", label="prefers_shop"),
    ),
    split=Split(kind="time", column="time", says="days 15-47 / 48-53 / 54-60 of sixty"),
)


def prepare(choice: DatasetChoice) -> Path:
    """The prepared folder, made at first use."""
    if choice.edition == 1:
        return cached(kept_as(f"shop-histories-{VERSION_1}", choice), lambda folder: make(folder, choice))
    return cached(kept_as(f"shop-histories-{VERSION}", choice), lambda folder: make(folder, choice))


def make(folder: Path, choice: DatasetChoice) -> None:
    edition = choice.edition
    histories = read_shop(edition)
    questions = ask_shop(histories, edition)
    training = histories.until(EPOCH + VALIDATION_DAY * DAY)
    asked = [piece for n in questions.query[questions.split == 0] for piece in sorted(pieces(questions.texts[n]))]
    write_questions(folder, CARD, histories, vocabularies(training, asked), questions, choice.events, choice.ages)


def ask_shop(histories: Histories, edition: int = 2) -> Questions:
    """15,600 searches of ten products shown, then VISITS sessions of ten candidates; a visit has the empty query."""
    searches, visits = ask_searches(histories, edition), ask_visits(histories, edition)
    rows = len(visits.item)

    def both(name: str) -> Array:
        own = visits.answers.get(name)
        return np.r_[searches.answers[name], np.full(rows, np.nan) if own is None else own]

    answers = {name: both(name) for name in searches.answers}
    answers["rank_weight"][-rows:] = 1
    return Questions(
        user=np.r_[searches.user, visits.user],
        time=np.r_[searches.time, visits.time],
        split=np.r_[searches.split, visits.split],
        moment=np.r_[searches.moment, len(searches.user) + visits.moment],
        item=np.r_[searches.item, visits.item],
        shop=np.r_[searches.shop, visits.shop],
        ranking={name: np.r_[values, np.full(rows, np.nan)] for name, values in searches.ranking.items()},
        answers=answers,
        query=np.r_[searches.query, np.full(len(visits.user), len(searches.texts))],
        texts=(*searches.texts, ""),
        categories=(*searches.categories, ""),
    )


def ask_visits(histories: Histories, edition: int = 2) -> Questions:
    """Sessions of the days of the searches that no advertisement began; no page, and so nothing to rank.

    In the first edition, where advertisements were like anything else, they count as visits.
    """
    random = np.random.default_rng(SEED)
    first, end = sessions(histories, random, EPOCH + FIRST_DAY * DAY, VISITS if edition == 1 else len(histories.time))
    if edition > 1:
        came = histories.names["scenario"][histories.scenario[first]].astype(str) != "advertising"
        kept = np.sort(random.choice(np.flatnonzero(came), VISITS, replace=False))
        first, end = first[kept], end[kept]
    user, time = histories.user[first], histories.time[first]
    day = (time - EPOCH) // DAY
    split = (day >= VALIDATION_DAY).astype(int) + (day >= TEST_DAY)
    moment = np.repeat(np.arange(len(first)), CANDIDATES)
    item, shop, inside = candidates(histories, first, end, random, repeats=0)
    late = late_answers(histories, user[moment], time[moment] - 1, item, ENDS[split][moment])
    questions = Questions(
        user=user, time=time, split=split, moment=moment, item=item, shop=shop, ranking={}, answers={}
    )
    return replace(questions, answers={"click": (inside > 0).astype(float), **late})


SOURCE = Source(
    card=CARD,
    prepare=prepare,
    form="histories",
    options=("next_event", "events", "ages"),
    part_of="shop",
    read_histories=read_shop,
    ask=ask_shop,
    default_run=HISTORIES_RUN,
)
