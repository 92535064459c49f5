"""A relevance model from judged pairs: the shop's, QBQTC's, or somebody's own, by the same trainer as any run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from pydantic import BaseModel

from core.data.choice import DatasetChoice
from core.data.loading import load_dataset, prepared_folder
from core.data.pairs.own import prepare_pairs
from core.data.pairs.prepare import VOCABULARY as VOCABULARY_FILE
from core.data.text.rarity import LEVELS
from core.data.text.vocabulary import Vocabulary
from core.errors import PrecedenceError
from core.models.deepbow_config import DeepBoWConfig
from core.relevance.saved import ModelCard, save_model
from core.training import events as ev
from core.training.config import RunConfig
from core.training.presets import default_run, own_pairs_run
from core.training.trainer import Trainer

Progress = Callable[[int, int, dict[str, float]], None]
"""(step, most steps, the last measures on the slice)."""


class Trained(BaseModel):
    """What a training came to."""

    folder: str
    steps: int
    seconds: float
    measures: dict[str, float]  # on the test queries


def pairs_run(name: str, pairs: Path | None = None) -> RunConfig:
    """The default run on a data set of pairs by name, or on a file of pairs, which is prepared first."""
    if pairs is None:
        config = default_run(name)
        if not isinstance(config.model, DeepBoWConfig):
            raise PrecedenceError(f"The data set '{name}' holds no pairs of texts; choose shop_pairs, qbqtc or a file.")
        return config
    folder = prepare_pairs(pairs)
    config = own_pairs_run(str(folder))
    model = config.model.model_copy(update={"average_length": average_length(config.dataset)})
    return config.model_copy(update={"model": model})


def average_length(choice: DatasetChoice) -> float:
    """Mean number of words of a product text, phrases not counted."""
    data = load_dataset(choice)
    names = [feature.name for feature in data.description.sequences]
    words, rarity = (data.sequences[names.index(f"product_{part}")].numpy() for part in ("words", "rarity"))
    return float(np.maximum(1, ((words > 0) & (rarity < LEVELS)).sum(1)).mean())


def train(config: RunConfig, out: Path | None = None, progress: Progress | None = None) -> Trained:
    """Trains to the end and keeps the model in the folder `out`, if one is given."""
    if not isinstance(config.model, DeepBoWConfig):
        raise PrecedenceError(f"The network '{config.model.kind}' is no relevance model; take deepbow.")
    vocabulary = Vocabulary.load(prepared_folder(config.dataset) / VOCABULARY_FILE)
    trainer = Trainer(config, load_dataset(config.dataset), device="cpu")
    measures: dict[str, float] = {}
    finished: ev.Finished | None = None
    for turn in trainer.run():
        for event in turn:
            measures = event.measures if isinstance(event, ev.Evaluated) else measures
            finished = event if isinstance(event, ev.Finished) else finished
        if progress:
            progress(trainer.step, trainer.progress.most_steps, measures)
    assert finished is not None
    if out is not None:
        card = ModelCard(
            config=config.model,
            description=trainer.dataset.description,
            seed=config.seed,
            steps=trainer.step,
            measures={name: round(value, 5) for name, value in finished.measures.items()},
            says=_says(trainer),
        )
        save_model(out, trainer.network, card, vocabulary)
    return Trained(
        folder=str(out or ""), steps=trainer.step, seconds=round(finished.seconds, 2), measures=finished.measures
    )


def _says(trainer: Trainer) -> str:
    title, rows = trainer.dataset.description.card.title, len(trainer.dataset.rows["train"])
    return f"Trained on {rows:,} judged pairs of '{title}', {trainer.step} steps."
