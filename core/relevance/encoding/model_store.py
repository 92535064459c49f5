"""A trained model on disk: weights without pickle, its config and sizes, its vocabulary, and where it comes from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from core.data.description import DatasetDescription
from core.data.text.vocabulary import Vocabulary
from core.errors import PrecedenceError
from core.files import whole_folder, write_text
from core.home import PROGRAM
from core.models.deepbow_config import DeepBoWConfig

if TYPE_CHECKING:
    from core.models.network import Network

WEIGHTS, CARD, VOCABULARY = "weights.safetensors", "model.json", "vocabulary.json"
START = PROGRAM / "sample_data" / "relevance"
"""The trained start for the shop that comes with the program."""


class ModelCard(BaseModel):
    """What stands beside the weights."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    config: DeepBoWConfig
    description: DatasetDescription
    seed: int
    steps: int
    measures: dict[str, float]  # on the test queries
    says: str  # one sentence for a person: what it was trained on


def save_model(folder: Path, network: Network, card: ModelCard, vocabulary: Vocabulary) -> None:
    """The folder appears whole or not at all, and replaces one that is there. Weights are kept in 16 bits."""
    import torch
    from safetensors.torch import save_file

    weights = {
        name: value.detach().cpu().to(torch.float16 if value.is_floating_point() else value.dtype).contiguous()
        for name, value in network.state_dict().items()
    }
    with whole_folder(folder) as unfinished:
        save_file(weights, unfinished / WEIGHTS)
        write_text(unfinished / CARD, card.model_dump_json(indent=1) + "\n")
        vocabulary.save(unfinished / VOCABULARY)


def read_card(folder: Path) -> ModelCard:
    """The card of a saved model; needs no torch."""
    try:
        return ModelCard.model_validate_json((folder / CARD).read_bytes())
    except (OSError, ValueError) as error:
        raise PrecedenceError(
            f"The folder {folder} holds no readable relevance model; "
            "train one with: python -m core relevance train --out FOLDER"
        ) from error


def read_vocabulary(folder: Path) -> Vocabulary:
    """The vocabulary of a saved model; needs no torch."""
    return Vocabulary.load(folder / VOCABULARY)


def read_weights(folder: Path) -> dict[str, Any]:
    """Every weight as a NumPy array of 32 bits, by name; needs no torch."""
    import numpy as np
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return {name: value.astype(np.float32) for name, value in load_file(folder / WEIGHTS).items()}
    except (OSError, SafetensorError) as error:
        raise PrecedenceError(f"The weights in {folder} cannot be read ({error}); train the model again.") from error


def load_network(folder: Path) -> Network:
    """The saved network, ready to judge (dropout off)."""
    import torch

    from core.models.build import build

    card = read_card(folder)
    network = build(card.config, card.description, card.seed)
    try:
        network.load_state_dict({name: torch.from_numpy(value) for name, value in read_weights(folder).items()})
    except RuntimeError as error:
        raise PrecedenceError(
            f"The weights in {folder} do not fit the model that stands beside them; train the model again."
        ) from error
    return network.eval()
