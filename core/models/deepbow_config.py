"""Shapes and choices of DeepBoW. Where the paper is silent the default is ours, and says so."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

PACE = 5.0
"""How much faster than other weights the few move that are about all texts alike: how rare a unit is, how sure a
translation. Queries that are few teach these sooner than what single words mean."""

Head = Literal["weighting", "expansion", "both"]
"""What a side's bag is made of: its own words weighted (TW), a text expanded over the vocabulary (SE), or their sum."""


class DeepBoWConfig(BaseModel):
    """The network of two texts: bags of words, or, as the peer of equal size, one vector a text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["deepbow"] = "deepbow"
    score: Literal["bags", "vectors"] = "bags"  # vectors: the dense two-tower peer, cosine of the same encoders
    query: Head = "weighting"  # ours: SPLADE-v3-Lexical loses nothing by weighting on the query side alone
    product: Head = "expansion"
    dim: int = Field(32, ge=8, le=512, multiple_of=4)  # of embeddings and states (paper: unknown)
    layers: int = Field(1, ge=1, le=6)  # of each Transformer (paper: unknown)
    attention_heads: int = Field(2, ge=1, le=16)
    feed_forward: int = Field(64, ge=8, le=4096)
    dropout: float = Field(0.1, ge=0, lt=1)
    characters: bool = True  # the character Transformer, and Chinese characters as terms; without: words alone
    phrases: bool = True  # n-grams take part
    gate: bool = True  # p_g; without it a word of the text keeps the word branch alone
    expand_from_words: bool = (
        True  # ours: words outside the text are reached from word states too, not characters alone
    )
    listwise: float = Field(1.0, ge=0)  # ours: weight of the task "order", a loss over each query's whole list; 0: none
    average_length: float = Field(8.0, gt=0)  # words of a usual product text: the start is BM25's weight of a word
    penalty: float = Field(0.01, ge=0)  # λ of FLOPS and L1 in the task "sparsity"; 0: none
    penalty_warm_up: int = Field(30, ge=0)  # steps over which the penalty rises as the square of the step
