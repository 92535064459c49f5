"""A trained DUPN with all that is needed to use it: weights, vocabularies, the description of its inputs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from core.data.description import DatasetDescription
from core.data.histories.field_vocabulary import FieldVocabularies
from core.data.histories.questions import VOCABULARIES
from core.data.prepared import DESCRIPTION, read_description
from core.errors import PrecedenceError
from core.files import Stamp, stamp
from core.models.build import build
from core.models.dupn_config import DUPNConfig
from core.models.network import Network
from core.users.embedding.starts import STARTS, WEIGHTS

ABOUT = "model.json"


@dataclass(frozen=True)
class UserModel:
    """A network and what its ids mean. `about` says how it was trained: data set, config, figures, newest day."""

    network: Network
    config: DUPNConfig
    description: DatasetDescription
    vocabularies: FieldVocabularies
    about: dict[str, Any]

    @property
    def width(self) -> int:
        """Of a representation."""
        return int(self.network.sharing.width)  # type: ignore[arg-type]

    def head(self, task: str) -> int:
        """Place of a task among the heads."""
        names = self.description.card.task_names()
        if task not in names:
            raise PrecedenceError(f"This model has no task '{task}'; it has {', '.join(names)}.")
        return names.index(task)


def start_folder(source: str = "shop_histories") -> Path | None:
    """Where the trained start of a data set lies; None where there is none."""
    folder = STARTS / source
    return folder if (folder / WEIGHTS).is_file() else None


def save_model(folder: Path, model: UserModel) -> None:
    """Writes the model's four files; weights last, so that a folder with weights is whole."""
    from safetensors.torch import save

    folder.mkdir(parents=True, exist_ok=True)
    (folder / WEIGHTS).unlink(missing_ok=True)
    (folder / DESCRIPTION).write_text(model.description.model_dump_json(indent=1) + "\n", encoding="utf-8")
    (folder / VOCABULARIES).write_bytes(model.vocabularies.to_bytes())
    about = {**model.about, "config": model.config.model_dump(mode="json")}
    (folder / ABOUT).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    weights = {name: value.cpu().contiguous() for name, value in model.network.state_dict().items()}
    partial = folder / f".{WEIGHTS}"
    partial.write_bytes(save(weights))
    partial.replace(folder / WEIGHTS)


def load_model(folder: Path | str) -> UserModel:
    """The model of a folder, on the CPU, ready to predict; raises PrecedenceError where its files do not fit."""
    return _load_model(Path(folder), stamp(Path(folder) / WEIGHTS))


@lru_cache(maxsize=4)
def _load_model(folder: Path, _: Stamp | None) -> UserModel:
    """The stamp says when the folder holds another model."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    description = read_description(folder)
    vocabularies = FieldVocabularies.load(folder / VOCABULARIES)
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        config = DUPNConfig.model_validate(about.pop("config"))
        network = build(config, description, 0)
        network.load_state_dict(load_file(folder / WEIGHTS))
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise PrecedenceError(
            f"The model in {folder} cannot be used ({str(error).splitlines()[0][:120]}); make it again with: "
            "python -m core users train --out FOLDER"
        ) from error
    network.eval()
    return UserModel(network, config, description, vocabularies, about)


def load_start(source: str = "shop_histories") -> UserModel:
    """The trained start that comes with the project."""
    folder = start_folder(source)
    if folder is None:
        raise PrecedenceError(
            f"There is no trained start for {source}; make one with: python -m core users train --dataset {source} "
            f"--out sample_data/users/{source}"
        )
    return load_model(folder)


def model_of(name: str, source: str) -> UserModel:
    """The DUPN that an embedder's name means: the trained start of the source, or the model of a folder."""
    return load_start(source) if name == "dupn" else load_model(name)


def weights_of(network: Network) -> dict[str, Tensor]:
    """A copy of the weights."""
    with torch.no_grad():
        return {name: value.detach().clone() for name, value in network.state_dict().items()}
