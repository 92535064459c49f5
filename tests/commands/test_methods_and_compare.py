"""The registry's table and configs agree with what exists; a comparison gives one row a run and task."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import typing
from pathlib import Path

import pytest

from core.commands.compare import run, table
from core.commands.methods import table as methods_table
from core.errors import PrecedenceError
from core.methods.registry import MethodConfig
from core.methods.registry import METHODS

ROOT = Path(__file__).resolve().parents[2]


def test_every_config_has_a_card_and_every_card_a_config():
    union = typing.get_args(typing.get_args(MethodConfig)[0])
    assert {config().kind: config for config in union} == {kind: card.config for kind, card in METHODS.items()}


@pytest.mark.parametrize("kind", METHODS)
def test_a_card_says_three_plain_sentences(kind):
    card = METHODS[kind]
    for sentence in (card.guarantee, card.cost, card.fails):
        assert sentence.endswith(".")
        assert "{" not in sentence
        assert 20 < len(sentence) < 160
    assert card.formula
    assert card.source


def test_the_documented_table_is_the_registrys():
    assert methods_table() in (ROOT / "README.md").read_text()


def test_the_registry_needs_no_torch():
    code = "import sys, core.methods.registry; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_methods_answers_as_json():
    done = subprocess.run(
        [sys.executable, "-m", "core", "methods", "--json"], capture_output=True, text=True, check=True
    )
    assert [card["kind"] for card in json.loads(done.stdout)["methods"]] == list(METHODS)


def test_the_table_shows_means_intervals_and_paired_differences():
    rows = [
        {"dataset": "d", "method": method, "seed": seed, "task": "t", "auc": base + 0.01 * seed, "loss": 0.5}
        for method, base in (("weighted_sum", 0.7), ("cograd", 0.72))
        for seed in range(3)
    ]
    text = table(rows)
    half = 4.303 * statistics.stdev([0, 0.01, 0.02]) / 3**0.5
    assert f"| d | CoGrad | t | 0.5000 ± 0.0000 | 0.7300 ± {half:.4f} | +0.0200 ± 0.0000 |" in text
    assert "| d | Weighted sum | t | 0.5000 ± 0.0000 | 0.7100" in text


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        ({"methods": "magic"}, "no method 'magic'"),
        ({"methods": ""}, "Nothing is named"),
        ({"seeds": 0}, "at least 1"),
        ({"set": ["batch_size"]}, "has no '='"),
    ],
)
def test_a_wrong_comparison_is_refused_in_a_sentence(flags, says):
    import argparse

    given = {"datasets": "shop", "methods": "nmt", "seeds": 1, "threads": 1, "set": [], "quiet": True, "json": True}
    with pytest.raises(PrecedenceError, match=says):
        run(argparse.Namespace(**{**given, **flags}))
