"""Sentences say what the numbers say."""

from __future__ import annotations

import pytest

from core.events import events as ev
from core.narration.run import describe
from core.narration.story import tell

TASKS = ["relevance", "click"]


def started():
    return ev.Started(
        step=0,
        tasks=TASKS,
        task_kinds=["binary", "binary"],
        base_loss=[0.5, 0.4],
        priority=TASKS,
        device="cpu",
        device_reason="CPU",
        parameters=10,
        rows={},
        most_steps=100,
    )


def stage(tolerance=0.002):
    return ev.StageStarted(
        step=0,
        stage=1,
        objective=["click"],
        constraints=["relevance"],
        reference_loss=[0.2, None],
        bound=[0.2 + tolerance, None],
        bound_train=[0.2, None],
        tolerance=[tolerance, None],
    )


def step(at, multiplier, violation, on_train=0.001, loss=(0.2, 0.3)):
    return ev.Step(
        step=at,
        stage=1,
        loss=list(loss),
        multiplier=[multiplier, None],
        weight=[0.5, 0.5],
        violation=[violation, None],
        violation_train=[on_train, None],
        seconds=0.0,
    )


def run(*steps, **stage_fields):
    return [started(), stage(**stage_fields), *steps]


def test_nothing_before_the_first_stage():
    assert describe([]) == []
    assert describe([started()]) == []


def test_a_finite_price_is_said_in_percent_by_hand():
    """λ = 3 in normalised losses; 1 % of .2 is .002 = .004 of .5; 3 × .004 × .4 = .0048 = 1.6 % of .3."""
    text = " ".join(describe(run(*(step(at, 3.0, 0.0) for at in range(20)))))
    assert "Relevance sits at its limit (0.0 %)" in text
    assert "multiplier 3.0" in text
    assert "1 % worse relevance would improve click by about 1.6 %" in text


@pytest.mark.parametrize(
    ("multiplier", "violation", "on_train", "tolerance", "says"),
    [
        (lambda at: 0.0, -0.01, -0.01, 0.002, "costs nothing"),
        (lambda at: 0.0, 0.01, 0.001, 0.002, "above its bound (+5.0 %); its multiplier is still near 0"),
        (lambda at: 2.0, -0.01, -0.01, 0.002, "has room under its bound (−5.0 %); its multiplier, 2.0, falls"),
        (lambda at: 2.0, 0.01, -0.01, 0.002, "over-fitting, not interference"),
        (lambda at: 1 + at, 0.0, 0.001, 0.0, "keeps growing (now 40.0)"),
        (lambda at: 1 + at, 0.01, 0.001, 0.002, "still rising"),
        (lambda at: 4.0, 0.01, 0.001, 0.002, "not rising any more"),
    ],
)
def test_each_shape_of_multiplier_has_its_sentence(multiplier, violation, on_train, tolerance, says):
    steps = [step(at, multiplier(at), violation, on_train) for at in range(40)]
    assert says in " ".join(describe(run(*steps, tolerance=tolerance)))


@pytest.mark.parametrize(("violation", "says"), [(0.004, "is above its"), (-0.001, "has lately been above its")])
def test_the_last_full_reading_says_whether_it_still_is(violation, says):
    steps = [step(at, 4.0, 0.01) for at in range(1, 40)]
    read = ev.Evaluated(step=39, stage=1, loss=[0.2, 0.3], metric=[0.9, 0.7], violation=[violation, None],
                        feasible=violation <= 0, best=False)  # fmt: skip
    assert f"Relevance {says} bound (+5.0 %)" in " ".join(describe([*run(*steps), read]))


@pytest.mark.parametrize(
    ("cosine", "error", "says"),
    [
        (-0.9, 0.05, "success"),
        (0.02, 0.05, "right angles"),
        (0.6, 0.05, "No two tasks pull apart"),
        (-0.1, 0.3, "from noise"),
    ],
)
def test_angles_are_claimed_only_beyond_their_error(cosine, error, says):
    probed = ev.Probed(step=9, stage=1, pairs=[(0, 1)], cosine=[cosine], error=[error], norm=[1.0, 1.0])
    steps = [step(at, 3.0, 0.0) for at in range(20)]
    assert says in " ".join(describe([*run(*steps), probed]))


@pytest.mark.parametrize(
    ("resting", "error", "says"),
    [
        (-0.9, 0.05, "meet at 154° (cosine −0.90 ± 0.05): they nearly cancel"),
        (-0.4, 0.2, "not at rest yet, which would be 180°"),
    ],
)
def test_at_an_active_bound_it_is_told_how_near_the_stage_is_to_rest(resting, error, says):
    rest = {"resting": resting, "resting_error": error}
    probed = ev.Probed(step=9, stage=1, pairs=[(0, 1)], cosine=[0.0], error=[0.05], norm=[1.0, 1.0], **rest)
    pressed = describe([*run(*[step(at, 3.0, 0.0) for at in range(20)]), probed])
    assert says in " ".join(pressed)
    free = describe([*run(*[step(at, 0.0, -0.01) for at in range(20)]), probed])
    assert "shared layer" not in " ".join(free)


def test_over_fitting_is_claimed_only_where_the_training_rows_clearly_say_so():
    """A mean of −.0002 with records that swing by .01 says nothing about the training rows."""
    clear = [step(at, 2.0, 0.01, -0.0002) for at in range(40)]
    swinging = [step(at, 2.0, 0.01, -0.0002 + (0.01 if at % 2 else -0.01)) for at in range(40)]
    assert "over-fitting" in " ".join(describe(run(*clear)))
    assert "over-fitting" not in " ".join(describe(run(*swinging)))


def test_a_clear_conflict_is_told_though_a_noisier_reading_lies_lower():
    names = {"tasks": [*TASKS, "cart"], "task_kinds": ["binary"] * 3, "base_loss": [0.5, 0.4, 0.3]}
    begun = started().model_copy(update=names)
    probed = ev.Probed(
        step=9, stage=1, pairs=[(0, 1), (1, 2)], cosine=[-0.9, -0.4], error=[1.5, 0.05], norm=[1.0, 1.0, 1.0]
    )
    text = " ".join(describe([begun, stage(), step(1, 0.0, -0.01), probed]))
    assert "Click and cart pull apart (cosine −0.40 ± 0.05)" in text


def test_a_sentence_uses_the_page_s_names():
    titles = {"relevance": "Fits the need", "click": "CTR"}
    text = " ".join(describe(run(*(step(at, 3.0, 0.0) for at in range(20))), titles))
    assert "improves CTR, while the loss of fits the need may rise by at most 1 %" in text
    assert "Fits the need sits at its limit" in text
    assert "relevance" not in text


def test_an_absolute_tolerance_is_told_in_units_of_the_loss():
    said = describe(run(step(1, 0.0, -0.01)), unit="absolute")
    assert "may rise by at most 0.002." in said[0]


def test_an_edit_is_told_with_what_its_multiplier_did():
    """The tolerance goes from 1 % to 5 % of .2, so that a violation of .001 is then within a quarter of it."""
    changed = ev.Changed(step=12, what="tolerances.relevance", old="0.01", new="0.05")
    steps = [step(at, 1.0 if at <= 12 else 0.5, 0.001) for at in range(30)]
    text = " ".join(describe([*run(*steps), changed]))
    assert "At step 12 the tolerance of relevance went from 1 % to 5 %; its multiplier was 1.0 then and is 0.5" in text
    assert "may rise by at most 5 %" in text
    assert "Relevance sits at its limit (+0.5 %)" in text


def test_a_broken_promise_is_told_at_the_end():
    fields = {**dict.fromkeys(ev.TaskResult.model_fields), "kind": "binary", "violation": 0.001, "multiplier": 3.0}
    finished = ev.Finished(step=40, seconds=1.0, tasks={"relevance": ev.TaskResult(**fields)})
    said = describe([*run(step(1, 3.0, 0.001)), finished])
    assert said[0] == "Finished; the model that was kept is above the bound of relevance on the validation rows."


def test_each_metric_is_compared_with_training_alone_in_a_sentence_of_its_own():
    fields = {**dict.fromkeys(ev.TaskResult.model_fields), "kind": "binary"}
    tasks = {
        "relevance": ev.TaskResult(**{**fields, "metric": 0.9, "single_task_metric": 0.902}),
        "click": ev.TaskResult(**{**fields, "kind": "regression", "metric": 3.5, "single_task_metric": 3.75}),
    }
    said = describe([*run(step(1, 3.0, 0.001)), ev.Finished(step=40, seconds=1.0, tasks=tasks)])
    assert said[1:3] == [
        "Test AUC of this one model, against a model for each task alone: relevance −0.002.",
        "Test RMSE of this one model, against a model for each task alone: click −0.250 (less is better).",
    ]


def test_a_result_is_told_with_its_dearest_promise_by_hand():
    """λ = 3; 1 % of .2 is .004 of .5; 3 × .004 × .4 = .0048 = 1.6 % of the kept model's .3."""
    fields = {**dict.fromkeys(ev.TaskResult.model_fields), "kind": "binary"}
    tasks = {
        "relevance": ev.TaskResult(
            **{**fields, "metric": 0.9, "single_task_metric": 0.902, "violation": -0.001, "multiplier": 3.0}
        ),
        "click": ev.TaskResult(**{**fields, "metric": 0.75, "single_task_metric": 0.74, "validation_loss": 0.3}),
    }
    finished = ev.Finished(step=40, seconds=1.0, tasks=tasks)
    said = describe([*run(*(step(at, 3.0, 0.0) for at in range(20))), finished])
    assert said == [
        "Finished: all bounds are kept on the validation rows.",
        "Test AUC of this one model, against a model for each task alone: click +0.010, relevance −0.002.",
        "In the last stage the most expensive limit was that of relevance: allowing it 1 % more loss would have "
        "lowered the loss of click by about 1.6 %.",
    ]


def test_a_new_order_is_told_by_its_names():
    changed = ev.Changed(step=0, what="priority", old="relevance > click", new="click > price_level > relevance")
    text = " ".join(describe([*run(step(1, 0.0, -0.01)), changed], {"price_level": "Price level"}))
    assert "At step 0 the order became click, price level and relevance." in text
    anew = stage().model_copy(update={"stage": 0, "constraints": [], "step": 5})
    assert "relevance; the stages began anew." in " ".join(describe([started(), changed, anew]))


def test_a_multiplier_that_over_fitting_drove_up_is_called_no_price_at_the_end():
    fields = {**dict.fromkeys(ev.TaskResult.model_fields), "kind": "binary", "violation": -0.001, "multiplier": 9.0}
    tasks = {"relevance": ev.TaskResult(**fields), "click": ev.TaskResult(**{**fields, "violation": None})}
    finished = ev.Finished(step=40, seconds=1.0, tasks=tasks)
    said = describe([*run(*(step(at, 9.0, 0.08, -0.02) for at in range(20))), finished])
    assert "over-fitting drove up the multiplier of relevance, so it is no price" in said[-1]
    assert "dearest" not in " ".join(said)


def test_tasks_trained_alone_afterwards_change_nothing_that_was_said_of_the_stage():
    """Their records have no multiplier that could be a price."""
    alone = ev.StageStarted(
        step=20, stage=2, phase="reference", objective=["click"], constraints=[], reference_loss=[None, None],
        bound=[None, None], bound_train=[None, None], tolerance=[None, None],
    )  # fmt: skip
    story = tell([*run(*(step(at, 3.0, 0.0) for at in range(20))), alone, step(24, 7.0, 0.5)])
    assert [held.step for held in story.steps] == list(range(20))


def test_cograd_says_when_it_does_nothing():
    def at(correction):
        return step(4, None, None).model_copy(update={"correction": correction, "stage": 0, "multiplier": [None, None]})

    start = stage().model_copy(update={"stage": 0, "constraints": [], "objective": TASKS})
    assert any("CoGrad is doing nothing here" in text for text in describe([started(), start, at(5e-6)]))
    told = describe([started(), start, at(0.04)])
    assert any("4.0% of the plain sum" in text for text in told)
    assert not any("doing nothing" in text for text in told)


@pytest.mark.parametrize(
    ("multiplier", "violation", "says"),
    [
        (3.0, 0.0001, "Relevance sits at its limit (0.0001 AUC too little)"),
        (3.0, 0.004, "Relevance is outside its bound (0.004 AUC too little)"),
        (3.0, -0.02, "Relevance has room under its bound (0.02 AUC to spare)"),
        (0.0, -0.02, "costs nothing"),
    ],
)
def test_a_promise_of_a_metric_is_told_in_its_points(multiplier, violation, says):
    text = " ".join(describe(run(*(step(at, multiplier, violation) for at in range(20))), unit="metric"))
    assert "while relevance may lose at most 0.002 AUC." in text
    assert says in text


def test_a_stage_that_found_no_model_is_told():
    reason = "No model seen in 30 steps keeps relevance within 0.001 AUC; the nearest, at step 20, misses by 0.004 AUC."
    ended = ev.StageFinished(
        step=30, stage=1, objective=["click"], reason=reason, kept_step=0, loss=[0.2, 0.3], bound=[0.9, None],
        violation=[0.001, None], multiplier=[3.0, None], found=False, gain=None,
    )  # fmt: skip
    text = " ".join(describe([*run(step(1, 3.0, 0.001)), ended], unit="metric"))
    assert "The stage of click: no model seen in 30 steps keeps relevance" in text


def test_a_common_start_and_the_bound_taken_from_it_are_told_as_what_they_are():
    together = ev.StageStarted(
        step=0,
        stage=0,
        phase="together",
        objective=TASKS,
        constraints=[],
        reference_loss=[None, None],
        bound=[None, None],
        bound_train=[None, None],
        tolerance=[None, None],
    )
    begun = [started(), together]
    assert describe(begun)[0] == (
        "Stage 1: relevance and click are trained together, before any of them is given a limit."
    )
    own = together.model_copy(update={"step": 60, "stage": 1, "phase": "main", "objective": ["relevance"]})
    assert describe([*begun, own])[0] == (
        "Stage 2: learning how good relevance gets alone, from where all were trained together."
    )
    ended = {"stage": 1, "objective": ["relevance"], "reason": "", "kept_step": 60, "loss": [0.2, 0.3], "gain": None}
    ended |= {"bound": [None, None], "violation": [None, None], "multiplier": [None, None], "found": True}
    for steps, number in ((1, 2), (20, 3)):  # a bound that was taken in one step is no stage to tell of
        done = ev.StageFinished.model_validate({**ended, "step": 60 + steps})
        held = stage().model_copy(update={"step": 60 + steps, "stage": 2})
        assert describe([*begun, own, done, held])[0].startswith(f"Stage {number} improves click, while")
    anew = own.model_copy(update={"stage": 0})  # the order changed, and there is no common start any more
    assert describe([started(), anew])[0] == "Stage 1: learning how good relevance gets alone."


def test_a_bound_that_a_better_model_tightened_is_told_and_counts_from_then_on():
    moved = ev.BoundMoved(
        step=40,
        stage=1,
        reference_loss=[0.18, None],
        bound=[0.1818, None],
        bound_train=[0.18, None],
        tolerance=[0.0018, None],
    )
    story = tell([*run(step(20, 0.5, 0.0)), moved])
    assert story.tolerance(0) == 0.0018
    assert "At step 40 a better model tightened the bounds: that of relevance from 0.202 to 0.1818." in describe(
        [*run(step(20, 0.5, 0.0)), moved]
    )
    assert tell([*run(), moved, stage()]).tightened == []  # another stage has its own bounds


def test_a_tolerance_that_can_lose_much_of_what_was_learnt_is_told():
    rare = started().model_copy(update={"constant_loss": [0.21, 0.4]})  # 0.2 is reached: 0.01 is learnt
    (said,) = [one for one in describe([rare, stage(0.002)]) if "learnt" in one]
    assert said == (
        "1 % of the loss of relevance is up to 20 % of all that was learnt of it: a smaller tolerance protects more."
    )
    plain = started().model_copy(update={"constant_loss": [0.5, 0.4]})
    assert not any("learnt" in one for one in describe([plain, stage(0.002)]))
    assert not any("learnt" in one for one in describe([started(), stage(0.002)]))  # of an older log: nobody knows
