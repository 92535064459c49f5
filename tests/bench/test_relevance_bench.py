"""The relevance bench on a small catalogue: its names, every engine answers, and the exact ones agree."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.__main__ import main
from core.bench.relevance import measure
from core.errors import PrecedenceError
from core.relevance.race.engines import ENGINES, MOST
from core.relevance.race.load import load_of, source_of, sources
from tests.relevance.titles import small_searcher

EXACT = ("deepbow", "numpy", "scipy", "bmp")


USUAL: dict[str, Any] = {"sizes": (300,), "engines": ("deepbow", "faiss_fp32"), "queries": 6, "dims": 16, "model": ""}


def test_rows_have_the_promised_names() -> None:
    result = measure(**USUAL)
    assert [row["engine"] for row in result["rows"]] == ["deepbow", "faiss_fp32"]
    assert set(result["rows"][0]) == {
        *("products", "engine", "p50_ms", "p95_ms", "us_per_pair", "bytes_per_product", "recall_at_10"),
        *("recall_at_10_unrounded", "rounding_error"),
    }
    assert result["rows"][1]["recall_at_10"] == 1.0
    assert result["rows"][0]["recall_at_10"] == 1.0
    assert result["rows"][0]["recall_at_10_unrounded"] > 0.9
    assert 0 < result["rows"][0]["rounding_error"] < 0.01


def test_exact_engines_find_the_same() -> None:
    load = load_of(sources(8), 400, 16)
    engines = {name: ENGINES[name](load) for name in EXACT}
    for number, query in enumerate(load.queries):
        weights = np.zeros(load.terms)
        weights[query.ids] = query.weights
        owners = np.repeat(np.arange(400), np.diff(load.bags.starts))
        truth = np.bincount(owners, weights=weights[load.bags.ids] * load.bags.weights, minlength=400)
        found = engines["scipy"].search(number)
        assert truth[found] == pytest.approx(np.sort(truth)[::-1][:MOST], rel=1e-5)
        own, plain = (engines[name].search(number) for name in ("deepbow", "numpy"))
        count = len(own)  # the index leaves out what scores nothing
        assert np.sort(truth[own]) == pytest.approx(np.sort(truth[plain[:count]]), abs=0.01), "equal to a step's half"


def test_any_catalogue_can_be_raced() -> None:
    searcher = small_searcher()
    source = source_of(searcher, ["wireless keyboard", "large sofa", "unasked"], 2)
    assert len(source.bags) == len(source.words) == searcher.index.rows
    assert len(source.queries) == 2
    load = load_of(source, 50, 16)
    assert len(ENGINES["deepbow"](load).search(0)) == MOST


def test_what_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(PrecedenceError, match="no engine 'magic'"):
        measure(**USUAL | {"engines": ("magic",)})
    assert main(["bench", "relevance", "--products", "many"]) == 2
    assert "'many' is no list of numbers" in capsys.readouterr().err
