"""What a run would need before it begins, estimated from its settings; whether that is within the operator's limits.

    memory ≈ 4 bytes · (P · (4 + kept) + P_shared · K [one gradient a task] + c · B · A)

P: parameters; 4: weights, gradient and two moments of Adam; kept: copies of the best model and of bounds; K: tasks;
B: rows a step; A: numbers a row that a forward pass holds for the backward pass; c: how many copies of each of them
(value, mask of the dropout, gradient). Meant to be right within a factor of two, and rather too high than too low.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from core.data.description import DatasetDescription
from core.data.prepared import DESCRIPTION, read_description
from core.data.registry import card
from core.data.source import UPLOADED, DatasetChoice
from core.errors import PrecedenceError
from core.home import home
from core.methods.registry import METHODS
from core.models.config import ModelConfig
from core.models.deepbow_config import DeepBoWConfig
from core.models.dupn_config import DUPNConfig
from core.models.ranker_config import RankerConfig
from core.runs.limits import MEGABYTE, Limits, limits
from core.settings.run import RunConfig

BYTES = 4
KEPT = 3  # copies of the weights beside those that train: the best so far, the stage's start, a checkpoint on its way
COPIES = 5  # of each number of a forward pass: value, after ReLU, mask of the dropout and what it leaves, gradient
USUAL_FIELDS, USUAL_IDS = 24, 60_000  # of a built-in table that was not prepared yet
TOKENS, EVENT_WIDTH, EVENT_IDS = 48, 160, 40_000  # of a text in ids; of an event of a history in numbers
SHARED_BY = 4  # rows of a batch have texts and events in common: measured


@dataclass(frozen=True)
class Size:
    """P, P_shared and A of a run, and K where its method takes a gradient a task, else 0."""

    parameters: int
    shared: int
    numbers_a_row: int
    gradients: int

    def bytes(self, batch: int) -> int:
        weights = self.parameters * (4 + KEPT) + self.shared * self.gradients
        return BYTES * (weights + COPIES * batch * self.numbers_a_row)


def size_of(config: RunConfig) -> Size:
    """The run's size; what is not known of its data before they are prepared is taken as usual."""
    tasks = card(config.dataset).tasks
    outputs = [task.columns for task in tasks]
    method = METHODS[config.method.kind]
    gradients = len(tasks) if method.needs == "gradients" else 0
    model = config.model
    if isinstance(model, DUPNConfig):
        return _dupn(model, outputs, gradients)
    if isinstance(model, DeepBoWConfig):
        return _deepbow(model, gradients)
    if isinstance(model, RankerConfig):
        layers = {name: getattr(model, name) for name in ("embedding_dim", "trunk", "dropout")}
        model = ModelConfig(tower=(), **layers)
    return _layered(model, config.dataset, outputs, gradients)


def accept(config: RunConfig, allowed: Limits | None = None) -> None:
    """Raises PrecedenceError, with what would fit, where the run is larger or longer than the operator allows."""
    allowed = allowed or limits()
    try:
        ranked = len(config.priority) or len(card(config.dataset).tasks)
    except PrecedenceError:  # there are no such data: the run itself says so
        return
    stages = ranked if METHODS[config.method.kind].staged else 1
    if config.stage_steps * stages > allowed.run_steps:
        fits = max(1, allowed.run_steps // stages)
        raise PrecedenceError(
            f"stage_steps is {config.stage_steps:,}, in {stages} stage{'s' * (stages > 1)}; a run here may ask for "
            f"{allowed.run_steps:,} steps in all. stage_steps up to {fits:,} would fit."
        )
    room, size = allowed.run_memory * MEGABYTE, size_of(config)
    needed = size.bytes(config.batch_size)
    if needed > room:
        raise PrecedenceError(
            f"This run would need about {_amount(needed)} of memory ({size.parameters:,} parameters, "
            f"{config.batch_size:,} rows a step of about {size.numbers_a_row:,} numbers each); a run may have "
            f"{_amount(room)} here. {_would_fit(config, size, room)}"
        )


def _would_fit(config: RunConfig, size: Size, room: int) -> str:
    each = BYTES * COPIES * size.numbers_a_row
    batch = (room - size.bytes(0)) // each
    if batch >= 1:
        return f"batch_size up to {_rounded(int(batch)):,} would fit."
    if isinstance(config.model, ModelConfig):
        for width in (4096, 2048, 1024, 512, 256, 128, 64, 32):
            narrower = {
                "trunk": tuple(min(width, one) for one in config.model.trunk),
                "tower": tuple(min(width, one) for one in config.model.tower),
            }
            smaller = config.model_copy(update={"model": config.model.model_copy(update=narrower)})
            if size_of(smaller).bytes(config.batch_size) <= room:
                return f"Layers of at most {width} numbers would fit."
    return "A smaller network and a batch_size of 1,024 would fit."


def _rounded(number: int) -> int:
    """Two leading digits, rounded down."""
    unit = 10 ** max(0, len(str(number)) - 2)
    return number // unit * unit


def _amount(size: int) -> str:
    return f"{size / (1 << 30):,.1f} GB" if size >= 1 << 30 else f"{size / MEGABYTE:,.0f} MB"


def _linear(widths: Sequence[int]) -> int:
    """Weights and biases of layers of these widths, the input's first."""
    return sum(one * two + two for one, two in pairwise(widths))


def _layered(config: ModelConfig, choice: DatasetChoice, outputs: Sequence[int], gradients: int) -> Size:
    known = _description(choice)
    dim = config.embedding_dim
    if known is None:
        fields, ids, dense, pooled = USUAL_FIELDS, USUAL_IDS, USUAL_FIELDS, 0
    else:
        fields = len(known.sparse) + len(known.sequences)
        ids = sum(one.size for one in known.sparse) + sum(one.size for one in known.sequences)
        dense = len(known.dense)
        pooled = sum(one.length for one in known.sequences if one.key is None)
    width = fields * dim + dense
    tasks = len(outputs)
    experts, levels = 1, 1
    if config.kind == "mmoe":
        experts = config.experts
    elif config.kind == "ple":
        experts, levels = config.experts + tasks * config.task_experts, config.levels
    layers = (width, *config.trunk)
    trunk = experts * (_linear(layers) + (levels - 1) * _linear((config.trunk[-1], *config.trunk)))
    heads = sum(_linear((config.trunk[-1], *config.tower, out)) for out in outputs)
    mixed = tasks * levels * config.trunk[-1] if experts > 1 else 0
    row = 2 * width + pooled * dim + experts * levels * sum(config.trunk) + mixed + tasks * (sum(config.tower) + 1)
    return Size(ids * dim + trunk + heads, ids * dim + trunk, row, gradients)


def _dupn(config: DUPNConfig, outputs: Sequence[int], gradients: int) -> Size:
    state = 2 * config.hidden
    lstm = 8 * config.hidden * (EVENT_WIDTH + config.hidden)
    attention = _linear((state + EVENT_WIDTH, *config.attention, 1))
    heads = sum(_linear((2 * state + EVENT_WIDTH, *config.tower, out)) for out in outputs)
    table = EVENT_IDS * EVENT_WIDTH // 4
    event = 2 * EVENT_WIDTH + 6 * config.hidden + sum(config.attention)
    row = config.length * event + len(outputs) * sum(config.tower)
    row //= SHARED_BY
    return Size(table + lstm + attention + heads, table + lstm + attention, row, gradients)


def _deepbow(config: DeepBoWConfig, gradients: int) -> Size:
    block = 4 * config.dim**2 + 2 * config.dim * config.feed_forward
    shared = USUAL_IDS * config.dim + 2 * config.layers * block
    token = config.layers * (8 * config.dim + config.feed_forward + TOKENS * config.attention_heads)
    return Size(shared, shared, 2 * TOKENS * (4 * config.dim + 2 * token) // SHARED_BY, gradients)


def _description(choice: DatasetChoice) -> DatasetDescription | None:
    """What is known of the features: of an uploaded table all, of a built-in one once it was prepared."""
    try:
        if choice.name == UPLOADED:
            return read_description(Path(choice.path or ""))
        for file in sorted((home() / "cache").glob(f"{choice.name}*/{DESCRIPTION}")):
            found = read_description(file.parent)
            if found.card.name == choice.name:
                return found
    except (PrecedenceError, OSError):
        return None
    return None
