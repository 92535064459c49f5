"""A relevance model from judged pairs: the shop's, QBQTC's, or somebody's own, by the same trainer as any run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from pydantic import BaseModel
from torch import Tensor

from core.data.dataset import Dataset
from core.data.pairs.budget import PASSES, passes_of, steps_of, training_pairs
from core.data.pairs.prepare import VOCABULARY as VOCABULARY_FILE
from core.data.reading.options import ReaderOptions
from core.data.registry import load_dataset, names_of, prepared_folder
from core.data.source import DatasetChoice
from core.data.sources.uploaded.pairs import prepare_pairs
from core.data.text.rarity import LEVELS
from core.data.text.vocabulary import Vocabulary
from core.errors import PrecedenceError
from core.events import events as ev
from core.models.build import build
from core.models.deepbow_config import DeepBoWConfig
from core.models.losses import TaskLosses
from core.relevance.encoding.model_store import ModelCard, save_model
from core.relevance.settling import settle
from core.settings.presets import default_run, uploaded_run
from core.settings.run import RunConfig
from core.training.loop import Trainer
from core.training.measure import read

Progress = Callable[[int, int, dict[str, float]], None]
"""(step, most steps, the last measures on the validation rows)."""


class Trained(BaseModel):
    """What a training came to."""

    folder: str
    steps: int
    seconds: float
    measures: dict[str, float]  # on the test queries
    share: float = 1.0  # of the way from its start that the model keeps: core.relevance.settling


def pairs_run(
    name: str,
    pairs: Path | Sequence[Path] | None = None,
    called: str = "",
    columns: Mapping[str, str] | None = None,
    folder: Path | None = None,
    options: ReaderOptions | None = None,
) -> RunConfig:
    """The default run on a data set of pairs by name, or on a file of pairs, which is prepared first: under the title
    `called`, in `folder`, with `columns` that are not known by their names. A file is passed over `PASSES` times."""
    if pairs is None:
        config = default_run(name)
        if not isinstance(config.model, DeepBoWConfig):
            known = ", ".join(names_of("pairs"))
            raise PrecedenceError(f"The data set '{name}' holds no pairs of texts; choose {known} or a file.")
        return config
    folder = prepare_pairs(pairs, called, columns=columns, folder=folder, options=options)
    config = uploaded_run(str(folder), "pairs")
    model = config.model.model_copy(update={"average_length": average_length(config.dataset)})
    steps = steps_of(PASSES, training_pairs(folder), config.batch_size)
    return config.model_copy(update={"model": model, "stage_steps": steps})


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
            progress(trainer.progress.step, trainer.progress.most_steps, measures)
    assert finished is not None
    data = trainer.state.setup.dataset
    measures, share = finished.measures, 1.0
    if is_settled(config):
        share = settle(trainer.network, trainer.state.initial, data)
        measures = trainer.state.read(data.rows["test"]).measures
    if out is not None:
        card = card_of(config, data, finished.step, measures, share)
        save_model(out, trainer.network, card, vocabulary)
    return Trained(
        folder=str(out or ""), steps=finished.step, seconds=round(finished.seconds, 2), measures=measures, share=share
    )


def is_settled(config: RunConfig) -> bool:
    """Whether a model goes no further from its start than validation queries bear out."""
    return isinstance(config.model, DeepBoWConfig) and config.model.tuned and config.model.score == "bags"


def keep(config: RunConfig, weights: dict[str, Tensor], finished: ev.Finished, out: Path) -> Trained:
    """A relevance model in the folder `out` from the config, final weights and result of a run made elsewhere."""
    if not isinstance(config.model, DeepBoWConfig):
        raise PrecedenceError(f"The run's network is '{config.model.kind}', no relevance model; train it with deepbow.")
    dataset = load_dataset(config.dataset)
    network = build(config.model, dataset.description, config.seed)
    network.begin(dataset)
    start = {name: value.detach().clone() for name, value in network.state_dict().items()}
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise PrecedenceError(
            "The run's weights do not fit its data set any more, which was prepared anew since; train it again."
        ) from error
    measures, share = finished.measures, 1.0
    if is_settled(config):
        share = settle(network, start, dataset)
        measures = read(network, TaskLosses(dataset), dataset, dataset.rows["test"]).measures
    card = card_of(config, dataset, finished.step, measures, share)
    save_model(out, network, card, Vocabulary.load(prepared_folder(config.dataset) / VOCABULARY_FILE))
    return Trained(folder=str(out), steps=finished.step, seconds=finished.seconds, measures=measures, share=share)


def card_of(
    config: RunConfig, dataset: Dataset, steps: int, measures: dict[str, float], share: float = 1.0
) -> ModelCard:
    """What stands beside the weights; `share`: how much of the way from the start the model keeps."""
    assert isinstance(config.model, DeepBoWConfig)
    pairs = len(dataset.rows["train"])
    passes = passes_of(steps, pairs, config.batch_size)
    kept = "" if share == 1 else f", {round(100 * share)} % of the way from a tuned BM25"
    return ModelCard(
        config=config.model,
        description=dataset.description,
        seed=config.seed,
        steps=steps,
        measures={name: round(value, 5) for name, value in measures.items()},
        says=f"Trained on {pairs:,} judged pairs of '{dataset.description.card.title}', {passes:.1f} passes{kept}.",
    )
