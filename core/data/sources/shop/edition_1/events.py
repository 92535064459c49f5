"""What users of the first edition did: sessions whose kinds of events and ages mean nothing of their own."""

from __future__ import annotations

import numpy as np

from core.data.sources.shop.causes import DAY, DAYS
from core.data.sources.shop.events import Events
from core.data.sources.shop.queries import Queries, choose_queries
from core.data.sources.shop.random import Array, one_of_each, stream
from core.data.sources.shop.users import Users, liking, own_styles
from core.data.sources.shop.world import World

MEAN_SESSIONS = 17.0
LONGEST_SESSION = 12


def start_times(users: Users, user: Array, first_day: float, random: np.random.Generator) -> Array:
    """Seconds since EPOCH of visits by `user` [n], around each user's hour, more often at weekends."""
    day = first_day + np.floor(random.random(len(user)) * (DAYS - first_day))
    weekend = (day % 7 == 0) | (day % 7 == 6)  # the first day is a Sunday
    again = first_day + np.floor(random.random(len(user)) * (DAYS - first_day))
    day = np.where(weekend | (random.random(len(user)) < 0.7), day, again)
    hour = np.where(
        random.random(len(user)) < 0.75,
        users.hour[user] + random.normal(0, 1.3, len(user)),
        random.random(len(user)) * 17 + 7,
    )
    return (day * DAY + (hour % 24) * 3600).astype(np.int64)


def topics(users: Users, user: Array, random: np.random.Generator) -> Array:
    """A leaf for each session, sessions sorted by user and time: often the last session's topic goes on."""
    fresh = one_of_each(users.taste[user], random)
    first = np.r_[True, user[1:] != user[:-1]]
    goes_on = (random.random(len(user)) < 0.4) & ~first
    # a session that goes on takes the topic of the latest one that did not
    source = np.maximum.accumulate(np.where(goes_on, 0, np.arange(len(user))))
    return fresh[source]


def products_of(world: World, users: Users, leaf: Array, user: Array, random: np.random.Generator) -> Array:
    """A product of each leaf [n] for each user [n], by hidden popularity and liking."""
    chosen = np.zeros(len(leaf), dtype=np.int64)
    styles = own_styles(world, users)
    for number in range(len(world.leaves)):
        rows, pool = np.flatnonzero(leaf == number), np.flatnonzero(world.leaf == number)
        if len(rows):
            who, what = user[rows][:, None], pool[None, :]
            score = 0.8 * world.popularity[pool] + liking(world, users, who, what)
            score += 3.0 * styles[who, what]
            chosen[rows] = pool[np.argmax(score + random.gumbel(size=score.shape), axis=1)]
    return chosen


def make_events(world: World, users: Users, queries: Queries) -> Events:
    """The events of the fixed seed: about 230,000."""
    random = stream("events")
    sessions = np.maximum(random.poisson(MEAN_SESSIONS * users.activity), 2)
    user = np.repeat(np.arange(len(users)), sessions)
    start = start_times(users, user, 0, random)
    order = np.lexsort((start, user))
    user, start = user[order], start[order]
    topic = topics(users, user, random)
    length = np.minimum(random.geometric(0.28, len(user)), LONGEST_SESSION)
    by_search = 0.5 - 0.15 * users.deal[user]
    scenario = np.where(
        random.random(len(user)) < by_search, 0, 1 + (random.random(len(user)) < 0.35 * users.deal[user])
    )

    session = np.repeat(np.arange(len(user)), length)
    place = np.arange(len(session)) - np.repeat(np.cumsum(length) - length, length)
    who = user[session]
    leaf = topic[session]
    aside = random.random(len(session)) < 0.15
    leaf[aside] = one_of_each(users.taste[who[aside]], random)
    product = products_of(world, users, leaf, who, random)
    repeats = (place > 0) & (random.random(len(session)) < 0.38)
    product = product[np.maximum.accumulate(np.where(repeats, 0, np.arange(len(session))))]

    # a second look at the same product is more than a click; a purchase needs the price to fit
    fit = np.exp(-0.5 * np.abs(world.price_level[product] - users.price_level[who]))
    weights = np.stack([np.full(len(fit), 0.5), np.full(len(fit), 0.35), np.full(len(fit), 0.5), 1.1 * fit], axis=1)
    behaviour = np.where(repeats, one_of_each(weights, random), one_of_each(weights * [8, 0.6, 0.5, 0.2], random))
    gap = np.where(place > 0, random.lognormal(4.0, 0.9, len(session)), 0.0)
    since = np.cumsum(gap) - np.repeat(np.cumsum(gap)[np.cumsum(length) - length], length)
    time = np.minimum(start[session] + since.astype(np.int64), DAYS * DAY - 1)
    return _sorted(
        who,
        time,
        session,
        product,
        behaviour,
        scenario[session],
        _queries(world, queries, users, who, product, session, scenario[session], random),
    )


def _queries(
    world: World,
    queries: Queries,
    users: Users,
    user: Array,
    product: Array,
    session: Array,
    scenario: Array,
    random: np.random.Generator,
) -> Array:
    """For search sessions one query for the leaf of the session's first product, in the user's language."""
    first = np.flatnonzero(np.r_[True, session[1:] != session[:-1]])
    chosen = choose_queries(queries, world.leaf[product[first]], users.chinese[user[first]], random)
    return np.where(scenario == 0, chosen[session - session[0]], -1)


def _sorted(
    user: Array, time: Array, session: Array, product: Array, behaviour: Array, scenario: Array, query: Array
) -> Events:
    order = np.lexsort((session, time, user))
    return Events(
        user[order], time[order], session[order], product[order], behaviour[order], scenario[order], query[order]
    )
