"""From a config and a data set's description to a network."""

from __future__ import annotations

import torch
from torch import nn

from core.data.description import DatasetDescription
from core.errors import PrecedenceError
from core.models.config import ModelChoice, ModelConfig
from core.models.deepbow import build_deepbow
from core.models.deepbow_config import DeepBoWConfig
from core.models.dupn import build_dupn
from core.models.dupn_config import DUPNConfig
from core.models.embedding import FeatureEmbedding
from core.models.layers import Dropout, head
from core.models.mmoe import MMoE
from core.models.network import Network
from core.models.ple import PLE
from core.models.ranker import build_ranker
from core.models.ranker_config import RankerConfig
from core.models.shared_bottom import SharedBottom
from core.task_kinds.kinds import KINDS

_SHARING = {
    "shared_bottom": lambda inputs, tasks, c: SharedBottom(inputs, tasks, c.trunk, c.dropout, c.activation),
    "mmoe": lambda inputs, tasks, c: MMoE(inputs, tasks, c.experts, c.trunk, c.dropout, c.activation),
    "ple": lambda inputs, tasks, c: PLE(
        inputs, tasks, c.task_experts, c.experts, c.levels, c.trunk, c.dropout, c.activation
    ),
}


def build(config: ModelChoice, description: DatasetDescription, seed: int) -> Network:
    """The network with initial weights drawn from `seed` alone; torch's global generator is left as it was.

    Raises PrecedenceError where the data set has no such input, or a task that the network cannot predict.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if isinstance(config, DeepBoWConfig):
            return build_deepbow(config, description)
        if isinstance(config, DUPNConfig):
            return Network(*build_dupn(config, description), input_dropout=nn.Identity())
        if isinstance(config, RankerConfig):
            return build_ranker(config, description)
        return build_layered(config, description)


def build_layered(config: ModelConfig, description: DatasetDescription) -> Network:
    """Shared-Bottom, MMoE or PLE; embedded features pooled to one vector a row."""
    tasks = description.card.tasks
    for task in tasks:
        if not KINDS[task.kind].has_label:
            raise PrecedenceError(
                f"The network '{config.kind}' has no output for the task '{task.name}', a {task.kind} that another "
                "network reports of itself; choose the network that the data set was made for."
            )
    embedding = FeatureEmbedding(description, config.embedding_dim)
    sharing = _SHARING[config.kind](embedding.width, len(tasks), config)
    heads = nn.ModuleList(head(config.trunk[-1], config.tower, task.columns, config.activation) for task in tasks)
    return Network(embedding, sharing, heads, Dropout(config.dropout))
