"""The config in a URL."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.source import DatasetChoice
from core.errors import PrecedenceError
from core.methods.nmt import NMTConfig
from core.methods.single_task import SingleTaskConfig
from core.methods.weighted_sum import WeightedSumConfig
from core.settings.address import from_query, parse, to_query
from core.settings.presets import default_run
from core.settings.run import RunConfig

names = st.sampled_from(["relevance", "click", "buy_promo"])
positive = st.floats(1e-6, 10)
methods = st.one_of(
    st.just(SingleTaskConfig()),
    st.builds(WeightedSumConfig, weights=st.dictionaries(names, positive)),
    st.builds(
        NMTConfig,
        tolerance_kind=st.sampled_from(["relative", "absolute", "metric"]),
        rescale=st.booleans(),
        dual_rate=positive,
        bound_on=st.sampled_from(["validation", "train"]),
        frozen=st.none() | st.dictionaries(names, positive, min_size=1),
    ),
)
configs = st.builds(
    RunConfig,
    dataset=st.builds(DatasetChoice, name=st.sampled_from(["shop", "completejourney", "census"])),
    priority=st.lists(names, unique=True).map(tuple),
    tolerances=st.dictionaries(names, positive),
    method=methods,
    seed=st.integers(0, 1000),
    reference=st.booleans(),
    validation_rows=st.none() | st.integers(1, 10**6),
)


@given(configs)
def test_there_and_back(config):
    assert from_query(to_query(config)) == config


def test_the_default_run_has_an_empty_address():
    assert to_query(default_run("shop")) == {}
    assert from_query({}) == default_run("shop")


def test_a_data_set_brings_its_own_defaults():
    assert to_query(from_query({"dataset.name": "completejourney"})) == {"dataset.name": "completejourney"}
    assert from_query({"dataset.name": "completejourney"}).batch_size == 4096


def test_a_base_is_kept_where_the_query_is_silent():
    base = RunConfig(method=NMTConfig(dual_rate=9), seed=4)
    assert from_query({"seed": "5"}, base).method == base.method
    assert from_query({"method.kind": "weighted_sum"}, base).method == WeightedSumConfig()


def test_it_reads_well():
    changes = {"priority": ("click", "relevance"), "tolerances": {"click": 0.02}, "method": SingleTaskConfig()}
    config = default_run("shop").model_copy(update=changes)
    assert to_query(config) == {
        "priority": "click,relevance",
        "tolerances.click": "0.02",
        "method.kind": "single_task",
    }


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"seed": "minus one"}, "'seed' = \"minus one\""),
        ({"batch_size": "-3"}, "'batch_size' = \"-3\""),
        ({"tolerances.click": "-0.1"}, "'tolerances.click' = \"-0.1\""),
        ({"method.kind": "magic"}, "magic"),
        ({"method.dual_rate": "nan"}, "'method.dual_rate'"),
        ({"colour": "red"}, "'colour'"),
        ({"model": "big", "model.trunk": "3"}, "remove one"),
        ({"model.trunk": "3,x"}, "model.trunk"),
        ({"model.trunk": "3", "model": "big"}, "remove one"),
    ],
)
def test_a_bad_address_is_refused_with_its_key_and_value(query, says):
    with pytest.raises(PrecedenceError) as caught:
        from_query(query)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"seed": "abc"}, "'--seed abc' cannot be used: input should be a valid integer"),
        ({"batch_size": "-3"}, "'--set batch_size=-3' cannot be used: input should be greater than 0"),
        ({"model.trunk": "3,x"}, "'--set model.trunk=3,x' cannot be used"),
        ({"method.kind": "magic"}, "'--set method.kind=magic' cannot be used: choose one of 'nmt', "),
        ({"colour": "red"}, "'--set colour=red' cannot be used: there is no such field"),
        ({"model": "big", "model.trunk": "3"}, "'--set model.trunk=3' does not fit beside 'model=big'; remove one."),
        ({"model.trunk": "3", "model": "big"}, "'--set model=big' does not fit beside 'model.…'; remove one of them."),
        ({"tolerances.click": "x"}, "'--tolerance x' cannot be used"),
    ],
)
def test_a_bad_line_is_refused_as_it_was_written(query, says):
    flags = {"seed": "--seed", "tolerances.click": "--tolerance"}
    with pytest.raises(PrecedenceError) as caught:
        from_query(query, flags=flags)
    assert str(caught.value).startswith(says)
    assert "address" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_bad_file_names_itself():
    with pytest.raises(PrecedenceError, match=r"In the file run\.json, 'seed' = -1 cannot be used"):
        parse({"seed": -1}, "file run.json")


def test_the_names_of_before_are_understood():
    """Links, config files and commands from when validation was called slice."""
    before = {"slice_rows": "500", "method.slice_every": "7", "method.bound_on": "slice"}
    after = {"validation_rows": "500", "method.validation_every": "7", "method.bound_on": "validation"}
    assert from_query(before) == from_query(after)
    assert from_query(before, base=from_query({"validation_rows": "900"})).validation_rows == 500
    assert "slice" not in " ".join(to_query(from_query(before)))
