"""A model as ONNX, for programs without torch. Needs the packages onnx and onnxscript, which scoring does not."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn

from core.data.dataset import Batch
from core.errors import PrecedenceError
from core.files import write_text, write_whole
from core.runs.scoring.open_model import Model
from core.training.bundle import answers

OPSET = 18
RULES = ".preparation.json"


class _Scored(nn.Module):
    """ids and numbers as measured → what a person reads, a tensor a task: the network with its standardisation."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.network, self.bundle = model.network, model.bundle
        numbers = model.preparation.numbers
        self.register_buffer("mean", torch.tensor([one.mean for one in numbers]))
        self.register_buffer("deviation", torch.tensor([one.deviation for one in numbers]))

    def forward(self, sparse: Tensor, dense: Tensor, *sequences: Tensor) -> tuple[Tensor, ...]:
        scaled = (dense - self.mean) / self.deviation
        known = torch.where(torch.isnan(dense), torch.zeros_like(scaled), scaled)
        empty = torch.zeros(sparse.shape[0], 0)
        batch = Batch(sparse, known, sequences, labels=empty, mask=empty.bool())
        return tuple(answers(self.network(batch), self.bundle).values())


@contextmanager
def _quietly() -> Iterator[None]:
    """The exporter tells of packages that nobody needs here."""
    log = logging.getLogger("torch.onnx")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)


def export_onnx(model: Model, target: Path) -> tuple[Path, Path]:
    """Writes the network to `target`, and beside it how a row becomes its inputs; returns both files.

    Inputs, R rows: sparse [R, F] int64, the ids; dense [R, D] float, as measured (ln(1 + v) where the preparation says
    so), NaN where missing; sequence_0 … [R, length] int64, newest last, filled up with 0. Outputs: one a task, by its
    name, as `Model.predict` gives it; the probabilities [R, classes] where a task has classes.
    """
    preparation = model.preparation  # first: a model without one has its own sentence
    try:
        import onnxscript  # type: ignore[import-not-found,unused-ignore]  # noqa: F401
    except ImportError as error:
        raise PrecedenceError(
            "ONNX files are written by the packages onnx and onnxscript, which are not here; run: "
            "pip install -r requirements-onnx.txt"
        ) from error
    about = model.bundle.description
    rows = 4
    given = [torch.zeros(rows, len(about.sparse), dtype=torch.long), torch.zeros(rows, len(about.dense))]
    given += [torch.zeros(rows, one.length, dtype=torch.long) for one in about.sequences]
    names = ["sparse", "dense", *(f"sequence_{n}" for n in range(len(about.sequences)))]
    outputs = [task.name for task in about.card.tasks if task.kind != "cost"]
    free = torch.export.Dim("rows", min=1, max=1 << 24)
    lists = tuple({0: free} for _ in about.sequences)
    shapes = ({0: free}, {0: free}, *((lists,) if lists else ()))

    def write(unfinished: Path) -> None:
        with _quietly():
            program = torch.onnx.export(
                _Scored(model).eval(),
                tuple(given),
                input_names=names,
                output_names=outputs,
                opset_version=OPSET,
                dynamic_shapes=shapes,
                dynamo=True,
                verbose=False,
            )
        assert program is not None
        program.save(str(unfinished), external_data=False)

    rules = target.with_name(target.name + RULES)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, write)
        inputs = {"inputs": names, "outputs": outputs, "preparation": json.loads(preparation.model_dump_json())}
        write_text(rules, json.dumps(inputs))
    except OSError as error:
        raise PrecedenceError(f"{target} cannot be written ({error.strerror}); name another file.") from error
    return target, rules
