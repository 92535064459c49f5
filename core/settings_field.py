"""A setting: a pydantic field that carries its own words, so that forms and help texts have no second list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from pydantic import BaseModel, Field
from pydantic.fields import FieldInfo

Group = Literal["Training", "Multipliers", "Method", "Network", "Measuring"]
"""The tabs of the form, in their order."""
YES_NO: Mapping[Any, str] = {True: "yes", False: "no"}
_BESIDE = 1e-7  # an open end is this far away: a form knows closed ends alone


def setting(
    default: Any,
    title: str,
    description: str,
    *,
    group: Group | None = None,
    step: float | None = None,
    format: str | None = None,
    choices: Mapping[Any, str] | None = None,
    optional: str | None = None,
    unit: str | None = None,
    kinds: tuple[str, ...] | None = None,
    staged: bool | None = None,
    later: bool | None = None,
    **limits: Any,
) -> Any:
    """A field of a pydantic model: `rate: float = setting(0.02, "Learning rate", "…", group="Method", gt=0, le=10)`.

    `group`: tab of the form; without one the form does not ask for it. `step`: what one click on + adds. `format`:
    how a number is written, as in "%.4f". `choices`: each value in words. `optional`: what an empty field means.
    `kinds`: of a config that serves several kinds, those that have the setting. `staged`: it means something only
    where a run has a stage a task. `later`: it came after configs had been hashed; at its default it leaves a hash
    as it was. `limits`: `ge`, `gt`, `le`, `lt`, `max_length`, … as pydantic's Field has them.
    """
    given: dict[str, Any] = {
        "group": group,
        "step": step,
        "format": format,
        "choices": choices,
        "optional": optional,
        "unit": unit,
    }
    given |= {"kinds": kinds, "staged": staged, "later": later}
    extra = {name: value for name, value in given.items() if value is not None}
    return Field(default, title=title, description=description, json_schema_extra=extra, **limits)


def with_new_names(fields: Any, names: Mapping[str, str]) -> Any:
    """What is to become a model, each field under its new name: `names` says how old files and addresses call it.

    An old name counts for more than the new one beside it, which then stands for a default.
    """
    if not isinstance(fields, Mapping) or not names.keys() & fields.keys():
        return fields
    kept = {name: value for name, value in fields.items() if name not in names}
    return kept | {names[name]: value for name, value in fields.items() if name in names}


@dataclass(frozen=True)
class Setting:
    """A field as a form asks for it; `low` and `high` are the least and the greatest value that the model takes."""

    title: str
    description: str
    group: Group | None
    choices: Mapping[Any, str] | None = None
    low: float | None = None
    high: float | None = None
    step: float | None = None
    format: str | None = None
    optional: str | None = None
    unit: str | None = None
    kinds: tuple[str, ...] = ()
    staged: bool = False
    later: bool = False
    whole: bool = False  # a whole number


def settings_of(model: type[BaseModel]) -> dict[str, Setting]:
    """By name, in the model's order, the fields that a form asks for: those with a group."""
    return {name: _read(field) for name, field in model.model_fields.items() if _extra(field).get("group")}


def setting_of(model: type[BaseModel], name: str) -> Setting:
    """One field, whether or not the form's tabs have it."""
    return _read(model.model_fields[name])


def _read(field: FieldInfo) -> Setting:
    low, high = _limits(field)
    extra = {"group": None} | _extra(field)
    return Setting(field.title or "", field.description or "", low=low, high=high, whole=_is_whole(field), **extra)


def _is_whole(field: FieldInfo) -> bool:
    return int in (field.annotation, *get_args(field.annotation))


def _extra(field: FieldInfo) -> dict[str, Any]:
    extra = field.json_schema_extra
    return dict(extra) if isinstance(extra, dict) else {}


def _limits(field: FieldInfo) -> tuple[float | None, float | None]:
    """Of a whole number the neighbour of an open end, of any other one a number close to it."""
    number = int if _is_whole(field) else float
    beside = 1 if number is int else _BESIDE
    low = high = None
    for limit in field.metadata:
        low = getattr(limit, "ge", low)
        high = getattr(limit, "le", high)
        low = limit.gt + beside if hasattr(limit, "gt") else low
        high = limit.lt - beside if hasattr(limit, "lt") else high
    return None if low is None else number(low), None if high is None else number(high)
