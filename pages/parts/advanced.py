"""Every other setting of a run, each with a label and what it does, in one list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

from core.errors import PrecedenceError

Group = Literal["Training", "Multipliers", "Network", "Measuring"]


@dataclass(frozen=True)
class Setting:
    """One field of the run config: `path` as in `optimiser.learning_rate`; `methods` and `models` that have it."""

    path: str
    label: str
    help: str
    group: Group
    choices: dict[Any, str] | None = None  # value → words
    low: float | None = None
    high: float | None = None
    step: float | None = None
    shape: str | None = None  # how a number is written
    optional: str | None = None  # what an empty field means
    methods: tuple[str, ...] = ()  # empty: all
    models: tuple[str, ...] = ()


YES_NO = {True: "yes", False: "no"}
NMT = ("nmt",)

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "batch_size",
        "Rows a step",
        "How many rows one optimiser step looks at.",
        "Training",
        low=1,
        high=1_000_000,
        step=256,
    ),
    Setting(
        "stage_steps",
        "Most steps a stage",
        "A stage ends here at the latest.",
        "Training",
        low=1,
        high=10_000_000,
        step=100,
    ),
    Setting(
        "patience",
        "Patience",
        "Readings of the slice without a better model within the bounds that end a stage.",
        "Training",
        low=1,
        high=100_000,
        step=1,
    ),
    Setting(
        "optimiser.kind",
        "Optimiser",
        "Moves the weights of the network.",
        "Training",
        choices={"adam": "Adam", "adagrad": "AdaGrad", "sgd": "SGD"},
    ),
    Setting(
        "optimiser.learning_rate",
        "Learning rate",
        "Size of the optimiser's steps. Turned while a run goes on, it takes effect at once.",
        "Training",
        low=1e-7,
        high=10.0,
        step=0.0005,
        shape="%.5f",
    ),
    Setting(
        "optimiser.weight_decay",
        "Weight decay",
        "Pulls weights towards 0; helps where ids are learnt by heart.",
        "Training",
        low=0.0,
        high=1.0,
        step=0.00001,
        shape="%.6f",
    ),
    Setting(
        "optimiser.clip",
        "Longest gradient",
        "A longer gradient is shortened to this.",
        "Training",
        low=1e-6,
        high=1e6,
        step=0.5,
        optional="no limit",
    ),
    Setting(
        "seed",
        "Seed",
        "Everything random is drawn from it; the same seed gives the same run.",
        "Training",
        low=0,
        high=2**31 - 1,
        step=1,
    ),
    Setting(
        "device",
        "Device",
        "Auto takes the graphics card where there is one with room.",
        "Training",
        choices={"auto": "auto", "cpu": "processor (CPU)", "cuda": "graphics card (CUDA)"},
    ),
    Setting(
        "dataset.rows",
        "Training rows",
        "Only the first so many rows, for a quick look.",
        "Training",
        low=1,
        high=10**9,
        step=10_000,
        optional="all",
    ),
    Setting(
        "method.tolerance_kind",
        "Tolerances are",
        "In per cent of the loss that the task reached, or in units of the loss itself.",
        "Multipliers",
        choices={"relative": "per cent of the loss", "absolute": "units of the loss"},
        methods=NMT,
    ),
    Setting(
        "method.dual_rate",
        "Dual rate",
        "How fast a multiplier grows for a given violation. Turned while a run goes on, it takes effect at once.",
        "Multipliers",
        low=1e-6,
        high=1e6,
        step=0.5,
        methods=NMT,
    ),
    Setting(
        "method.bound_on",
        "Read the violation on",
        "The slice is where the promise must hold; the paper's reading is the training batch.",
        "Multipliers",
        choices={"slice": "the slice", "train": "training batches"},
        methods=NMT,
    ),
    Setting(
        "method.slice_every",
        "Steps between readings of the slice",
        "Fewer is more exact and slower.",
        "Multipliers",
        low=1,
        high=100_000,
        step=5,
        methods=NMT,
    ),
    Setting(
        "method.bound",
        "Compare with the protected model",
        "On the same rows (less noise), or with its mean loss.",
        "Multipliers",
        choices={"paired": "on the same rows", "constant": "by its mean loss"},
        methods=NMT,
    ),
    Setting(
        "method.normalise",
        "Put losses on one scale",
        "Divides each loss by that of the best constant guess, so that tasks of any scale compare.",
        "Multipliers",
        choices=YES_NO,
        methods=NMT,
    ),
    Setting(
        "method.rescale",
        "Re-scale the step",
        "Divides the step by 1 + the multipliers, so that it stays stable however large they grow.",
        "Multipliers",
        choices=YES_NO,
        methods=NMT,
    ),
    Setting(
        "method.start",
        "A stage begins",
        "From the last stage's model, which is within all bounds, or from fresh weights.",
        "Multipliers",
        choices={"warm": "from the last stage's model", "fresh": "from fresh weights"},
        methods=NMT,
    ),
    Setting(
        "method.multipliers",
        "Multipliers at a stage's start",
        "Set back to 0, or carried on.",
        "Multipliers",
        choices={"reset": "set back to 0", "carry": "carried on"},
        methods=NMT,
    ),
    Setting(
        "method.smoothing",
        "Smoothing of the violation (ν)",
        "0 takes each reading as it is.",
        "Multipliers",
        low=0.0,
        high=0.999,
        step=0.1,
        methods=NMT,
    ),
    Setting(
        "method.proportional",
        "Damping (proportional gain)",
        "Answers to the change of the violation and damps swings; 0 is plain ascent.",
        "Multipliers",
        low=0.0,
        high=1e6,
        step=0.5,
        methods=NMT,
    ),
    Setting(
        "model.embedding_dim",
        "Numbers an id",
        "Length of the vector learnt for each id.",
        "Network",
        low=1,
        high=512,
        step=4,
    ),
    Setting(
        "model.trunk",
        "Shared layers",
        "Widths, first layer first, as in 64, 32; of each expert where there are experts.",
        "Network",
    ),
    Setting("model.tower", "Layers of each task", "Widths of a task's own layers; empty for none.", "Network"),
    Setting(
        "model.dropout",
        "Dropout",
        "Share of values left out at random while training.",
        "Network",
        low=0.0,
        high=0.95,
        step=0.05,
    ),
    Setting(
        "model.experts",
        "Experts",
        "Shared networks that each task mixes in its own way.",
        "Network",
        low=1,
        high=64,
        step=1,
        models=("mmoe", "ple"),
    ),
    Setting(
        "model.task_experts",
        "Own experts of a task",
        "Experts that only one task uses.",
        "Network",
        low=1,
        high=16,
        step=1,
        models=("ple",),
    ),
    Setting(
        "model.levels",
        "Levels",
        "Layers of experts, one above the other.",
        "Network",
        low=1,
        high=4,
        step=1,
        models=("ple",),
    ),
    Setting(
        "evaluate_every",
        "Steps between full readings of the slice",
        "Each gives a point of the quality chart and a chance to keep the model.",
        "Measuring",
        low=1,
        high=1_000_000,
        step=10,
    ),
    Setting(
        "record_every",
        "Steps between two points of the curves",
        "The curves show means in between.",
        "Measuring",
        low=1,
        high=100_000,
        step=1,
    ),
    Setting(
        "probe_every",
        "Steps between two angle measurements",
        "0 measures none.",
        "Measuring",
        low=0,
        high=1_000_000,
        step=50,
    ),
    Setting(
        "probe_batches",
        "Batches an angle measurement",
        "More give narrower error bars.",
        "Measuring",
        low=2,
        high=64,
        step=1,
    ),
    Setting(
        "slice_rows",
        "Rows of the slice",
        "Reads bounds on so many rows only; faster, less exact.",
        "Measuring",
        low=1,
        high=10**9,
        step=1000,
        optional="all",
    ),
    Setting(
        "reference",
        "Train each task alone too",
        "Gives the dashed lines of the quality chart.",
        "Measuring",
        choices=YES_NO,
    ),
)


def advanced(fields: dict[str, Any], generation: int) -> None:
    """Shows the settings that the chosen method and model have, and writes the answers into `fields`."""
    method, model = fields["method"]["kind"], fields["model"]["kind"]
    fitting = [
        setting
        for setting in SETTINGS
        if (not setting.methods or method in setting.methods) and (not setting.models or model in setting.models)
    ]
    groups = list(dict.fromkeys(setting.group for setting in fitting))
    for tab, group in zip(st.tabs([str(group) for group in groups]), groups, strict=True):
        with tab:
            for setting in fitting:
                if setting.group == group:
                    holder, name = _place(fields, setting.path)
                    holder[name] = _ask(setting, holder[name], f"{setting.path}_{method}_{model}_{generation}")


def _place(fields: dict[str, Any], path: str) -> tuple[dict[str, Any], str]:
    *parents, name = path.split(".")
    for parent in parents:
        fields = fields[parent]
    return fields, name


def _ask(setting: Setting, value: Any, key: str) -> Any:
    if setting.choices is not None:
        options = list(setting.choices)
        index = options.index(value) if value in options else 0
        return st.selectbox(setting.label, options, index, setting.choices.__getitem__, key=key, help=setting.help)
    if isinstance(value, Sequence) and not isinstance(value, str):
        text = st.text_input(setting.label, ", ".join(map(str, value)), key=key, help=setting.help)
        return _widths(setting.label, text or "")
    whole = all(isinstance(part, int) for part in (setting.low, setting.high, setting.step))
    number = int if whole else float
    answer = st.number_input(
        setting.label,
        min_value=number(setting.low),
        max_value=number(setting.high),
        value=None if value is None else number(value),
        step=number(setting.step),
        format=setting.shape,
        placeholder=setting.optional,
        key=key,
        help=setting.help,
    )
    return value if answer is None and setting.optional is None else answer


def _widths(label: str, text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(part.isdecimal() and int(part) > 0 for part in parts):
        raise PrecedenceError(
            f"{label}: {text!r} is no list of widths; write whole numbers above 0 with commas, as in 64, 32."
        )
    return tuple(int(part) for part in parts)
