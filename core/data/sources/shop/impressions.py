"""Search result pages and what came of them: here relevance and clicks pull apart, by `conflict` in 0..1.

The logit of a click, given that the position is looked at, is

    intercept + (1 - c) ASKED r + c (LURE t_p s_u (1 - .6 r) + STYLE m_up + likes)

where c is the conflict, r = grade / 3 the true relevance, t_p the product's hidden temptation, s_u how temptable the
user is, m_up how far the product is of the user's own favourite colour, material and so on, and `likes` the user's
interest in the leaf, the brand and the price. At c = 0 people click what they asked for, at c = 1 what pleases them,
and a tempting product draws most where it is off topic. The intercept is solved so that the share of clicks is the
same at every c: conflict changes what is clicked, not how much.

Why a small network feels it: relevance needs the *query's* colour, material, audience and style matched with the
product's, clicks need the *user's* matched with the same product's. Both are products of embeddings, which hidden
units approximate one by one, so the two compete for the units of the shared layers.

All of the users' and searches' random numbers are shared by every c, so two strengths differ by their clicks alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.data.sources.shop.events import DAY, DAYS, Events, choose_queries, start_times, topics
from core.data.sources.shop.queries import Queries, candidates, grades
from core.data.sources.shop.random import Array, best_noisy, one_of_each, sigmoid, stream
from core.data.sources.shop.users import Users, liking, own_styles
from core.data.sources.shop.world import World

SEARCHES = 15_600
PAGE = 10  # products a search shows
FIRST_DAY = 14  # impressions begin when users have some history
CLICK_SHARE = 0.16
LURE = 8.0
STYLE = 4.0
ASKED = 4.0  # what the right answer is worth at no conflict
ANNOTATED = 0.6  # share of (query, product) pairs that readers judged
MISREAD = 0.03  # share of those that they got wrong
RECENT = 20  # events that a sequence holds


@dataclass(frozen=True)
class Impressions:
    """N = searches x PAGE rows in time order; labels are -1 where unknown."""

    search: Array
    time: Array  # seconds since EPOCH
    user: Array
    query: Array
    product: Array
    position: Array  # 1..PAGE
    relevant: Array  # 1 where a reader graded the pair 2 or 3; -1 where nobody did
    click: Array
    cart: Array
    purchase: Array
    price_level: Array  # of the product bought on that page; -1 when nothing was bought
    click_probability: Array  # hidden
    grade: Array  # hidden, the true grade

    def __len__(self) -> int:
        return len(self.user)


def make_impressions(world: World, users: Users, queries: Queries, events: Events, conflict: float) -> Impressions:
    """The impressions of the fixed seed at this strength of conflict."""
    user, time, query = _searches(world, users, queries, events)
    product = _pages(world, queries, user, query, events, time)
    rows = np.arange(product.size)
    search = rows // PAGE
    user, time, query, product = user[search], time[search], query[search], product.ravel()
    position = rows % PAGE + 1
    grade = grades(world, queries, query, product)

    random = stream("labels")
    points = random.random((4, len(rows)))
    r = grade / 3.0
    interest = np.log(users.taste[user, world.leaf[product]] * len(world.leaves) + 0.05)
    likes = 0.7 * interest + 1.0 * liking(world, users, user, product)
    style = own_styles(world, users)[user, product]
    lure = world.temptation[product] * users.temptable[user] * (1 - 0.6 * r)
    pleasure = LURE * lure + STYLE * style + likes
    wish = (1 - conflict) * ASKED * r + conflict * pleasure
    looked = position**-0.35
    click_probability = looked * sigmoid(wish + _intercept(wish, looked))
    click = points[0] < click_probability
    cart = click & (points[1] < sigmoid(-1.9 + 2.2 * r + 0.6 * likes))
    purchase = cart & (points[2] < sigmoid(0.2 + 0.9 * r + 1.2 * liking(world, users, user, product)))
    bought = np.full(SEARCHES, -1)
    for place in range(PAGE - 1, -1, -1):  # the first purchase of a page counts
        here = purchase.reshape(-1, PAGE)[:, place]
        bought = np.where(here, world.price_level[product.reshape(-1, PAGE)[:, place]], bought)
    return Impressions(
        search=search,
        time=time,
        user=user,
        query=query,
        product=product,
        position=position,
        relevant=_annotations(query, product, grade, world.products, random),
        click=click.astype(np.int64),
        cart=cart.astype(np.int64),
        purchase=purchase.astype(np.int64),
        price_level=bought[search],
        click_probability=click_probability,
        grade=grade,
    )


def _intercept(wish: Array, looked: Array) -> float:
    """The number that makes the mean click probability CLICK_SHARE, by bisection."""
    low, high = -20.0, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if (looked * sigmoid(wish + middle)).mean() < CLICK_SHARE else (low, middle)
    return (low + high) / 2


def _annotations(query: Array, product: Array, grade: Array, products: int, random: np.random.Generator) -> Array:
    """A reader sees a pair once: whether it was judged, and the slip, belong to the pair and not to the row."""
    _, pair = np.unique(query * products + product, return_inverse=True)
    point = random.random((2, pair.max() + 1))
    relevant = (grade >= 2) ^ (point[1] < MISREAD)[pair]
    return np.where((point[0] < ANNOTATED)[pair], relevant, -1)


def _searches(world: World, users: Users, queries: Queries, events: Events) -> tuple[Array, Array, Array]:
    """User, time and query of every search, in time order; half of them go on with what the user did lately."""
    random = stream("impressions")
    user = np.sort(random.choice(len(users), SEARCHES, p=users.activity / users.activity.sum()))
    time = start_times(users, user, FIRST_DAY, random)
    order = np.lexsort((time, user))
    user, time = user[order], time[order]
    topic = topics(users, user, random)
    recent = latest(events, user, time)
    last = world.leaf[events.product[np.maximum(recent, 0)]]
    topic = np.where((recent >= 0) & (random.random(SEARCHES) < 0.5), last, topic)
    query = choose_queries(queries, topic, users.chinese[user], random)
    order = np.argsort(time, kind="stable")
    return user[order], time[order], query[order]


def latest(events: Events, user: Array, time: Array) -> Array:
    """Row of the last event of each user [n] strictly before each time [n], or -1."""
    span = DAY * DAYS * 2
    key = events.user * span + events.time
    row = np.searchsorted(key, user * span + time, side="left") - 1
    return np.where((row >= 0) & (events.user[np.maximum(row, 0)] == user), row, -1)


def _pages(world: World, queries: Queries, user: Array, query: Array, events: Events, time: Array) -> Array:
    """Products shown [searches, PAGE], best guess of a rough ranker first.

    Two places of a page are kept for tempting products of the leaf that the user was last busy with.
    """
    random = stream("judgements")
    page = np.zeros((len(query), PAGE), dtype=np.int64)
    score = np.zeros((len(query), PAGE))
    for number in range(len(queries)):
        rows = np.flatnonzero(query == number)
        pool = candidates(world, queries, number, random)
        grade = grades(world, queries, np.full(len(pool), number), pool)
        push = 0.3 * grade + 0.25 * world.popularity[pool] + 0.9 * world.temptation[pool]
        if len(rows):
            chosen = best_noisy(np.broadcast_to(push, (len(rows), len(pool))), PAGE, random)
            page[rows] = pool[chosen]
            score[rows] = push[chosen] + random.gumbel(size=chosen.shape)
    recent = latest(events, user, time)
    lures = [_lures(world, leaf) for leaf in range(len(world.leaves))]
    for row in np.flatnonzero((recent >= 0) & (random.random(len(query)) < 0.6)):
        bait = lures[world.leaf[events.product[recent[row]]]]
        extra = bait[int(random.integers(0, len(bait)))]
        if extra not in page[row]:
            page[row, int(random.integers(0, PAGE))] = extra
    order = np.argsort(-score, axis=1, kind="stable")
    return np.take_along_axis(page, order, axis=1)


def _lures(world: World, leaf: int) -> Array:
    """The eight most tempting products of a leaf."""
    own = np.flatnonzero(world.leaf == leaf)
    return own[np.argsort(-world.temptation[own], kind="stable")][:8]


__all__ = ["FIRST_DAY", "PAGE", "RECENT", "Impressions", "latest", "make_impressions", "one_of_each"]
