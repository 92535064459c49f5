"""The parts of DeepBoW: texts to states, states to weights of terms."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.data.text.rarity import LEVELS, SIZE, idf_of_levels
from core.data.text.vocabulary import BOUNDARY
from core.models.deepbow_config import DeepBoWConfig, Head
from core.models.deepbow_input import Pairs, Texts
from core.models.transformer import Encoder, masked_mean

SATURATION, LENGTH = 1.2, 0.75  # BM25's k₁ and b
_PHRASE_START = 0.3  # a phrase's first weight as a share of what its idf asks for: its words count already
_SOFT = 0.05  # of the first expansion weights: logits within ±.2 of silence, so that no text is expanded at first
_NOWHERE = -1e9  # the logit of what is not there
_ALIKE = 1.0  # how far a word is expanded to terms with rows like its own, at first
_QUIET = -1.0  # expansion's first logit: silent, and near enough to wake


@dataclass(frozen=True)
class States:
    """N encoded texts of L units."""

    ids: Tensor  # [N, L] int64
    rarity: Tensor  # [N, L] int64
    rows: Tensor  # [N, L, d] the table's own
    real: Tensor  # [N, L] bool: takes part
    is_word: Tensor  # [N, L] bool: real and no phrase; what an expansion may come from
    word: Tensor  # [N, L, d] h_i
    letters: Tensor  # [N, L, d] mean character state of each word; that of the word itself without characters
    text: Tensor  # [N, d] h_c

    def take(self, rows: Tensor | slice) -> States:
        return States(*(value[rows] for value in vars(self).values()))

    def mean_word(self) -> Tensor:
        return masked_mean(self.word, self.real)


class TextEncoder(nn.Module):
    """Texts → States: a Transformer over units, one over characters."""

    def __init__(self, config: DeepBoWConfig) -> None:
        super().__init__()
        shape = (config.dim, config.attention_heads, config.feed_forward, config.layers, config.dropout)
        self.words = Encoder(*shape)
        self.characters = Encoder(*shape) if config.characters else None
        self.phrases = config.phrases

    def forward(self, texts: Texts) -> States:
        phrase = texts.rarity >= LEVELS
        real = (texts.words > 0) & (self.phrases | ~phrase)
        word = self.words(texts.word_rows, real)
        if self.characters is None:
            letters, text = word, masked_mean(word, real)
        else:
            known = texts.characters > 0
            states = self.characters(texts.character_rows, known)  # [N, M, d]
            letters, text = by_word(states, texts.characters, word.shape[1]), masked_mean(states, known)
        return States(texts.words, texts.rarity, texts.word_rows, real, real & ~phrase, word, letters, text)


def by_word(states: Tensor, characters: Tensor, units: int) -> Tensor:
    """Mean state of each word's characters: states [N, M, d], characters [N, M] → [N, units, d]; 0 of a phrase."""
    owner = (characters == BOUNDARY).cumsum(1)  # 1 for the first word's characters, its boundary included
    inside = (characters > 0) & (owner <= units)
    owner = torch.where(inside, owner, 0)
    total = states.new_zeros(states.shape[0], units + 1, states.shape[2])
    total = total.scatter_add(1, owner.unsqueeze(-1).expand_as(states), states)
    count = states.new_zeros(states.shape[0], units + 1).scatter_add(1, owner, inside.to(states.dtype))
    return total[:, 1:] / count[:, 1:, None].clamp_min(1)


class WakingRelu(torch.autograd.Function):
    """relu(x) forwards, the slope σ(x) of softplus backwards: exact zeros, and a silent term can still wake."""

    @staticmethod
    def forward(context, x: Tensor) -> Tensor:  # type: ignore[no-untyped-def]
        context.save_for_backward(x)
        return x.relu()

    @staticmethod
    def backward(context, slope: Tensor) -> Tensor:  # type: ignore[no-untyped-def]
        (x,) = context.saved_tensors
        return slope * torch.sigmoid(x)


class BagHeads(nn.Module):
    """Term weighting and synonym expansion. Weights are ≥ 0; those of term weighting sum to 1 over a text."""

    def __init__(self, config: DeepBoWConfig, expandable: int) -> None:
        super().__init__()
        dim = config.dim
        self.sides: dict[str, Head] = {"query": config.query, "product": config.product}
        self.expandable = expandable  # ids below it are words, the rest phrases and hash buckets
        self.average_length = config.average_length
        self.gated = config.gate
        self.calm = dim**0.5  # states have norm √d: divided by it, an output moves no faster than the table's rows do
        idf = torch.from_numpy(idf_of_levels())
        start = idf.log() + torch.where(torch.arange(SIZE) >= LEVELS, torch.tensor(_PHRASE_START).log(), 0.0)
        self.rarity = nn.Parameter(start)  # [SIZE] first term-weighting logit of a level
        self.attend = nn.Linear(dim, dim, bias=False)
        nn.init.zeros_(self.attend.weight)  # weights start at idf alone
        self.word_out = nn.Linear(dim, dim, bias=False)
        nn.init.zeros_(self.word_out.weight)  # and word weights at BM25's
        self.letters_out = nn.Linear(dim, dim)
        self.words_out = nn.Linear(dim, dim, bias=False) if config.expand_from_words else None
        self.alike = nn.Parameter(torch.tensor(_ALIKE)) if config.expand_from_words else None
        for source in (self.letters_out, self.words_out):
            if source is not None:
                nn.init.normal_(source.weight, std=_SOFT)
        nn.init.zeros_(self.letters_out.bias)
        self.expansion_bias = nn.Parameter(torch.tensor(_QUIET))
        self.gate = nn.Linear(dim, 1)
        nn.init.zeros_(self.gate.weight)
        nn.init.constant_(self.gate.bias, -3.0)  # p_g = .05: copying

    # ------------------------------------------------------------------ the two heads

    def term_weights(self, states: States) -> Tensor:
        """p [N, L] = softmax_i( r_i + h_c · A h_i / d ) over real units, r_i = ln idf at first."""
        logits = (self.attend(states.text).unsqueeze(1) * states.word).sum(-1) / states.word.shape[-1]
        logits = (self.rarity[states.rarity] + logits).masked_fill(~states.real, _NOWHERE)
        value = torch.exp(logits - logits.max(1, keepdim=True).values) * states.real
        return value / value.sum(1, keepdim=True).clamp_min(1e-9)

    def expansion_logits(self, states: States, rows: Tensor) -> Tensor:
        """x [N, T, L] of each term from each word: V_c = log(1 + relu(x)). rows [N or 1, T, d]; _NOWHERE at no word."""
        source = self.letters_out(states.letters)
        if self.words_out is not None:
            source = source + self.words_out(states.word)
        source = source / self.calm
        if self.alike is not None:
            source = source + self.alike * states.rows
        x = rows @ source.transpose(1, 2) + self.expansion_bias
        return x.masked_fill(~states.is_word.unsqueeze(1), _NOWHERE)

    def lexical_logits(self, states: States, rows: Tensor, ids: Tensor) -> Tensor:
        """x [N, T, L] of terms ids [N or 1, T] from the units that are it: V_w = log(1 + relu(x)); else _NOWHERE."""
        same = (ids.unsqueeze(2) == states.ids.unsqueeze(1)) & states.real.unsqueeze(1)
        context = rows @ (self.word_out(states.word) / self.calm).transpose(1, 2)
        x = self._saturation(states).expm1().unsqueeze(1) + context
        return x.masked_fill(~same, _NOWHERE)

    def expanded_from(self, states: States, rows: Tensor, ids: Tensor) -> tuple[Tensor, Tensor]:
        """SE [N, T], and the unit [N, T] that gave each term: the term itself where the text holds it, else the word
        with the largest expansion logit."""
        reach = ((ids > 0) & (ids < self.expandable)).to(rows.dtype)
        logit, word = self.expansion_logits(states, rows).max(2)
        character_branch = _weight(logit) * reach
        best, unit = self.lexical_logits(states, rows, ids).max(2)
        present = best > _NOWHERE / 2
        gate = self._gate(states).gather(1, unit) * reach
        copied = gate * character_branch + (1 - gate) * _weight(best)
        return torch.where(present, copied, character_branch), torch.where(present, unit, word)

    def weighted_from(self, states: States, ids: Tensor) -> tuple[Tensor, Tensor]:
        """TW [N, T] at given terms: p summed over the units that are the term; and the first such unit [N, T]."""
        same = (ids.unsqueeze(2) == states.ids.unsqueeze(1)) & states.real.unsqueeze(1)
        return (self.term_weights(states).unsqueeze(1) * same).sum(2), same.int().argmax(2)

    # ------------------------------------------------------------------ bags and scores

    def at(self, side: str, states: States, rows: Tensor, ids: Tensor) -> Tensor:
        """A side's bag [N, T] at the terms ids [N or 1, T] whose table rows are rows [N or 1, T, d]."""
        return self.at_from(side, states, rows, ids)[0]

    def at_from(self, side: str, states: States, rows: Tensor, ids: Tensor) -> tuple[Tensor, Tensor]:
        """The same, and the unit [N, T] of the text that each weight comes from."""
        head = self.sides[side]
        if head == "weighting":
            return self.weighted_from(states, ids)
        expanded, unit = self.expanded_from(states, rows, ids)
        return (expanded if head == "expansion" else expanded + self.weighted_from(states, ids)[0]), unit

    def at_shared_terms(self, side: str, states: States, pairs: Pairs) -> Tensor:
        """The same at the batch's sampled terms, for the penalty: [N, T]. Silent terms have no slope here: a price of
        length must not push down what is not there, or nothing would ever wake."""
        weights = self.at(side, states, pairs.term_rows.unsqueeze(0), pairs.terms.unsqueeze(0))
        return weights * (weights > 0)

    def score(self, query: States, product: States, pairs: Pairs) -> Tensor:
        """s [B] of B pairs, both sides already gathered: the terms of the side that only weights are all that count."""
        if self.sides["query"] == "weighting":
            found = self.at("product", product, query.rows, query.ids)
            return (self.term_weights(query) * found).sum(1)
        if self.sides["product"] == "weighting":
            found = self.at("query", query, product.rows, product.ids)
            return (self.term_weights(product) * found).sum(1)
        rows, ids = pairs.term_rows.unsqueeze(0), pairs.terms.unsqueeze(0)
        return (self.at("query", query, rows, ids) * self.at("product", product, rows, ids)).sum(1)

    def _saturation(self, states: States) -> Tensor:
        """BM25's weight [N, L] of a word in its text: n / (n + k₁ (1 − b + b · length / average)), n its count."""
        same = (states.ids.unsqueeze(2) == states.ids.unsqueeze(1)) & states.real.unsqueeze(1)
        count = same.sum(2).to(states.word.dtype).clamp_min(1)
        length = states.is_word.sum(1, keepdim=True) / self.average_length
        return count / (count + SATURATION * (1 - LENGTH + LENGTH * length))

    def _gate(self, states: States) -> Tensor:
        """p_g [N, L]."""
        gate = torch.sigmoid(self.gate(states.word).squeeze(-1))
        return gate if self.gated else torch.zeros_like(gate)


def _weight(logit: Tensor) -> Tensor:
    """log(1 + relu(x))."""
    return torch.log1p(WakingRelu.apply(logit))
