import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.runs.folder.thin import thin

VALUES = st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=3000)


@given(VALUES, st.integers(4, 700))
def test_ends_and_extremes_stay_in_order_and_within_the_count(values, most):
    steps = np.arange(len(values)) * 3
    x, y = thin(steps, values, most)
    assert len(x) == len(y) <= most
    assert (x[0], y[0]) == (steps[0], values[0])
    assert (x[-1], y[-1]) == (steps[-1], values[-1])
    assert y.min() == min(values)
    assert y.max() == max(values)
    assert np.all(np.diff(x) > 0)
    assert all(values[step // 3] == value for step, value in zip(x, y, strict=True))  # only points that were there


@given(VALUES)
def test_a_series_that_fits_stays_as_it_is(values):
    x, y = thin(range(len(values)), values, max(4, len(values)))
    assert x.tolist() == list(range(len(values)))
    assert y.tolist() == values


@given(st.integers(10, 3000), st.data())
def test_a_single_spike_is_never_lost(count, data):
    place = data.draw(st.integers(0, count - 1))
    values = np.zeros(count)
    values[place] = 1
    x, y = thin(np.arange(count), values, 10)
    assert dict(zip(x.tolist(), y.tolist(), strict=True))[place] == 1


def test_too_small_a_picture_is_refused():
    with pytest.raises(ValueError, match="at least 4"):
        thin([1, 2], [1, 2], 3)
