"""One correction by hand: which word, where, and what becomes of its weight.

The paper says that bags can be intervened in, not how; this form is ours. A more specific rule wins over a more
general one: (query, term) over (term), (product, term) over (category, term). Of two rules at one place the newer.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from core.data.text.segment import normalise
from core.errors import PrecedenceError

Scope = Literal["term", "query", "product", "category"]
Action = Literal["set", "scale", "forbid"]
QUERY_SIDE: tuple[Scope, ...] = ("term", "query")
FORMAT = 1
MOST_VALUE = 1000.0
LONGEST = 200  # characters of a word, a target, a name or a reason
MOST_IMPORTED = 10_000


class Override(BaseModel):
    """`word` in every query (`term`), in one query, in one product, or in every product of a category.

    `set` makes the weight `value`, also where the word was not there (except in scope `term`, which only touches
    queries that hold the word); `scale` multiplies it by `value`; `forbid` makes it nothing. Scopes `term` and `query`
    change the query's weight, `product` and `category` the product's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    scope: Scope
    word: str = Field(min_length=1, max_length=LONGEST)
    target: str = Field("", max_length=1000)  # the query's text, the product's key, the category's name
    action: Action
    value: float | None = Field(None, ge=0, le=MOST_VALUE, allow_inf_nan=False)

    @field_validator("word")
    @classmethod
    def _trimmed(cls, word: str) -> str:
        word = normalise(word.strip()).text.strip()
        if not word:
            raise ValueError("the word is empty")
        return word

    @model_validator(mode="after")
    def _whole(self) -> Override:
        if (self.scope == "term") != (not self.target):
            needs = "takes no target" if self.scope == "term" else f"needs the {self.scope} as its target"
            raise ValueError(f"the scope {self.scope} {needs}")
        if (self.action == "forbid") != (self.value is None):
            needs = "takes no value" if self.action == "forbid" else "needs a value"
            raise ValueError(f"{self.action} {needs}")
        return self

    @property
    def place(self) -> tuple[str, str, str]:
        """Scope, target and word: two overrides of one place exclude each other."""
        target = query_key(self.target) if self.scope == "query" else self.target
        return self.scope, target, self.word

    def new_weight(self, old: Any) -> Any:
        """What becomes of a weight, or of an array of them."""
        if self.action == "set":
            return old * 0 + self.value
        return old * (self.value if self.action == "scale" else 0.0)

    def words(self) -> str:
        """As a sentence without its full stop."""
        where = {
            "term": "in every query",
            "query": f"in the query “{self.target}”",
            "product": f"in the product {self.target}",
            "category": f"in every product of “{self.target}”",
        }[self.scope]
        if self.action == "forbid":
            return f"“{self.word}” is ignored {where}"
        if self.action == "set":
            return f"“{self.word}” weighs {self.value:g} {where}"
        return f"“{self.word}” weighs {self.value:g} × as much {where}"


def query_key(text: str) -> str:
    """Queries that differ in case, width or spaces alone are one query."""
    return " ".join(normalise(text).text.split())


def override_of(**fields: Any) -> Override:
    """An override from what a person typed; what cannot be is refused in one sentence."""
    try:
        return Override.model_validate(fields)
    except ValidationError as error:
        raise PrecedenceError(_sentence(error)) from error


def to_json(overrides: Sequence[Override]) -> str:
    """Overrides as a file that `from_json` reads."""
    listed = [override.model_dump(exclude_none=True) for override in overrides]
    return json.dumps({"format": FORMAT, "overrides": listed}, ensure_ascii=False, indent=1)


def from_json(text: str) -> list[Override]:
    """The overrides of a file; all of them or, where one cannot be, none."""
    try:
        said = json.loads(text)
    except ValueError as error:
        raise PrecedenceError(f"The file is no JSON ({error}); export overrides to see the form.") from error
    listed = said.get("overrides") if isinstance(said, dict) else None
    if not isinstance(listed, list) or said.get("format") != FORMAT:
        raise PrecedenceError(
            f'The file holds no overrides; expected {{"format": {FORMAT}, "overrides": [...]}} as an export has it.'
        )
    if len(listed) > MOST_IMPORTED:
        raise PrecedenceError(f"The file holds {len(listed):,} overrides; import at most {MOST_IMPORTED:,} at a time.")
    read = []
    for number, one in enumerate(listed, start=1):
        try:
            read.append(Override.model_validate(one))
        except ValidationError as error:
            raise PrecedenceError(f"Override {number} of the file cannot be used: {_sentence(error)}") from error
    return read


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"]))
    problem = first["msg"].removeprefix("Value error, ")
    said = f"{where} = {str(first['input'])[:60]!r}: " if where else ""
    return f"{said}{problem[:1].lower() + problem[1:]}; correct it and try again."
