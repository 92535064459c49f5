"""The settings behind one button: every field of the run's config that belongs to a tab, in the way that fits it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, get_args

import streamlit as st
from pydantic import BaseModel

from core.errors import PrecedenceError
from core.methods.registry import METHODS
from core.settings.run import RunConfig
from core.settings_field import Group, Setting, settings_of

GREATEST = 10**9  # of a number without an upper limit of its own: what a browser's number field counts exactly


def advanced(fields: dict[str, Any], generation: int) -> None:
    """Shows the settings that the chosen method and model have, and writes the answers into `fields`."""
    method, model = fields["method"]["kind"], fields["model"]["kind"]
    chosen = RunConfig.model_validate({"method": {"kind": method}, "model": {"kind": model}})
    fitting = [
        (path, setting)
        for path, setting in offered(chosen)
        if _has(fields, path) and (METHODS[method].staged or not setting.staged)
    ]
    groups = [group for group in get_args(Group) if any(setting.group == group for _, setting in fitting)]
    for tab, group in zip(st.tabs(groups), groups, strict=True):
        with tab:
            for path, setting in fitting:
                if setting.group == group:
                    holder, name = _place(fields, path)
                    holder[name] = _ask(setting, holder[name], f"{path}_{method}_{model}_{generation}")


def offered(config: BaseModel, before: str = "") -> Iterator[tuple[str, Setting]]:
    """Paths, as in `optimiser.learning_rate`, of all settings that a config of this kind has, parts of it included."""
    own, kind = settings_of(type(config)), getattr(config, "kind", "")
    for name in type(config).model_fields:
        value = getattr(config, name)
        if isinstance(value, BaseModel):
            yield from offered(value, f"{before}{name}.")
        elif name in own and (not own[name].kinds or kind in own[name].kinds):
            yield before + name, own[name]


def _has(fields: dict[str, Any], path: str) -> bool:
    """Whether the chosen network has such a setting; one that was chosen just now has its defaults alone yet."""
    holder, name = _place(fields, path)
    return name in holder


def _place(fields: dict[str, Any], path: str) -> tuple[dict[str, Any], str]:
    *parents, name = path.split(".")
    for parent in parents:
        fields = fields[parent]
    return fields, name


def _ask(setting: Setting, value: Any, key: str) -> Any:
    if setting.choices is not None:
        options = list(setting.choices)
        index = options.index(value) if value in options else 0
        return st.selectbox(
            setting.title, options, index, setting.choices.__getitem__, key=key, help=setting.description
        )
    if isinstance(value, Sequence) and not isinstance(value, str):
        text = st.text_input(setting.title, ", ".join(map(str, value)), key=key, help=setting.description)
        return _widths(setting.title, text or "")
    answer = _number(setting, value, key, int if setting.whole else float)
    return value if answer is None and setting.optional is None else answer


def _number(setting: Setting, value: Any, key: str, number: type[int] | type[float]) -> int | float | None:
    """Of one type throughout, as the browser's field wants it."""
    low = 0 if setting.low is None else setting.low
    high = GREATEST if setting.high is None else setting.high
    limits: dict[str, Any] = {
        "min_value": number(low),
        "max_value": number(high),
        "value": None if value is None else number(value),
        "step": None if setting.step is None else number(setting.step),
    }
    answer: int | float | None = st.number_input(
        setting.title, **limits, format=setting.format, placeholder=setting.optional, key=key, help=setting.description
    )
    return answer


def _widths(label: str, text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(part.isdecimal() and int(part) > 0 for part in parts):
        raise PrecedenceError(
            f"{label}: {text!r} is no list of widths; write whole numbers above 0 with commas, as in 64, 32."
        )
    return tuple(int(part) for part in parts)
