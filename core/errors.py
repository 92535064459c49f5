"""The one error a person is meant to read."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError


class PrecedenceError(ValueError):
    """Input that cannot be used: one sentence with the offending value, what was expected and what to do.

    Raised at the boundary (file, form, URL, config, event log) and shown as it is; anything else that is
    raised is a defect of this program. It stands on one line, whatever a value in it holds.
    """

    def __str__(self) -> str:
        return " ".join(super().__str__().splitlines())


def first_problem(error: ValidationError) -> tuple[tuple[int | str, ...], Any, str]:
    """Where the first thing is that a pydantic model refuses, what stands there, and why, as the end of a sentence."""
    first = error.errors()[0]
    if first["type"] == "extra_forbidden":
        return first["loc"], first["input"], "there is no such field"
    if first["type"] == "union_tag_invalid":
        return first["loc"], first["ctx"]["tag"], f"choose one of {first['ctx']['expected_tags']}"
    problem = first["msg"].removeprefix("Value error, ")
    return first["loc"], first["input"], problem[:1].lower() + problem[1:]
