"""A field says in one place what a form, a help text and the model's own check need."""

from __future__ import annotations

from typing import Literal

import pytest
from pydantic import BaseModel, ValidationError

from core.settings_field import YES_NO, Setting, setting, settings_of


class Example(BaseModel):
    kind: Literal["example"] = "example"
    rate: float = setting(0.5, "Rate", "How fast.", group="Method", step=0.1, format="%.3f", gt=0, lt=1)
    rows: int | None = setting(None, "Rows", "How many.", group="Training", optional="all", unit="rows", gt=0, le=9)
    scaled: bool = setting(True, "Scaled", "Whether.", group="Method", choices=YES_NO)
    beyond: float = setting(1.0, "Beyond", "For studies.", ge=0)


def test_what_has_a_group_is_asked_for_in_the_models_order() -> None:
    assert list(settings_of(Example)) == ["rate", "rows", "scaled"]


def test_a_field_is_read_with_its_words_and_limits() -> None:
    rate, rows, scaled = settings_of(Example).values()
    assert rate == Setting("Rate", "How fast.", "Method", low=1e-7, high=1 - 1e-7, step=0.1, format="%.3f")
    assert rows == Setting("Rows", "How many.", "Training", low=1, high=9, optional="all", unit="rows", whole=True)
    assert scaled == Setting("Scaled", "Whether.", "Method", choices=YES_NO)


def test_the_model_keeps_the_limits_and_every_end_a_form_is_given_is_allowed() -> None:
    for name, asked in settings_of(Example).items():
        for end in (asked.low, asked.high):
            if end is not None:
                Example.model_validate({name: end})
    for wrong in ({"rate": 0.0}, {"rate": 1.0}, {"rows": 0}, {"rows": 10}):
        with pytest.raises(ValidationError):
            Example.model_validate(wrong)


def test_a_schema_has_the_words() -> None:
    rate = Example.model_json_schema()["properties"]["rate"]
    assert (rate["title"], rate["description"], rate["group"]) == ("Rate", "How fast.", "Method")
