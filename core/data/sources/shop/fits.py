"""How products please people, and how alike two products of a leaf are: worked out once, looked up all the time."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from core.data.sources.shop.random import Array, stream
from core.data.sources.shop.users import Users, own_styles
from core.data.sources.shop.world import World

BRAND, WORDS, LEVEL, SAME = 1.2, 2.0, 0.4, 1.5
OF_LEAF = 0.15  # how far the usual product of a leaf follows from what pleases the user everywhere


@dataclass(frozen=True)
class Fits:
    """P products, U users, all hidden.

    fit(p, q) = BRAND [same brand] + WORDS |attributes in common| / |attributes of q| − LEVEL |difference of price
    levels| + SAME [p = q], less its mean over the leaf's products p; q is the product that somebody has in mind.
    """

    pools: tuple[Array, ...]  # products of each leaf
    place: Array  # [P] place of a product within its leaf
    likeness: tuple[Array, ...]  # of each leaf [n, n]: fit of column p with row q
    charm: Array  # [U, P] float32: popularity, liking and the user's own style: what draws a user to a product
    usual: Array  # [U, L] the product that a user's taste in a leaf is like

    def fit(self, world: World, product: Array, wanted: Array) -> Array:
        """fit of products [n] with wanted ones [n]; 0 where nothing is wanted (−1) or another leaf is."""
        found = np.zeros(len(product))
        known = np.flatnonzero((wanted >= 0) & (world.leaf[product] == world.leaf[np.maximum(wanted, 0)]))
        for leaf in np.unique(world.leaf[product[known]]):
            rows = known[world.leaf[product[known]] == leaf]
            found[rows] = self.likeness[leaf][self.place[wanted[rows]], self.place[product[rows]]]
        return found


def make_fits(world: World, users: Users) -> Fits:
    pools = tuple(np.flatnonzero(world.leaf == leaf) for leaf in range(len(world.leaves)))
    place = np.zeros(world.products, dtype=np.int64)
    likeness = []
    for pool in pools:
        place[pool] = np.arange(len(pool))
        has = world.has[pool].astype(np.int64)
        words = (has @ has.T) / np.maximum(has.sum(axis=1), 1)[:, None]
        brand, level = world.brand[pool], world.price_level[pool]
        fit = BRAND * (brand[:, None] == brand) + WORDS * words - LEVEL * np.abs(level[:, None] - level)
        fit = fit + SAME * np.eye(len(pool))
        likeness.append((fit - fit.mean(axis=1, keepdims=True)).astype(np.float32))
    brands = 0.5 * np.einsum("ud,bd->ub", users.brand_taste, world.brand_taste)
    liking = brands[:, world.brand].astype(np.float32)
    liking -= (0.16 * (world.price_level[None, :] - users.price_level[:, None]) ** 2).astype(np.float32)
    liking += (2.0 * users.deal[:, None] * world.discount[None, :]).astype(np.float32)
    charm = 0.8 * world.popularity.astype(np.float32) + liking + np.float32(3.0) * own_styles(world, users)
    fits = Fits(pools, place, tuple(likeness), charm, np.zeros((len(users), len(pools)), dtype=np.int64))
    user, leaf = (each.ravel() for each in np.indices(fits.usual.shape))
    chosen = choose(fits, leaf, user, np.full(len(user), -1), stream("usual"), OF_LEAF)
    return replace(fits, usual=chosen.reshape(fits.usual.shape))


def choose(
    fits: Fits, leaf: Array, user: Array, wanted: Array, random: np.random.Generator, charm: float = 1.0
) -> Array:
    """A product of each leaf [n] for each user [n], drawn with weights exp(score): near the wanted product if any.

    score = `charm` times the charm where nothing is wanted (−1), else ¼ charm + 2 fit.
    """
    chosen = np.zeros(len(leaf), dtype=np.int64)
    order = np.argsort(leaf, kind="stable")
    borders = np.searchsorted(leaf[order], np.arange(len(fits.pools) + 1))
    for number, pool in enumerate(fits.pools):
        rows = order[borders[number] : borders[number + 1]]
        if not len(rows):
            continue
        score = fits.charm[user[rows][:, None], pool[None, :]].astype(np.float64)
        aim = wanted[rows]
        known = aim >= 0
        score *= charm
        score[known] = 0.25 / charm * score[known] + 2.0 * fits.likeness[number][fits.place[aim[known]]]
        chosen[rows] = pool[np.argmax(score + random.gumbel(size=score.shape), axis=1)]
    return chosen


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
