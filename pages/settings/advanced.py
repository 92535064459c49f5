"""The settings behind one button: asks for each in the way that fits it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.errors import PrecedenceError
from pages.settings.setting_deepbow import DEEPBOW
from pages.settings.setting_dupn import DUPN
from pages.settings.setting_list import SETTINGS, Setting
from pages.settings.setting_methods import OF_METHODS


def advanced(fields: dict[str, Any], generation: int) -> None:
    """Shows the settings that the chosen method and model have, and writes the answers into `fields`."""
    method, model = fields["method"]["kind"], fields["model"]["kind"]
    fitting = [
        setting
        for setting in (*SETTINGS, *OF_METHODS, *DEEPBOW, *DUPN)
        if (not setting.methods or method in setting.methods)
        and (not setting.models or model in setting.models)
        and _has(fields, setting.path)
    ]
    groups = list(dict.fromkeys(setting.group for setting in fitting))
    for tab, group in zip(st.tabs([str(group) for group in groups]), groups, strict=True):
        with tab:
            for setting in fitting:
                if setting.group == group:
                    holder, name = _place(fields, setting.path)
                    holder[name] = _ask(setting, holder[name], f"{setting.path}_{method}_{model}_{generation}")


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
