"""The settings that only DeepBoW has."""

from __future__ import annotations

from pages.settings.setting_list import YES_NO, Setting

HEADS = {
    "weighting": "its own words, weighted",
    "expansion": "its words and what they also mean",
    "both": "the sum of both",
}

DEEPBOW: tuple[Setting, ...] = (
    Setting(
        "model.score",
        "A text becomes",
        "Bags can be explained word by word; one vector is the dense peer of the same size.",
        "Network",
        choices={"bags": "a bag of weighted words", "vectors": "one vector"},
        models=("deepbow",),
    ),
    Setting("model.query", "A query's bag", "What it holds.", "Network", choices=HEADS, models=("deepbow",)),
    Setting("model.product", "A product's bag", "What it holds.", "Network", choices=HEADS, models=("deepbow",)),
    Setting(
        "model.dim",
        "Width of the Transformers",
        "Numbers in the state of a word or a character.",
        "Network",
        low=8,
        high=512,
        step=8,
        models=("deepbow",),
    ),
    Setting(
        "model.penalty",
        "Price of a long bag",
        "Weight of the sparsity cost: more makes bags shorter, searches faster and expansions rarer.",
        "Network",
        low=0.0,
        high=10.0,
        step=0.01,
        models=("deepbow",),
    ),
    Setting(
        "model.layers",
        "Layers of the Transformers",
        "Of the one over words and of the one over characters.",
        "Network",
        low=1,
        high=6,
        step=1,
        models=("deepbow",),
    ),
    Setting(
        "model.characters",
        "Reads characters",
        "Letters of a word that the vocabulary does not know still say something.",
        "Network",
        choices=YES_NO,
        models=("deepbow",),
    ),
    Setting(
        "model.phrases",
        "Phrases are terms",
        "Words that often stand together count as one more term.",
        "Network",
        choices=YES_NO,
        models=("deepbow",),
    ),
    Setting(
        "model.gate",
        "Gate between both branches",
        "How far a word of the text is weighted by its characters; without it by its word alone.",
        "Network",
        choices=YES_NO,
        models=("deepbow",),
    ),
    Setting(
        "model.expand_from_words",
        "Words bring synonyms",
        "Without it a text reaches words outside it by its characters alone, as in the paper.",
        "Network",
        choices=YES_NO,
        models=("deepbow",),
    ),
)
