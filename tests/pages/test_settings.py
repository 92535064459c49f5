"""The form and the run config agree: every field has its place, a turned knob gives the config asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError
from streamlit.testing.v1 import AppTest

from core.errors import PrecedenceError
from core.methods.nmt import NMTConfig
from core.methods.registry import METHODS
from core.methods.weighted_sum import WeightedSumConfig
from core.models.config import NETWORKS
from core.settings.run import RunConfig
from core.training.knobs import Knobs, knobs_between, turned
from pages.lab.state import spelt_out
from pages.run_form.advanced import _widths, offered
from pages.run_form.method_menu import ANOTHER, AT_HAND
from pages.run_form.rank_form import ordered
from pages.run_form.rank_list import Ranking
from tests.conftest import MOST_SECONDS

TASKS = ("relevance", "click", "cart")
ELSEWHERE = {
    "dataset.name", "dataset.fold", "dataset.conflict", "dataset.path", "dataset.edition", "dataset.next_event",
    "priority", "tolerances", "tolerance", "model.kind", "method.kind", "method.weights", "method.tolerance_kind",
    "name", "model.average_length", "dataset.events", "dataset.ages",
}  # fmt: skip
"""Fields that the form asks for outside More settings, or that a data set brings."""
FOR_COMPARISON = {
    "optimiser.momentum", "method.integral", "method.frozen", "method.gammas", "method.profile",
    "model.attention_heads", "model.feed_forward", "model.listwise", "model.penalty_warm_up",
}  # fmt: skip
"""Fields for studies that are written as a config file; the page carries them along unchanged."""


def paths(model: BaseModel, before: str = "") -> Iterator[str]:
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from paths(value, f"{before}{name}.")
        else:
            yield before + name


CONFIGS = [
    *(RunConfig(method=card.config()) for card in METHODS.values()),
    *(RunConfig.model_validate({"model": {"kind": kind}}) for kind in sorted(NETWORKS)),
]


def test_every_field_of_a_run_has_its_place_in_the_form() -> None:
    known = {path for config in CONFIGS for path in paths(config)} - {"model.kind", "method.kind"}
    asked = {path for config in CONFIGS for path, _ in offered(config)}
    assert asked | (ELSEWHERE - {"model.kind", "method.kind"}) | FOR_COMPARISON == known
    assert not asked & (ELSEWHERE | FOR_COMPARISON)


def test_every_setting_says_what_it_is() -> None:
    for config in CONFIGS:
        for path, setting in offered(config):
            assert setting.title[0].isupper(), path
            assert setting.description.endswith("."), path
            assert "slice" not in setting.title + setting.description, path


def set_at(fields: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    *parents, name = path.split(".")
    holder = fields
    for parent in parents:
        holder = holder[parent]
    holder[name] = value
    return fields


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: f"{config.method.kind}-{config.model.kind}")
def test_every_answer_that_the_form_allows_is_a_run(config: RunConfig) -> None:
    for path, setting in offered(config):
        allowed = list(setting.choices or ()) or [end for end in (setting.low, setting.high) if end is not None]
        if setting.optional:
            allowed.append(None)
        for value in allowed:
            RunConfig.model_validate(set_at(config.model_dump(), path, value))


def form() -> None:
    import streamlit as st

    from core.settings.run import RunConfig
    from pages.run_form.form import settings

    st.session_state["said"] = settings(RunConfig(), 0)


def test_every_method_of_the_registry_can_be_chosen() -> None:
    app = AppTest.from_function(form, default_timeout=MOST_SECONDS).run()
    app.session_state["method_0"] = ANOTHER
    app.run()
    others = app.selectbox(key="other_method_0")
    assert len(others.options) == len(METHODS) - len(AT_HAND)
    for kind in ("dwa", "metabalance"):
        app.selectbox(key="other_method_0").set_value(kind).run()
        assert not app.exception
        assert app.session_state["said"].method == METHODS[kind].config()


def test_another_unit_brings_its_usual_tolerance() -> None:
    app = AppTest.from_function(form, default_timeout=MOST_SECONDS).run()
    assert app.session_state["said"].tolerance_kind == "relative"
    app.selectbox(key="tolerance_unit_0").set_value("metric").run()
    said = app.session_state["said"]
    assert (said.tolerance_kind, said.tolerance, said.tolerances) == ("metric", 0.002, {})


@pytest.mark.parametrize("text", ["64, x", "64, -1", "0", "1.5"])
def test_widths_that_are_none_are_refused_with_the_text(text: str) -> None:
    with pytest.raises(PrecedenceError, match="Shared layers"):
        _widths("Shared layers", text)


def test_widths_are_read_as_written() -> None:
    assert _widths("Shared layers", " 64, 32 ,16") == (64, 32, 16)
    assert _widths("Layers of each task", "") == ()


def test_two_tasks_cannot_share_a_place() -> None:
    with pytest.raises(PrecedenceError, match=r"Relevance and Click both have place 2"):
        ordered({"relevance": 2, "click": 2}, {"relevance": "Relevance", "click": "Click"})
    with pytest.raises(PrecedenceError, match="none is left to train"):
        ordered({"relevance": 0, "click": 0}, {"relevance": "Relevance", "click": "Click"})
    assert ordered({"relevance": 1, "click": 0, "cart": 0}, {}) == ("relevance",)
    assert ordered({"relevance": 2, "click": 1}, {"relevance": "Relevance", "click": "Click"}) == ("click", "relevance")


def test_a_ranking_fits_another_set_of_tasks() -> None:
    ranking = Ranking(("cart", "gone", "relevance"), {"cart": 0.02, "gone": 0.5, "relevance": 0.0})
    assert ranking.fitting(TASKS, 0.01) == Ranking(
        ("cart", "relevance"), {"cart": 0.02, "relevance": 0.0, "click": 0.01}
    )
    assert Ranking(("gone",), {}).fitting(TASKS, 0.01).order == TASKS


@pytest.mark.parametrize(
    "after",
    [
        RunConfig(tolerances={"click": 0.05}),
        RunConfig(tolerances={"relevance": 0.0, "cart": 0.2}),
        RunConfig(priority=("cart", "relevance", "click")),
        RunConfig(method=NMTConfig(dual_rate=7.0)),
        RunConfig(tolerances={"click": 0.05}, priority=("click", "relevance", "cart"), method=NMTConfig(dual_rate=0.5)),
    ],
)
def test_turning_the_knobs_between_two_configs_leads_from_one_to_the_other(after: RunConfig) -> None:
    before = RunConfig()
    knobs = knobs_between(before, after, TASKS)
    assert knobs is not None
    assert turned(before, knobs, TASKS)[0] == after
    assert knobs_between(after, after, TASKS) is None


def test_two_spellings_of_one_run_are_equal() -> None:
    turned_back = RunConfig(priority=TASKS, tolerances={"click": 0.01})
    assert spelt_out(turned_back, TASKS) == spelt_out(RunConfig(), TASKS)
    assert spelt_out(RunConfig(seed=1), TASKS) != spelt_out(RunConfig(), TASKS)


def test_what_only_a_new_run_can_take_up_turns_no_knob() -> None:
    before = RunConfig()
    assert knobs_between(before, before.model_copy(update={"seed": 5, "batch_size": 64}), TASKS) is None


def test_a_dual_rate_is_no_knob_of_a_weighted_sum() -> None:
    config = RunConfig(method=WeightedSumConfig())
    with pytest.raises(PrecedenceError, match="weighted_sum"):
        turned(config, Knobs(dual_rate=3.0), TASKS)
    assert knobs_between(config, RunConfig(), TASKS) is None


def test_a_negative_tolerance_is_no_knob() -> None:
    with pytest.raises(ValidationError):
        Knobs(tolerances={"click": -0.1})
