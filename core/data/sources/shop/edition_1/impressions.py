"""Search result pages of the first edition: as in `impressions`, but nothing of the history matters except the leaf.

The logit of a click is intercept + (1 - c) ASKED r + c (LURE t_p s_u (1 - .6 r) + STYLE m_up + likes).
"""

from __future__ import annotations

import numpy as np

from core.data.sources.shop.edition_1.events import start_times, topics
from core.data.sources.shop.events import Events
from core.data.sources.shop.impressions import (
    ASKED,
    FIRST_DAY,
    PAGE,
    SEARCHES,
    STYLE,
    Impressions,
    annotate,
    intercept,
    latest,
    ranked_pages,
)
from core.data.sources.shop.queries import Queries, choose_queries, grades
from core.data.sources.shop.random import Array, sigmoid, stream
from core.data.sources.shop.users import Users, liking, own_styles
from core.data.sources.shop.world import World

LURE = 8.0


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
    click_probability = looked * sigmoid(wish + intercept(wish, looked))
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
        relevant=annotate(query, product, grade, world.products, random),
        click=click.astype(np.int64),
        cart=cart.astype(np.int64),
        purchase=purchase.astype(np.int64),
        price_level=bought[search],
        click_probability=click_probability,
        grade=grade,
    )


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


def _pages(world: World, queries: Queries, user: Array, query: Array, events: Events, time: Array) -> Array:
    """Products shown [searches, PAGE], best guess of a rough ranker first.

    Two places of a page are kept for tempting products of the leaf that the user was last busy with.
    """
    recent = latest(events, user, time)
    page, score = ranked_pages(world, queries, query, events, recent, stream("judgements"))
    order = np.argsort(-score, axis=1, kind="stable")
    return np.take_along_axis(page, order, axis=1)
