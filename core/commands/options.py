"""How a command is declared: groups that import late, `--json`, lists with commas, flags of several commands."""

from __future__ import annotations

import functools
import importlib
import inspect
import json
import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

import click
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from core.errors import PrecedenceError

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
_JSON = "core.commands.json"


def wants_json() -> bool:
    """Whether standard output is for the one object alone."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(_JSON))


def show(*lines: str) -> None:
    """What a person reads of the result; nothing with --json."""
    if not wants_json():
        for line in lines:
            click.echo(line)


def report(line: str) -> None:
    """Progress, on standard error."""
    click.echo(line, err=True)


def read_json(file: Path, what: str) -> Any:
    """What a JSON file holds; `what` names it in the sentence that refuses it."""
    try:
        return json.loads(file.read_text())
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise PrecedenceError(f"The {what} {file} cannot be read ({error}); give a JSON file.") from error


def _json_option() -> click.Option:
    """At either place of a line with two words: before or after the second."""

    def note(context: click.Context, option: click.Parameter, given: bool) -> None:
        context.meta[_JSON] = given or context.meta.get(_JSON, False)

    words = "One JSON object on the last line."
    return click.Option(["--json"], is_flag=True, expose_value=False, callback=note, help=words)


UNFIT = "precedence.unfit"
_SETTINGS: dict[str, Any] = {"help_option_names": ["-h", "--help"], "show_default": True, "max_content_width": 110}


def end_unfit() -> None:
    """The command ends with status 1 once its answer is printed: what it looked at is not fit for use."""
    click.get_current_context().meta[UNFIT] = True


class Command(click.Command):
    """A function that returns what --json prints."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["context_settings"] = _SETTINGS | (kwargs.get("context_settings") or {})
        super().__init__(*args, **kwargs)
        for param in self.params:
            if isinstance(param, click.Option) and param.default in ("", ()):
                param.show_default = False  # nothing to see
        self.params.append(_json_option())

    def invoke(self, ctx: click.Context) -> Any:
        result = super().invoke(ctx)
        if wants_json():
            click.echo(json.dumps(result))
        if ctx.meta.get(UNFIT):
            ctx.exit(1)
        return result


class Group(click.Group):
    """Commands that are imported when they are asked for, so that none needs what only another one needs.

    `parts`: name → where the command is, as module:name, and what it does; or a group of more.
    """

    def __init__(self, name: str, words: str, parts: Mapping[str, tuple[str, str] | Group]) -> None:
        super().__init__(name, help=words, params=[_json_option()], context_settings=_SETTINGS)
        self.parts = parts

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.parts)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        part = self.parts.get(cmd_name)
        if part is None or isinstance(part, Group):
            return part
        module, _, name = part[0].partition(":")
        found: click.Command = getattr(importlib.import_module(module), name)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:  # with names that are like it
            raise click.exceptions.NoSuchCommand(error.command_name, possibilities=self.parts, ctx=ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """From the table: help imports no command."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, (part.help or "") if isinstance(part, Group) else part[1]) for name, part in self.parts.items()]
            )


def split_names(text: str) -> tuple[str, ...]:
    """`a,b` → ("a", "b")."""
    return tuple(filter(None, map(str.strip, text.split(","))))


class Names(click.ParamType):
    """Words with commas between them, as a tuple."""

    name = "names"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return split_names(value) if isinstance(value, str) else value


class Numbers(click.ParamType):
    """Finite numbers with commas between them, none below `least`, as a tuple; whole ones where `kind` is int."""

    name = "numbers"

    def __init__(self, kind: type[int] | type[float], example: str, least: float = -math.inf) -> None:
        self.kind, self.example, self.least = kind, example, least

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str):
            return value
        try:
            found = tuple(self.kind(part) for part in split_names(value))
        except ValueError:
            self.fail(f"{value!r} is no list of numbers; write them with commas: {self.example}", param, ctx)
        for one in found:
            if not math.isfinite(one) or one < self.least:
                limit = "" if self.least == -math.inf else f" of at least {self.least:g}"
                self.fail(f"{one:g} in {value!r} is no finite number{limit}; write e.g. {self.example}", param, ctx)
        return found


FILE = click.Path(path_type=Path)
threads = click.option(
    "--threads",
    type=click.IntRange(min=1),
    default=1,
    help="CPU threads; 1 gives the same bits on every machine.",
)
any_field = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="FIELD=VALUE",
    help="Any field of the run, again and again: model.trunk=64,32.",
)
quiet = click.option("--quiet", is_flag=True, help="No progress on standard error.")


def reader_flags(function: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command that reads a file the flags by which a person corrects what the reader guesses, as `options`;
    what the reader says is then said as it is written on a line."""

    @click.option(
        "--column",
        "columns",
        multiple=True,
        metavar="NAME=ROLE",
        help="What a column is, e.g. zip=sparse, buy=label:binary:-1 (−1 is unknown); again for each.",
    )
    @click.option(
        "--option",
        "reader_options",
        multiple=True,
        metavar="KEY=VALUE",
        help="How the file is read: delimiter, quote, encoding, header, skip, decimal, thousands, null_words, "
        "date_order, sheet, sample, bad_rows; again for each.",
    )
    @functools.wraps(function)
    def with_options(*more: Any, columns: tuple[str, ...], reader_options: tuple[str, ...], **given: Any) -> Any:
        from core.data.reading.options import options_of

        try:
            if "columns" in inspect.signature(function).parameters:  # it knows another way to say them, too
                from core.data.sources.uploaded.pair_columns import told

                exact, roles = told(columns)
                return function(*more, options=options_of(reader_options, roles), columns=exact, **given)
            return function(*more, options=options_of(reader_options, columns), **given)
        except PrecedenceError as error:
            raise PrecedenceError(on_a_line(str(error))) from error

    return with_options


with_files = click.option(
    "--with",
    "more",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Another file of the same set, joined by its ids; again for each.",
)


def plain_stem(file: Path) -> str:
    """The name without its endings: rows of rows.csv.gz."""
    return file.name.split(".")[0] or file.stem


def on_a_line(sentence: str) -> str:
    """A sentence of the reader, its advice as flags: `say option header=true` → `say --option header=true`."""
    said = re.sub(r"(?<!-)\boption (?=[a-z_]+=)", "--option ", sentence)
    return re.sub(r"(?<!-)\bcolumn (?='[^']*=)", "--column ", said)


def config_flag(flag: str, model: type[BaseModel], path: str, words: str = "", **changes: Any) -> Decorator:
    """A flag for a field of a config: description, values and limits are the field's own; `words` say how it is
    written on a line.

    `path` may have dots. The value stays text: it is checked with the whole config, which refuses it in one sentence.
    """
    fields = _fields(model, path)
    said = [fields[0].description or fields[0].title or "", words, _values(fields)]
    return click.option(flag, help=" ".join(f"{text.rstrip('.')}." for text in said if text), **changes)


def _fields(model: type[BaseModel], path: str) -> list[FieldInfo]:
    """The field, of each kind that the config can have in its place."""
    first, _, rest = path.partition(".")
    field = model.model_fields[first]
    if not rest:
        return [field]
    return [found for part in _models(field.annotation) for found in _fields(part, rest)]


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models(part)]


def _values(fields: list[FieldInfo]) -> str:
    """The values that a choice has, or the limits of a number."""
    names = [name for field in fields for name in get_args(field.annotation) if isinstance(name, str)]
    if names:
        return f"One of {', '.join(dict.fromkeys(names))}"
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    limits = [
        f"{sign} {getattr(limit, name):g}"
        for limit in fields[0].metadata
        for name, sign in signs.items()
        if hasattr(limit, name)
    ]
    return f"Its value is {' and '.join(limits)}" if limits else ""
