"""Overrides do at scoring time what a changed bag would do, undo leaves no trace, and everything is on record."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.errors import PrecedenceError
from core.relevance.index import Product
from core.relevance.overrides import (
    SCOPES,
    Override,
    OverrideLog,
    conflicts,
    from_json,
    offered,
    override_of,
    read_overrides,
    to_json,
)
from tests.relevance.titles import TITLES, small_searcher, word_weights

LISTS = [
    [{"scope": "term", "word": "wireless", "action": "forbid"}],
    [{"scope": "term", "word": "keyboard", "action": "scale", "value": 0.25}],
    [{"scope": "query", "target": "Wireless  KEYBOARD", "word": "sofa", "action": "set", "value": 0.7}],
    [{"scope": "product", "target": "p4", "word": "keyboard", "action": "set", "value": 2.5}],
    [{"scope": "product", "target": "p2", "word": "wireless", "action": "scale", "value": 0.5}],
    [{"scope": "category", "target": "sofas", "word": "keyboard", "action": "set", "value": 1.5},
     {"scope": "product", "target": "p4", "word": "keyboard", "action": "forbid"}],
    [{"scope": "category", "target": "other", "word": "wireless", "action": "forbid"},
     {"scope": "term", "word": "wireless", "action": "set", "value": 0.9},
     {"scope": "query", "target": "wireless keyboard", "word": "wireless", "action": "scale", "value": 3}],
]  # fmt: skip


def made(listed: list[dict]) -> list[Override]:
    return [override_of(**one) for one in listed]


@pytest.mark.parametrize("listed", LISTS)
def test_scores_are_those_of_the_changed_bags(listed: list[dict]) -> None:
    """Every product's score by search equals the dot product of both bags after the rules, and its explanation."""
    searcher = small_searcher().with_overrides(made(listed))
    query = searcher.query("wireless keyboard")
    scores = searcher.scores(query)
    for row in range(len(TITLES)):
        bag = searcher.product(row)
        weights = dict(zip(bag.ids.tolist(), bag.weights.tolist(), strict=True))
        product = sum(
            float(w) * weights.get(t, 0.0) for t, w in zip(query.ids.tolist(), query.weights.tolist(), strict=True)
        )
        assert scores[row] == pytest.approx(product, abs=1e-6)
        assert searcher.explain("wireless keyboard", row).score == pytest.approx(product, abs=1e-9)
    hits = searcher.search("wireless keyboard", 10)
    assert hits.scores == pytest.approx(scores[hits.rows], abs=1e-6)
    assert hits.scores == pytest.approx(np.sort(scores[scores > 1e-6])[::-1], abs=1e-6)
    untouched = small_searcher()
    assert searcher.with_overrides([]).search("sofa").scores == pytest.approx(untouched.search("sofa").scores)


def test_each_action_does_to_the_weight_what_it_says() -> None:
    searcher = small_searcher()
    before = word_weights(searcher, "wireless keyboard")

    def after(**fields: object) -> dict[str, float]:
        return word_weights(searcher.with_overrides([override_of(**fields)]), "wireless keyboard")

    assert "wireless" not in after(scope="term", word="wireless", action="forbid")
    assert after(scope="term", word="Wireless ", action="scale", value=2)["wireless"] == pytest.approx(
        2 * before["wireless"]
    )
    assert after(scope="term", word="sofa", action="set", value=1) == before, "a general rule adds no word"
    assert after(scope="query", target="wireless keyboard", word="sofa", action="set", value=1)["sofa"] == 1
    assert after(scope="query", target="another", word="sofa", action="set", value=1) == before


def test_the_more_specific_rule_holds_and_that_is_told() -> None:
    general = override_of(scope="category", target="sofas", word="sofa", action="forbid")
    specific = override_of(scope="product", target="p3", word="sofa", action="set", value=0.5)
    searcher = small_searcher().with_overrides([specific, general])
    assert searcher.search("sofa").rows.tolist() == [3]
    (told,) = conflicts([specific, general], searcher.index)
    assert "more specific rule holds" in told
    elsewhere = override_of(scope="product", target="p0", word="sofa", action="set", value=0.5)
    assert conflicts([elsewhere, general], searcher.index) == []


def test_rules_of_one_place_and_rules_without_effect_are_told() -> None:
    one = override_of(scope="query", target="A  b", word="sofa", action="set", value=1)
    two = override_of(scope="query", target="a B", word="SOFA", action="forbid")
    assert "is replaced" in conflicts([one, two])[0]
    assert conflicts([one, one]) == []
    forbidden = override_of(scope="term", word="sofa", action="forbid")
    useless = override_of(scope="product", target="p3", word="sofa", action="scale", value=3)
    assert "no effect" in conflicts([forbidden, useless])[0]


def test_rules_about_what_is_not_there_are_skipped_and_told() -> None:
    searcher = small_searcher().with_overrides(
        made([{"scope": "product", "target": "gone", "word": "sofa", "action": "forbid"},
              {"scope": "category", "target": "boats", "word": "sofa", "action": "forbid"},
              {"scope": "term", "word": "leather mouse", "action": "forbid"}])
    )  # fmt: skip
    assert len(searcher.rules.skipped) == 3
    assert "leather, mouse" in " ".join(searcher.rules.skipped)
    assert searcher.search("sofa").scores == pytest.approx(small_searcher().search("sofa").scores)


def test_what_a_product_offers_and_what_a_click_there_aims_at() -> None:
    index = small_searcher().index
    whole, bare = index.product(3), Product("x", "a title")
    assert [(scope.name, scope.side) for scope in offered(whole)] == [
        ("query", "query"), ("term", "query"), ("product", "product"), ("category", "product")
    ]  # fmt: skip
    assert [scope.name for scope in offered(bare)] == ["query", "term", "product"]
    aimed = {scope.name: scope.here("large sofa", whole) for scope in offered(whole)}
    assert aimed == {"query": "large sofa", "term": "", "product": "p3", "category": "sofas"}
    for side in ("query", "product"):
        ranked = [scope.specificity for scope in SCOPES.values() if scope.side == side]
        assert len(set(ranked)) == len(ranked), "which of two rules wins is never left open"


@pytest.mark.parametrize(
    ("scope", "target", "where"),
    [
        ("term", "", "in every query"),
        ("query", "A  b", "in the query “A  b”"),
        ("product", "p3", "in the product p3"),
        ("category", "sofas", "in every product of “sofas”"),
    ],
)
def test_a_scope_reads_as_it_always_did(scope: str, target: str, where: str) -> None:
    """What logs and exports of before hold is read, and said in the same words."""
    kept = {"scope": scope, "word": "sofa", "target": target, "action": "scale", "value": 2.0}
    read = Override.model_validate_json(json.dumps(kept))
    assert read.words() == f"“sofa” weighs 2 × as much {where}"
    assert read.model_dump() == kept


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"scope": "term", "word": " ", "action": "forbid"}, "empty"),
        ({"scope": "term", "word": "a", "target": "b", "action": "forbid"}, "no target"),
        ({"scope": "query", "word": "a", "action": "forbid"}, "needs the query"),
        ({"scope": "term", "word": "a", "action": "set"}, "needs a value"),
        ({"scope": "term", "word": "a", "action": "forbid", "value": 1}, "no value"),
        ({"scope": "term", "word": "a", "action": "scale", "value": -1}, "greater than or equal to 0"),
        ({"scope": "term", "word": "a", "action": "scale", "value": float("nan")}, "value"),
        ({"scope": "planet", "word": "a", "action": "forbid"}, "planet"),
        ({"scope": "term", "word": "a" * 999, "action": "forbid"}, "200 characters"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(fields: dict, sentence: str) -> None:
    with pytest.raises(PrecedenceError, match=sentence) as refused:
        override_of(**fields)
    assert "\n" not in str(refused.value)


def test_export_and_import_are_inverse_and_bad_files_are_refused() -> None:
    every = made([one for listed in LISTS for one in listed])
    assert from_json(to_json(every)) == every
    for text in ("", "[]", "{}", '{"format": 2, "overrides": []}', '{"format": 1, "overrides": 3}'):
        with pytest.raises(PrecedenceError):
            from_json(text)
    half = json.dumps({"format": 1, "overrides": [every[0].model_dump(), {"scope": "term"}]})
    with pytest.raises(PrecedenceError, match="Override 2"):
        from_json(half)


def test_undo_and_the_audit_log_outlive_the_process(tmp_path: Path) -> None:
    file = tmp_path / "overrides.duckdb"
    log = OverrideLog(file)
    first, second = log.keep("shop", made(LISTS[5]), "Ada", "covers are no sofas")
    log.keep("another", made(LISTS[0]), "Ada", "")
    log.undo("shop", second, "Bo", "a mistake")
    assert log.active("shop") == made(LISTS[5])[:1]
    with pytest.raises(PrecedenceError, match="undone already"):
        log.undo("shop", second, "Bo")
    with pytest.raises(PrecedenceError, match="no override"):
        log.undo("shop", "nothing", "Bo")
    log.restore("shop", second, "Ada", "not a mistake")
    log.close()
    again = OverrideLog(file)
    assert again.active("shop") == made(LISTS[5])
    assert [kept.id for kept in again.all("shop")] == [first, second]
    entries = again.audit("shop")
    assert [(entry.what, entry.who, entry.why) for entry in entries] == [
        ("restored", "Ada", "not a mistake"),
        ("undone", "Bo", "a mistake"),
        ("kept", "Ada", "covers are no sofas"),
        ("kept", "Ada", "covers are no sofas"),
    ]
    assert "keyboard" in entries[0].said
    assert again.active("another") == made(LISTS[0])
    again.close()


def test_a_second_process_is_told_that_the_file_is_in_use(tmp_path: Path) -> None:
    log = OverrideLog(tmp_path / "overrides.duckdb")
    code = (
        "import sys; from pathlib import Path; from core.relevance.overrides import OverrideLog\n"
        "try: OverrideLog(Path(sys.argv[1]))\n"
        "except ValueError as error: print(error)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "overrides.duckdb")]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "in use by another program" in said
    log.close()


def test_nothing_is_kept_of_a_failed_import(tmp_path: Path) -> None:
    log = OverrideLog(tmp_path / "overrides.duckdb")
    broken = [*made(LISTS[0]), None]
    with pytest.raises(AttributeError):
        log.keep("shop", broken, "Ada", "")  # type: ignore[arg-type]
    assert log.all("shop") == []
    assert log.audit("shop") == []
    assert np.isfinite(len(log.keep("shop", made(LISTS[0]), "Ada", "")))
    log.close()


def test_a_removed_catalogue_takes_its_overrides_along_and_no_other_ones(tmp_path: Path) -> None:
    log = OverrideLog(tmp_path / "overrides.duckdb")
    for catalogue in ("mine", "other"):
        log.keep(catalogue, made(LISTS[0]), "Ada", "why")
    log.forget("mine")
    assert (log.all("mine"), log.audit("mine")) == ([], [])
    assert len(log.active("other")) == len(log.audit("other")) == 1
    log.close()


def test_a_table_of_overrides_is_read_as_every_other_file(tmp_path: Path) -> None:
    file = tmp_path / "regeln.csv"
    file.write_bytes(
        "Term;Action;Weight;Scope;Target\nSofá;Set;2,5;query;rotes Sofá\nlamp;FORBID;;;\n".encode("latin-1")
    )
    assert read_overrides(file) == made([
        {"scope": "query", "target": "rotes Sofá", "word": "Sofá", "action": "set", "value": 2.5},
        {"scope": "term", "word": "lamp", "action": "forbid"},
    ])  # fmt: skip
    export = tmp_path / "overrides.json"
    export.write_text(to_json(read_overrides(file)), encoding="utf-8")
    assert read_overrides(export) == read_overrides(file)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("word,value\nlamp,2\n", "has no column action"),
        ("word,action,value\n,set,2\n", "Row 1 of rules.csv cannot be used: word"),
        ("word,action,value\nlamp,set,2\nlamp,set,1e9\n", "Row 2 of rules.csv cannot be used: value = '1e9'"),
        ("word,action,value\nlamp,melt,2\n", "action = 'melt'"),
        ("word,action,value,scope\nlamp,set,2,planet\n", "scope = 'planet'"),
        ("word,action,value\n", "0 rows"),
    ],
)
def test_what_is_wrong_with_a_row_of_them_is_named(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "rules.csv"
    file.write_text(text)
    with pytest.raises(PrecedenceError, match=said):
        read_overrides(file)
