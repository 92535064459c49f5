"""The parts of DeepBoW: texts to states, states to weights of terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from core.data.text.heads import ROLES, is_mention, is_of_field
from core.data.text.rarity import CHARACTER, LEVELS, PHRASE, SHARES, SIZE, STARTS, WORD, idf_of_levels
from core.data.text.role_factors import OF_FIELDS, OF_QUERY, OF_TITLE, first_roles
from core.data.text.vocabulary import BOUNDARY
from core.models.deepbow_config import PACE, DeepBoWConfig, Head
from core.models.deepbow_input import Pairs, Texts
from core.models.transformer import Encoder, masked_mean

SATURATION, LENGTH = 1.2, 0.75  # BM25's k₁ and b where nothing is tuned
_NOWHERE = -1e9  # the logit of what is not there
LITERAL = 0.3  # least weight of a word that a title says of its thing
INFERRED = 0.9  # most of it that a word has which a title is only held to mean
_LOUDEST = 0.8  # first weight of an expansion that nothing bounds and whose source says nothing else
_QUIET = -1.0  # first logit of the character branch of a word that the text holds: silent, and near enough to wake


@dataclass(frozen=True)
class States:
    """N encoded texts of L units, with E terms that each may mean."""

    ids: Tensor  # [N, L] int64
    rarity: Tensor  # [N, L] int64
    rows: Tensor  # [N, L, d] the table's own
    real: Tensor  # [N, L] bool: takes part
    word: Tensor  # [N, L, d] h_i
    letters: Tensor  # [N, L, d] mean character state of each word; that of the word itself without characters
    text: Tensor  # [N, d] h_c
    expansions: Tensor  # [N, E] int64, 0 where there is none
    sources: Tensor  # [N, E] int64, the unit that says each
    shares: Tensor  # [N, E] int64
    expansion_rows: Tensor  # [N, E, d]
    roles: Tensor  # [N, L] int64

    def mean_word(self) -> Tensor:
        return masked_mean(self.word, self.real)


@dataclass(frozen=True)
class TextBags:
    """The bags of N texts, M entries each; a term stands in at most one entry with a weight above 0."""

    ids: Tensor  # [N, M] int64, 0 = padding
    weights: Tensor  # [N, M] ≥ 0
    sources: Tensor  # [N, M] int64, the unit of the text that the entry comes from


class TextEncoder(nn.Module):
    """Texts → States: a Transformer over units, one over characters."""

    def __init__(self, config: DeepBoWConfig) -> None:
        super().__init__()
        shape = (config.dim, config.attention_heads, config.feed_forward, config.layers, config.dropout)
        self.words = Encoder(*shape)
        self.characters = Encoder(*shape) if config.characters else None
        self.kinds = kinds_that_count(config)
        self.fields = config.fields
        self.register_buffer("of_field", torch.tensor([is_of_field(role) for role in range(ROLES)]), persistent=False)
        self.of_field: Tensor

    def forward(self, texts: Texts) -> States:
        kind = texts.rarity // LEVELS
        real = (texts.words > 0) & torch.stack([kind == one for one in self.kinds]).any(0)
        if not self.fields:
            real = real & ~self.of_field[texts.roles]
        word = self.words(texts.word_rows, real)
        if self.characters is None:
            letters, text = word, masked_mean(word, real)
        else:
            known = texts.characters > 0
            states = self.characters(texts.character_rows, known)  # [N, M, d]
            letters, text = by_word(states, texts.characters, word.shape[1]), masked_mean(states, known)
        added = texts.expansions, texts.sources, texts.shares, texts.expansion_rows, texts.roles
        return States(texts.words, texts.rarity, texts.word_rows, real, word, letters, text, *added)


def kinds_that_count(config: DeepBoWConfig) -> list[int]:
    """The kinds of unit that take part."""
    return [WORD, *([PHRASE] if config.phrases else []), *([CHARACTER] if config.characters else [])]


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

    def __init__(self, config: DeepBoWConfig) -> None:
        super().__init__()
        dim = config.dim
        self.sides: dict[str, Head] = {"query": config.query, "product": config.product}
        self.average_length = config.average_length
        self.kinds = kinds_that_count(config)
        self.reads_fields = config.fields
        self.gated = config.gate
        self.calm = dim**0.5  # states have norm √d: divided by it, an output moves no faster than the table's rows do
        kind = torch.arange(SIZE) // LEVELS
        start = sum(share * (kind == one) for one, share in STARTS.items())
        self.rarity = nn.Parameter((torch.from_numpy(idf_of_levels()) * start).log() / PACE)  # [SIZE] by level
        said = torch.arange(SHARES + 1) / SHARES
        loudest = INFERRED * LITERAL if config.literal_first else _LOUDEST
        self.share = nn.Parameter((loudest * said).expm1() / PACE)  # [SHARES + 1] by step of P(term | source)
        self.attend = nn.Linear(dim, dim, bias=False)  # weights start at idf alone
        self.word_out = nn.Linear(dim, dim, bias=False)  # word weights at BM25's
        self.letters_out = nn.Linear(dim, dim)  # expansions at what was learnt by counting
        self.words_out = nn.Linear(dim, dim, bias=False) if config.expand_from_words else None
        for layer in (self.attend, self.word_out, self.letters_out, self.words_out):
            if layer is not None:
                nn.init.zeros_(layer.weight)
        nn.init.zeros_(self.letters_out.bias)
        self.literal = config.literal_first
        self.register_buffer("floor", torch.tensor(LITERAL if config.literal_first else 0.0))
        self.floor: Tensor
        self.register_buffer("curve", torch.tensor([SATURATION, LENGTH]))
        self.curve: Tensor  # k₁ and b
        self.register_buffer("mention", torch.tensor([is_mention(role) for role in range(ROLES)]), persistent=False)
        self.mention: Tensor
        self.register_buffer("field", torch.tensor([is_of_field(role) for role in range(ROLES)]), persistent=False)
        self.field: Tensor
        self.role = nn.Parameter(torch.from_numpy(first_roles(OF_TITLE | OF_FIELDS)).log() / PACE)  # [ROLES]
        self.role_asked = nn.Parameter(torch.from_numpy(first_roles(OF_QUERY)).log() / PACE)
        self.heads = config.head_noun
        self.own_bias = nn.Parameter(torch.tensor(_QUIET))
        self.gate = nn.Linear(dim, 1)
        nn.init.zeros_(self.gate.weight)
        nn.init.constant_(self.gate.bias, -3.0)  # p_g = .05: copying

    def _load_from_state_dict(self, state_dict: dict, prefix: str, *rest: Any) -> None:
        """Weights of an earlier version know no heads and let inferred words weigh anything: they go on like that."""
        if prefix + "floor" not in state_dict:
            state_dict[prefix + "floor"] = torch.zeros_like(self.floor)
            state_dict |= {prefix + name: torch.zeros_like(self.role) for name in ("role", "role_asked")}
            self.literal = False
        state_dict.setdefault(prefix + "curve", torch.tensor([SATURATION, LENGTH]))
        for name, own in (("role", self.role), ("role_asked", self.role_asked)):  # of before there were fields
            given = state_dict[prefix + name]
            state_dict[prefix + name] = torch.cat((given, own.detach()[len(given) :].to(given)))
        super()._load_from_state_dict(state_dict, prefix, *rest)

    # ------------------------------------------------------------------ the two heads

    def term_weights(self, states: States) -> Tensor:
        """p [N, L] = softmax_i( r_i + h_c · A h_i / d ) over real units, r_i = ln idf at first."""
        logits = (self.attend(states.text).unsqueeze(1) * states.word).sum(-1) / states.word.shape[-1]
        return self.plain_weights(states.rarity, states.roles, states.real, logits)

    def plain_weights(self, rarity: Tensor, roles: Tensor, real: Tensor, context: Tensor | float = 0.0) -> Tensor:
        """p [N, L] of units by their rarity and role, and by what the network adds to the logits."""
        logits = context + PACE * self.rarity[rarity]
        if self.heads:
            logits = logits + PACE * self.role_asked[roles] * (roles > 0)
        logits = logits.masked_fill(~real, _NOWHERE)
        value = torch.exp(logits - logits.max(1, keepdim=True).values) * real
        return value / value.sum(1, keepdim=True).clamp_min(1e-9)

    def copied(self, states: States, same: Tensor) -> Tensor:
        """[N, L] p_g V_c + (1 − p_g) V_w of every unit as the term that it is, V_w = log(1 + relu(x)), x = BM25's
        weight at first; 0 of what is not real."""
        context = (states.rows * self.word_out(states.word)).sum(-1) / self.calm
        weight = _weight(self._saturation(states, same).expm1() + context)
        if self.gated:
            gate = torch.sigmoid(self.gate(states.word).squeeze(-1))
            characters = (states.rows * self._said(states)).sum(-1) / self.calm
            weight = gate * _weight(characters + self.own_bias) + (1 - gate) * weight
        return self.said_at_least(weight) * self.factors()[states.roles] * states.real

    def said_at_least(self, weight: Tensor) -> Tensor:
        """The weight of what a title says, no less than `LITERAL` where that comes first."""
        return self.floor + WakingRelu.apply(weight - self.floor)

    def factors(self) -> Tensor:
        """[ROLES] what a unit's weight is multiplied by for its role: 0 … 1 of what a title only mentions or another
        field says, 1 … 2 of what the title says of its thing, 1 where nothing is known."""
        free = (PACE * self.role).exp()
        free = 2 - WakingRelu.apply(2 - free)
        below = self.mention | self.field
        factor = torch.where(below, 1 - WakingRelu.apply(1 - free), 1 + WakingRelu.apply(free - 1))
        known = self.field if not self.heads else torch.arange(ROLES, device=free.device) > 0
        return torch.where(known, factor, torch.ones_like(free))

    def expanded(self, states: States) -> Tensor:
        """[N, E] V_c of the terms that the text does not hold, each from the unit that says it."""
        at = states.sources.unsqueeze(-1).expand(-1, -1, states.word.shape[-1])
        context = (states.expansion_rows * self._said(states).gather(1, at)).sum(-1) / self.calm
        weight = _weight(PACE * self.share[states.shares] + context)
        if self.literal:  # never above a title that says it
            most = INFERRED * self.floor
            weight = most - WakingRelu.apply(most - weight)
        return weight * self.factors().clamp_max(1)[states.roles.gather(1, states.sources)] * (states.expansions > 0)

    def _said(self, states: States) -> Tensor:
        """[N, L, d] W h: what the characters of a unit, and the unit in its text, say of other terms."""
        said = self.letters_out(states.letters)
        return said if self.words_out is None else said + self.words_out(states.word)

    def _saturation(self, states: States, same: Tensor) -> Tensor:
        """BM25's weight [N, L] of a unit in its title, see `saturation`."""
        count = same.sum(2).clamp_min(1)
        words = states.real & (states.rarity < LEVELS) & ~self.field[states.roles]
        length = words.sum(1, keepdim=True) / self.average_length
        return saturation(count, length, self.field[states.roles], self.curve)

    # ------------------------------------------------------------------ bags and scores

    def bags(self, side: str, states: States) -> TextBags:
        """A side's bags: of a term that several units are, the heaviest one's entry has it all."""
        head = self.sides[side]
        same = (states.ids.unsqueeze(2) == states.ids.unsqueeze(1)) & states.real.unsqueeze(1)  # [N, L, L]
        best = states.real
        weights = torch.zeros_like(states.ids, dtype=states.word.dtype)
        if head != "expansion":
            weights = weights + (self.term_weights(states).unsqueeze(1) * same).sum(2)
        if head != "weighting":
            copied = self.copied(states, same)
            heaviest = (copied.unsqueeze(1) * same).amax(2)
            best = best & (copied >= heaviest)
            weights = weights + heaviest
        first = best & ~(same & best.unsqueeze(1) & states.real.unsqueeze(2)).tril(-1).any(2)
        places = torch.arange(states.ids.shape[1], device=states.ids.device).expand_as(states.ids)
        parts = [(states.ids * first, weights * first, places)]
        if head != "weighting":
            parts.append((states.expansions, self.expanded(states), states.sources))
        return TextBags(*(torch.cat(values, 1) for values in zip(*parts, strict=True)))

    def score(self, query: TextBags, product: TextBags, pairs: Pairs) -> Tensor:
        """s [B] of B pairs."""
        asked, held = query.ids[pairs.query_of], product.ids[pairs.product_of]
        shared = (asked.unsqueeze(2) == held.unsqueeze(1)).to(query.weights.dtype)  # [B, M, M']: padding weighs 0
        found = (shared @ product.weights[pairs.product_of].unsqueeze(2)).squeeze(2)
        return (query.weights[pairs.query_of] * found).sum(1)

    def length(self, bags: TextBags, terms: int) -> tuple[Tensor, Tensor]:
        """FLOPS Σ_t (mean weight of t)² and L1 Σ_t (mean weight of t) of N bags. Silent terms have no slope here: a
        price of length must not push down what is not there, or nothing would ever wake."""
        weights = (bags.weights * (bags.weights > 0)).flatten()
        mean = weights.new_zeros(terms).index_add(0, bags.ids.flatten(), weights) / len(bags.ids)
        return mean.square().sum(), mean.sum()


def saturation(count: Tensor, length: Tensor, of_field: Tensor, curve: Tensor) -> Tensor:
    """n / (n + k₁ (1 − b + b · length / average)): n a unit's count [N, L], the length [N, 1] that of its title over
    the average; a word of another field as if the title were of average length. curve = (k₁, b)."""
    k1, b = curve.unbind()
    return count / (count + k1 * (1 - b + b * torch.where(of_field, 1.0, length)))


def _weight(logit: Tensor) -> Tensor:
    """log(1 + relu(x))."""
    return torch.log1p(WakingRelu.apply(logit))
