"""python -m core users train: DUPN from histories, to the end, kept as a model that users can be embedded with."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core.commands import train
from core.errors import PrecedenceError
from core.models.dupn_config import DUPNConfig
from core.training.config import RunConfig


def add(parser: argparse.ArgumentParser) -> None:
    train.add(parser)
    parser.add_argument("--events", type=Path, help="own CSV or Parquet: user, item, time, and optional columns")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    from core.data.sources.uploaded.events import prepare_events, repairs_of
    from core.training.presets import uploaded_run

    repairs = None
    if arguments.events:
        folder, found = prepare_events(arguments.events)
        repairs = repairs_of(found)
        base = uploaded_run(str(folder), "histories")
        config = train.read_config(arguments, base)
    else:
        arguments.dataset = arguments.dataset or "shop_histories"
        config = train.read_config(arguments)
    if not isinstance(config.model, DUPNConfig):
        raise PrecedenceError(f"Users are embedded by the network 'dupn', not by '{config.model.kind}'; leave --model.")
    out, arguments.out = arguments.out, None  # the folder is the model's, not the run's
    trainer, result = train.trained(arguments, config)
    if out:
        keep(out, trainer, config, result)
    return result | ({"repairs": repairs} if repairs else {})


def keep(folder: Path, trainer: Any, config: RunConfig, result: dict[str, Any]) -> None:
    """The run's last model, as `core.users.embedding.model` reads it."""
    from core.data.registry import vocabularies_of
    from core.users.embedding.model import UserModel, save_model

    assert isinstance(config.model, DUPNConfig)
    about = {
        "run": config.model_dump(mode="json", exclude_defaults=True),
        "steps": result["steps"],
        "tasks": result["tasks"],
    }
    names = vocabularies_of(config.dataset)
    save_model(folder, UserModel(trainer.network, config.model, trainer.dataset.description, names, about))
