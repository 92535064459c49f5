"""One score, several masters: the tasks of a list share a single ranking score.

    s = w · MLP(x)        one number a row, the same for every task; w · x without layers
    z_k = s + b_k         what task k's loss reads

or, with `first_weight` c > 0, s = c x₁ + w · MLP(x₂, x₃, …), w = 0 at first, x₁ the first number: what is learnt is
added to a score that is there already, whose scale no task can flatten.

A page of results has one order, so no layer of a task's own can help it out: what one task gains in the order another
may lose. The threshold b_k is for losses of single rows, whose gains have another mean in each task; list by list it
cancels. A slope of a task's own is left out on purpose: a task under which the order is bad lowers its loss by a slope
near 0, and then no longer pulls at the score at all (seen on the shop: clicks stayed at the loss of equal scores).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn

from core.data.description import DatasetDescription
from core.errors import PrecedenceError
from core.models.embedding import FeatureEmbedding
from core.models.layers import Dropout, mlp
from core.models.network import Network
from core.models.ranker_config import RankerConfig
from core.task_kinds.kinds import KINDS

_PACE = 10.0  # how much faster than weights a threshold moves: one number that everything waits for


class OneScore(nn.Module):
    """x [B, inputs] → the same score [B, 1] for each of the K tasks; `given`: place and weight of the number that the
    learnt part is added to."""

    width = 1

    def __init__(
        self, inputs: int, tasks: int, trunk: Sequence[int], dropout: float, given: tuple[int, float] | None = None
    ) -> None:
        super().__init__()
        self.tasks = tasks
        self.given = given
        sizes = (inputs - (given is not None), *trunk)
        self.trunk = mlp(sizes, dropout)
        self.score = nn.Linear(sizes[-1], 1, bias=False)  # the thresholds have it
        if given:
            nn.init.zeros_(self.score.weight)

    def forward(self, x: Tensor) -> list[Tensor]:
        if self.given is None:
            return [self.score(self.trunk(x))] * self.tasks
        at, weight = self.given
        others = torch.cat((x[:, :at], x[:, at + 1 :]), 1)
        return [weight * x[:, at : at + 1] + self.score(self.trunk(others))] * self.tasks

    def shared_parameters(self) -> list[nn.Parameter]:
        return list(self.parameters())

    def last_shared(self) -> nn.Parameter:
        """The weight through which all tasks pass last."""
        return cast(nn.Parameter, self.score.weight)


class Threshold(nn.Module):
    """z = s + b of a score [B, 1]: a logit of the row's gain, or of its share in the list, where b is idle."""

    def __init__(self) -> None:
        super().__init__()
        self.threshold = nn.Parameter(torch.zeros(()))

    def forward(self, score: Tensor) -> Tensor:
        return score + _PACE * self.threshold


def build_ranker(config: RankerConfig, description: DatasetDescription) -> Network:
    """The network on a data set whose tasks are rankings; raises PrecedenceError on any other."""
    tasks = description.card.tasks
    if other := next((task for task in tasks if not KINDS[task.kind].in_lists), None):
        why = (
            "has no lists"
            if description.group is None
            else f"has the task '{other.name}' of kind {other.kind}, which is no ranking"
        )
        from core.data.registry import names_of_lists  # reads files of people: training does without

        raise PrecedenceError(
            f"The network 'ranker' orders the rows of lists, but '{description.card.title}' {why}; choose data of "
            f"lists ({', '.join(names_of_lists())}), or another network."
        )
    embedding = FeatureEmbedding(description, config.embedding_dim)
    given = None
    if config.first_weight:
        if embedding.width < 2 or not description.dense:
            raise PrecedenceError(
                f"model.first_weight = {config.first_weight:g} takes rows with two features of which one is a number, "
                f"but '{description.card.title}' has {len(description.dense)} numbers; use 0."
            )
        given = embedding.width - len(description.dense), config.first_weight
    sharing = OneScore(embedding.width, len(tasks), config.trunk, config.dropout, given)
    return Network(embedding, sharing, nn.ModuleList(Threshold() for _ in tasks), Dropout(config.dropout))
