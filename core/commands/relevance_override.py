"""python -m core relevance override …: changes by hand, while no server has their file open."""

from __future__ import annotations

import argparse
import getpass
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.commands.relevance_source import catalogue, open_log, progress
from core.errors import PrecedenceError
from core.narration.relevance import impact_sentence
from core.relevance.explanation.impact import impact
from core.relevance.overrides import OverrideLog, conflicts, from_json, override_of, term_of, to_json
from core.relevance.searcher import Searcher
from core.relevance.stores.catalogue import LANGUAGES, JudgedQuery, language_of, shop
from core.relevance.stores.index_store import take
from core.relevance.stores.shop_bags import shop_searcher

DOES = ("add", "list", "undo", "restore", "log", "export", "import", "impact")


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("does", choices=DOES)
    parser.add_argument("subject", nargs="?", default="", help="undo, restore: the id; export, import: the file")
    parser.add_argument("--scope", choices=("term", "query", "product", "category"), default="term")
    parser.add_argument("--word", default="")
    parser.add_argument("--target", default="", help="the query, the product's key, or the category")
    parser.add_argument("--set", type=float, default=None, metavar="WEIGHT")
    parser.add_argument("--scale", type=float, default=None, metavar="FACTOR")
    parser.add_argument("--forbid", action="store_true")
    parser.add_argument("--who", default="", help="default: the name of this account")
    parser.add_argument("--why", default="")
    parser.add_argument("--index", default="", help="folder of an index; without it the shop")
    parser.add_argument(
        "--queries", default="", help="impact: queries separated by semicolons; default the shop's first 20"
    )
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="impact on the shop: which language")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    does: dict[str, Callable[[argparse.Namespace, OverrideLog, str], dict[str, Any]]] = {
        "add": _add, "list": _list, "undo": _turn, "restore": _turn, "log": _log, "export": _export, "import": _import,
        "impact": _impact,
    }  # fmt: skip
    log = open_log()
    try:
        result = does[arguments.does](arguments, log, catalogue(arguments))
    finally:
        log.close()
    if not arguments.json:
        for line in result.get("sentences", []):
            print(line)
    return result


def _searcher(arguments: argparse.Namespace, language: str) -> Searcher:
    return take(Path(arguments.index)) if arguments.index else shop_searcher(language, progress)


def _add(arguments: argparse.Namespace, log: OverrideLog, name: str) -> dict[str, Any]:
    chosen = [arguments.set is not None, arguments.scale is not None, arguments.forbid]
    if sum(chosen) != 1:
        raise PrecedenceError("Say what becomes of the weight by exactly one of --set, --scale and --forbid.")
    action = ("set", "scale", "forbid")[chosen.index(True)]
    value = arguments.scale if arguments.set is None else arguments.set
    made = override_of(scope=arguments.scope, word=arguments.word, target=arguments.target, action=action, value=value)
    searcher = _searcher(arguments, language_of(arguments.word))
    term_of(searcher.encoder.vocabulary, made.word)
    if made.scope == "product":
        searcher.index.row(made.target)
    (id,) = log.keep(name, [made], _who(arguments), arguments.why)
    told = _conflicts(log, name, searcher)
    return {"id": id, "override": made.model_dump(), "conflicts": told, "sentences": [made.words(), *told]}


def _list(arguments: argparse.Namespace, log: OverrideLog, name: str) -> dict[str, Any]:
    every = log.all(name)
    told = conflicts([one.override for one in every if not one.undone], {})
    lines = [
        f"{one.id}  {'undone: ' if one.undone else ''}{one.override.words()} ({one.who}: {one.why})" for one in every
    ]
    return {"overrides": [one.model_dump() for one in every], "conflicts": told, "sentences": [*lines, *told]}


def _turn(arguments: argparse.Namespace, log: OverrideLog, name: str) -> dict[str, Any]:
    change = log.undo if arguments.does == "undo" else log.restore
    kept = change(name, arguments.subject, _who(arguments), arguments.why)
    return {**kept.model_dump(), "sentences": [f"{arguments.does}: {kept.override.words()}"]}


def _log(arguments: argparse.Namespace, log: OverrideLog, name: str) -> dict[str, Any]:
    entries = log.audit(name, 10_000)
    return {
        "log": [entry.model_dump() for entry in entries],
        "sentences": [f"{one.what} by {one.who}: {one.said} ({one.why})" for one in entries],
    }


def _export(arguments: argparse.Namespace, log: OverrideLog, name: str) -> dict[str, Any]:
    active = log.active(name)
    if not arguments.subject:
        raise PrecedenceError("No file is named for the export; give one: override export FILE.")
    Path(arguments.subject).write_text(to_json(active), encoding="utf-8")
    return {"file": arguments.subject, "overrides": len(active), "sentences": [f"{len(active)} in {arguments.subject}"]}


def _import(arguments: argparse.Namespace, log: OverrideLog, name: str) -> dict[str, Any]:
    file = Path(arguments.subject)
    if not file.is_file():
        raise PrecedenceError(f"The file {arguments.subject!r} does not exist; name one that an export made.")
    read = from_json(file.read_text(encoding="utf-8", errors="replace"))
    ids = log.keep(name, read, _who(arguments), arguments.why or f"imported from {file.name}", "imported")
    told = conflicts(log.active(name), {})
    return {"ids": ids, "conflicts": told, "sentences": [f"{len(ids)} imported", *told]}


def _impact(arguments: argparse.Namespace, log: OverrideLog, name: str) -> dict[str, Any]:
    asked = [text.strip() for text in arguments.queries.split(";") if text.strip()]
    searcher = _searcher(arguments, language_of(asked[0]) if asked else arguments.language)
    judged = () if arguments.index else shop(language_of(asked[0]) if asked else arguments.language).queries
    known = {query.text: query for query in judged}
    queries = [known.get(text, JudgedQuery(text, {})) for text in asked] or list(judged[:20])
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


def _conflicts(log: OverrideLog, name: str, searcher: Searcher) -> list[str]:
    active = log.active(name)
    rows = {one.target: searcher.index.find(one.target) for one in active if one.scope == "product"}
    return conflicts(
        active, {key: searcher.index.product(row).category for key, row in rows.items() if row is not None}
    )


def _who(arguments: argparse.Namespace) -> str:
    if arguments.who:
        return str(arguments.who)
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name
        return str(os.getuid()) if hasattr(os, "getuid") else "somebody"
