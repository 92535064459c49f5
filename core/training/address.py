"""A run config as the query of a URL, and back: defaults left out, nested fields with dots.

?dataset.name=completejourney&priority=buy,use_coupon&tolerances.buy=0.02&method.kind=weighted_sum
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from core.errors import PrecedenceError
from core.training.config import RunConfig

KEYS = tuple(RunConfig.model_fields)
"""The first part of every key that belongs to the config; a page keeps its other keys (`run`, `lesson`) apart."""


def to_query(config: RunConfig) -> dict[str, str]:
    """Only what differs from the default run."""
    plain = config.model_dump(mode="json")
    method = type(config.method)().model_dump(mode="json")  # a method's defaults are its own kind's
    default = {**RunConfig().model_dump(mode="json"), "method": {**method, "kind": RunConfig().method.kind}}
    return dict(_differences("", plain, default))


def from_query(query: Mapping[str, str]) -> RunConfig:
    """The config that a query stands for; keys that no config has are refused.

    Raises PrecedenceError with the key and the value that cannot be used.
    """
    nested: dict[str, Any] = {}
    for key, text in query.items():
        *path, last = key.split(".")
        at = nested
        for part in path:
            at = at.setdefault(part, {})
            if not isinstance(at, dict):
                raise PrecedenceError(f"'{key}={text}' in the address does not fit beside '{part}={at}'; remove one.")
        if isinstance(at.get(last), dict):
            raise PrecedenceError(f"'{key}={text}' in the address does not fit beside '{key}.…'; remove one of them.")
        at[last] = {"true": True, "false": False}.get(text, text)
    _split_lists(nested, ("priority",))
    _split_lists(nested.get("model"), ("trunk", "tower"))
    if isinstance(nested.get("method"), dict):
        nested["method"].setdefault("kind", RunConfig().method.kind)
    return parse(nested, "address")


def parse(fields: dict[str, Any], where: str) -> RunConfig:
    """A config from plain fields, as a file, a form or an address gives them; `where` names it in the sentence."""
    try:
        return RunConfig.model_validate(fields)
    except ValidationError as error:
        raise PrecedenceError(_sentence(error, where)) from error


def _differences(prefix: str, value: Any, default: Any) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        base = default if isinstance(default, dict) else {}
        parts = [(f"{prefix}.{key}" if prefix else key, value[key], base.get(key)) for key in value]
        return [pair for part in parts for pair in _differences(*part)]
    if value == default or value is None:
        return []
    if isinstance(value, list):
        return [(prefix, ",".join(map(str, value)))]
    return [(prefix, str(value).lower() if isinstance(value, bool) else str(value))]


def _split_lists(fields: Any, keys: tuple[str, ...]) -> None:
    for key in keys:
        if isinstance(fields, dict) and isinstance(fields.get(key), str):
            fields[key] = [part for part in fields[key].split(",") if part]


def _sentence(error: ValidationError, where: str) -> str:
    first = error.errors()[0]
    kinds = {"single_task", "weighted_sum", "nmt"}
    name = ".".join(str(part) for part in first["loc"] if part not in kinds) or "config"
    given = first["input"]
    shown = json.dumps(given, default=str) if not isinstance(given, BaseModel) else name
    problem = first["msg"][:1].lower() + first["msg"][1:]
    return f"In the {where}, '{name}' = {shown[:80]} cannot be used: {problem}."
