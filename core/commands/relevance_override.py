"""python -m core relevance override …: changes by hand, while no server has their file open."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from core.commands.options import Command, reader_flags, show
from core.commands.relevance_search import open_log_of, progress
from core.data.reading.options import ReaderOptions
from core.errors import PrecedenceError
from core.narration.relevance import impact_sentence
from core.relevance.evaluation.impact import impact
from core.relevance.overrides import SCOPES, OverrideLog, conflicts, override_of, read_overrides, term_of, to_json
from core.relevance.searcher import Searcher
from core.relevance.stores.catalogue import LANGUAGES, JudgedQuery, language_of, shop
from core.relevance.stores.index_store import take
from core.relevance.stores.shop_bags import shop_searcher

DOES = ("add", "list", "undo", "restore", "log", "export", "import", "impact")

*_some, _last = (scope.means for scope in SCOPES.values() if scope.takes_target)
_TARGETS = f"The {', the '.join(_some)}, or the {_last}."


@dataclass(frozen=True)
class Asked:
    """What a line says of overrides."""

    does: str
    subject: str
    scope: str
    word: str
    target: str
    set: float | None
    scale: float | None
    forbid: bool
    who: str
    why: str
    index: str
    queries: str
    language: str
    options: ReaderOptions

    @property
    def by(self) -> str:
        """Who makes the change."""
        if self.who:
            return self.who
        try:
            return getpass.getuser()
        except (KeyError, OSError):  # an account without a name
            return str(os.getuid()) if hasattr(os, "getuid") else "somebody"


@click.command(cls=Command)
@click.argument("does", type=click.Choice(DOES))
@click.argument("subject", default="")
@click.option("--scope", type=click.Choice(tuple(SCOPES)), default="term", help="Where the change holds.")
@click.option("--word", default="", help="The term whose weight changes.")
@click.option("--target", default="", help=_TARGETS)
@click.option("--set", type=float, metavar="WEIGHT", help="add: the weight becomes this.")
@click.option("--scale", type=float, metavar="FACTOR", help="add: the weight times this.")
@click.option("--forbid", is_flag=True, help="add: the term no longer counts.")
@click.option("--who", default="", help="Who changes it; by default the name of this account.")
@click.option("--why", default="", help="The reason that the log keeps.")
@click.option("--index", default="", help="Folder of an index; without it the shop.")
@click.option("--queries", default="", help="impact: queries with semicolons; by default the shop's first 20.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", help="impact on the shop: which language.")
@reader_flags
def override(**given: Any) -> dict[str, Any]:
    """Changes by hand, while no server has their file open.

    SUBJECT is the id for undo and restore, the file for export and import.
    """
    does: dict[str, Callable[[Asked, OverrideLog, str], dict[str, Any]]] = {
        "add": _add, "list": _list, "undo": _turn, "restore": _turn, "log": _log, "export": _export, "import": _import,
        "impact": _impact,
    }  # fmt: skip
    asked = Asked(**given)
    log, name = open_log_of(asked.index)
    try:
        result = does[asked.does](asked, log, name)
    finally:
        log.close()
    show(*result.get("sentences", []))
    return result


def _searcher(asked: Asked, language: str) -> Searcher:
    return take(Path(asked.index)) if asked.index else shop_searcher(language, progress)


def _add(asked: Asked, log: OverrideLog, name: str) -> dict[str, Any]:
    chosen = [asked.set is not None, asked.scale is not None, asked.forbid]
    if sum(chosen) != 1:
        raise PrecedenceError("Say what becomes of the weight by exactly one of --set, --scale and --forbid.")
    action = ("set", "scale", "forbid")[chosen.index(True)]
    value = asked.scale if asked.set is None else asked.set
    made = override_of(scope=asked.scope, word=asked.word, target=asked.target, action=action, value=value)
    searcher = _searcher(asked, language_of(asked.word))
    term_of(searcher.encoder.vocabulary, made.word)
    made.at.check(searcher.index, made.target)
    (id,) = log.keep(name, [made], asked.by, asked.why)
    told = conflicts(log.active(name), searcher.index)
    return {"id": id, "override": made.model_dump(), "conflicts": told, "sentences": [made.words(), *told]}


def _list(asked: Asked, log: OverrideLog, name: str) -> dict[str, Any]:
    every = log.all(name)
    told = conflicts([one.override for one in every if not one.undone])
    lines = [
        f"{one.id}  {'undone: ' if one.undone else ''}{one.override.words()} ({one.who}: {one.why})" for one in every
    ]
    return {"overrides": [one.model_dump() for one in every], "conflicts": told, "sentences": [*lines, *told]}


def _turn(asked: Asked, log: OverrideLog, name: str) -> dict[str, Any]:
    change = log.undo if asked.does == "undo" else log.restore
    kept = change(name, asked.subject, asked.by, asked.why)
    return {**kept.model_dump(), "sentences": [f"{asked.does}: {kept.override.words()}"]}


def _log(asked: Asked, log: OverrideLog, name: str) -> dict[str, Any]:
    entries = log.audit(name, 10_000)
    return {
        "log": [entry.model_dump() for entry in entries],
        "sentences": [f"{one.what} by {one.who}: {one.said} ({one.why})" for one in entries],
    }


def _export(asked: Asked, log: OverrideLog, name: str) -> dict[str, Any]:
    active = log.active(name)
    if not asked.subject:
        raise PrecedenceError("No file is named for the export; give one: override export FILE.")
    Path(asked.subject).write_text(to_json(active), encoding="utf-8")
    return {"file": asked.subject, "overrides": len(active), "sentences": [f"{len(active)} in {asked.subject}"]}


def _import(asked: Asked, log: OverrideLog, name: str) -> dict[str, Any]:
    file = Path(asked.subject)
    if not asked.subject:
        raise PrecedenceError("No file is named for the import; give one: override import FILE.")
    read = read_overrides(file, asked.options)
    ids = log.keep(name, read, asked.by, asked.why or f"imported from {file.name}", "imported")
    told = conflicts(log.active(name))
    return {"ids": ids, "conflicts": told, "sentences": [f"{len(ids)} imported", *told]}


def _impact(asked: Asked, log: OverrideLog, name: str) -> dict[str, Any]:
    texts = [text.strip() for text in asked.queries.split(";") if text.strip()]
    searcher = _searcher(asked, language_of(texts[0]) if texts else asked.language)
    judged = () if asked.index else shop(language_of(texts[0]) if texts else asked.language).queries
    known = {query.text: query for query in judged}
    queries = [known.get(text, JudgedQuery(text, {})) for text in texts] or list(judged)
    if not queries:
        raise PrecedenceError('No query is given; name some with --queries "one;another".')
    found = impact(searcher, searcher.with_overrides(log.active(name)), queries)
    return {
        "queries": [
            {"query": one.query, "changed": one.changed, "entered": one.entered, "ndcg_before": one.ndcg_before,
             "ndcg_after": one.ndcg_after}
            for one in found.queries
        ],
        "ndcg_before": found.ndcg_before,
        "ndcg_after": found.ndcg_after,
        "sentences": [impact_sentence(found)],
    }  # fmt: skip
