"""DUPN: its arms, its attention, and what may not change a representation."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from core.data.dataset import Batch, Dataset
from core.data.description import DatasetCard, DatasetDescription, Split, Task
from core.data.histories.field_vocabulary import FieldVocabularies, FieldVocabulary
from core.data.histories.fields import EVENT, FIXED
from core.data.histories.histories import WORDS
from core.data.histories.limits import MOST
from core.data.histories.questions import describe
from core.data.sources.shop_histories import CARD
from core.data.sources.shop_histories.searches import RANKING
from core.errors import PrecedenceError
from core.insight.task_gradients import step_gradients
from core.models.build import build
from core.models.config import ModelConfig
from core.models.dupn_config import PAPER, DUPNConfig
from core.models.dupn_start import LENGTH
from core.models.losses import TaskLosses

SIZES = {"item": 40, "shop": 9, "brand": 8, "category": 12, "word": 30, "scenario": 4, "behaviour": 5,
         "user_age": 6, "user_city": 5}  # fmt: skip
N, B = 6, 30
SPARSE = ["item", "shop", "brand", "category", *(f"word_{at + 1}" for at in range(WORDS)), "user_age", "user_city"]


def vocabulary(size):
    return FieldVocabulary(tuple(str(n) for n in range(size - 1)))


DESCRIPTION = describe(
    CARD, FieldVocabularies({name: vocabulary(size) for name, size in SIZES.items()}), SPARSE, list(RANKING)
)


def dataset(seed=0, dtype=torch.float64) -> Dataset:
    random = torch.Generator().manual_seed(seed)

    def ids(size, *shape):
        return torch.randint(0, size, shape, generator=random, dtype=torch.int32)

    lengths = torch.tensor([0, 1, 7, 30, 55, MOST])
    inside = torch.arange(MOST) < lengths[:, None]
    sequences = []
    for feature in DESCRIPTION.sequences:
        if feature.key == "query":
            sequences.append(ids(feature.size, 3, feature.length))
            continue
        own = ids(feature.size, N, feature.length)
        if feature.name in ("history_gap", "history_behaviour"):
            own = own.clamp_min(1)
        keep = inside.repeat_interleave(feature.length // MOST, 1)
        sequences.append(own * keep)
    sequences[-1][0] = sequences[-2][0] = 0  # nobody asked
    history = torch.arange(N, dtype=torch.int32).repeat_interleave(B // N)
    profile = ids(5, N, 2)[history.long()]
    labels = torch.cat((torch.randint(0, 2, (B, 5), generator=random),), 1).to(dtype)
    return Dataset(
        description=DESCRIPTION,
        sparse=torch.cat((torch.stack([ids(f.size, B) for f in DESCRIPTION.sparse[:-2]], 1), profile), 1),
        dense=torch.randn(B, len(RANKING), generator=random, dtype=dtype),
        sequences=tuple(sequences),
        labels=labels,
        mask=torch.ones(B, 5, dtype=torch.bool),
        rows={name: torch.arange(B) for name in ("train", "validation", "test")},
        keys={"history": history, "query": (history % 3)},
    )


def network(**settings):
    return build(DUPNConfig(**{"dropout": 0, **settings}), DESCRIPTION, 0).double()


def whole(data: Dataset) -> Batch:
    return data.batch(torch.arange(B))


def altered(data: Dataset, name: str, change) -> Dataset:
    at = [feature.name for feature in DESCRIPTION.sequences].index(name)
    sequences = list(data.sequences)
    sequences[at] = change(sequences[at])
    return replace(data, sequences=tuple(sequences))


def test_predictions_have_a_column_a_task_and_seven_for_the_price():
    model, batch = network(), whole(dataset())
    assert model(batch).shape == (B, 1 + 1 + 7 + 1 + 1)
    assert model.sharing.of_histories(model.embedding(batch))[0].shape == (N, 128)
    paper = network(**PAPER)
    assert paper.sharing.of_histories(paper.embedding(batch))[0].shape == (N, 256)


def test_attention_is_a_distribution_over_known_events():
    model, batch = network(length=MOST), whole(dataset())
    weights = model.sharing.of_histories(model.embedding(batch))[1]
    lengths = torch.tensor([0, 1, 7, 30, 55, MOST])
    torch.testing.assert_close(weights.sum(1), (lengths > 0).double())
    assert not weights[torch.arange(MOST) >= lengths[:, None]].any()
    assert (weights[1:, 0] > 0).all()


@pytest.mark.parametrize(("arm", "moves"), [("none", False), ("gates", True), ("attention", True), ("all", True)])
def test_properties_enter_where_the_arm_says(arm, moves):
    model, data = network(arm=arm), dataset()
    before = model(whole(data))
    for name in ("scenario", "behaviour", "hour"):
        # other properties of events that stay known
        other = altered(data, f"history_{name}", lambda ids: torch.where(ids > 0, ids % 3 + 1, ids).int())
        assert torch.allclose(before, model(whole(other))) != moves
    states = [
        model.sharing.lstm(x.items, x.properties) for x in (model.embedding(whole(data)), model.embedding(whole(other)))
    ]
    assert torch.allclose(*states) != (arm in ("gates", "all"))


def test_rows_beside_and_padding_change_nothing():
    """A history alone, or beside longer ones that make it be padded, has the same predictions."""
    model, data = network(length=MOST), dataset()
    together = model(whole(data))
    for one in range(N):
        rows = torch.arange(B)[data.keys["history"] == one]
        torch.testing.assert_close(model(data.batch(rows)), together[rows], atol=1e-12, rtol=0)


def test_only_the_latest_events_are_read():
    model, data = network(length=20), dataset()
    before = model(whole(data))
    early = torch.arange(MOST) < MOST - 20

    def change(ids):  # of the longest history, events before the last twenty
        out = ids.clone()
        out[-1] = torch.where(early, (ids[-1] + 1) % 40, ids[-1])
        return out

    torch.testing.assert_close(model(whole(altered(data, "history_item", change))), before, atol=0, rtol=0)
    late = altered(data, "history_item", lambda ids: torch.where(ids > 0, (ids + 1) % 40, ids).int())
    assert not torch.allclose(model(whole(late)), before)


def test_without_a_query_the_null_query_answers():
    model, data = network(), dataset()
    with torch.no_grad():
        before = model(whole(data))
        model.sharing.null_query.add_(torch.randn(64, dtype=torch.float64))
        after = model(whole(data))
    unasked = data.keys["query"] == 0
    empty = data.keys["history"] == 0  # with no event there is nothing to attend to
    assert torch.equal(before[~unasked], after[~unasked])
    assert not torch.isclose(before, after)[unasked & ~empty].all(1).any()


def test_the_ranking_score_is_the_weights_times_the_features():
    model, batch = network(), whole(dataset())
    z = model.represent(batch)[1]
    weights = model.heads[1].ranking_weights(z[:, :128])
    assert weights.shape == (B, 26)
    assert (weights >= 0).all()
    net = weights[:, :13] - weights[:, 13:]
    expected = (net[:, :12] * batch.dense).sum(1) + net[:, 12]
    torch.testing.assert_close(model(batch)[:, 1], expected)


def test_task_gradients_with_respect_to_touched_rows_are_the_whole_tables():
    model, data = network(), dataset()
    losses, batch = TaskLosses(data), whole(data)
    shared = model.shared_parameters()
    found = step_gradients(model, losses, batch, range(5)).shared
    for task in range(5):
        expected = torch.autograd.grad(losses(model(batch), batch)[task], shared, allow_unused=True)
        table = torch.zeros_like(model.table)
        table[found.touched] = found.rows[task]
        torch.testing.assert_close(table, expected[0], atol=1e-12, rtol=1e-9)
        for own, theirs in zip(found.trunk, expected[1:], strict=True):
            theirs = torch.zeros_like(own[task]) if theirs is None else theirs
            torch.testing.assert_close(own[task], theirs, atol=1e-12, rtol=1e-9)


def test_events_and_candidates_share_a_fields_rows():
    model = network()
    starts, sizes = model.embedding.starts, model.embedding.sizes
    assert sizes == {**SIZES, **FIXED}
    numbers = model.embedding.row_numbers(whole(dataset()))
    assert numbers.min() >= 0
    assert numbers.max() < sum(sizes.values()) == model.embedding.table.num_embeddings
    assert sorted(starts.values())[0] == 0
    assert len(EVENT) == 10


def test_other_networks_run_on_histories_too_and_dupn_only_there():
    batch = whole(dataset(dtype=torch.float32))
    assert build(ModelConfig(kind="mmoe"), DESCRIPTION, 0)(batch).shape == (B, 11)
    plain = DatasetDescription(
        card=DatasetCard(name="t", title="A table", about="", tasks=(Task(name="ctr", title="", label="l"),),
                         split=Split(kind="random", says=""))
    )  # fmt: skip
    with pytest.raises(PrecedenceError, match="A table has none"):
        build(DUPNConfig(), plain, 0)
    renamed = DESCRIPTION.model_copy(
        update={"card": CARD.model_copy(update={"tasks": (Task(name="love", title="", label="l"),)})}
    )
    with pytest.raises(PrecedenceError, match="no head for the task 'love'"):
        build(DUPNConfig(), renamed, 0)


def test_a_candidate_lies_where_the_same_item_lies_in_the_history():
    model, batch = network(), whole(dataset())
    x = model.embedding(batch)
    place = model.sharing.place
    item, brand = model.represent(batch)[0][:, -64:], model.represent(batch)[3][:, -64:]
    own = x.candidate["item"][:, :124]
    torch.testing.assert_close(item, place(own))
    only_brand = torch.zeros_like(own)
    only_brand[:, 32 + 24 : 32 + 24 + 24] = own[:, 32 + 24 : 32 + 24 + 24]  # after the item itself and its shop
    torch.testing.assert_close(brand, place(only_brand))


@pytest.mark.parametrize(
    ("task", "fields"), [(0, ["item", "shop", "brand", "category"]), (3, ["brand"]), (4, ["shop"])]
)
def test_heads_see_how_much_attention_the_candidates_own_events_get(task, fields):
    model, data = network(), dataset()
    batch = whole(data)
    weights = model.sharing.of_histories(model.embedding(batch))[1]
    events = dict(zip(EVENT, model.embedding.event_ids(batch), strict=True))
    expected = torch.zeros(B, len(fields), dtype=torch.float64)
    for row in range(B):
        user = int(batch.keys["history"][row])
        count = int((events["gap"][user] > 0).sum())
        for at, name in enumerate(fields):
            own = batch.sparse[row, model.embedding.sparse[name]]
            same = [weights[user, t] for t in range(count) if own > 0 and events[name][user, t] == own]
            expected[row, at] = torch.log1p(count * sum(same, torch.tensor(0.0).double()))
    found = model.represent(batch)[task][:, -64 - len(fields) : -64]
    torch.testing.assert_close(found, expected)
    assert (expected > 0).any()


def test_without_matching_the_heads_are_the_papers():
    model, batch = network(matching=False), whole(dataset())
    z = model.represent(batch)[0]
    torch.testing.assert_close(model(batch)[:, :1], model.heads[0].layers(z))
    assert z.shape[1] == 128 + 124 + len(RANKING) + 1
    assert model.sharing.place is None


def test_the_table_begins_as_training_histories_say():
    data, model = dataset(), network()
    drawn = model.table.detach().clone()
    model.begin(data)
    at, size = model.embedding.starts["category"], model.embedding.sizes["category"]
    column = [feature.name for feature in DESCRIPTION.sequences].index("history_category")
    held = torch.unique(data.sequences[column])
    changed = (model.table != drawn)[at : at + size].any(1)
    assert changed.nonzero().flatten().tolist() == [n for n in held.tolist() if n]
    torch.testing.assert_close(
        model.table[at : at + size][changed, :16].norm(dim=1), torch.full((int(changed.sum()),), LENGTH).double()
    )
    properties = model.embedding.starts["behaviour"]
    assert torch.equal(model.table[properties : properties + 5], drawn[properties : properties + 5])
    plain = network(start="random")
    plain.begin(data)
    assert torch.equal(plain.table, drawn)


def test_attention_may_see_what_fits_the_query():
    data = dataset()
    plain, model = network(length=MOST), network(length=MOST, query_match=True)
    assert "sharing.attention.fit" not in dict(plain.named_parameters())
    x = model.embedding(whole(data))
    ids = dict(zip(EVENT, model.embedding.event_ids(whole(data)), strict=True))
    names = [feature.name for feature in DESCRIPTION.sequences]
    asked = {name: data.sequences[names.index(name)][torch.arange(N) % 3] for name in ("query_words", "query_category")}
    for history in range(N):
        words = {int(word) for word in asked["query_words"][history] if word}
        for event in range(int(x.known[history].sum())):
            same = int(asked["query_category"][history]) == int(ids["category"][history, event]) > 0
            has = {int(word) for word in ids["words"][history, event]}
            share = len(words & has) / max(len(words), 1)
            assert x.fits_query[history, event].tolist() == pytest.approx([float(same), share])
    with torch.no_grad():
        model.sharing.attention.fit.copy_(torch.tensor([0.0, 0.0]))
        even = model.sharing.of_histories(x)[1]
        model.sharing.attention.fit.copy_(torch.tensor([2.0, 0.0]))
        pulled = model.sharing.of_histories(x)[1]
    fits = x.fits_query[..., 0] > 0
    held = fits.any(1) & ~(fits | ~x.known).all(1)
    assert held.any()
    assert ((pulled * fits).sum(1)[held] > (even * fits).sum(1)[held]).all()
    torch.testing.assert_close(pulled[~fits.any(1)], even[~fits.any(1)])
