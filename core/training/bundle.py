"""A trained model with all that is needed to use it, in one file that holds no program: a zip of plain files.

weights.safetensors · config.json, the run's settings · description.json, the network's inputs and tasks ·
preparation.json, how a row becomes them (not of texts) · model.json, scales of the predictions and where it is from ·
the vocabularies of texts and histories, where there are such
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from torch import Tensor

from core.data.description import DatasetDescription
from core.data.preparation import PREPARATION, Preparation
from core.data.prepared import DESCRIPTION
from core.data.registry import prepared_folder
from core.errors import PrecedenceError
from core.files import write_whole
from core.models.build import build
from core.models.network import Network
from core.settings.run import RunConfig
from core.task_kinds.functions import FUNCTIONS, Scale
from core.training.made_with import made_with
from core.training.provenance import Provenance
from core.training.stage import Weights
from core.training.state import RunState

BUNDLE = "model.zip"
WEIGHTS, CONFIG, ABOUT = "weights.safetensors", "config.json", "model.json"
VOCABULARIES = ("vocabulary.json", "vocabularies.json")
VERSION = 1


class TaskScale(BaseModel):
    """A label is deviation · prediction + mean where its kind is predicted standardised, else 0 and 1."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    mean: float
    deviation: float


class About(BaseModel):
    """What else is known of the model."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    version: int = Field(VERSION, ge=1, le=VERSION)
    run: str = ""
    scales: dict[str, TaskScale]
    provenance: Provenance = Provenance()


@dataclass(frozen=True)
class Bundle:
    """What a bundle holds."""

    weights: Weights
    config: RunConfig
    description: DatasetDescription
    preparation: Preparation | None
    about: About
    vocabularies: dict[str, bytes]

    def network(self) -> Network:
        """With the weights, on the CPU, ready to predict."""
        network = build(self.config.model, self.description, self.config.seed)
        network.load_state_dict(self.weights)
        return network.eval()


def save_bundle(path: Path, run: RunState, name: str = "") -> None:
    """The model that the run ended with, as `core.training.checkpoint.save_weights` chooses it; whole or not at all.

    No path of this machine is in it: an uploaded table is known by its file's name and its content.
    """
    write_whole(path, lambda unfinished: unfinished.write_bytes(bundle_bytes(run, name)))


def bundle_bytes(run: RunState, name: str = "") -> bytes:
    """The same in memory."""
    from safetensors.torch import save

    setup, scale = run.setup, run.setup.losses.scale
    weights = run.kept[-1] if run.kept else run.weights()
    scales = {
        task: TaskScale(mean=scale.mean[at].item(), deviation=scale.deviation[at].item())
        for at, task in enumerate(setup.tasks)
    }
    about = About(run=name, scales=scales, provenance=made_with(run))
    parts = {
        WEIGHTS: save({key: value.cpu().contiguous() for key, value in weights.items()}),
        CONFIG: run.config.without_place().model_dump_json(indent=1).encode(),
        DESCRIPTION: setup.dataset.description.model_dump_json(indent=1).encode(),
        ABOUT: about.model_dump_json(indent=1).encode(),
    }
    if setup.dataset.preparation is not None:
        parts[PREPARATION] = setup.dataset.preparation.model_dump_json().encode()
    if setup.dataset.description.form != "rows":
        parts |= _vocabularies(run.config)
    return zipped(parts)


def zipped(parts: dict[str, bytes]) -> bytes:
    """A zip of these files: equal files give equal bytes."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name)  # of no time
            info.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(info, content)
    return out.getvalue()


def _vocabularies(config: RunConfig) -> dict[str, bytes]:
    try:
        folder = prepared_folder(config.dataset)
    except PrecedenceError:  # deleted meanwhile: the weights are worth keeping all the same
        return {}
    return {file.name: file.read_bytes() for file in map(folder.joinpath, VOCABULARIES) if file.is_file()}


def load_bundle(source: Path | bytes) -> Bundle:
    """What `save_bundle` wrote; raises PrecedenceError where it is damaged or of a later form."""
    from safetensors import SafetensorError
    from safetensors.torch import load

    name = source.name if isinstance(source, Path) else BUNDLE
    try:
        with zipfile.ZipFile(BytesIO(source) if isinstance(source, bytes) else source) as file:
            if file.testzip() is not None:
                raise ValueError("its bytes have changed since it was written")
            parts = {info.filename: file.read(info) for info in file.infolist() if "/" not in info.filename}
        weights: dict[str, Tensor] = load(parts[WEIGHTS])
        return Bundle(
            weights=weights,
            config=RunConfig.model_validate_json(parts[CONFIG]),
            description=DatasetDescription.model_validate_json(parts[DESCRIPTION]),
            preparation=Preparation.model_validate_json(parts[PREPARATION]) if PREPARATION in parts else None,
            about=About.model_validate_json(parts[ABOUT]),
            vocabularies={name: parts[name] for name in VOCABULARIES if name in parts},
        )
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, SafetensorError, ValidationError) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0][:120]
        raise PrecedenceError(f"The model {name} cannot be used ({first}); download it again or train anew.") from error


@torch.no_grad()
def answers(predictions: Tensor, bundle: Bundle) -> dict[str, Tensor]:
    """What a person reads of predictions [n, C], by task; see `core.task_kinds.functions.TaskFunctions.answer`."""
    found, start = {}, 0
    for task in bundle.description.card.tasks:
        given = predictions[:, start : start + task.columns]
        start += task.columns
        answer, scale = FUNCTIONS[task.kind].answer, bundle.about.scales[task.name]
        if answer is not None:
            found[task.name] = answer(given, Scale(torch.tensor(scale.mean), torch.tensor(scale.deviation)))
    return found
