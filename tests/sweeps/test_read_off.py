"""A question answered without training: the model lies between those of trained runs, keeps its bound, and is a run."""

from __future__ import annotations

import pytest

from core.data.registry import card
from core.errors import PrecedenceError
from core.events.events import StageFinished, Step
from core.narration.question import describe_answer, describe_source
from core.narration.run import describe
from core.runs.comparable_runs import comparable_runs, priced_run
from core.runs.folder.run_folder import RunFolder
from core.runs.folder.shared_stages import Start, read_start
from core.runs.workers.run_to_completion import run_to_completion
from core.runs.workers.torch_engine import TorchEngine
from core.settings.run import RunConfig
from core.sweeps.answer import answer
from core.sweeps.question import Question, known_runs, missing
from core.sweeps.read_off import read_off_runs, readable

BASE = RunConfig.model_validate(
    {
        "dataset": {"name": "shop", "rows": 2000},
        "priority": ("relevance", "click"),
        "validation_rows": 500,
        "batch_size": 64,
        "stage_steps": 24,
        "evaluate_every": 6,
        "reference": False,
        "probe_every": 0,
        "method": {"kind": "nmt", "start": "branch", "start_together": 0.5, "waiting": 0.05},
        "optimiser": {"schedule": "cosine"},
    }
)
ASKED = Question("relevance", 0.02, "relative", "click")
TASKS = {task.name: task for task in card(BASE.dataset).tasks}


def run_of(home, tolerance: float | None = None, start: Start | None = None, config: RunConfig = BASE) -> RunFolder:
    if tolerance is not None:
        config = config.model_copy(update={"tolerances": {"relevance": tolerance}})
    folder = RunFolder.create(home, config, start=start)
    assert run_to_completion(home, folder.run_id, TorchEngine()) == "finished", folder.status().error
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    for tolerance in (0.0, 0.2):
        run_of(home, tolerance)
    return home


@pytest.fixture(scope="module")
def read(home):
    (asked,) = readable(BASE, ASKED, known_runs(home, BASE, ASKED))
    assert len(asked.start.between) == 2
    return run_of(home, start=asked.start, config=asked.config)


def test_the_model_that_is_read_off_keeps_its_bound_and_is_no_worse_than_the_tighter_run(home, read):
    tight = min(known_runs(home, BASE, ASKED), key=lambda one: one.tolerance)
    result = read.result().tasks
    assert result["relevance"].violation <= 0
    assert result["click"].validation_loss <= tight.results["click"].validation_loss
    assert read.model.is_file()  # it can be taken
    ended = [event for event in read.events() if isinstance(event, StageFinished)][-1]
    assert ended.reason == "Nothing was trained for click: the best model between those of 2 runs is kept."
    assert not [event for event in read.events() if isinstance(event, Step) and event.stage == ended.stage]
    said = describe(read.events())
    assert ended.reason in said
    assert "No bound had a price in the last stage." not in said


def test_the_question_is_answered_by_it_and_says_so(home, read):
    known = [*known_runs(home, BASE, ASKED), *read_off_runs(home, BASE, ASKED)]
    found = answer(ASKED, known)
    assert (found.found, found.runs, found.run_ids) == ("in_hand", 1, (read.run_id,))
    assert found.gained.after == pytest.approx(read.result().tasks["click"].loss)
    lacking = missing(BASE, ASKED, known, seeds=1)
    assert (BASE.seed, 0.02) in lacking.runs  # it was not trained
    assert describe_source(found, lacking).startswith("Read off a model in hand: the best within the tolerance")
    assert "would" not in describe_answer(found, TASKS)
    assert readable(BASE, ASKED, known) == []  # once is enough


def test_models_that_are_gone_are_said(home, tmp_path):
    (asked,) = readable(BASE, Question("relevance", 0.03, "relative", "click"), known_runs(home, BASE, ASKED))
    folder = RunFolder.create(tmp_path, asked.config, start=asked.start)
    assert run_to_completion(tmp_path, folder.run_id, TorchEngine()) == "failed"
    assert folder.status().error.startswith("The runs whose models were to be read are gone")


def test_prices_and_other_predictions_know_nothing_of_it(home, read):
    assert len(comparable_runs(home, BASE)) == 2
    with pytest.raises(PrecedenceError, match="was read off models of other runs, so it has no multipliers"):
        priced_run(home, read.run_id)
    assert read_start(read.path).stands_alone is False


@pytest.mark.parametrize(("amount", "order"), [(0.3, ("relevance", "click")), (0.02, ("relevance", "click", "cart"))])
def test_beyond_the_trained_tolerances_and_of_three_tasks_nothing_is_offered(home, amount, order):
    base = BASE.model_copy(update={"priority": order})
    asked = Question("relevance", amount, "relative", "click")
    assert readable(base, asked, known_runs(home, BASE, asked)) == []
