"""Visits of a day: for needs, by taste, through advertisements; and what is clicked, bookmarked, put into the cart.

- For a need, VISITS a day in the need's own hours until something for it is in the cart. Products near the one in mind
  are clicked; the best match of the visit goes into the cart with a chance of CART σ(1.5 fit), and a cart is bought
  with a chance of KEEPS.
- By taste, BROWSE a day in the user's own hours: a leaf of the day's taste, or, with a chance of BOOKMARKED, that of a
  bookmark, an old one as likely as a new one. Each look is bookmarked with a chance of MARKS σ(1.2 (charm − 3)).
- Through advertisements, 2 ADS a day times how much the user hunts for deals: PURSUES of them of the leaf of a need of
  the last PURSUED days, whether or not it is over, CAMPAIGNS of the one shop that pursues the user just now, the rest
  of anything; the product is drawn by its temptation alone.
"""

from __future__ import annotations

import numpy as np

from core.data.sources.shop.causes import DAY, slot_rate, slot_times
from core.data.sources.shop.days import BEFORE, BOOKMARK, CAMPAIGN, CLICK, Days
from core.data.sources.shop.queries import choose_queries
from core.data.sources.shop.random import one_of_each, sigmoid

VISITS, BROWSE, ADS = 1.4, 0.077, 0.11  # visits a day
BY_SEARCH, BY_ITSELF = 0.72, 0.97  # shares of visits for needs: up to the first by search, the second recommended
TASTE_BY_SEARCH = 0.2  # of the visits of taste
CART, KEEPS = 0.22, 0.85
BOOKMARKED, MARKS = 0.6, 0.16
IMPULSE = 0.02  # chance of a cart in a visit of taste, at each look; three times as much where a bookmark led
PURSUES, PURSUED = 0.6, 40
CAMPAIGNS = 0.3


def visit_for_needs(days: Days, day: int) -> None:
    """Looks around for what is needed, and carts."""
    random, needs = days.random, days.needs
    days.decided = np.r_[days.decided, np.zeros(len(needs) - len(days.decided), dtype=bool)]
    active = np.flatnonzero((needs.start < (day + 1) * DAY) & (needs.end > day * DAY) & ~days.decided)
    need = np.repeat(active, random.poisson(VISITS * slot_rate(days.causes.slot[needs.leaf[active]], day)))
    start = slot_times(days.causes.slot[needs.leaf[need]], np.full(len(need), day), random)
    inside = (start >= needs.start[need]) & (start < needs.end[need])
    need, start = need[inside], start[inside]
    user, leaf = needs.user[need], needs.leaf[need]
    draw = random.random(len(need))
    scenario = np.where(draw < BY_SEARCH, 0, np.where(draw < BY_ITSELF, 1, 2))
    query = np.where(scenario == 0, needs.query[need], -1)
    visit, product, time, session = days.looks(user, leaf, needs.wanted[need], start)
    days.log(user[visit], time, session[visit], product, CLICK, scenario[visit], query[visit])
    # the best match of the visit may go into the cart, and the cart promises a purchase
    fit = days.fits.fit(days.world, product, needs.wanted[need][visit]) + 1e-3 * random.random(len(visit))
    order = np.lexsort((fit, visit))
    best = order[np.r_[visit[order][1:] != visit[order][:-1], True]] if len(order) else order
    rows = visit[best]
    carts = random.random(len(rows)) < CART * sigmoid(1.5 * fit[best])
    best, rows = best[carts], rows[carts]
    end = np.zeros(len(need), dtype=np.int64)
    np.maximum.at(end, visit, time)
    moment = end[rows] + random.integers(20, 240, len(rows))
    days.cart(user[rows], product[best], moment, session[rows], scenario[rows], query[rows], need[rows], KEEPS)


def visit_by_taste(days: Days, day: int) -> None:
    """Visits without a need; what pleases most is bookmarked."""
    random, users = days.random, days.users
    visits = random.poisson(BROWSE * users.activity) + (days.at_least == day).sum(axis=1)
    user = np.repeat(np.arange(len(users)), visits)
    leaf = one_of_each(days.causes.taste_on(user, day) * (1 - days.satiation(user, day)), random)
    marked = days.one_of(user, *days.marks)
    led = (marked >= 0) & (random.random(len(user)) < BOOKMARKED)
    marked = np.where(led, marked, -1)
    leaf = np.where(led, days.world.leaf[marked], leaf)
    hour = np.where(
        random.random(len(user)) < 0.75,
        users.hour[user] + random.normal(0, 1.3, len(user)),
        random.random(len(user)) * 17 + 7,
    )
    start = (day * DAY + (hour % 24) * 3600).astype(np.int64)
    scenario = (random.random(len(user)) > TASTE_BY_SEARCH).astype(np.int64)
    query = choose_queries(days.queries, leaf, users.chinese[user], random)
    query = np.where(scenario == 0, query, -1)
    visit, product, time, session = days.looks(user, leaf, np.where(led, marked, days.fits.usual[user, leaf]), start)
    # what pleases most is bookmarked
    charm = days.fits.charm[user[visit], product]
    likes = random.random(len(visit)) < MARKS * sigmoid(1.2 * (charm - 3.0))
    days.log(user[visit], time, session[visit], product, CLICK, scenario[visit], query[visit])
    later = time + random.integers(5, 60, len(visit))
    who, what = user[visit][likes], product[likes]
    days.log(who, later[likes], session[visit][likes], what, BOOKMARK, scenario[visit][likes], query[visit][likes])
    days.marks = np.r_[days.marks[0], who], np.r_[days.marks[1], what]
    impulse = random.random(len(visit)) < np.where(led[visit], 3 * IMPULSE, IMPULSE)
    rows = visit[impulse]
    days.cart(user[rows], product[impulse], later[impulse] + 60, session[rows], scenario[rows], query[rows],
               np.full(len(rows), -1), KEEPS / 2)  # fmt: skip


def visit_by_advertisements(days: Days, day: int) -> None:
    """Clicks on advertisements."""
    random, users = days.random, days.users
    user = np.repeat(np.arange(len(users)), random.poisson(2 * ADS * users.deal * users.activity))
    start = (day * DAY + random.random(len(user)) * 17 * 3600 + 7 * 3600 - 1).astype(np.int64)
    looks = np.minimum(random.geometric(0.5, len(user)), 4)
    visit = np.repeat(np.arange(len(user)), looks)
    # after a need, advertisements of its leaf pursue the user, whether something was bought or not
    lately = np.flatnonzero((days.needs.start > (day - PURSUED) * DAY) & (days.needs.start < day * DAY))
    leaf = days.one_of(user, days.needs.user[lately], days.needs.leaf[lately])[visit]
    shop = days.campaign[user, (day + BEFORE) // CAMPAIGN][visit]
    draw = random.random(len(user))[visit]
    kinds = np.select([(draw < PURSUES) & (leaf >= 0), draw < PURSUES + CAMPAIGNS], [0, 1], 2)
    product = np.select(
        [kinds == 0, kinds == 1],
        [days.of_leaf.draw(leaf, random), days.of_shop.draw(shop, random)],
        days.of_all.draw(np.zeros(len(visit), dtype=np.int64), random),
    )
    session = days.new_sessions(len(user))
    time = start[visit] + 45 * (np.arange(len(visit)) - np.repeat(np.cumsum(looks) - looks, looks))
    none = np.full(len(visit), -1)
    days.log(user[visit], time, session[visit], product, CLICK, np.full(len(visit), 2), none)
