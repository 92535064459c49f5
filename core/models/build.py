"""From a config and a data set's description to a network."""

from __future__ import annotations

import torch
from torch import nn

from core.data.description import DatasetDescription
from core.models.config import ModelConfig
from core.models.embedding import FeatureEmbedding
from core.models.layers import head
from core.models.mmoe import MMoE
from core.models.network import Network
from core.models.ple import PLE
from core.models.shared_bottom import SharedBottom

_SHARING = {
    "shared_bottom": lambda inputs, tasks, c: SharedBottom(inputs, tasks, c.trunk, c.dropout),
    "mmoe": lambda inputs, tasks, c: MMoE(inputs, tasks, c.experts, c.trunk, c.dropout),
    "ple": lambda inputs, tasks, c: PLE(inputs, tasks, c.task_experts, c.experts, c.levels, c.trunk, c.dropout),
}


def build(config: ModelConfig, description: DatasetDescription, seed: int) -> Network:
    """The network with initial weights drawn from `seed` alone; torch's global generator is left as it was."""
    tasks = len(description.card.tasks)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        embedding = FeatureEmbedding(description, config.embedding_dim)
        sharing = _SHARING[config.kind](embedding.width, tasks, config)
        heads = nn.ModuleList(head(config.trunk[-1], config.tower) for _ in range(tasks))
        return Network(embedding, sharing, heads, config.dropout)
