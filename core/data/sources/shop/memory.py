"""What a user carries into a search: what is wanted just now, waits in the cart, was marked, or has been bought.

memory(u, p, t) = NEED [need of l] + FIT fit(p, q) + CART [p in the cart] + MARK [p bookmarked]
                  − OWNED [p bought] − SATED s_u(l, t)

where  l is the leaf of p; q the product in mind if the user has a need of l at t, else the one that the user's
       taste in l is like (see `fits`); a cart is one of the last week whose item was not bought since; s_u the
       satiation of l (see `causes`). It is 0 for products of another leaf than the one that is searched for: what
           does not fit the query does not matter now.
"""

from __future__ import annotations

import numpy as np

from core.data.sources.shop.causes import DAY, DAYS, Causes
from core.data.sources.shop.days import BOOKMARK, BOUGHT, CARTED
from core.data.sources.shop.events import Events, Past
from core.data.sources.shop.needs import Needs
from core.data.sources.shop.random import Array
from core.data.sources.shop.world import World

NEED, FIT, CART, MARK, OWNED, SATED = 1.0, 1.6, 2.5, 1.2, 1.5, 5.0
WEEK = 7 * DAY
NEVER = -(10**9)
_SPAN = 4 * DAY * DAYS


def last_before(own: Array, own_time: Array, asked: Array, time: Array) -> Array:
    """For each (asked, time) [n] the latest own_time [m] of the same group strictly before it, or NEVER."""
    order = np.argsort(own * _SPAN + own_time, kind="stable")
    key = (own * _SPAN + own_time)[order]
    place = np.searchsorted(key, asked * _SPAN + time) - 1
    row = order[np.maximum(place, 0)] if len(order) else np.zeros(len(asked), np.int64)
    if not len(order):
        return np.full(len(asked), NEVER)
    return np.where((place >= 0) & (own[row] == asked), own_time[row], NEVER)


def in_mind(world: World, needs: Needs, user: Array, leaf: Array, time: Array) -> Array:
    """The product that users [n] have in mind in leaves [n] at times [n], or −1: of their latest need, if it lasts."""
    order = np.lexsort((needs.start, needs.leaf, needs.user))
    group = (needs.user * len(world.leaves) + needs.leaf)[order]
    start = needs.start[order] + _SPAN // 2  # needs may begin before the first day
    key = group * (2 * _SPAN) + start
    asked = user * len(world.leaves) + leaf
    place = np.searchsorted(key, asked * (2 * _SPAN) + time + _SPAN // 2, side="right") - 1
    row = order[np.maximum(place, 0)]
    there = (place >= 0) & (group[np.maximum(place, 0)] == asked) & (needs.end[row] > time)
    return np.where(there, needs.wanted[row], -1)


def satiation(world: World, causes: Causes, events: Events, user: Array, leaf: Array, time: Array) -> Array:
    """s [n] of users in leaves at times, of the purchases among the events."""
    bought = events.behaviour == BOUGHT
    own = events.user[bought] * len(world.leaves) + world.leaf[events.product[bought]]
    last = last_before(own, events.time[bought], user * len(world.leaves) + leaf, time)
    return np.exp(-(time - last) / DAY / causes.satiation_days[leaf])


def memory(world: World, past: Past, user: Array, product: Array, time: Array, asked: Array) -> Array:
    """memory [n] of users for products at times, when leaves `asked` [n] are searched for."""
    events = past.events
    leaf, pair = world.leaf[product], user * world.products + product
    own = events.user * world.products + events.product

    def last(behaviour: int) -> Array:
        rows = events.behaviour == behaviour
        return last_before(own[rows], events.time[rows], pair, time)

    carted, marked, bought = last(CARTED), last(BOOKMARK), last(BOUGHT)
    waits = (carted > time - WEEK) & (bought < carted)
    wanted = in_mind(world, past.needs, user, leaf, time)
    like = np.where(wanted >= 0, wanted, past.fits.usual[user, leaf])
    return (world.leaf[product] == asked) * (
        NEED * (wanted >= 0)
        + FIT * past.fits.fit(world, product, like)
        + CART * waits
        + MARK * (marked > NEVER)
        - OWNED * (bought > NEVER)
        - SATED * satiation(world, past.causes, events, user, leaf, time)
    )
