"""Sixty days of the shop, one after the other, all users at once: what they need, visit, look at, and buy.

A day has four parts, in this order.

1. Carts that promised a purchase for today are bought: the need ends, its leaf is satiated, companions wake.
2. New needs begin: of the world, of taste, woken by a purchase, or because something is used up.
3. Visits: of needs, in their own hours, VISITS a day each; of taste, BROWSE a day, where a bookmark leads every fourth;
   through advertisements, ADS a day, to whatever tempts.
4. Within a visit, clicks. A visit for a need puts the best match into the cart with a chance of CART; a cart promises a
   purchase with a chance of KEEPS, after one and a half days on average. A visit of taste bookmarks what pleases most.

The ten days before the first day are simulated as well and not kept, so that the first day finds people with needs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.data.sources.shop.causes import (
    AGAIN,
    AGAIN_DAYS,
    AGAIN_SPREAD,
    DAY,
    DAYS,
    NEEDS,
    TASTE_SHARE,
    WAKES,
    Causes,
    slot_rate,
    slot_times,
)
from core.data.sources.shop.fits import Fits, choose
from core.data.sources.shop.needs import Needs
from core.data.sources.shop.queries import Queries, choose_queries
from core.data.sources.shop.random import Array, one_of_each, sigmoid, stream
from core.data.sources.shop.users import Users
from core.data.sources.shop.world import World

BEFORE = 10  # days that are simulated before the first
PURSUES, PURSUED = 0.6, 40  # share of advertisements that go after a need, and for how many days
CAMPAIGNS, CAMPAIGN = 0.3, 15  # the same of those of one shop
OF_NEED = 0.4  # how far a need's product is chosen by charm
SHORTEST, LIFE = 1.0, 1.5  # days of a need: SHORTEST + a gamma variable of shape 2 and scale LIFE, four on average
VISITS, BROWSE, ADS = 1.4, 0.077, 0.11  # visits a day
BOOKMARKED = 0.6  # share of the visits of taste that go where a bookmark leads
CART, KEEPS, AT_ONCE, DELAY = 0.22, 0.85, 0.12, 1.8
IMPULSE = 0.02  # chance of a cart in a visit of taste, at each look
BEHAVIOURS = ("click", "bookmark", "cart", "purchase")
CLICK, BOOKMARK, CARTED, BOUGHT = range(4)
SCENARIOS = ("search", "recommendation", "advertising")
LONGEST = 12  # looks in a visit
COLUMNS = ("user", "time", "session", "product", "behaviour", "scenario", "query")


@dataclass(frozen=True)
class Pulls:
    """Products to draw from by group, each in proportion to its pull."""

    product: Array  # [P] group by group
    summed: Array  # [P] pulls summed up in that order
    border: Array  # [groups + 1] what is summed up before each group

    @classmethod
    def of(cls, group: Array, pull: Array, groups: int) -> Pulls:
        order = np.argsort(group, kind="stable")
        summed = np.cumsum(pull[order])
        ends = np.searchsorted(group[order], np.arange(groups), side="right")
        return cls(order, summed, np.r_[0.0, np.r_[0.0, summed][ends]])

    def draw(self, group: Array, random: np.random.Generator) -> Array:
        """A product of each group [n]."""
        low, high = self.border[group], self.border[group + 1]
        point = low + random.random(len(group)) * (high - low)
        return self.product[np.minimum(np.searchsorted(self.summed, point, side="right"), len(self.product) - 1)]


class Days:
    """The state of the shop at the start of a day, and `events` so far as columns."""

    def __init__(self, world: World, users: Users, queries: Queries, causes: Causes, fits: Fits) -> None:
        self.world, self.users, self.queries, self.causes, self.fits = world, users, queries, causes, fits
        self.random = stream("events")
        self.needs = Needs.none()
        self.decided = np.zeros(0, dtype=bool)  # [N] whether something for the need is in the cart
        self.last_bought = np.full((len(users), len(world.leaves)), -1e4)  # day of the last purchase
        # a shop pursues a user with its advertisements for some days, whatever the user likes
        shops = len(world.shop_names)
        self.campaign = self.random.integers(0, shops, (len(users), (BEFORE + DAYS) // CAMPAIGN + 1))
        pull = np.exp(5.0 * world.temptation)
        self.of_leaf, self.of_shop = Pulls.of(world.leaf, pull, len(world.leaves)), Pulls.of(world.shop, pull, shops)
        self.of_all = Pulls.of(np.zeros_like(world.leaf), pull, 1)
        self.events: list[dict[str, Array]] = []
        self.sessions = 0
        self._at_least = self.random.integers(0, DAYS // 2, (len(users), 2))  # days of two visits that everybody makes
        self._promised: list[dict[str, Array]] = []  # carts that will be bought
        self._woken: list[dict[str, Array]] = []  # needs that will begin
        self._marks: tuple[Array, Array] = (np.zeros(0, np.int64), np.zeros(0, np.int64))  # user, product

    def run(self) -> None:
        for day in range(-BEFORE, DAYS):
            self._buy(day)
            self._begin(day)
            self._visit_for_needs(day)
            self._visit_by_taste(day)
            self._visit_by_advertisements(day)

    def satiation(self, user: Array, day: float) -> Array:
        """s [n, L] of users [n]."""
        return np.exp(-(day - self.last_bought[user]) / self.causes.satiation_days)

    # --- what is bought, and what follows from it

    def _buy(self, day: int) -> None:
        due = _take(self._promised, "time", (day + 1) * DAY)
        if due is None:
            return
        need = due["need"]
        open_still = (need < 0) | (self.needs.bought[np.maximum(need, 0)] < 0)
        due = {name: values[open_still] for name, values in due.items()}
        if not len(due["user"]):
            return
        user, product, time, need = due["user"], due["product"], due["time"], due["need"]
        back = self.random.random(len(user)) < 0.7  # a last look before buying
        session = self._new_sessions(len(user))
        look = (time - self.random.integers(20, 600, len(user)))[back]
        self._log(user[back], look, session[back], product[back], CLICK, due["scenario"][back], due["query"][back])
        self._log(user, time, session, product, BOUGHT, due["scenario"], due["query"])
        self._bought(user, product, time, need)

    def _bought(self, user: Array, product: Array, time: Array, need: Array) -> None:
        """The need is over, the leaf satiated; companions wake, and what is used up comes again."""
        random, leaf = self.random, self.world.leaf[product]
        self.needs.bought[need[need >= 0]] = product[need >= 0]
        self.needs.end[need[need >= 0]] = time[need >= 0]
        np.maximum.at(self.last_bought, (user, leaf), time / DAY)
        counts = np.array([len(each) for each in self.causes.companions])[leaf]
        row = np.repeat(np.arange(len(user)), counts)
        if len(row):
            other = np.concatenate([self.causes.companions[each] for each in leaf])
            wakes = random.random(len(row)) < WAKES
            start = time[row] + (DAY * (0.2 + 3.8 * random.random(len(row)))).astype(np.int64)
            woken = {"user": user[row], "leaf": other, "start": start, "wanted": np.full(len(row), -1)}
            woken |= {"reason": np.full(len(row), 2)}
            self._woken.append({name: values[wakes] for name, values in woken.items()})
        again = self.causes.used_up[leaf] & (random.random(len(user)) < AGAIN)
        after = np.maximum(random.normal(AGAIN_DAYS, AGAIN_SPREAD, len(user)), 5.0)
        woken = {"user": user, "leaf": leaf, "start": time + (DAY * after).astype(np.int64), "wanted": product}
        woken |= {"reason": np.full(len(user), 3)}
        self._woken.append({name: values[again] for name, values in woken.items()})

    # --- needs

    def _begin(self, day: int) -> None:
        random = self.random
        user = np.repeat(np.arange(len(self.users)), random.poisson(NEEDS * self.users.activity))
        of_taste = random.random(len(user)) < TASTE_SHARE
        wish = np.where(of_taste[:, None], self.causes.taste_on(user, day), self.causes.demand)
        leaf = one_of_each(wish * (1 - self.satiation(user, day)), random)
        count = len(user)
        start = (DAY * (day + random.random(count))).astype(np.int64)
        new = {"user": user, "leaf": leaf, "start": start, "wanted": np.full(count, -1)}
        new |= {"reason": of_taste.astype(np.int64)}
        woken = _take(self._woken, "start", (day + 1) * DAY)
        if woken is not None:
            new = {name: np.concatenate([new[name], woken[name]]) for name in new}
        user, leaf, count = new["user"], new["leaf"], len(new["user"])
        ideal = choose(self.fits, leaf, user, np.full(count, -1), random, OF_NEED)
        days = SHORTEST + random.gamma(2.0, LIFE, count)
        self.needs.add(
            user=user,
            leaf=leaf,
            start=new["start"],
            end=new["start"] + (DAY * days).astype(np.int64),
            wanted=np.where(new["wanted"] >= 0, new["wanted"], ideal),
            query=choose_queries(self.queries, leaf, self.users.chinese[user], random),
            reason=new["reason"],
            bought=np.full(count, -1),
        )

    def _visit_for_needs(self, day: int) -> None:
        random, needs = self.random, self.needs
        self.decided = np.r_[self.decided, np.zeros(len(needs) - len(self.decided), dtype=bool)]
        active = np.flatnonzero((needs.start < (day + 1) * DAY) & (needs.end > day * DAY) & ~self.decided)
        need = np.repeat(active, random.poisson(VISITS * slot_rate(self.causes.slot[needs.leaf[active]], day)))
        start = slot_times(self.causes.slot[needs.leaf[need]], np.full(len(need), day), random)
        inside = (start >= needs.start[need]) & (start < needs.end[need])
        need, start = need[inside], start[inside]
        user, leaf = needs.user[need], needs.leaf[need]
        draw = random.random(len(need))
        scenario = np.where(draw < 0.72, 0, np.where(draw < 0.97, 1, 2))
        query = np.where(scenario == 0, needs.query[need], -1)
        visit, product, time, session = self._looks(user, leaf, needs.wanted[need], start)
        self._log(user[visit], time, session[visit], product, CLICK, scenario[visit], query[visit])
        # the best match of the visit may go into the cart, and the cart promises a purchase
        fit = self.fits.fit(self.world, product, needs.wanted[need][visit]) + 1e-3 * random.random(len(visit))
        order = np.lexsort((fit, visit))
        best = order[np.r_[visit[order][1:] != visit[order][:-1], True]] if len(order) else order
        rows = visit[best]
        carts = random.random(len(rows)) < CART * sigmoid(1.5 * fit[best])
        best, rows = best[carts], rows[carts]
        end = np.zeros(len(need), dtype=np.int64)
        np.maximum.at(end, visit, time)
        moment = end[rows] + random.integers(20, 240, len(rows))
        self._cart(user[rows], product[best], moment, session[rows], scenario[rows], query[rows], need[rows], KEEPS)

    def _cart(
        self,
        user: Array,
        product: Array,
        time: Array,
        session: Array,
        scenario: Array,
        query: Array,
        need: Array,
        keeps: float,
    ) -> None:
        """Cart additions now; purchases of a share of them, at once or within days."""
        random = self.random
        self._log(user, time, session, product, CARTED, scenario, query)
        bought = random.random(len(user)) < keeps
        at_once = random.random(len(user)) < AT_ONCE
        wait = np.where(
            at_once,
            random.integers(60, 600, len(user)),
            (DAY * (0.1 + random.exponential(DELAY, len(user)))).astype(np.int64),
        )
        promised = {"user": user, "product": product, "time": time + wait, "need": need, "scenario": scenario}
        promised |= {"query": query}
        self._promised.append({name: values[bought] for name, values in promised.items()})
        decided = need[need >= 0]  # looking around is over, whether the cart is bought or left
        self.needs.end[decided] = np.minimum(self.needs.end[decided], (time + wait)[need >= 0])
        self.decided[decided] = True

    # --- visits without a need

    def _visit_by_taste(self, day: int) -> None:
        random, users = self.random, self.users
        visits = random.poisson(BROWSE * users.activity) + (self._at_least == day).sum(axis=1)
        user = np.repeat(np.arange(len(users)), visits)
        leaf = one_of_each(self.causes.taste_on(user, day) * (1 - self.satiation(user, day)), random)
        marked = self._one_of(user, *self._marks)
        led = (marked >= 0) & (random.random(len(user)) < BOOKMARKED)
        marked = np.where(led, marked, -1)
        leaf = np.where(led, self.world.leaf[marked], leaf)
        hour = np.where(
            random.random(len(user)) < 0.75,
            users.hour[user] + random.normal(0, 1.3, len(user)),
            random.random(len(user)) * 17 + 7,
        )
        start = (day * DAY + (hour % 24) * 3600).astype(np.int64)
        scenario = (random.random(len(user)) > 0.2).astype(np.int64)
        query = choose_queries(self.queries, leaf, users.chinese[user], random)
        query = np.where(scenario == 0, query, -1)
        visit, product, time, session = self._looks(user, leaf, np.where(led, marked, self.fits.usual[user, leaf]), start)
        # what pleases most is bookmarked
        charm = self.fits.charm[user[visit], product]
        likes = random.random(len(visit)) < 0.16 * sigmoid(1.2 * (charm - 3.0))
        self._log(user[visit], time, session[visit], product, CLICK, scenario[visit], query[visit])
        later = time + random.integers(5, 60, len(visit))
        who, what = user[visit][likes], product[likes]
        self._log(who, later[likes], session[visit][likes], what, BOOKMARK, scenario[visit][likes], query[visit][likes])
        self._marks = np.r_[self._marks[0], who], np.r_[self._marks[1], what]
        impulse = random.random(len(visit)) < np.where(led[visit], 3 * IMPULSE, IMPULSE)
        rows = visit[impulse]
        self._cart(user[rows], product[impulse], later[impulse] + 60, session[rows], scenario[rows], query[rows],
                   np.full(len(rows), -1), KEEPS / 2)  # fmt: skip

    def _one_of(self, user: Array, who: Array, what: Array) -> Array:
        """For users [n] one of what [m] that is theirs (who [m]), drawn evenly, or −1."""
        order = np.argsort(who, kind="stable")
        first, end = np.searchsorted(who[order], user), np.searchsorted(who[order], user, side="right")
        place = first + np.floor(self.random.random(len(user)) * (end - first)).astype(np.int64)
        if not len(what):
            return np.full(len(user), -1)
        return np.where(end > first, what[order][np.minimum(place, len(what) - 1)], -1)

    def _visit_by_advertisements(self, day: int) -> None:
        random, users, world = self.random, self.users, self.world
        user = np.repeat(np.arange(len(users)), random.poisson(2 * ADS * users.deal * users.activity))
        start = (day * DAY + random.random(len(user)) * 17 * 3600 + 7 * 3600 - 1).astype(np.int64)
        looks = np.minimum(random.geometric(0.5, len(user)), 4)
        visit = np.repeat(np.arange(len(user)), looks)
        # after a need, advertisements of its leaf pursue the user, whether something was bought or not
        lately = np.flatnonzero((self.needs.start > (day - PURSUED) * DAY) & (self.needs.start < day * DAY))
        leaf = self._one_of(user, self.needs.user[lately], self.needs.leaf[lately])[visit]
        shop = self.campaign[user, (day + BEFORE) // CAMPAIGN][visit]
        draw = random.random(len(user))[visit]
        kinds = np.select([(draw < PURSUES) & (leaf >= 0), draw < PURSUES + CAMPAIGNS], [0, 1], 2)
        product = np.select(
            [kinds == 0, kinds == 1],
            [self.of_leaf.draw(leaf, random), self.of_shop.draw(shop, random)],
            self.of_all.draw(np.zeros(len(visit), dtype=np.int64), random),
        )
        session = self._new_sessions(len(user))
        time = start[visit] + 45 * (np.arange(len(visit)) - np.repeat(np.cumsum(looks) - looks, looks))
        none = np.full(len(visit), -1)
        self._log(user[visit], time, session[visit], product, CLICK, np.full(len(visit), 2), none)

    # --- what visits have in common

    def _looks(self, user: Array, leaf: Array, wanted: Array, start: Array) -> tuple[Array, Array, Array, Array]:
        """Clicks of visits [n]: their visit, product and time, [m] each; and the session numbers [n] of the visits."""
        random = self.random
        length = np.minimum(random.geometric(0.36, len(user)), LONGEST)
        visit = np.repeat(np.arange(len(user)), length)
        place = np.arange(len(visit)) - np.repeat(np.cumsum(length) - length, length)
        product = choose(self.fits, leaf[visit], user[visit], wanted[visit], random)
        gap = np.where(place > 0, random.lognormal(4.0, 0.9, len(visit)), 0.0)
        since = np.cumsum(gap) - np.repeat(np.cumsum(gap)[np.cumsum(length) - length], length) if len(gap) else gap
        return visit, product, start[visit] + since.astype(np.int64), self._new_sessions(len(user))

    def _new_sessions(self, count: int) -> Array:
        self.sessions += count
        return np.arange(self.sessions - count, self.sessions)

    def _log(
        self, user: Array, time: Array, session: Array, product: Array, behaviour: int, scenario: Array, query: Array
    ) -> None:
        values = (user, time, session, product, np.full(len(user), behaviour), scenario, query)
        self.events.append(dict(zip(COLUMNS, values, strict=True)))


def _take(waiting: list[dict[str, Array]], by: str, until: int) -> dict[str, Array] | None:
    """Rows whose time `by` lies before `until`, taken out of what waits; None where nothing waits."""
    if not waiting:
        return None
    joined = {name: np.concatenate([each[name] for each in waiting]) for name in waiting[0]}
    due = joined[by] < until
    waiting[:] = [{name: values[~due] for name, values in joined.items()}]
    return {name: values[due] for name, values in joined.items()}
