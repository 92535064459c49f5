"""The default runs are runs of their own data set, and a small table is not gone over whole in a few steps."""

from __future__ import annotations

import pytest

from core.data.registry import SOURCES
from core.data.source import UPLOADED
from core.settings.presets import SMALLEST_BATCH, STEPS_A_PASS, default_run, uploaded_run


@pytest.mark.parametrize("name", [*SOURCES, UPLOADED])
def test_every_data_set_has_a_default_run(name):
    assert default_run(name).dataset.name == name


@pytest.mark.parametrize("rows", [40, 1_000, 3_000, 8_000, 10_000_000])
def test_a_small_table_gets_small_batches(rows):
    run = uploaded_run("tables/mine", rows=rows)
    assert run.dataset.path == "tables/mine"
    assert SMALLEST_BATCH <= run.batch_size <= default_run("own").batch_size
    assert run.batch_size == SMALLEST_BATCH or run.batch_size * STEPS_A_PASS <= rows
    assert uploaded_run("tables/mine", rows=rows + STEPS_A_PASS).batch_size >= run.batch_size
