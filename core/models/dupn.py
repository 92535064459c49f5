"""DUPN, the Deep User Perception Network: one representation of a user for every task (arXiv 1805.10727).

Where paper and this differ, or the paper is silent:

- Sizes: embedding widths are the paper's; hidden, attention and tower widths and the length are settings, by default
  smaller than the paper's (`dupn_config.PAPER` has its own).
- Query: the mean of its words and its guessed category, taken to the hidden width; without a query a learned null
  query stands there. User: the embedded profile, taken to the hidden width. The paper gives neither.
- Events at padded places get no attention; a user without any event is represented by zeros and the profile.
- Ranking (L2R): 12 ranking features and a constant enter with both signs, so that weights that cannot be negative
  (ReLU) may prefer what is cheap as well as what is dear: 26 weights, as in the paper.
- Matching (ours; `matching` = False is the paper's network): an event's item reaches the pooled states past the LSTM
  too, h_t + W e_t, and a candidate is placed among them by the same W; heads see the product, and how much of the
  attention falls on events of the candidate's own item, shop, brand and category, see `CandidateHead`.
- Kinds apart (ours, where asked for): heads count the same events also by kind and age, so that a purchase may speak
  against what a click speaks for.
- Next event (ours, where the data set has that task): see `dupn_next`.
- Start (ours): embeddings begin where counting would put them, see `dupn_start`.
- Candidates: an item is its own embedding (124 columns), the ranking features, for without them the click head would
  not know how well the item fits the query; a brand or a shop is its 24 columns. All are told whether there is a query
  at all. The paper has 128, 128 and 64.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from core.data.dataset import Dataset
from core.data.description import DatasetDescription
from core.data.histories.fields import HEADS
from core.data.histories.limits import events_kept
from core.errors import PrecedenceError
from core.models.dupn_config import DUPNConfig
from core.models.dupn_embedding import ITEM_COLUMNS, SAME, WIDTHS, Embedded, HistoryEmbedding
from core.models.dupn_next import NextEvent
from core.models.dupn_start import LENGTH
from core.models.gated_lstm import PropertyGatedLSTM
from core.models.layers import Dropout, head, mlp

RECENT = 8
"""Id of the last bucket of age (`GAPS`) that is recent where heads count kinds apart: two days."""


class Attention(nn.Module):
    """a = softmax over events of FC…FC→1 (h_t, q, u, p_t); pooled = Σ a_t h_t (§3.3).

    With `query_match` (ours) m · (c_t, w_t) is added to the score of an event: c_t is 1 where it has the query's
    category, w_t the share of the query's words that its item has, m ∈ ℝ² is learnt and begins at 1. Products of a
    query's and an event's vectors could say the same, and do not learn to from a hundred thousand rows.
    """

    def __init__(self, hidden: int, properties: int, widths: tuple[int, ...], query_match: bool = False) -> None:
        super().__init__()
        self.fit = nn.Parameter(torch.ones(2)) if query_match else None
        # the first layer is one product, divided so that query and user are multiplied once a history, not once an
        # event
        self.of_event = nn.Linear(hidden + properties, widths[0])
        self.of_history = nn.Linear(2 * hidden, widths[0], bias=False)
        self.later = mlp(widths)
        self.score = nn.Linear(widths[-1], 1)

    def scores(self, states: Tensor, properties: Tensor | None, query: Tensor, user: Tensor) -> Tensor:
        """[N, T] before what fits the query, from states [N, T, H], p [N, T, P], q and u [N, H]."""
        event = states if properties is None else torch.cat((states, properties), -1)
        both = self.of_history(torch.cat((query, user), -1)).unsqueeze(1)
        found: Tensor = self.score(self.later(torch.relu(self.of_event(event) + both)))
        return found.squeeze(-1)

    def forward(
        self, states: Tensor, properties: Tensor | None, query: Tensor, user: Tensor, known: Tensor, fits: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Pooled [N, H] and weights a [N, T] from states [N, T, H], p [N, T, P], q and u [N, H], known [N, T], (c, w)
        [N, T, 2]."""
        score = self.scores(states, properties, query, user)
        if self.fit is not None:
            score = score + fits @ self.fit
        weights = torch.softmax(score.masked_fill(~known, -1e9), -1) * known  # all 0 where no event is known
        return torch.bmm(weights.unsqueeze(1), states).squeeze(1), weights


class UserRepresentation(nn.Module):
    """rep = [ Σ_t a_t h_t ; u ] for every history, and what each task's head sees of it and of the candidate."""

    rows_a_pass = 4096  # an event takes far more memory than a number of a table

    def __init__(self, config: DUPNConfig, embedding: HistoryEmbedding, sees: list[str]) -> None:
        super().__init__()
        hidden, properties = config.hidden, embedding.property_width
        self.in_gates, self.in_attention = config.arm in ("gates", "all"), config.arm in ("attention", "all")
        self.lstm = PropertyGatedLSTM(embedding.item_width, properties if self.in_gates else 0, hidden)
        self.place = nn.Linear(embedding.item_width, hidden, bias=False) if config.matching else None
        self.kinds = _kinds_apart(config, embedding)
        if self.place is not None:
            nn.init.orthogonal_(self.place.weight)  # what is alike stays alike
        self.attention = Attention(hidden, properties if self.in_attention else 0, config.attention, config.query_match)
        self.query = nn.Linear(embedding.query_width, hidden)
        self.null_query = nn.Parameter(torch.randn(hidden) * 0.1)
        self.user = nn.Linear(embedding.profile_width, hidden) if embedding.profile_width else None
        self.null_user = None if self.user else nn.Parameter(torch.randn(hidden) * 0.1)
        self.dropout = Dropout(config.dropout)
        self.next_event = _next_event(embedding) if "next" in sees else None
        self.width = 2 * hidden
        self.sees = sees

    def of_histories(self, x: Embedded) -> tuple[Tensor, Tensor]:
        """Representation [N, 2H] and attention [N, T] of each history, without dropout."""
        return self.of_states(self.states(x), x)

    def states(self, x: Embedded) -> Tensor:
        """[N, T, H] of the LSTM."""
        found: Tensor = self.lstm(x.items, x.properties if self.in_gates else None)
        return found

    def of_states(self, states: Tensor, x: Embedded) -> tuple[Tensor, Tensor]:
        """The same from the states [N, T, H] of the LSTM: all that is not a matter of order."""
        if self.place is not None:
            states = states + self.place(x.items)
        query = torch.where(x.asked.unsqueeze(1), self.query(x.query), self.null_query)
        user = self._user(x)
        properties = x.properties if self.in_attention else None
        pooled, weights = self.attention(states, properties, query, user, x.known, x.fits_query)
        return torch.cat((pooled, user), -1), weights

    def _user(self, x: Embedded) -> Tensor:
        """u [N, H]."""
        if self.user is None:
            return self.null_user.expand(len(x.profile), -1)  # type: ignore[union-attr]
        return torch.tanh(self.user(x.profile))

    def begin(self, embedding: HistoryEmbedding, dataset: Dataset) -> None:
        """Before training: how frequent items are, where the next event is a task."""
        if self.next_event is not None:
            self.next_event.begin(embedding, dataset)

    def _next_costs(self, states: Tensor, x: Embedded) -> Tensor:
        """[N] see `NextEvent`; of every history without its query, which would tell what is looked for."""
        assert self.next_event is not None
        assert self.place is not None
        places = self.place(x.items)
        costs: Tensor = self.next_event(self._unasked(states + places, x), states + places, places, x.ids, x.known)
        return costs

    def _unasked(self, states: Tensor, x: Embedded) -> Tensor:
        """Scores of attention [N, T] without a query."""
        properties = x.properties if self.in_attention else None
        return self.attention.scores(states, properties, self.null_query.expand(len(states), -1), self._user(x))

    def next_users(self, x: Embedded, states: Tensor | None = None) -> Tensor:
        """[N, H] users where their next items are; zeros without any event. `states`: of the LSTM, where known."""
        assert self.next_event is not None
        assert self.place is not None
        states = (self.states(x) if states is None else states) + self.place(x.items)
        users = self.next_event.users(self._unasked(states, x), states, x.known)
        last = (x.known.sum(1) - 1).clamp_min(0)
        return users[torch.arange(len(users)), last] * x.known.any(1, keepdim=True)

    def next_own(self, x: Embedded) -> Tensor:
        """[N, T] how much each event speaks for its item to come again."""
        assert self.next_event is not None
        return self.next_event.own_of(x)

    def forward(self, x: Embedded) -> list[Tensor]:
        """K inputs of heads, each [B, 2H + candidate's width], with matching S + H more: the candidate's counts and
        its place."""
        return self.of_tasks(x, range(len(self.sees)))

    def of_tasks(self, x: Embedded, tasks: Iterable[int]) -> list[Tensor]:
        """The same for some of the tasks."""
        states = self.states(x)
        found, weights = self.of_states(states, x)
        users = self.dropout(found)[x.row]  # [B, 2H]
        times = self._times(weights, x)
        seen = []
        for what in (self.sees[task] for task in tasks):
            if what == "next":
                seen.append(self._next_costs(states, x)[x.row].unsqueeze(1))
            else:
                seen.append(torch.cat((users, *self._about(what, x, times)), 1))
        return seen

    def _times(self, weights: Tensor, x: Embedded) -> Tensor:
        """[N, T, 1 + C] how often each event counts: by the attention, 1 where as much as any other, and by each of C
        kinds and ages 1 where it is of that kind and age."""
        times = (weights * x.known.sum(1, keepdim=True)).unsqueeze(2)
        if not self.kinds:
            return times
        kinds = torch.arange(1, self.kinds // 2 + 1, device=x.behaviour.device)
        own = (x.behaviour.unsqueeze(2) == kinds).to(times.dtype) * x.known.unsqueeze(2)  # [N, T, kinds]
        old = (x.gap > RECENT).unsqueeze(2)
        return torch.cat((times, own * old, own * ~old), 2)

    def _about(self, what: str, x: Embedded, times: Tensor) -> list[Tensor]:
        """What a head sees beside the user; `times` [N, T, 1 + C] as `_times` has it."""
        if what == "user":
            return []
        candidate = x.candidate[what]
        if self.place is None or what == "ranking":
            return [candidate]
        columns = ITEM_COLUMNS[what]  # a brand is an item of which nothing else is known
        known = candidate[:, : columns.stop - columns.start]
        same = x.same[what].to(times.dtype)
        # many candidates of one user, as when they are served: one product, and no copy of the history for each
        met = (same @ times[0] if len(times) == 1 else torch.bmm(same, times[x.row])).flatten(1)
        return [candidate, torch.log1p(met), known @ self.place.weight[:, columns].T]

    def shared_parameters(self) -> list[nn.Parameter]:
        return list(self.parameters())

    def last_shared(self) -> nn.Parameter:
        """The user's own layer: every task reads it, and it is reached without going back through time. (The last
        layers of the attention are no good for it: one number an event passes there, so that all tasks' gradients
        point the same way or the opposite.)"""
        return self.null_user if self.user is None else self.user.weight  # type: ignore[return-value]


class RankingHead(nn.Module):
    """score = w · [r; 1; −r; −1], w = ReLU(FC(rep)) ≥ 0: the user decides how much each feature r counts (§3.4)."""

    def __init__(self, width: int, features: int, tower: tuple[int, ...]) -> None:
        super().__init__()
        self.width = width
        self.weights = head(width, tower, 2 * (features + 1))
        # ours: all weights begin above 0, where ReLU lets them learn; r and −r cancel, so that scores begin at about 0
        nn.init.constant_(self.weights[-1].bias, 0.3)  # type: ignore[arg-type]

    def ranking_weights(self, users: Tensor) -> Tensor:
        """w [B, 2(D + 1)] of users [B, 2H]."""
        return torch.relu(self.weights(users))

    def forward(self, z: Tensor) -> Tensor:
        users, features = z[:, : self.width], z[:, self.width :]
        features = torch.cat((features, torch.ones_like(features[:, :1])), 1)
        both = torch.cat((features, -features), 1)
        return (self.ranking_weights(users) * both).sum(1, keepdim=True)


class CandidateHead(nn.Module):
    """A logit from the user [pooled; u], a candidate c and, with matching, what they have in common.

        logit = layers([pooled; u; c; n; pooled ⊙ place; u ⊙ V [c; n]]) + s Σ pooled ⊙ place
        n_f   = log(1 + T Σ_t a_t [event t has the candidate's f])

    where place [H] is c's place among the pooled states; f is the candidate's item, shop, brand, category (of a brand
    the brand alone, of a shop the shop), T the number of events, so that T a_t is 1 for an event that counts as much
    as any other; V is learnt and s, a number, begins at LENGTH⁻². Products and counts are ours. From [pooled; u; c]
    alone, as the paper has it, layers of this size learn to match users and items only from very many rows (Rendle et
    al., RecSys 2020), and a hundred brands do not keep apart in 24 columns; the paper had billions of rows, a shop here
    has a hundred thousand.
    """

    def __init__(self, hidden: int, candidate: int, tower: tuple[int, ...], matching: bool) -> None:
        super().__init__()
        self.parts = (hidden, hidden, candidate, hidden)
        self.matching = matching
        self.layers = head(2 * hidden + candidate + (2 * hidden if matching else 0), tower)
        if matching:
            self.match = nn.Linear(candidate, hidden, bias=False)
            self.scale = nn.Parameter(torch.tensor(LENGTH**-2))

    def forward(self, z: Tensor) -> Tensor:
        if not self.matching:
            alone: Tensor = self.layers(z)
            return alone
        pooled, user, candidate, place = z.split(self.parts, 1)
        likeness = pooled * place  # [B, H]
        scored: Tensor = self.layers(torch.cat((pooled, user, candidate, likeness, user * self.match(candidate)), 1))
        return scored + self.scale * likeness.sum(1, keepdim=True)


def _next_event(embedding: HistoryEmbedding) -> NextEvent:
    return NextEvent(*(embedding.sizes[name] for name in ("item", "behaviour", "gap")))


def _kinds_apart(config: DUPNConfig, embedding: HistoryEmbedding) -> int:
    """How many kinds and ages of events heads count apart: none where properties are not to enter the attention."""
    if not (config.matching and config.kinds_apart and config.arm in ("attention", "all")):
        return 0
    return 2 * (embedding.sizes["behaviour"] - 1)


def build_dupn(
    config: DUPNConfig, description: DatasetDescription
) -> tuple[HistoryEmbedding, UserRepresentation, nn.ModuleList]:
    """Embedding, shared part and heads; weights are drawn from torch's generator as it stands."""
    if config.length > events_kept(description):
        raise PrecedenceError(
            f"The data set keeps the last {events_kept(description)} events of a history, and {config.length} are to "
            "be read; set model.length to no more, or dataset.events to as many."
        )
    embedding = HistoryEmbedding(description, config.length, config.start, config.time)
    unknown = [task.name for task in description.card.tasks if task.name not in HEADS]
    if unknown:
        raise PrecedenceError(
            f"The network 'dupn' has no head for the task '{unknown[0]}'; its tasks are {', '.join(HEADS)}."
        )
    sees = [HEADS[task.name] for task in description.card.tasks]
    if "next" in sees and not config.matching:
        raise PrecedenceError(
            "The next event is foreseen by where items stand among users, which the network has with matching alone; "
            "set model.matching to true, or leave dataset.next_event."
        )
    sharing = UserRepresentation(config, embedding, sees)
    met = 1 + _kinds_apart(config, embedding) if config.matching else 0  # counts of each relation
    widths = {
        "item": embedding.item_width + embedding.ranking_width + 1 + met * len(SAME),
        "brand": WIDTHS["brand"] + 1 + met,
        "shop": WIDTHS["shop"] + 1 + met,
    }

    def head_of(what: str, columns: int) -> nn.Module:
        if what == "next":
            return nn.Identity()  # the shared part has the cost itself
        if what == "ranking":
            return RankingHead(sharing.width, embedding.ranking_width, config.tower)
        if what == "user":
            return head(sharing.width, config.tower, columns)
        return CandidateHead(config.hidden, widths[what], config.tower, config.matching)

    tasks = description.card.tasks
    heads = nn.ModuleList(head_of(what, task.columns) for what, task in zip(sees, tasks, strict=True))
    return embedding, sharing, heads
