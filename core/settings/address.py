"""A run config as the query of a URL, and back: defaults left out, nested fields with dots.

?dataset.name=completejourney&priority=buy,use_coupon&tolerances.buy=0.02&method.kind=weighted_sum
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from core.data.registry import card, names_of_lists
from core.data.source import EDITIONS
from core.data.sources.uploaded.places import folder_of_name, name_of_folder
from core.errors import PrecedenceError, first_problem
from core.methods.registry import METHODS
from core.models.config import LAYERED, NETWORKS
from core.settings.presets import default_run
from core.settings.run import OPTIMISERS, RunConfig
from core.task_kinds.kinds import KINDS, NDCG, Metric


def to_query(config: RunConfig) -> dict[str, str]:
    """Only what differs from the data set's default run."""
    default = default_run(config.dataset.name).model_dump(mode="json")
    for part, chosen in (("method", config.method), ("model", config.model)):
        if not _share_settings(default[part]["kind"], chosen.kind):  # the defaults are its own kind's
            default[part] = {**type(chosen)().model_dump(mode="json"), "kind": default[part]["kind"]}
    if config.dataset.name != RunConfig().dataset.name:
        default["dataset"]["name"] = None
    differences = dict(_differences("", config.model_dump(mode="json"), default))
    if "dataset.path" in differences:
        differences["dataset.path"] = name_of_folder(differences["dataset.path"])
    if config.dataset.edition < EDITIONS.get(config.dataset.name, 1):  # the first edition is not written
        differences["dataset.edition"] = str(config.dataset.edition)
    return differences


def from_query(
    query: Mapping[str, str], base: RunConfig | None = None, flags: Mapping[str, str] | None = None
) -> RunConfig:
    """The config that a query stands for; keys that no config has are refused.

    What the query does not say comes from `base`, else from the default run of the data set it names. `flags` are those
    of a command line that has flags of its own for some fields; every other field is there `--set FIELD=VALUE`. None is
    an address. Raises PrecedenceError with the key and the value that cannot be used.
    """
    nested: dict[str, Any] = {}
    for key, text in query.items():
        *path, last = key.split(".")
        at = nested
        for part in path:
            at = at.setdefault(part, {})
            if not isinstance(at, dict):
                raise PrecedenceError(f"{_written(key, text, flags)} does not fit beside '{part}={at}'; remove one.")
        if isinstance(at.get(last), dict):
            raise PrecedenceError(f"{_written(key, text, flags)} does not fit beside '{key}.…'; remove one of them.")
        at[last] = {"true": True, "false": False}.get(text, text)
    data = nested.get("dataset")
    if isinstance(data, dict) and isinstance(data.get("path"), str):
        data["path"] = folder_of_name(data["path"])
    _split_lists(nested, ("priority",))
    _split_lists(nested.get("model"), ("trunk", "tower", "attention"))
    base = base or default_run(query.get("dataset.name", RunConfig().dataset.name))
    fields = _merge(base.model_dump(mode="json"), nested)
    return _parsed(
        fields, lambda error: _sentence(error, "address") if flags is None else _of_line(error, query, flags)
    )


def pairs(given: Sequence[str], flag: str = "--set") -> dict[str, str]:
    """What the command line has as NAME=VALUE, again and again."""
    split = {text: text.partition("=") for text in given}
    for text, (_, equals, _) in split.items():
        if not equals:
            raise PrecedenceError(f"'{flag} {text}' has no '='; write it as NAME=VALUE, e.g. --set batch_size=2048.")
    return {name: value for name, _, value in split.values()}


def parse(fields: dict[str, Any], where: str) -> RunConfig:
    """A config from plain fields, as a file, a form or an address gives them; `where` names it in the sentence.

    A tolerance unit may be a metric by its key, `auc` or `ndcg_at_10`: it is then checked that the tasks have
    that metric.
    """
    return _parsed(fields, lambda error: _sentence(error, where))


def _parsed(fields: dict[str, Any], says: Callable[[ValidationError], str]) -> RunConfig:
    unit = _metric_unit(fields)
    if unit:
        fields = {**fields, "method": {**fields["method"], "tolerance_kind": "metric"}}
    try:
        config = RunConfig.model_validate(fields)
    except ValidationError as error:
        raise PrecedenceError(says(error)) from error
    if unit:
        _check_unit(unit, config)
    return config


def _metric_unit(fields: Mapping[str, Any]) -> Metric | None:
    """The metric that stands in the place of the tolerance unit, if one does."""
    method = fields.get("method")
    given = method.get("tolerance_kind") if isinstance(method, Mapping) else None
    metrics = {kind.metric.key: kind.metric for kind in KINDS.values()}
    return metrics.get({"ndcg": "ndcg_at_10"}.get(str(given), str(given)))


def _check_unit(unit: Metric, config: RunConfig) -> None:
    """Raises PrecedenceError where a task that may be bounded has another metric."""
    about = card(config.dataset)
    order = config.priority or about.task_names()
    for task in about.tasks:
        if task.name in order[:-1] and task.metric.key != unit.key:
            lists = f", or a data set of lists ({', '.join(names_of_lists())})" if unit == NDCG else ""
            raise PrecedenceError(
                f"A tolerance in {unit.name} does not fit '{about.title}': its task '{task.name}' is measured by "
                f"{task.metric.name}{' and has no lists, as of queries' if lists else ''}; choose "
                f"method.tolerance_kind = metric, relative or absolute{lists}."
            )


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


def _merge(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """`above` over `below`, field by field; another kind of method or network brings its own defaults."""
    if "kind" in above and not _share_settings(above["kind"], below.get("kind")):
        below = {}
    out = dict(below)
    for key, value in above.items():
        out[key] = _merge(below[key], value) if isinstance(value, dict) and isinstance(below.get(key), dict) else value
    return out


def _share_settings(kind: str, other: str | None) -> bool:
    return kind == other or any({kind, other} <= kinds for kinds in (LAYERED, OPTIMISERS))


def _sentence(error: ValidationError, where: str) -> str:
    place, given, problem = first_problem(error)
    name = _name(place) or "config"
    shown = json.dumps(given, default=str) if not isinstance(given, BaseModel) else name
    return f"In the {where}, '{name}' = {shown[:80]} cannot be used: {problem}."


def _of_line(error: ValidationError, query: Mapping[str, str], flags: Mapping[str, str]) -> str:
    place, given, problem = first_problem(error)
    name = _name(place)
    if not name:
        return f"These settings do not fit together: {problem}."
    names = (f"{name}.kind", *(key for key in query if f"{name}.".startswith(f"{key}.")))  # a list's place has a number
    key = next((key for key in names if key in query), None)
    return f"{_written(key or name, query[key] if key else given, flags)} cannot be used: {problem}."


def _name(place: Sequence[int | str]) -> str:
    """Of a field, as a person writes it: without the kind of method or network that a place passes through."""
    return ".".join(str(part) for part in place if part not in METHODS and part not in NETWORKS)


def _written(key: str, text: object, flags: Mapping[str, str] | None) -> str:
    """A field and its value as a person gave them."""
    shown = str(text)[:80]
    if flags is None:
        return f"'{key}={shown}' in the address"
    return f"'{flags[key]} {shown}'" if key in flags else f"'--set {key}={shown}'"
