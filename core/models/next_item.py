"""Two networks that predict the next item of a sequence: the peers of DUPN, each of a page and of equal width.

Both score an item by its own vector, s(u, i) = z_u · e_i, where z_u [H] is the state after the last event, and learn by
a softmax over the items of a batch, each made less likely by how often it stands there (Yi et al., RecSys 2019):

    loss = −mean_t log exp(z_t · e_{i_t} − log q_{i_t}) / Σ_{j in the batch} exp(z_t · e_j − log q_j)

t is an event with a next one, i_t that next item, q_j the share of item j among all events.

- GRU4Rec-like (Hidasi et al., ICLR 2016): a gated recurrent unit over item vectors. Its own losses (BPR, TOP1) are not
  taken, so that the two differ in the network alone.
- SASRec-like (Kang and McAuley, ICDM 2018): BLOCKS of causal attention, two heads each, over item vectors and places.
  Its binary loss with one sampled item is not taken, for the same reason.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

BLOCKS, DROPOUT = 2, 0.2


class NextItem(nn.Module):
    """Vectors of items 1 … I (0 is padding), and a sequence network over them, of at most `length` events."""

    def __init__(self, items: int, width: int, length: int) -> None:
        super().__init__()
        self.vectors = nn.Embedding(items + 1, width, padding_idx=0)
        nn.init.normal_(self.vectors.weight, std=width**-0.5)
        self.dropout = nn.Dropout(DROPOUT)

    def states(self, items: Tensor) -> Tensor:
        """z [N, T, H] after each event of sequences [N, T], padded behind their end with 0."""
        raise NotImplementedError

    def loss(self, items: Tensor, log_share: Tensor) -> Tensor:
        """The loss above; `log_share` [I + 1] is log q of each item."""
        known = items[:, 1:] > 0
        targets, place = torch.unique(items[:, 1:][known], return_inverse=True)
        scores = self.states(items[:, :-1])[known] @ self.vectors(targets).T - log_share[targets]
        return F.cross_entropy(scores, place)

    @torch.no_grad()
    def scores(self, items: Tensor) -> Tensor:
        """s [N, I] of all items 1 … I after the last event of sequences [N, T]."""
        last = (items > 0).sum(1).clamp_min(1) - 1
        states = self.states(items)[torch.arange(len(items)), last]
        return states @ self.vectors.weight[1:].T


class GRU4Rec(NextItem):
    """z_t: the state of a gated recurrent unit."""

    def __init__(self, items: int, width: int, length: int) -> None:
        super().__init__(items, width, length)
        self.unit = nn.GRU(width, width, batch_first=True)

    def states(self, items: Tensor) -> Tensor:
        found: Tensor = self.unit(self.dropout(self.vectors(items)))[0]
        return found


class SASRec(NextItem):
    """z_t: causal self-attention over the events up to t."""

    def __init__(self, items: int, width: int, length: int) -> None:
        super().__init__(items, width, length)
        self.places = nn.Embedding(length, width)
        nn.init.normal_(self.places.weight, std=0.1 * width**-0.5)
        block = nn.TransformerEncoderLayer(
            width, nhead=2, dim_feedforward=width, dropout=DROPOUT, batch_first=True, norm_first=True
        )
        self.blocks = nn.TransformerEncoder(block, BLOCKS, norm=nn.LayerNorm(width), enable_nested_tensor=False)

    def states(self, items: Tensor) -> Tensor:
        length = items.shape[1]
        x = self.dropout(self.vectors(items) + self.places.weight[:length])
        later = torch.ones(length, length, dtype=torch.bool, device=items.device).triu(1)
        found: Tensor = self.blocks(x, mask=later)  # padding stands behind the end: no known event looks at it
        return found
