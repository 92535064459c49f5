"""The loops of block-max pruning, compiled by numba; see `core.relevance.index.blocks`."""

from __future__ import annotations

import numba
import numpy as np

FIRST = 12  # blocks of the highest bounds, which are looked at before all others


@numba.njit(cache=True, nogil=True)
def best(  # type: ignore[no-untyped-def]
    order, lowest, starts, block, most, first, local, steps,
    terms, values, scale, moved, amounts, gone, bounds, rows, scores, least,
):  # fmt: skip
    """The best products above `least`, best first, equal scores in the order of rows; returns how many there are.

    A product's score is (Σ_t values[t] · step) · scale + its amount, added up in the order of `terms` as everywhere, so
    that bounds, which are added up in the same order of numbers at least as large, are never below it: no rounding can
    hide a product. `bounds` [B] is room to work in; `rows`, `scores` [n] take the answer.
    """
    count_blocks = len(lowest)
    bounds[:] = 0.0
    for place in range(len(terms)):
        value = values[place]
        for pair in range(starts[terms[place]], starts[terms[place] + 1]):
            bounds[block[pair]] += value * most[pair]
    for number in range(count_blocks):
        bounds[number] *= scale
    at = 0
    while at < len(moved):  # what is added to single products lifts the bound of their block
        number = moved[at] // 64
        highest = 0.0
        while at < len(moved) and moved[at] // 64 == number:
            highest = max(highest, amounts[at])
            at += 1
        bounds[number] += highest
    sums = np.empty(64, np.float64)
    count = 0
    for number in _highest(bounds):
        if number < 0 or bounds[number] <= least:
            continue
        count = _look(number, order, starts, block, first, local, steps, terms, values, scale, moved, amounts,
                      gone, sums, rows, scores, count, least)  # fmt: skip
        bounds[number] = -1.0
    full = len(rows)
    for number in range(count_blocks):
        bound = bounds[number]
        if bound <= least:
            continue
        if count == full and full > 0:
            worst = scores[full - 1]
            if bound < worst or (bound == worst and lowest[number] > rows[full - 1]):
                continue
        count = _look(number, order, starts, block, first, local, steps, terms, values, scale, moved, amounts,
                      gone, sums, rows, scores, count, least)  # fmt: skip
    return count


@numba.njit(cache=True, nogil=True)
def _highest(bounds):  # type: ignore[no-untyped-def]
    """The blocks of the highest bounds, highest first; −1 where there are fewer."""
    found = np.full(FIRST, -1, np.int64)
    values = np.zeros(FIRST, np.float64)
    least = 0.0
    for number in range(len(bounds)):
        bound = bounds[number]
        if bound > least:
            place = FIRST - 1
            while place > 0 and values[place - 1] < bound:
                values[place] = values[place - 1]
                found[place] = found[place - 1]
                place -= 1
            values[place] = bound
            found[place] = number
            least = values[FIRST - 1]
    return found


@numba.njit(cache=True, nogil=True)
def _look(  # type: ignore[no-untyped-def]
    number, order, starts, block, first, local, steps, terms, values, scale, moved, amounts, gone, sums, rows, scores,
    count, least,
):  # fmt: skip
    """Scores the products of one block and puts the better ones into their place; returns how many there are now."""
    begin = number * 64
    size = min(64, len(order) - begin)
    sums[:] = 0.0
    for place in range(len(terms)):
        low, high = starts[terms[place]], starts[terms[place] + 1]
        end = high
        while low < high:
            middle = (low + high) // 2
            if block[middle] < number:
                low = middle + 1
            else:
                high = middle
        if low < end and block[low] == number:
            value = values[place]
            for posting in range(first[low], first[low + 1]):
                sums[local[posting]] += value * steps[posting]
    at = np.searchsorted(moved, begin) if len(moved) else 0
    full = len(rows)
    for here in range(size):
        score = sums[here] * scale
        if at < len(moved) and moved[at] == begin + here:
            score += amounts[at]
            at += 1
        if score <= least or (count == full and (full == 0 or score < scores[full - 1])):
            continue
        row = np.int64(order[begin + here])
        if gone[row] or (count == full and score == scores[full - 1] and row > rows[full - 1]):
            continue
        place = count if count < full else full - 1
        while place > 0 and (scores[place - 1] < score or (scores[place - 1] == score and rows[place - 1] > row)):
            scores[place] = scores[place - 1]
            rows[place] = rows[place - 1]
            place -= 1
        scores[place] = score
        rows[place] = row
        count = min(full, count + 1)
    return count


@numba.njit(cache=True, nogil=True)
def invert_in_order(starts, ids, weights, order, terms):  # type: ignore[no-untyped-def]
    """Bags by row into postings by term, positions in `order` for rows: starts [terms + 1], places [M], weights [M]."""
    ends = np.zeros(terms + 1, np.int64)
    for entry in range(len(ids)):
        ends[ids[entry] + 1] += 1
    for term in range(terms):
        ends[term + 1] += ends[term]
    next_of = ends[:-1].copy()
    places = np.empty(len(ids), np.uint32)
    turned = np.empty(len(ids), np.uint8)
    for place in range(len(order)):
        row = order[place]
        for entry in range(starts[row], starts[row + 1]):
            to = next_of[ids[entry]]
            places[to] = place
            turned[to] = weights[entry]
            next_of[ids[entry]] += 1
    return ends, places, turned


@numba.njit(cache=True, nogil=True)
def pairs_of(ends, places, weights, size):  # type: ignore[no-untyped-def]
    """Postings by term into pairs of term and block: starts [terms + 1], block [E], highest weight [E], first [E+1]."""
    terms = len(ends) - 1
    starts = np.zeros(terms + 1, np.int64)
    total = 0
    for term in range(terms):
        before = -1
        for posting in range(ends[term], ends[term + 1]):
            number = np.int64(places[posting]) // size
            if number != before:
                total += 1
                before = number
        starts[term + 1] = total
    block = np.empty(total, np.uint32)
    most = np.zeros(total, np.uint8)
    first = np.empty(total + 1, np.int64)
    pair = -1
    for term in range(terms):
        before = -1
        for posting in range(ends[term], ends[term + 1]):
            number = np.int64(places[posting]) // size
            if number != before:
                pair += 1
                block[pair] = number
                first[pair] = posting
                before = number
            most[pair] = max(most[pair], weights[posting])
    first[total] = len(places)
    return starts, block, most, first


@numba.njit(cache=True, nogil=True)
def keys_of(starts, ids, rank, width):  # type: ignore[no-untyped-def]
    """[N, width] the ranks of each product's most frequent terms, ascending; the number of terms where it has fewer."""
    count = len(starts) - 1
    keys = np.full((count, width), len(rank), np.int64)
    for row in range(count):
        for entry in range(starts[row], starts[row + 1]):
            value = rank[ids[entry]]
            place = width - 1
            if value >= keys[row, place]:
                continue
            while place > 0 and keys[row, place - 1] > value:
                keys[row, place] = keys[row, place - 1]
                place -= 1
            keys[row, place] = value
    return keys
