"""DeepBoW: the start is BM25, padding and neighbours do not matter, the penalty is what it says."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter

import pytest
import torch

from core.bench.synthetic import synthetic_dataset
from core.data.dataset import Dataset
from core.data.text.rarity import idf_of_levels, rarity_of_terms
from core.data.text.vocabulary import Vocabulary
from core.errors import PrecedenceError
from core.models.build import build
from core.models.deepbow import PairScore
from core.models.deepbow_bags import INFERRED, LENGTH, LITERAL, SATURATION, WakingRelu, by_word
from core.models.deepbow_config import DeepBoWConfig
from core.models.deepbow_input import Texts

SMALL = {"dim": 16, "feed_forward": 16, "average_length": 4.0}
CONFIGS = [
    DeepBoWConfig(**SMALL),
    DeepBoWConfig(**SMALL, query="expansion"),
    DeepBoWConfig(**SMALL, product="weighting"),
    DeepBoWConfig(**SMALL, query="expansion", product="weighting"),
    DeepBoWConfig(**SMALL, query="both", product="both"),
    DeepBoWConfig(**SMALL, characters=False),
    DeepBoWConfig(**SMALL, gate=False, phrases=False, layers=2),
    DeepBoWConfig(**SMALL, head_noun=False, literal_first=False),
    DeepBoWConfig(**SMALL, score="vectors"),
]


def name_of(config: DeepBoWConfig) -> str:
    return f"{config.score}-{config.query}-{config.product}-{config.characters}"


def loud(network: torch.nn.Module) -> torch.nn.Module:
    """The network with weights as after long training: every part has its say."""
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter += 0.3 * torch.randn(parameter.shape, generator=generator)
    return network


def scores(network, data: Dataset, rows: torch.Tensor) -> torch.Tensor:
    batch = data.batch(rows)
    sharing = network.sharing
    with torch.no_grad():
        pairs = network.embedding.assemble(network.table[network.embedding.row_numbers(batch)], batch)
        query, product = sharing.encoder(pairs.query), sharing.encoder(pairs.product)
        if sharing.bags is None:
            return (sharing.unit_vector(query)[pairs.query_of] * sharing.unit_vector(product)[pairs.product_of]).sum(1)
        return sharing.bags.score(sharing.bags.bags("query", query), sharing.bags.bags("product", product), pairs)


@torch.no_grad()
def dense_bags(network, side: str, texts: Texts) -> torch.Tensor:
    """The weight of every term in N texts: [N, terms], entry by entry."""
    bags = network.sharing.bags.bags(side, network.sharing.encoder(texts))
    out = torch.zeros(len(bags.ids), network.embedding.terms)
    for row, term, weight in zip(
        *torch.nonzero(bags.weights, as_tuple=True), bags.weights[bags.weights != 0], strict=True
    ):
        id = int(bags.ids[row, term])
        assert id > 0
        assert out[row, id] == 0, "a term has one entry"
        out[row, id] = weight
    return out


def test_the_start_is_bm25(pairs: Dataset, pairs_folder, vocabulary: Vocabulary) -> None:
    """Σ idf · n / (n + k₁ (1 − b + b · length / average)) over the query's words, divided by Σ idf, and what a word of
    the title says of a word that the title lacks."""
    import duckdb

    plain = DeepBoWConfig(**SMALL, phrases=False, characters=False, head_noun=False, literal_first=False)
    network = build(plain, pairs.description, 0).eval()
    texts = {
        side: [row[0] for row in duckdb.sql(f"SELECT text FROM '{pairs_folder}/{side}.parquet'").fetchall()]
        for side in ("query", "product")
    }
    idf = idf_of_levels()[rarity_of_terms(vocabulary)]
    kept = 1 - torch.sigmoid(torch.tensor(-3.0)).item()  # the gate gives the silent character branch its share
    rows = torch.arange(0, 210, 3)
    found = scores(network, pairs, rows)
    said = 0
    for at, row in enumerate(rows.tolist()):
        query, product = (vocabulary.encode(texts[side][int(pairs.keys[side][row])]) for side in ("query", "product"))
        words = query.word_ids[: query.words].tolist()
        count = Counter(product.word_ids[: product.words].tolist())
        damp = SATURATION * (1 - LENGTH + LENGTH * product.words / SMALL["average_length"])
        weights = {word: kept * n / (n + damp) for word, n in count.items()}
        expansions = vocabulary.expansions(product)
        for term, share in zip(expansions.ids.tolist(), expansions.shares.tolist(), strict=True):
            weights[term] = 0.08 * math.ceil(10 * share - 1e-6)
            said += term in words
        gain = sum(idf[word] * weights.get(word, 0.0) for word in words)
        assert found[at].item() == pytest.approx(gain / sum(idf[word] for word in words), abs=1e-5)
    assert said > 0


@pytest.mark.parametrize("config", CONFIGS, ids=name_of)
def test_a_score_does_not_depend_on_its_neighbours(pairs: Dataset, config: DeepBoWConfig) -> None:
    network = loud(build(config, pairs.description, 1)).eval()
    rows = torch.arange(40)
    together = scores(network, pairs, rows)
    for row in (0, 7, 39):
        assert scores(network, pairs, rows[row : row + 1])[0] == pytest.approx(together[row].item(), abs=1e-5)


@pytest.mark.parametrize("config", CONFIGS[:-1], ids=name_of)
def test_a_score_is_the_product_of_two_bags(pairs: Dataset, config: DeepBoWConfig) -> None:
    network = loud(build(config, pairs.description, 1)).eval()
    rows = torch.arange(60)
    bags = {}
    for side in ("query", "product"):
        everyone = torch.arange(len(pairs.sequences[network.embedding.places[side, "words"]]))
        bags[side] = dense_bags(network, side, network.embedding.texts_of(pairs, side, everyone))
    query, product = (bags[side][pairs.keys[side][rows].long()] for side in ("query", "product"))
    assert torch.all(query >= 0)
    assert torch.all(product >= 0)
    assert torch.allclose((query * product).sum(1), scores(network, pairs, rows), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("config", CONFIGS, ids=name_of)
def test_an_empty_text_scores_nothing_and_breaks_nothing(pairs: Dataset, config: DeepBoWConfig) -> None:
    emptied = dataclasses.replace(pairs, sequences=tuple(torch.zeros_like(ids) for ids in pairs.sequences))
    network = build(config, pairs.description, 1)
    prediction = network(emptied.batch(torch.arange(5)))
    prediction.sum().backward()
    assert torch.isfinite(prediction).all()
    if config.score == "bags":
        assert torch.all(scores(network.eval(), emptied, torch.arange(5)) == 0)


def test_the_penalty_is_flops_and_length_of_whole_bags(pairs: Dataset) -> None:
    network = loud(build(DeepBoWConfig(**SMALL, penalty=0.5), pairs.description, 1)).eval()
    rows = torch.arange(50)
    cost = network(pairs.batch(rows))[:, -1]
    whole = dense_bags(
        network, "product", network.embedding.texts_of(pairs, "product", pairs.keys["product"][rows].unique())
    )
    assert torch.allclose(cost, (0.5 * (whole.mean(0).square() + whole.mean(0)).sum()).expand(50), rtol=1e-4)


def test_the_order_s_loss_is_its_formula_query_by_query(pairs: Dataset) -> None:
    network = loud(build(DeepBoWConfig(**SMALL, listwise=2.0), pairs.description, 1)).eval()
    rows = torch.arange(5, 53)  # queries at both ends are divided
    found = scores(network, pairs, rows)
    slope = torch.exp(30 * network.sharing.log_scale_of_order).item()
    losses = []
    for query in pairs.keys["query"][rows].unique():
        own = pairs.keys["query"][rows] == query
        gain = 2 ** pairs.labels[rows][own][:, :2].sum(1) - 1
        if gain.sum() > 0:
            losses.append(-(gain / gain.sum() * torch.log_softmax(slope * found[own], 0)).sum().item())
    cost = network(pairs.batch(rows))[:, -2]
    assert cost.tolist() == pytest.approx([2 * sum(losses) / len(losses)] * len(rows), rel=1e-3)


def test_a_perfect_order_costs_less_than_its_reverse(pairs: Dataset) -> None:
    network = build(DeepBoWConfig(**SMALL), pairs.description, 1)
    batch = pairs.batch(torch.arange(60))
    made = network.embedding.assemble(network.table[network.embedding.row_numbers(batch)], batch)
    assert made.grades.unique().tolist() == [0, 1, 2]
    costs = [network.sharing.disorder(0.1 * sign * made.grades, made).item() for sign in (1, 0, -1)]
    assert costs == sorted(costs)
    nothing = dataclasses.replace(made, grades=torch.zeros_like(made.grades))
    assert network.sharing.disorder(made.grades, nothing) == 0


def test_the_penalty_warms_up_as_the_square_of_the_step(pairs: Dataset) -> None:
    network = build(DeepBoWConfig(**SMALL, dropout=0, penalty_warm_up=4), pairs.description, 1)
    batch = pairs.batch(torch.arange(30))
    costs = [network(batch)[0, -1].item() for _ in range(6)]
    full = costs[-1]
    assert costs == pytest.approx([full * min(1, step / 4) ** 2 for step in range(1, 7)], rel=1e-4)
    assert network.eval()(batch)[0, -1].item() == pytest.approx(full, rel=1e-4)


def test_grades_are_one_score_under_several_thresholds(pairs: Dataset) -> None:
    network = loud(build(DeepBoWConfig(**SMALL), pairs.description, 1)).eval()
    logits = network(pairs.batch(torch.arange(40)))
    rounding = 1e-4 + 1e-6 * logits[:, :2].abs().max().item()  # of the difference of two large numbers
    assert torch.allclose(logits[:, 0] - logits[:, 1], (logits[0, 0] - logits[0, 1]).expand(40), atol=rounding)


def test_a_silent_term_can_wake() -> None:
    x = torch.tensor([-1.0, 0.5], requires_grad=True)
    y = WakingRelu.apply(x)
    y.sum().backward()
    assert torch.equal(y, torch.tensor([0.0, 0.5]))
    assert torch.allclose(x.grad, torch.sigmoid(torch.tensor([-1.0, 0.5])))


def test_characters_go_to_their_own_word() -> None:
    characters = torch.tensor([[1, 5, 6, 1, 7, 0], [1, 8, 0, 0, 0, 0]])
    states = torch.arange(12.0).view(2, 6, 1)
    found = by_word(states, characters, 3)
    assert found.squeeze(-1).tolist() == [[1.0, 3.5, 0.0], [6.5, 0.0, 0.0]]


def test_measures_are_those_of_the_predictions(pairs: Dataset) -> None:
    network = build(DeepBoWConfig(**SMALL), pairs.description, 1).eval()
    rows = pairs.rows["test"]
    perfect = pairs.labels[rows].sum(1, keepdim=True).expand(-1, 4)
    assert network.measures(pairs, rows, perfect)["ndcg_at_10"] == pytest.approx(1.0)
    assert network.measures(pairs, rows, -perfect)["ndcg_at_10"] < 1.0


def test_rows_and_other_tasks_are_refused(pairs: Dataset) -> None:
    with pytest.raises(PrecedenceError, match="reads pairs of texts"):
        build(DeepBoWConfig(), synthetic_dataset(rows=50).description, 0)


def test_pairs_prepared_by_an_earlier_version_are_refused(pairs: Dataset) -> None:
    sequences = tuple(one for one in pairs.description.sequences if not one.name.endswith("_shares"))
    with pytest.raises(PrecedenceError, match="earlier version"):
        build(DeepBoWConfig(), pairs.description.model_copy(update={"sequences": sequences}), 0)


def test_every_parameter_is_shared_and_learns(pairs: Dataset) -> None:
    network = loud(build(DeepBoWConfig(**SMALL), pairs.description, 1))  # silent at first are layers behind zeros
    assert isinstance(network.sharing, PairScore)
    network(pairs.batch(torch.arange(60))).sum().backward()
    silent = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.abs().any()]
    assert silent == []


def test_what_a_title_says_is_never_below_what_is_inferred(pairs: Dataset) -> None:
    """However it was trained: any word said of a thing weighs at least what the same word may weigh where it is not."""
    network = loud(build(DeepBoWConfig(**SMALL), pairs.description, 2)).eval()
    everyone = torch.arange(len(pairs.sequences[network.embedding.places["product", "words"]]))
    states = network.sharing.encoder(network.embedding.texts_of(pairs, "product", everyone))
    heads = network.sharing.bags
    with torch.no_grad():
        same = (states.ids.unsqueeze(2) == states.ids.unsqueeze(1)) & states.real.unsqueeze(1)
        said = heads.copied(states, same)[states.real & ~heads.mention[states.roles]]
        inferred = heads.expanded(states)
    assert said.min() >= LITERAL - 1e-6
    assert inferred.max() <= INFERRED * LITERAL + 1e-6
    assert (inferred > 0).any()


def test_weights_of_an_earlier_version_go_on_as_they_were(pairs: Dataset) -> None:
    """They know neither heads nor a least weight of what is said."""
    config = DeepBoWConfig(**SMALL)
    plain = loud(build(config.model_copy(update={"head_noun": False, "literal_first": False}), pairs.description, 1))
    weights = {
        name: value
        for name, value in plain.state_dict().items()
        if name.rpartition(".")[2] not in ("role", "role_asked", "floor")
    }
    earlier = build(config, pairs.description, 2)
    earlier.load_state_dict(weights)
    rows = torch.arange(60)
    assert torch.allclose(scores(earlier.eval(), pairs, rows), scores(plain.eval(), pairs, rows), atol=1e-6)


def test_a_factor_of_a_mention_is_at_most_one_and_of_what_is_said_at_least(pairs: Dataset) -> None:
    heads = loud(build(DeepBoWConfig(**SMALL), pairs.description, 1)).sharing.bags
    factors = heads.factors()
    assert factors[0] == 1
    below = heads.mention | heads.field
    assert torch.all((factors[below] >= 0) & (factors[below] <= 1))
    assert torch.all((factors[~below] >= 1) & (factors[~below] <= 2))


def test_products_of_other_queries_are_misses_of_the_list(pairs: Dataset) -> None:
    """Softmax over all products of the batch, gains of those that nobody judged for the query are 0."""
    network = loud(build(DeepBoWConfig(**SMALL, negatives=True), pairs.description, 1)).eval()
    rows = torch.arange(0, 30)
    batch = pairs.batch(rows)
    made = network.embedding.assemble(network.table[network.embedding.row_numbers(batch)], batch)
    with torch.no_grad():
        bags = network.sharing.bags
        asked, held = (
            bags.bags(side, network.sharing.encoder(part))
            for side, part in zip(("query", "product"), (made.query, made.product), strict=True)
        )
        slope = torch.exp(30 * network.sharing.log_scale_of_order)
        losses = []
        for query in made.query_of.unique().tolist():
            own = made.query_of == query
            gain = torch.zeros(len(held.ids))
            gain[made.product_of[own]] = 2 ** made.grades[own] - 1
            one = {int(t): float(w) for t, w in zip(asked.ids[query], asked.weights[query], strict=True) if w}
            score = torch.tensor(
                [
                    sum(one.get(int(t), 0.0) * float(w) for t, w in zip(ids, weights, strict=True) if w)
                    for ids, weights in zip(held.ids, held.weights, strict=True)
                ]
            )
            losses.append(-(gain / gain.sum() * torch.log_softmax(slope * score, 0)).sum().item())
        cost = network(batch)[:, -2]
        plain = loud(build(DeepBoWConfig(**SMALL), pairs.description, 1)).eval()(batch)
    assert cost[0].item() == pytest.approx(sum(losses) / len(losses), rel=1e-3)
    assert torch.allclose(network(batch)[:, :2], plain[:, :2], atol=1e-4)
