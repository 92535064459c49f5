"""The state of the shop from day to day, all users at once: what they need, what they buy and what follows from it.

A day has three parts, in this order.

1. Carts that promised a purchase for today are bought: the need ends, its leaf is satiated, companions wake.
2. New needs begin: of the world, of taste, woken by a purchase, or because something is used up.
3. Visits (see `visits`): for needs, by taste, through advertisements.

The ten days before the first are simulated as well and not kept, so that the first day finds people with needs.
"""

from __future__ import annotations

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
)
from core.data.sources.shop.fits import Fits, Pulls, choose
from core.data.sources.shop.needs import Needs
from core.data.sources.shop.queries import Queries, choose_queries
from core.data.sources.shop.random import Array, one_of_each, stream
from core.data.sources.shop.users import Users
from core.data.sources.shop.world import World

BEFORE = 10  # days that are simulated before the first
CAMPAIGN = 15  # days for which the advertisements of one shop pursue a user
OF_NEED = 0.15  # how far a need's product is chosen by charm
SHORTEST, LIFE = 1.0, 1.5  # days of a need: SHORTEST + a gamma variable of shape 2 and scale LIFE, four on average
AT_ONCE, DELAY = 0.12, 1.8  # share of kept carts bought within minutes; mean days until the others are
BEHAVIOURS = ("click", "bookmark", "cart", "purchase")
CLICK, BOOKMARK, CARTED, BOUGHT = range(4)
SCENARIOS = ("search", "recommendation", "advertising")
LOOKS, LONGEST = 0.36, 12  # looks in a visit: geometric with this parameter, at most so many
COLUMNS = ("user", "time", "session", "product", "behaviour", "scenario", "query")


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
        self.at_least = self.random.integers(0, DAYS // 2, (len(users), 2))  # days of two visits that everybody makes
        self._promised: list[dict[str, Array]] = []  # carts that will be bought
        self._woken: list[dict[str, Array]] = []  # needs that will begin
        self.marks: tuple[Array, Array] = (np.zeros(0, np.int64), np.zeros(0, np.int64))  # user, product

    def satiation(self, user: Array, day: float) -> Array:
        """s [n, L] of users [n]."""
        return np.exp(-(day - self.last_bought[user]) / self.causes.satiation_days)

    # --- what is bought, and what follows from it

    def buy(self, day: int) -> None:
        """The purchases of this day that carts have promised."""
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
        session = self.new_sessions(len(user))
        look = (time - self.random.integers(20, 600, len(user)))[back]
        self.log(user[back], look, session[back], product[back], CLICK, due["scenario"][back], due["query"][back])
        self.log(user, time, session, product, BOUGHT, due["scenario"], due["query"])
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

    def begin(self, day: int) -> None:
        """The needs that begin on this day: of the world, of taste, and those that were woken."""
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

    def cart(
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
        self.log(user, time, session, product, CARTED, scenario, query)
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

    def one_of(self, user: Array, who: Array, what: Array) -> Array:
        """For users [n] one of what [m] that is theirs (who [m]), drawn evenly, or −1."""
        order = np.argsort(who, kind="stable")
        first, end = np.searchsorted(who[order], user), np.searchsorted(who[order], user, side="right")
        place = first + np.floor(self.random.random(len(user)) * (end - first)).astype(np.int64)
        if not len(what):
            return np.full(len(user), -1)
        return np.where(end > first, what[order][np.minimum(place, len(what) - 1)], -1)

    # --- what visits have in common

    def looks(self, user: Array, leaf: Array, wanted: Array, start: Array) -> tuple[Array, Array, Array, Array]:
        """Clicks of visits [n]: their visit, product and time, [m] each; and the session numbers [n] of the visits."""
        random = self.random
        length = np.minimum(random.geometric(LOOKS, len(user)), LONGEST)
        visit = np.repeat(np.arange(len(user)), length)
        place = np.arange(len(visit)) - np.repeat(np.cumsum(length) - length, length)
        product = choose(self.fits, leaf[visit], user[visit], wanted[visit], random)
        gap = np.where(place > 0, random.lognormal(4.0, 0.9, len(visit)), 0.0)
        since = np.cumsum(gap) - np.repeat(np.cumsum(gap)[np.cumsum(length) - length], length) if len(gap) else gap
        return visit, product, start[visit] + since.astype(np.int64), self.new_sessions(len(user))

    def new_sessions(self, count: int) -> Array:
        """Numbers of so many new sessions."""
        self.sessions += count
        return np.arange(self.sessions - count, self.sessions)

    def log(
        self, user: Array, time: Array, session: Array, product: Array, behaviour: int, scenario: Array, query: Array
    ) -> None:
        """Events [n] of one behaviour, behind those that are there."""
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
