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
from core.narration.decision import DEFAULT_QUESTION, decide
from core.narration.decision_page import to_html, to_markdown
from core.runs.folder.run_folder import RunFolder, config_hash
from core.runs.sidecar.calculations import CALCULATIONS
from core.runs.workers.run_to_completion import run_to_completion
from core.runs.workers.torch_engine import TorchEngine
from core.settings.run import RunConfig
from core.sweeps.outcome import PointOutcome, beaten_by, summed_up

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
        dataset="Shop", split="days", question="May <b>clicks</b> fall?", owner="M. <i>Owner</i>", unit="absolute",
    )  # fmt: skip


def test_differences_are_paired_over_seeds(decision):
    a, b = decision.tasks
    assert a.change == pytest.approx(0.02)
    assert a.half == pytest.approx(4.30265 * statistics.stdev([0.01, 0.02, 0.03]) / 3**0.5)
    assert (a.gain, a.is_sure) == (pytest.approx(-0.02), False)
    assert b.change == pytest.approx(-0.04)
    assert (b.before, b.after) == (pytest.approx(0.34), pytest.approx(0.30))
    assert b.before_half == pytest.approx(4.30265 * 0.01 / 3**0.5)
    assert (a.tolerance, b.tolerance) == ("2\u00a0% of its loss", "")


def test_the_verdict_is_one_sentence_in_the_unit_of_the_question(decision):
    assert decision.verdict.startswith("Take NMT (")
    assert "the loss of Carts | *more* falls by 0.0400 ± 0.0248" in decision.verdict
    assert "the loss of <script>alert(1)</script> rises by 0.0200 ± 0.0248" in decision.verdict
    assert decision.verdict.endswith(", all within chance.") is False
    assert "rises by 0.0200 ± 0.0248 (within chance)" in decision.verdict
    assert "falls by 0.0400 ± 0.0248 and" in decision.verdict  # more than chance
    assert decision.verdict.count(".") == decision.verdict.count("0.") + 1
    assert decision.given_up == ("The loss of <script>alert(1)</script> rises by 0.0200 ± 0.0248, within chance.",)
    assert any("within chance" in one for one in decision.would_change)
    assert any("mattered more: Weighted sum" in one for one in decision.would_change)


def test_the_picture_is_of_the_tasks_that_were_asked_about():
    three = [point(number, number, 0.5 - 0.1 * number, 0.3 + 0.1 * number, NMTConfig(), 0) for number in range(2)]
    three = [replace(one, results={**one.results, "c": one.results["b"]}) for one in three]
    outcome = summed_up(three, ("a", "b", "c"), "loss")
    words = {"dataset": "d", "split": "s", "unit": "absolute"}
    usual = decide("calm-otter-abcd", outcome, outcome.settings[0], None, {}, **words)
    asked = decide("calm-otter-abcd", outcome, outcome.settings[0], None, {}, axes=("c", "a"), **words)
    assert [name for name in "abc" if f"{name}, test loss" in usual.picture] == ["a", "b"]
    assert [name for name in "abc" if f"{name}, test loss" in asked.picture] == ["a", "c"]
    assert (
        "c, test loss"
        not in decide("calm-otter-abcd", outcome, outcome.settings[0], None, {}, axes=("c", "x"), **words).picture
    )


def test_shares_are_of_the_loss_before():
    nmt, plain = (point(0, 0, 0.51, 0.30, NMTConfig(), 0), point(1, 1, 0.50, 0.33, WeightedSumConfig(), 0))
    outcome = summed_up([nmt, plain], ("a", "b"), "loss")
    record = decide("calm-otter-abcd", outcome, *outcome.settings, {}, dataset="d", split="s", unit="relative")
    assert [task.change for task in record.tasks] == pytest.approx([0.02, -0.03 / 0.33])
    assert "| +2.00\u00a0% |" in to_markdown(record)


def test_a_point_that_another_beats_is_called_so():
    worse, better = point(0, 0, 0.51, 0.33, NMTConfig(), 0), point(1, 1, 0.50, 0.30, WeightedSumConfig(), 0)
    outcome = summed_up([worse, better], ("a", "b"), "loss")
    assert beaten_by(outcome, outcome.settings[0]) == outcome.settings[1]
    assert beaten_by(outcome, outcome.settings[1]) is None
    record = decide("calm-otter-abcd", outcome, *outcome.settings, {}, dataset="d", split="s", unit="absolute")
    assert "although Weighted sum" in record.verdict
    assert "is nowhere worse in test loss: " in record.verdict
    assert record.would_change[0].endswith("is nowhere worse in test loss, and better somewhere.")


def test_a_metric_that_is_better_lower_falls_and_one_that_is_better_higher_is_gained():
    nmt, plain = (
        point(0, 0, 0.51, 0.30, NMTConfig(tolerance_kind="metric"), 0),
        point(1, 1, 0.5, 0.33, WeightedSumConfig(), 0),
    )
    asked = []
    for one, rmse in ((nmt, 3.5), (plain, 3.75)):
        results = {**one.results, "b": one.results["b"].model_copy(update={"kind": "regression", "metric": rmse})}
        asked.append(replace(one, results=results))
    outcome = summed_up(asked, ("a", "b"), "validation")
    record = decide("calm-otter-abcd", outcome, *outcome.settings, TITLES, dataset="d", split="s", unit="metric")
    assert "the RMSE of Carts | *more* falls by 0.2500" in record.verdict
    assert "<script>alert(1)</script> may lose 0.02 AUC" in record.chosen
    assert record.tasks[0].tolerance == "0.02 AUC"


def test_the_picture_is_in_the_page_and_the_page_is_short(decision):
    page = to_html(decision)
    assert page.count("<svg") == 1
    assert page.count("<circle") == 1 + 1  # the key's, and the chosen point
    assert [word for word in ("chosen", "before", "not beaten", "beaten") if f">{word}<" in page] == [
        "chosen",
        "before",
    ]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;, test loss" in decision.picture
    assert "data:image/svg+xml;base64," in to_markdown(decision)
    words = len(to_markdown(decision, with_picture=False).split())
    assert words < 500  # two printed pages hold that beside the picture


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
        "Owner: M.",
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
    alone = decide("calm-otter-abcd", outcome, outcome.settings[0], None, {}, dataset="d", split="s")
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
    record = decide("calm-otter-abcd", outcome, outcome.settings[0], None, {}, dataset="d", split="s")
    text = to_markdown(record)
    assert "| After, test rows |" in text
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
