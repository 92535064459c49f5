"""Search result pages and what came of them: here relevance and clicks pull apart, by `conflict` in 0..1.

The logit of a click, given that the position is looked at, is

    intercept + (1 - c) ASKED r + c (LURE t_p s_u (1 - .6 r) + STYLE m_up + likes) + memory

where c is the conflict, r = grade / 3 the true relevance, t_p the product's hidden temptation, s_u how temptable the
user is, m_up how far the product is of the user's own favourite colour, material and so on, `likes` the user's taste
for the leaf on that day, the brand and the price, and `memory` what the user's history makes of this product at this
moment (see `memory`). At c = 0 people click what they asked for, at c = 1 what pleases them, and a tempting product
draws most where it is off topic. The intercept is solved so that the share of clicks is the same at every c: conflict
changes what is clicked, not how much.

Why a small network feels it: relevance needs the *query's* colour, material, audience and style matched with the
product's, clicks need the *user's* matched with the same product's. Both are products of embeddings, which hidden
units approximate one by one, so the two compete for the units of the shared layers.

All of the users' and searches' random numbers are shared by every c, so two strengths differ by their clicks alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.data.sources.shop.causes import slot_times
from core.data.sources.shop.days import BOUGHT
from core.data.sources.shop.events import DAY, DAYS, Events, Past
from core.data.sources.shop.memory import memory
from core.data.sources.shop.queries import Queries, candidates, choose_queries, grades
from core.data.sources.shop.random import Array, best_noisy, one_of_each, sigmoid, stream
from core.data.sources.shop.users import Users, liking, own_styles
from core.data.sources.shop.world import World

SEARCHES = 15_600
PAGE = 10  # products a search shows
FIRST_DAY = 14  # impressions begin when users have some history
CLICK_SHARE = 0.16
LURE = 11.0
STYLE = 4.0
ASKED = 4.0  # what the right answer is worth at no conflict
OF_NEEDS, OF_TASTE = 0.6, 0.22  # of the searches; the rest look again at a leaf where something was bought lately
LOOKS_AGAIN = 14  # days after a purchase in which they do
SEEN_BEFORE = 0.35  # of the searches show something of the leaf that the user has dealt with before
SEEN_LAST = 0.6  # of the searches show the last thing that the user dealt with, whatever was asked for
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


def make_impressions(world: World, users: Users, queries: Queries, past: Past, conflict: float) -> Impressions:
    """The impressions of the fixed seed at this strength of conflict."""
    user, time, query = _searches(world, users, queries, past)
    product = _pages(world, queries, user, query, past.events, time)
    rows = np.arange(product.size)
    search = rows // PAGE
    user, time, query, product = user[search], time[search], query[search], product.ravel()
    position = rows % PAGE + 1
    grade = grades(world, queries, query, product)

    random = stream("labels")
    points = random.random((4, len(rows)))
    r = grade / 3.0
    interest = np.log(past.causes.taste_of(user, world.leaf[product], time / DAY) * len(world.leaves) + 0.05)
    likes = 0.7 * interest + 1.0 * liking(world, users, user, product)
    style = own_styles(world, users)[user, product]
    lure = world.temptation[product] * users.temptable[user] * (1 - 0.6 * r)
    pleasure = LURE * lure + STYLE * style + likes
    known = memory(world, past, user, product, time, queries.leaf[query])
    wish = (1 - conflict) * ASKED * r + conflict * pleasure + known
    looked = position**-0.35
    click_probability = looked * sigmoid(wish + intercept(wish, looked))
    click = points[0] < click_probability
    cart = click & (points[1] < sigmoid(-1.9 + 2.2 * r + 0.6 * likes + 0.7 * known))
    purchase = cart & (points[2] < sigmoid(-0.4 + 0.9 * r + 1.2 * liking(world, users, user, product) + 0.7 * known))
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
        relevant=annotate(query, product, grade, world.products, random),
        click=click.astype(np.int64),
        cart=cart.astype(np.int64),
        purchase=purchase.astype(np.int64),
        price_level=bought[search],
        click_probability=click_probability,
        grade=grade,
    )


def intercept(wish: Array, looked: Array) -> float:
    """The number that makes the mean click probability CLICK_SHARE, by bisection."""
    low, high = -20.0, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if (looked * sigmoid(wish + middle)).mean() < CLICK_SHARE else (low, middle)
    return (low + high) / 2


def annotate(query: Array, product: Array, grade: Array, products: int, random: np.random.Generator) -> Array:
    """A reader sees a pair once: whether it was judged, and the slip, belong to the pair and not to the row."""
    _, pair = np.unique(query * products + product, return_inverse=True)
    point = random.random((2, pair.max() + 1))
    relevant = (grade >= 2) ^ (point[1] < MISREAD)[pair]
    return np.where((point[0] < ANNOTATED)[pair], relevant, -1)


def _searches(world: World, users: Users, queries: Queries, past: Past) -> tuple[Array, Array, Array]:
    """User, time and query of every search, in time order: for a need, by taste, or where something was bought."""
    random = stream("impressions")
    events, needs = past.events, past.needs
    counts = [round(SEARCHES * OF_NEEDS), round(SEARCHES * OF_TASTE)]
    counts.append(SEARCHES - sum(counts))

    open_later = np.flatnonzero((needs.end > FIRST_DAY * DAY) & (needs.start < DAYS * DAY))
    need = random.choice(open_later, counts[0])
    first, end = np.maximum(needs.start[need], FIRST_DAY * DAY), np.minimum(needs.end[need], DAYS * DAY)
    moment = first + (random.random(counts[0]) * (end - first)).astype(np.int64)
    usual = slot_times(past.causes.slot[needs.leaf[need]], moment // DAY, random)
    moment = np.where((usual >= first) & (usual < end), usual, moment)

    browsing = random.choice(len(users), counts[1], p=users.activity / users.activity.sum())
    day = FIRST_DAY + np.floor(random.random(counts[1]) * (DAYS - FIRST_DAY))
    hour = (users.hour[browsing] + random.normal(0, 1.6, counts[1])) % 24
    leaf = one_of_each(past.causes.taste_on(browsing, day), random)

    bought = np.flatnonzero((events.behaviour == BOUGHT) & (events.time > (FIRST_DAY - 1) * DAY))
    again = random.choice(bought, counts[2])
    after = events.time[again] + (DAY * (0.05 + LOOKS_AGAIN * random.random(counts[2]))).astype(np.int64)

    user = np.r_[needs.user[need], browsing, events.user[again]]
    time = np.r_[moment, (day * DAY + hour * 3600).astype(np.int64), np.minimum(after, DAYS * DAY - 1)]
    topic = np.r_[leaf, world.leaf[events.product[again]]]
    query = np.r_[needs.query[need], choose_queries(queries, topic, users.chinese[user[counts[0] :]], random)]
    time = np.maximum(time, FIRST_DAY * DAY)
    order = np.argsort(time, kind="stable")
    return user[order], time[order], query[order]


def latest(events: Events, user: Array, time: Array) -> Array:
    """Row of the last event of each user [n] strictly before each time [n], or -1."""
    span = DAY * DAYS * 2
    key = events.user * span + events.time
    row = np.searchsorted(key, user * span + time, side="left") - 1
    return np.where((row >= 0) & (events.user[np.maximum(row, 0)] == user), row, -1)


def ranked_pages(
    world: World, queries: Queries, query: Array, events: Events, recent: Array, random: np.random.Generator
) -> tuple[Array, Array]:
    """Products [searches, PAGE] as a rough ranker finds them, and its scores; one place of a page is often kept for a
    tempting product of the leaf that the user was last busy with (`recent`: row of that event, or −1)."""
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
    lures = [tempting(world, leaf) for leaf in range(len(world.leaves))]
    for row in np.flatnonzero((recent >= 0) & (random.random(len(query)) < 0.6)):
        bait = lures[world.leaf[events.product[recent[row]]]]
        extra = bait[int(random.integers(0, len(bait)))]
        if extra not in page[row]:
            page[row, int(random.integers(0, PAGE))] = extra
    return page, score


def _pages(world: World, queries: Queries, user: Array, query: Array, events: Events, time: Array) -> Array:
    """Products shown [searches, PAGE], best guess of a rough ranker first.

    One place is often given to a tempting product of the leaf that the user was last busy with, one to the very last
    product, and one to a product of the leaf asked for that the user has dealt with before.
    """
    random = stream("judgements")
    recent = latest(events, user, time)
    page, score = ranked_pages(world, queries, query, events, recent, random)
    seen = _seen_before(world, events, user, queries.leaf[query], time)
    for row in np.flatnonzero((seen >= 0) & (random.random(len(query)) < SEEN_BEFORE)):
        if seen[row] not in page[row]:
            page[row, int(random.integers(0, PAGE))] = seen[row]
    for row in np.flatnonzero((recent >= 0) & (random.random(len(query)) < SEEN_LAST)):
        last = events.product[recent[row]]
        if last not in page[row]:
            page[row, int(random.integers(0, PAGE))] = last
    order = np.argsort(-score, axis=1, kind="stable")
    return np.take_along_axis(page, order, axis=1)


def _seen_before(world: World, events: Events, user: Array, leaf: Array, time: Array) -> Array:
    """The product of each user's last event in each leaf [n] strictly before each time [n], or -1."""
    group = events.user * len(world.leaves) + world.leaf[events.product]
    order = np.lexsort((events.time, group))
    key = (group * (2 * DAY * DAYS) + events.time)[order]
    asked = user * len(world.leaves) + leaf
    place = np.searchsorted(key, asked * (2 * DAY * DAYS) + time) - 1
    row = order[np.maximum(place, 0)]
    return np.where((place >= 0) & (group[row] == asked), events.product[row], -1)


def tempting(world: World, leaf: int) -> Array:
    """The eight most tempting products of a leaf."""
    own = np.flatnonzero(world.leaf == leaf)
    return own[np.argsort(-world.temptation[own], kind="stable")][:8]


__all__ = [
    "FIRST_DAY",
    "PAGE",
    "RECENT",
    "Impressions",
    "annotate",
    "intercept",
    "latest",
    "make_impressions",
    "tempting",
]
