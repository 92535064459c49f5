"""Shapes and choices of DeepBoW. Where the paper is silent the default is ours, and says so."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from core.settings_field import YES_NO, setting

PACE = 5.0
"""How much faster than other weights the few move that are about all texts alike: how rare a unit is, how sure a
translation. Queries that are few teach these sooner than what single words mean."""

Head = Literal["weighting", "expansion", "both"]
"""What a side's bag is made of: its own words weighted (TW), a text expanded over the vocabulary (SE), or their sum."""


_HEADS: dict[str, str] = {
    "weighting": "its own words, weighted",
    "expansion": "its words and what they also mean",
    "both": "the sum of both",
}


class DeepBoWConfig(BaseModel):
    """The network of two texts: bags of words, or, as the peer of equal size, one vector a text."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    kind: Literal["deepbow"] = "deepbow"
    score: Literal["bags", "vectors"] = setting(
        "bags",
        "A text becomes",
        "Bags can be explained word by word; one vector, compared by cosine, is the dense peer of the same size.",
        group="Network",
        choices={"bags": "a bag of weighted words", "vectors": "one vector"},
    )
    # ours: SPLADE-v3-Lexical loses nothing by weighting on the query side alone
    query: Head = setting("weighting", "A query's bag", "What it holds.", group="Network", choices=_HEADS)
    product: Head = setting("expansion", "A product's bag", "What it holds.", group="Network", choices=_HEADS)
    dim: int = setting(  # paper: unknown
        32,
        "Width of the Transformers",
        "Numbers in the state of a word or a character.",
        group="Network",
        step=8,
        ge=8,
        le=512,
        multiple_of=4,
    )
    layers: int = setting(  # paper: unknown
        1,
        "Layers of the Transformers",
        "Of the one over words and of the one over characters.",
        group="Network",
        step=1,
        ge=1,
        le=6,
    )
    attention_heads: int = setting(2, "Heads of the attention", "Of each Transformer.", ge=1, le=16)
    feed_forward: int = setting(64, "Width of the feed-forward layer", "Of each Transformer.", ge=8, le=4096)
    dropout: float = setting(
        0.1, "Dropout", "Share of values left out at random while training.", group="Network", step=0.05, ge=0, lt=1
    )
    characters: bool = setting(
        True,
        "Reads characters",
        "Letters of a word that the vocabulary does not know still say something; Chinese characters are terms.",
        group="Network",
        choices=YES_NO,
    )
    phrases: bool = setting(
        True,
        "Phrases are terms",
        "Words that often stand together count as one more term.",
        group="Network",
        choices=YES_NO,
    )
    gate: bool = setting(
        True,
        "Gate between both branches",
        "p_g: how far a word of the text is weighted by its characters; without it by its word alone.",
        group="Network",
        choices=YES_NO,
    )
    expand_from_words: bool = setting(
        True,
        "Words bring synonyms",
        "Ours. Without it a text reaches words outside it by its characters alone, as in the paper.",
        group="Network",
        choices=YES_NO,
    )
    head_noun: bool = setting(
        True,
        "Knows what names the thing",
        "Ours. A camera strap is a strap: words that name another thing count for less, by a learnt factor.",
        group="Network",
        choices=YES_NO,
        later=True,
    )
    literal_first: bool = setting(
        True,
        "What is said comes first",
        "Ours. No title holds a word that it does not say at more than one that says it of its thing.",
        group="Network",
        choices=YES_NO,
        later=True,
    )
    fields: bool = setting(
        True,
        "Reads other fields than the title",
        "Ours. Words of the brand, the colour and the bullets that the title lacks count too, by a learnt factor.",
        group="Network",
        choices=YES_NO,
        later=True,
    )
    tuned: bool = setting(
        False,
        "Starts from a tuned BM25",
        "Ours. Before learning, k₁ and b, and how much phrases, characters, heads and fields count, are chosen from a "
        "short list by NDCG@10 on the training queries.",
        group="Network",
        choices=YES_NO,
        later=True,
    )
    listwise: float = setting(
        1.0, "Weight of the list-wise loss", "Ours: of the task “order”, over each query's whole list; 0: none.", ge=0
    )
    negatives: bool = setting(
        False,
        "Others’ products are misses",
        "Ours. The list-wise loss orders a query's products among those of the other queries of the batch, as a search "
        "of the whole catalogue would, not among its judged ones alone.",
        group="Network",
        choices=YES_NO,
        later=True,
    )
    average_length: float = setting(
        8.0, "Words of a usual product text", "The start is BM25's weight of a word, which needs it.", gt=0
    )
    penalty: float = setting(
        0.01,
        "Price of a long bag",
        "λ of FLOPS and L1 in the task “sparsity”: more makes bags shorter, searches faster and expansions rarer.",
        group="Network",
        step=0.01,
        ge=0,
    )
    penalty_warm_up: int = setting(
        30, "Warm-up of that price", "Steps over which it rises as the square of the step.", ge=0
    )
