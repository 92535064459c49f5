"""One correction by hand: which word, where, and what becomes of its weight.

The paper says that bags can be intervened in, not how; this form is ours. A more specific rule wins over a more
general one, as `scopes` orders them: (query, term) over (term), (product, term) over (category, term). Of two rules at
one place the newer.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from core.data.text.segment import normalise
from core.errors import PrecedenceError
from core.relevance.index import KEY, Index, Product
from core.relevance.overrides.scopes import SCOPES, Scope

Action = Literal["set", "scale", "forbid"]
FORMAT = 1
MOST_VALUE = 1000.0
LONGEST = 200  # characters of a word, a target, a name or a reason
MOST_IMPORTED = 10_000


class Override(BaseModel):
    """`word` where `scope`, a name of SCOPES, says: in every query (`term`), in one query, in one product …

    `set` makes the weight `value`, also where the word was not there (except in scope `term`, which only touches
    queries that hold the word); `scale` multiplies it by `value`; `forbid` makes it nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    scope: str
    word: str = Field(min_length=1, max_length=LONGEST)
    target: str = Field("", max_length=1000)  # the query's text, the product's key, the category's name …
    action: Action
    value: float | None = Field(None, ge=0, le=MOST_VALUE, allow_inf_nan=False)

    @field_validator("scope")
    @classmethod
    def _known(cls, scope: str) -> str:
        if scope not in SCOPES:
            *names, last = map(repr, SCOPES)
            raise ValueError(f"input should be {', '.join(names)} or {last}")
        return scope

    @field_validator("word")
    @classmethod
    def _trimmed(cls, word: str) -> str:
        word = normalise(word.strip()).text.strip()
        if not word:
            raise ValueError("the word is empty")
        return word

    @model_validator(mode="after")
    def _whole(self) -> Override:
        if self.at.takes_target != bool(self.target):
            needs = f"needs the {self.scope} as its target" if self.at.takes_target else "takes no target"
            raise ValueError(f"the scope {self.scope} {needs}")
        if (self.action == "forbid") != (self.value is None):
            needs = "takes no value" if self.action == "forbid" else "needs a value"
            raise ValueError(f"{self.action} {needs}")
        return self

    @property
    def at(self) -> Scope:
        """What its scope's name stands for."""
        return SCOPES[self.scope]

    @property
    def place(self) -> tuple[str, str, str]:
        """Scope, target and word: two overrides of one place exclude each other."""
        return self.scope, self.at.key(self.target), self.word

    def product(self, index: Index) -> Product | None:
        """The one product that it names; None where it names none or that one is not there."""
        row = index.find(self.target) if self.at.attribute == KEY else None
        return None if row is None else index.product(row)

    def new_weight(self, old: Any) -> Any:
        """What becomes of a weight, or of an array of them."""
        if self.action == "set":
            return old * 0 + self.value
        return old * (self.value if self.action == "scale" else 0.0)

    def words(self, product: Product | None = None) -> str:
        """As a sentence without its full stop; the `product` that it names is called by its title."""
        where = f"in “{product.title}”" if product else self.at.where.format(target=self.target)
        if self.action == "forbid":
            return f"“{self.word}” is ignored {where}"
        if self.action == "set":
            return f"“{self.word}” weighs {self.value:g} {where}"
        return f"“{self.word}” weighs {self.value:g} × as much {where}"


def override_of(**fields: Any) -> Override:
    """An override from what a person typed; what cannot be is refused in one sentence."""
    try:
        return Override.model_validate(fields)
    except ValidationError as error:
        raise PrecedenceError(problem_of(error)) from error


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
            raise PrecedenceError(f"Override {number} of the file cannot be used: {problem_of(error)}") from error
    return read


def problem_of(error: ValidationError) -> str:
    """What is wrong with the fields of an override, and the value, as the end of a sentence."""
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"]))
    problem = first["msg"].removeprefix("Value error, ")
    said = f"{where} = {str(first['input'])[:60]!r}: " if where else ""
    return f"{said}{problem[:1].lower() + problem[1:]}; correct it and try again."
