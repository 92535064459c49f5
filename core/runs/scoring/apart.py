"""What the server asks of a process apart: torch is imported there, at the first use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.files import write_text
from core.home import home
from core.settings.run import RunConfig


def predict_apart(run: str, source: str, target: str, fill: bool) -> dict[str, Any]:
    """Scores a file with a run's model; the fields of `predict --json`."""
    import torch

    from core.runs.scoring.open_model import load_run
    from core.runs.scoring.predict import predict_file

    torch.set_num_threads(1)
    return predict_file(load_run(run), Path(source), Path(target), fill).as_fields()


def boosted_apart(config: str) -> dict[str, float | None]:
    """Boosted trees on the data set of a run, by task; kept by the data's content."""
    import torch

    from core.data.dataset import content_of
    from core.data.registry import load_dataset
    from core.insight.boosted import boosted_trees

    torch.set_num_threads(1)
    dataset = load_dataset(RunConfig.model_validate_json(config).dataset)
    file = home() / "cache" / f"boosted-{content_of(dataset)}.json"
    try:
        kept: dict[str, float | None] = json.loads(file.read_text(encoding="utf-8"))
        return kept
    except (OSError, ValueError):
        found = boosted_trees(dataset)
        file.parent.mkdir(parents=True, exist_ok=True)
        write_text(file, json.dumps(found))
        return found


def weights_apart(run: str) -> bytes:
    """A finished run's weights as safetensors, also of runs from before models were kept whole."""
    from core.runs.folder.weights import weights

    return Path(weights({"home": str(home()), "run": run})).read_bytes()
