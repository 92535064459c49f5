"""The decision record: paired differences with intervals, what it rests on, and everything shown as text."""

from __future__ import annotations

import statistics
from dataclasses import replace
from html.parser import HTMLParser

import pytest
import torch
from safetensors.torch import load_file

from core.bench.synthetic import synthetic_dataset
from core.errors import PrecedenceError
from core.events.events import TaskResult
from core.methods.nmt import NMTConfig
from core.methods.weighted_sum import WeightedSumConfig
from core.narration.decision import DEFAULT_QUESTION, decide, to_html, to_markdown
from core.runs.folder.run_folder import RunFolder, config_hash
from core.runs.sidecar.calculations import CALCULATIONS
from core.runs.workers.run_to_completion import run_to_completion
from core.runs.workers.torch_engine import TorchEngine
from core.settings.run import RunConfig
from core.sweeps.outcome import PointOutcome, summed_up

TITLES = {"a": "<script>alert(1)</script>", "b": "Carts | *more*"}


def point(number, setting, a, b, method, seed):
    config = RunConfig(method=method, seed=seed, priority=("a", "b"), tolerances={"a": 0.02})
    results = {
        name: TaskResult(
            kind="binary", loss=loss, metric=0.7, validation_loss=loss, bound=None, violation=None, multiplier=None
        )
        for name, loss in (("a", a), ("b", b))
    }
    return PointOutcome(number, setting, config, "finished", f"run-{number}", 1.0, "", results)


@pytest.fixture
def decision():
    nmt = [point(seed, 0, 0.51 + 0.01 * seed, 0.30, NMTConfig(), seed) for seed in range(3)]
    plain = [point(3 + seed, 1, 0.50, 0.33 + 0.01 * seed, WeightedSumConfig(), seed) for seed in range(3)]
    outcome = summed_up([*nmt, *plain], ("a", "b"), "loss")
    chosen, baseline = outcome.settings
    return decide(
        "calm-otter-abcd", outcome, chosen, baseline, TITLES,
        measure="Loss", dataset="Shop", split="days", question="May <b>clicks</b> fall?",
    )  # fmt: skip


def test_differences_are_paired_over_seeds(decision):
    a, b = decision.tasks
    assert a.change == pytest.approx(0.02)
    assert a.half == pytest.approx(4.30265 * statistics.stdev([0.01, 0.02, 0.03]) / 3**0.5)
    assert b.change == pytest.approx(-0.04)
    assert b.share == pytest.approx(-0.04 / 0.34)
    assert (a.tolerance, b.tolerance) == ("2\u00a0%", "")


def test_it_says_what_it_rests_on(decision):
    text = to_markdown(decision)
    for part in (
        "calm-otter-abcd",
        "Shop",
        "days",
        "0, 1, 2",
        decision.config_hash,
        "run-0",
        "2 settings",
        "t-intervals",
    ):
        assert part in text
    assert decision.config_hash == config_hash(point(0, 0, 0, 0, NMTConfig(), 0).config)


def test_what_a_person_wrote_is_shown_letter_by_letter(decision):
    seen = []

    class Tags(HTMLParser):
        def handle_starttag(self, tag, attrs):
            seen.append(tag)

    page = to_html(decision)
    reader = Tags()
    reader.feed(page)
    assert "script" not in seen
    assert "b" not in seen
    assert "&lt;script&gt;" in page
    text = to_markdown(decision)
    assert "<script>" not in text.replace("\\<script\\>", "")
    assert "Carts \\| \\*more\\*" in text


def test_one_seed_and_no_baseline_are_said():
    outcome = summed_up([point(0, 0, 0.5, 0.3, NMTConfig(), 0)], ("a", "b"), "loss")
    alone = decide("calm-otter-abcd", outcome, outcome.settings[0], None, {}, measure="Loss", dataset="d", split="s")
    text = to_markdown(alone)
    assert "One seed: no interval" in text
    assert "No baseline was pinned" in text
    assert text.startswith(f"# {DEFAULT_QUESTION}")
    assert alone.tasks[0].change is None


def test_metrics_of_different_kinds_bear_their_names():
    one = point(0, 0, 0.5, 0.3, NMTConfig(), 0)
    mixed = {**one.results, "b": one.results["b"].model_copy(update={"kind": "regression", "metric": 3.5})}
    outcome = summed_up([replace(one, results=mixed)], ("a", "b"), "error")
    assert outcome.settings[0].mean == pytest.approx({"a": 0.3, "b": 3.5})  # 1 − AUC, and the RMSE as it is
    record = decide("calm-otter-abcd", outcome, outcome.settings[0], None, {}, measure="Error", dataset="d", split="s")
    text = to_markdown(record)
    assert "| Test metric |" in text
    assert "| AUC 0.7000 |" in text
    assert "| RMSE 3.5000 |" in text


class Synthetic(TorchEngine):
    def load(self, choice):
        return synthetic_dataset()


def test_the_weights_are_those_that_the_run_ended_with(tmp_path):
    config = RunConfig(batch_size=128, stage_steps=10, evaluate_every=5, priority=("task_0", "task_1"))
    run = RunFolder.create(tmp_path, config)
    ask = CALCULATIONS["weights"]
    with pytest.raises(PrecedenceError, match="not finished"):
        ask({"home": str(tmp_path), "run": run.run_id})
    run_to_completion(tmp_path, run.run_id, Synthetic())
    found = load_file(ask({"home": str(tmp_path), "run": run.run_id}))
    saved = torch.load(run.checkpoint, weights_only=True)["run"]
    assert found.keys() == saved["network"].keys()
    assert all(torch.equal(found[name], saved["kept"][-1][name]) for name in found)
    # The last task was trained alone afterwards, to compare with: the network itself holds that one.
    assert any(not torch.equal(found[name], saved["network"][name]) for name in found)
    assert ask({"home": str(tmp_path), "run": run.run_id}) == str(run.path / "weights.safetensors")
