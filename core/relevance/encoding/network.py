"""Texts → bags by a trained network. Needs torch: training, indexing, the command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from core.data.pairs.prepare import sequences_of
from core.data.text.rarity import rarity_of_terms
from core.data.text.vocabulary import Vocabulary
from core.models.deepbow import PairScore
from core.models.deepbow_bags import States
from core.models.deepbow_input import PARTS
from core.models.network import Network
from core.relevance.bags import Bag, Bags, Kind, gather
from core.relevance.encoding.query import kinds_of

TEXTS_A_PASS = 64


def encode_products(
    network: Network,
    vocabulary: Vocabulary,
    texts: Sequence[str],
    progress: Callable[[int, int], None] | None = None,
) -> Bags:
    """The bag of each product text; `progress(done, all)` is called after every pass."""
    return _encode("product", network, vocabulary, texts, progress)


def encode_queries(network: Network, vocabulary: Vocabulary, texts: Sequence[str]) -> Bags:
    """The bag of each query."""
    return _encode("query", network, vocabulary, texts, None)


@torch.no_grad()
def unit_vectors(network: Network, vocabulary: Vocabulary, texts: Sequence[str]) -> NDArray[np.float32]:
    """[N, d] of length 1 by the dense peer (config.score "vectors")."""
    sharing = _sharing(network)
    rarity = rarity_of_terms(vocabulary)
    parts = [
        sharing.unit_vector(_states(network, vocabulary, texts[at : at + TEXTS_A_PASS], rarity)).numpy()
        for at in range(0, len(texts), TEXTS_A_PASS)
    ]
    return np.concatenate(parts) if parts else np.zeros((0, sharing.config.dim), np.float32)


@torch.no_grad()
def _encode(
    side: str,
    network: Network,
    vocabulary: Vocabulary,
    texts: Sequence[str],
    progress: Callable[[int, int], None] | None,
) -> Bags:
    network.eval()
    rarity = rarity_of_terms(vocabulary)
    bags: list[Bag] = []
    for start in range(0, len(texts), TEXTS_A_PASS):
        states = _states(network, vocabulary, texts[start : start + TEXTS_A_PASS], rarity)
        bags += _bags(network, vocabulary, side, states)
        if progress:
            progress(len(bags), len(texts))
    return gather(bags)


def _states(network: Network, vocabulary: Vocabulary, texts: Sequence[str], rarity: NDArray[np.uint8]) -> States:
    lists = sequences_of([vocabulary.encode(text) for text in texts], vocabulary, rarity)
    return _sharing(network).encoder(network.embedding.texts(*(torch.from_numpy(lists[part]).long() for part in PARTS)))


def _bags(network: Network, vocabulary: Vocabulary, side: str, states: States) -> list[Bag]:
    """One bag a text: every term whose weight is above 0."""
    heads = _sharing(network).bags
    assert heads is not None
    made = heads.bags(side, states)
    ids, weights, sources = (value.numpy() for value in (made.ids, made.weights, made.sources))
    kinds = np.full(ids.shape, Kind.EXPANSION, np.uint8)
    units = states.ids.numpy()
    said = kinds_of(vocabulary, units, states.rarity.numpy())
    if side == "product":
        said[heads.mention[states.roles].numpy() & (said == Kind.EXACT)] = Kind.MENTION
        said[heads.field[states.roles].numpy()] = Kind.FIELD
    kinds[:, : units.shape[1]] = said
    bags = []
    for row in range(len(ids)):
        held = np.flatnonzero(weights[row] > 0)
        held = held[np.argsort(ids[row, held])]
        bags.append(
            Bag(
                ids[row, held].astype(np.uint32),
                weights[row, held].astype(np.float32),
                kinds[row, held],
                sources[row, held].astype(np.int16),
            )
        )
    return bags


def _sharing(network: Network) -> PairScore:
    assert isinstance(network.sharing, PairScore)
    return network.sharing
