"""DeepBoW: the relevance of two texts as a sum over shared words (arXiv 2407.09395).

    s(q, d) = Σ_t  q_t · d_t          t over words, phrases and hash buckets of one vocabulary

The paper's: two towers; a character Transformer (h_c of the text) and a word Transformer (h_i of each word); *term
weighting* p_i = softmax_i(h_c · h_i) over the words of the text; *synonym expansion* with V_c for words outside the
text and p_g V_c + (1 − p_g) V_w for words of it; n-gram hashing; cross-entropy and a sparsity penalty.

Ours, where it is silent: a title is expanded to the terms that its words were found to say in judged pairs
(`core.data.pairs.translations`) and to no others, so that every expansion has a source word i and evidence,
V(t) = log(1 + relu(a(P(t | i)) + E_t · W h_i)) with E the input table itself and a learnt for every step of P;
characters reach an expansion through the mean state of the characters of word i; Chinese characters of longer words
are terms too; weighting on the query and expansion on the product; FLOPS (Paria et al., ICLR 2020: Σ_t (mean over
texts of d_t)²) and L1 as the task "sparsity" of kind cost, with quadratic warm-up; ordinal grades as one score with a
threshold a grade; the order within a query as the task "order" of kind cost, softmax cross-entropy over the query's
products with their gains as targets (ListNet, Cao et al., ICML 2007; a bound on NDCG: Bruch et al., ICTIR 2019), with a
slope of its own, so that it leaves the thresholds alone. The start is BM25 with the query's weights made to sum to 1
and translations: weights of words at their idf, the product's word branch at BM25's saturation, the gate towards
copying, expansions at P(t | i).
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from core.data.dataset import Dataset
from core.data.description import DatasetDescription
from core.errors import PrecedenceError
from core.models.deepbow_bags import BagHeads, States, TextBags, TextEncoder
from core.models.deepbow_config import DeepBoWConfig
from core.models.deepbow_input import PairEmbedding, Pairs
from core.models.deepbow_measures import ndcg_of_rows, nonzeros
from core.models.deepbow_start import tune
from core.models.network import Network
from core.task_kinds.kinds import KINDS

_PACE = 30.0  # how much faster than weights the scale and the thresholds move
_FIRST_SCALE = 8.0  # slope of the logit over the score at the start


class PairScore(nn.Module):
    """Pairs → the score for each grade task, and for each task of kind cost its loss: K of [B, 1]."""

    rows_a_pass = 2048

    def __init__(self, config: DeepBoWConfig, description: DatasetDescription) -> None:
        super().__init__()
        self.config = config
        self.width = 1
        self.costs = [None if KINDS[task.kind].has_label else task.name for task in description.card.tasks]
        self.terms = next(one.size for one in description.sequences if one.name == "product_words")
        self.encoder = TextEncoder(config)
        self.bags = BagHeads(config) if config.score == "bags" else None
        self.vector = nn.Linear(2 * config.dim, config.dim) if config.score == "vectors" else None
        self.log_scale = nn.Parameter(torch.tensor(_FIRST_SCALE).log() / _PACE)
        self.log_scale_of_order = nn.Parameter(torch.tensor(_FIRST_SCALE).log() / _PACE)
        self.register_buffer("steps", torch.zeros((), dtype=torch.long))
        self.steps: Tensor

    def begin(self, embedding: PairEmbedding, dataset: Dataset) -> None:
        """Before training: a start that is tuned on the data set's training queries, where the config asks for it."""
        if self.bags is not None and self.config.tuned:
            tune(self.bags, embedding, dataset)

    def forward(self, pairs: Pairs) -> list[Tensor]:
        query, product = self.encoder(pairs.query), self.encoder(pairs.product)
        everyone = _everyone(pairs) if self.config.negatives else pairs
        if self.bags is None:
            scores = (self.unit_vector(query)[everyone.query_of] * self.unit_vector(product)[everyone.product_of]).sum(
                1
            )
            price = 0 * self.log_scale  # a cost of nothing, with a slope of nothing
        else:
            asked, held = self.bags.bags("query", query), self.bags.bags("product", product)
            scores = self.bags.score(asked, held, everyone)
            price = self.penalty(asked, held)
        found = scores
        if self.config.negatives:
            found = scores[pairs.query_of * len(pairs.product.words) + pairs.product_of]
        costs = {"sparsity": price, "order": self.config.listwise * self.disorder(scores, everyone)}
        score = (_PACE * self.log_scale).exp() * found.unsqueeze(1)  # [B, 1]
        return [score if cost is None else costs[cost].expand_as(score) for cost in self.costs]

    def unit_vector(self, states: States) -> Tensor:
        """[N, d] of length 1: the dense peer's text."""
        assert self.vector is not None
        return nn.functional.normalize(self.vector(torch.cat((states.text, states.mean_word()), 1)), dim=1)

    def disorder(self, score: Tensor, pairs: Pairs) -> Tensor:
        """[] −Σ_i g_i log softmax_i(a s) within each query of the batch, g the share of a product's gain 2^grade − 1 in
        its query's, a learnt; the mean over queries that have a product above grade 0."""
        query, count = pairs.query_of, len(pairs.query.words)
        scaled = (_PACE * self.log_scale_of_order).exp() * score
        fixed = scaled.detach()
        highest = fixed.new_zeros(count).scatter_reduce(0, query, fixed, "amax", include_self=False)
        total = scaled.new_zeros(count).index_add(0, query, (scaled - highest[query]).exp())
        log_share = scaled - highest[query] - total.log()[query]  # [B]
        gain = pairs.grades.exp2() - 1
        gains = gain.new_zeros(count).index_add(0, query, gain)
        judged = (gains > 0).sum().clamp_min(1)
        return -(gain / gains[query].clamp_min(1e-9) * log_share).sum() / judged

    def penalty(self, query: TextBags, product: TextBags) -> Tensor:
        """[] λ (FLOPS + L1 of product bags, L1 of query bags), warmed up."""
        assert self.bags is not None
        flops, length = self.bags.length(product, self.terms)
        if self.config.query != "weighting":  # else its weights sum to 1 anyway
            length = length + self.bags.length(query, self.terms)[1]
        return self.config.penalty * self._warmth() * (flops + length)

    def _warmth(self) -> float:
        """min(1, step / warm-up)² while training; 1 when judged."""
        if not self.training or not self.config.penalty_warm_up:
            return 1.0
        if torch.is_grad_enabled():
            self.steps += 1
        return min(1.0, self.steps.item() / self.config.penalty_warm_up) ** 2

    def shared_parameters(self) -> list[nn.Parameter]:
        return list(self.parameters())

    def last_shared(self) -> nn.Parameter:
        """The weight through which score and penalty pass last."""
        last = self.vector if self.bags is None else self.bags.letters_out
        return cast(nn.Parameter, cast(nn.Linear, last).weight)

    def measures(self, network: Network, dataset: Dataset, rows: Tensor, predictions: Tensor) -> dict[str, float]:
        """NDCG@10 over each query's judged rows, and the mean non-zeros of a query's and a product's bag."""
        found = {"ndcg_at_10": ndcg_of_rows(dataset, rows, predictions)}
        if self.bags is None:
            return found
        return found | nonzeros(network, self.encoder, self.bags, dataset, rows)


def _everyone(pairs: Pairs) -> Pairs:
    """Every query of a batch with every product of it, query by query; of grade 0 what nobody judged."""
    queries, products = len(pairs.query.words), len(pairs.product.words)
    place = pairs.query_of * products + pairs.product_of
    grades = pairs.grades.new_zeros(queries * products).index_put((place,), pairs.grades)
    every = torch.arange(queries * products, device=place.device)
    return Pairs(pairs.query, pairs.product, every // products, every % products, grades)


class Threshold(nn.Module):
    """P(grade ≥ k) = σ(z − θ_k), z the scaled score [B, 1]: one score, a threshold a grade (ordinal regression).

    θ_k = `_PACE` times a parameter: steps made for weights of a network would take long to move a logit by 1.
    """

    def __init__(self, start: float) -> None:
        super().__init__()
        self.threshold = nn.Parameter(torch.tensor(start / _PACE))

    def forward(self, score: Tensor) -> Tensor:
        return score - _PACE * self.threshold


def build_deepbow(config: DeepBoWConfig, description: DatasetDescription) -> Network:
    """The network on a data set of form "pairs"; raises PrecedenceError on another form or kind of task."""
    if description.form != "pairs":
        raise PrecedenceError(
            f"The network 'deepbow' reads pairs of texts, but '{description.card.name}' holds {description.form}; "
            "choose a data set of pairs, or another network."
        )
    heads: list[nn.Module] = []
    for task in description.card.tasks:
        kind = KINDS[task.kind]
        if kind.has_label and not kind.is_yes_or_no:
            raise PrecedenceError(
                f"The network 'deepbow' has no output for the task '{task.name}' of kind {task.kind}; "
                "give grades as binary tasks."
            )
        heads.append(Threshold(0.2 * _FIRST_SCALE) if kind.has_label else nn.Identity())
    embedding = PairEmbedding(description, config.dim)
    return Network(embedding, PairScore(config, description), nn.ModuleList(heads), nn.Identity())
