"""How a file is read: everything that a reader guesses, in one object that a person, a page or a command can fix."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from core.data.reading.encoding import MIXED
from core.data.reading.odd_forms import SAID
from core.errors import PrecedenceError, first_problem

Role = Literal[
    "label", "weight", "sparse", "number", "sequence", "time", "user", "item", "query", "title", "id", "group",
    "ignore", "type", "category", "brand", "price", "shop", "scenario", "rater", "quantity", "color", "bullets",
    "click", "position", "shown", "search",
]  # fmt: skip
"""What a column is for. From `type` on they say more of an event, a product, a judgement or a search."""
Kind = Literal["text", "number", "time", "list"]
"""What the cells of a column are."""
LabelKind = Literal["binary", "count", "number", "classes"]
ROLES: tuple[str, ...] = get_args(Role)
KINDS: tuple[str, ...] = get_args(Kind)
LABEL_KINDS: tuple[str, ...] = get_args(LabelKind)

NULL_WORDS = ("NA", "N/A", "n/a", "#N/A", "na", "NaN", "nan", "NULL", "Null", "null", "None", "none", "-", "--", "?",
              ".", "\\N", "#NULL!", "#DIV/0!", "#VALUE!", "nil", "missing", "unknown", "<NA>", "k.A.",
              "k. A.", "n.a.", "N.A.", "#REF!", "#NAME?", "#NUM!", "–", "—")  # fmt: skip
"""Words that mean "missing" among numbers and times. A column of words keeps them: NA may be Namibia."""
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "space": " ", "\\t": "\t"}
"""Names by which a delimiter can be said on a line."""
NO_TEXT = {
    "idna",
    "punycode",
    "undefined",
    "unicode_escape",
    "raw_unicode_escape",
    "mbcs",
    "oem",
}  # as codecs name them


class _Options(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ColumnChoice(_Options):
    """What is fixed of one column; None is guessed."""

    role: Role | None = None
    kind: Kind | None = None
    label: LabelKind | None = Field(None, description="of a label: what its values are")
    unknown: tuple[str, ...] = Field((), description="of a label: cells that mean that nobody knows")
    classes: tuple[str, ...] = Field((), description="of a label of words: the word of each number, 0 first")
    of: str = Field("", description="of a weight: the label whose rows it weighs; empty: of all")


class ReaderOptions(_Options):
    """Everything that a reader may guess of a file; None is guessed, and `Reading.options` holds what was found.

    The same object reads another file of the same shape in the same way: it is kept beside whatever was made of a file.
    """

    delimiter: str | None = None
    quote: str | None = Field(None, description='the sign around cells with a delimiter in them; "" where none has one')
    encoding: str | None = None
    header: bool | None = None
    skip: int | None = Field(None, ge=0, description="lines above the header")
    decimal: Literal[".", ","] | None = None
    thousands: Literal["", ",", ".", " ", "'"] | None = None
    null_words: tuple[str, ...] | None = Field(None, description="words that mean missing, in every column")
    date_order: Literal["dmy", "mdy"] | None = Field(None, description="of 03/04/2026: dmy is 3 April, mdy 4 March")
    sheet: str | None = Field(None, description="of a workbook; the first by default")
    sample: int | None = Field(None, gt=0, description="about so many rows, evenly drawn; all by default")
    bad_rows: Literal["refuse", "drop"] = Field("refuse", description="rows with more or fewer cells than the header")
    columns: dict[str, ColumnChoice] = Field(default_factory=dict)

    @field_validator("delimiter", mode="before")
    @classmethod
    def _named(cls, given: Any) -> Any:
        found = DELIMITERS.get(given, given) if isinstance(given, str) else given
        if isinstance(found, str) and found not in SAID and (len(found) != 1 or ord(found) > 127 or found in '\r\n"'):
            raise ValueError(f"a delimiter is one sign: {', '.join(DELIMITERS)} or the sign itself; or spaces, or ::")
        return found

    @field_validator("quote", mode="before")
    @classmethod
    def _one_sign(cls, given: Any) -> Any:
        found = "" if given == "none" else given
        if isinstance(found, str) and (len(found) > 1 or found in ("\r", "\n") or (found and ord(found) > 127)):
            raise ValueError('a quote is one sign, or "none"')
        return found

    @field_validator("thousands", "decimal", mode="before")
    @classmethod
    def _sign(cls, given: Any) -> Any:
        return {"none": "", "comma": ",", "point": ".", "space": " "}.get(given, given) if given else given

    @field_validator("encoding")
    @classmethod
    def _of_text(cls, given: str | None) -> str | None:
        if given is None or given == MIXED:
            return given
        try:
            found = codecs.lookup(given)
        except (LookupError, ValueError):
            found = None
        if found is None or not found._is_text_encoding or found.name.replace("-", "_") in NO_TEXT:
            raise ValueError("an encoding is one such as utf-8, latin-1, cp1252, utf-16 or gb18030")
        return found.name

    def column(self, name: str) -> ColumnChoice:
        """What is fixed of a column."""
        return self.columns.get(name, ColumnChoice())

    def with_columns(self, more: dict[str, ColumnChoice]) -> ReaderOptions:
        """The same with some columns fixed otherwise."""
        return self.model_copy(update={"columns": {**self.columns, **more}})


def options_of(pairs: Sequence[str], columns: Sequence[str] = ()) -> ReaderOptions:
    """What `--option KEY=VALUE` and `--column NAME=ROLE` say; PrecedenceError names what cannot be."""
    fields: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or key not in ReaderOptions.model_fields or key == "columns":
            known = ", ".join(name for name in ReaderOptions.model_fields if name != "columns")
            raise PrecedenceError(f"{pair[:60]!r} is no option of the reader; write KEY=VALUE with one of {known}.")
        fields[key] = tuple(value.split("|")) if key == "null_words" else value
    fields["columns"] = dict(map(column_of, columns))
    return checked_options(fields)


def checked_options(fields: dict[str, Any]) -> ReaderOptions:
    """Options from plain fields, refused in one sentence."""
    try:
        return ReaderOptions.model_validate(fields)
    except ValidationError as error:
        place, value, problem = first_problem(error)
        raise PrecedenceError(
            f"The option {'.'.join(map(str, place))}={str(value)[:60]!r} cannot be: {problem}."
        ) from error


def column_of(said: str) -> tuple[str, ColumnChoice]:
    """`NAME=ROLE`: a role, or label:KIND:UNKNOWN with words for unknown split by |, or label:WORST<…<BEST with the
    words of its classes, or weight:LABEL, or a kind."""
    name, equals, words = said.rpartition("=")
    role, *more = words.split(":")
    if not equals or not name or (role not in ROLES and role not in KINDS):
        raise PrecedenceError(
            f"{said[:80]!r} fixes no column; write NAME=ROLE with one of {', '.join(ROLES)}, e.g. age=number, "
            "buy=label:binary:-1 (−1 is unknown) or stars=weight:click."
        )
    if role == "label" and "<" in words:
        classes = tuple(word.strip() for word in ":".join(more).split("<"))
        return name, ColumnChoice(role="label", label="classes", classes=classes)
    if role == "label":
        kind = more[0] if more and more[0] else None
        if kind is not None and kind not in LABEL_KINDS:
            raise PrecedenceError(f"{kind[:40]!r} is no kind of label; choose one of {', '.join(LABEL_KINDS)}.")
        unknown = tuple(":".join(more[1:]).split("|")) if len(more) > 1 else ()
        return name, ColumnChoice.model_validate({"role": role, "label": kind, "unknown": unknown})
    if role == "weight":
        return name, ColumnChoice(role="weight", of=":".join(more))
    kind_of = {"sparse": "text", "number": "number", "sequence": "list", "time": "time"}
    if role == "text":
        return name, ColumnChoice(kind="text")
    if role == "list":
        return name, ColumnChoice(kind="list", role="sequence")
    return name, ColumnChoice.model_validate({"role": role, "kind": kind_of.get(role)})


def flags_of(options: ReaderOptions) -> list[str]:
    """The flags of a command line that say the same; `options_of` reads them."""
    flags = []
    for key, value in options.model_dump(exclude={"columns"}, exclude_defaults=True).items():
        said = "|".join(value) if isinstance(value, tuple) else str(value).lower() if isinstance(value, bool) else value
        flags += ["--option", f"{key}={said if said != '' else 'none'}"]
    for name, choice in options.columns.items():
        if choice.role == "label" and len(choice.classes) > 1 and not choice.unknown:
            flags += ["--column", f"{name}=label:{'<'.join(choice.classes)}"]
        elif choice.role == "label":
            more = [choice.label or "", "|".join(choice.unknown)]
            flags += ["--column", f"{name}={':'.join(['label', *more]).rstrip(':')}"]
        elif choice.role == "weight":
            flags += ["--column", f"{name}=weight:{choice.of}".rstrip(":")]
        elif choice.role or choice.kind:
            flags += ["--column", f"{name}={choice.role or choice.kind}"]
    return flags
