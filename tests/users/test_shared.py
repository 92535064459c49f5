"""Shares, lifts, intervals and sentences: against counting by hand and against drawing users again."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import PrecedenceError
from core.users.traits.cohorts import difference, profile
from core.users.traits.facets import facets, shares
from core.users.traits.lift import Everyone, compared, in_words
from tests.users.support import histories_of, two_kinds


def by_hand(histories, facet, users):
    """Mean over users of the part of their events, one event after the other."""
    means = {}
    for user in users:
        events = [facet.values[facet.number[e]] for e in range(*histories.offsets[[user, user + 1]])]
        events = [value for value in events if value]
        for value in events:
            means[value] = means.get(value, 0) + 1 / len(events) / len(users)
    return means


def random_histories(seed, users=30):
    random = np.random.default_rng(seed)
    lines = []
    for user in range(users):
        for _ in range(random.integers(1, 12)):
            kind = random.integers(0, 5)
            lines.append((f"u{user}", int(random.integers(0, 240)), f"c{kind}", f"b{random.integers(0, 4)}", 1 + kind))
    return histories_of(lines)


@pytest.mark.parametrize("seed", range(5))
def test_shares_are_what_counting_gives(seed):
    histories = random_histories(seed)
    for facet in facets(histories):
        for users in (np.arange(30), np.array([3, 17, 4])):
            found = shares(histories, facet, users)
            expected = by_hand(histories, facet, users)
            for row, value in enumerate(facet.values):
                assert found.mean[row] == pytest.approx(expected.get(value, 0.0))
            assert found.mean.sum() == pytest.approx(1)
            assert found.users == len(users)
        assert shares(histories, facet).mean == pytest.approx(shares(histories, facet, np.arange(30)).mean)


def test_what_a_group_shares_by_hand():
    """Tea is 80 % of the first twenty's events and 50 % of everyone's: a lift of 1.6, and nobody differs."""
    everyone = Everyone(two_kinds())
    found = {(trait.facet, trait.value): trait for trait in everyone.traits(np.arange(10), strong=1.1)}
    tea = found["category", "tea"]
    assert (tea.share, tea.base, tea.lift) == pytest.approx((0.8, 0.5, 1.6))
    assert (tea.having, tea.users) == (10, 10)
    assert tea.low < tea.lift < tea.high
    assert found["time_of_day", "morning (6–10)"].share == pytest.approx(1)
    assert found["price_level", "2 of 7"].lift == pytest.approx(1.6)
    assert ("category", "coffee") not in found
    assert "80% of their events against 50.0% for everyone (1.6 ×" in tea.sentence


def test_a_group_that_is_like_everyone_shares_nothing():
    everyone = Everyone(two_kinds())
    assert everyone.traits(np.array([0, 1, 20, 21])) == []
    assert in_words([]) == "Nothing stands out: what they do, everyone does."


def test_rare_values_are_not_told():
    """One user in forty with one event of its own, and two of ten with one each: floors on users and on events."""
    lines = [(f"u{user}", 8, "tea", "b", 3) for user in range(40) for _ in range(6)]
    lines += [("u0", 9, "rarity", "b", 3), ("u1", 9, "rarity", "b", 3)]
    traits = Everyone(histories_of(lines)).traits(np.arange(10))
    assert [trait for trait in traits if trait.value == "rarity"] == []


def test_a_pair_shares_what_both_do_twice():
    everyone = Everyone(two_kinds())
    alike = {trait.value: trait for trait in everyone.pair(0, 1, most=10)}
    assert alike["tea"].lift == pytest.approx(0.8 / 0.5)
    assert "morning (6–10)" in alike
    other = {trait.value for trait in everyone.pair(0, 39, most=10)}
    assert "morning (6–10)" not in other  # their days never meet
    assert everyone.pair(0, 1, most=1)[0] == max(alike.values(), key=lambda t: t.share * np.log(t.lift))


def test_the_interval_covers_what_other_users_show():
    """Groups of 40 drawn from users whose shares vary: the 95 % interval holds the population's lift about as often."""
    random = np.random.default_rng(0)
    lines = []
    for user in range(2000):
        liking = random.beta(2, 3) if user < 1000 else random.beta(2, 8)
        kinds = ["tea" if random.random() < liking else "coffee" for _ in range(12)]
        lines += [(f"u{user}", 8 + at, kind, "b", 3) for at, kind in enumerate(kinds)]
    histories = histories_of(lines)
    everyone = Everyone(histories)
    facet = everyone.facets[0]
    tea = int(np.flatnonzero(facet.values == "tea")[0])
    true = shares(histories, facet, np.arange(1000)).mean[tea] / everyone.base["category"].mean[tea]
    held = []
    for _ in range(200):
        group = shares(histories, facet, random.choice(1000, 40, replace=False))
        told = {trait.value: trait for trait in compared(group, everyone.base["category"])}["tea"]
        held.append(told.low <= true <= told.high)
    assert 0.88 <= np.mean(held) <= 1


def test_a_profile_and_a_difference_say_who_is_who():
    everyone = Everyone(two_kinds())
    tea, coffee = np.arange(20), np.arange(20, 40)
    said = profile(everyone, tea)
    assert (said.users, said.events, said.everyone_events) == (20, 10, 10)
    assert said.known["age"]["young"] == (1.0, 0.5)
    told = {trait.value: trait for trait in difference(everyone, tea, coffee)}
    assert told["tea"].lift == pytest.approx(4)
    assert told["coffee"].lift == pytest.approx(0.25)
    assert told["coffee"].share == pytest.approx(0.2)
    turned = {trait.value: trait for trait in difference(everyone, coffee, tea)}
    for value, trait in told.items():
        assert turned[value].lift == pytest.approx(1 / trait.lift)
        assert (turned[value].low, turned[value].high) == pytest.approx((1 / trait.high, 1 / trait.low))


def test_a_cohort_of_two_is_refused():
    with pytest.raises(PrecedenceError, match="cohort of 2 is too small"):
        profile(Everyone(two_kinds()), np.array([1, 1, 2]))


def test_of_a_log_without_categories_the_items_themselves_are_shared():
    """Two have the mug among the ten lines of each, nobody else has it: a lift of 20 users over two."""
    lines = [(f"u{user}", at, "", f"b{user}", 1 + (user + at) % 7) for user in range(20) for at in range(10)]
    lines = [line if line[1] or line[0] not in ("u0", "u1") else (line[0], 0, "", "mug", 1) for line in lines]
    everyone = Everyone(histories_of(lines))
    assert "category" not in {facet.name for facet in everyone.facets}
    mug = next(trait for trait in everyone.pair(0, 1) if trait.facet == "item")
    assert mug.value.strip() == "mug"
    assert mug.lift == pytest.approx(10)
    assert in_words([mug]) == f"They share {mug.value} (10.0×)."
    assert not [trait for trait in everyone.pair(0, 5) if trait.facet == "item"]
