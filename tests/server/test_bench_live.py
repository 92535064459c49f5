import json

import pytest

from core.bench.live import Writes, measure
from core.errors import PrecedenceError


def test_delays_are_counted_from_each_write_to_the_message_that_brought_it(tmp_path):
    writes = Writes(tmp_path / "log", sizes=[100, 150, 220, 300], times=[1.0, 2.0, 3.0, 4.0])
    messages = [(1.5, 100), (3.25, 220), (9.0, 220), (4.5, 300)]  # the first is history; one told only a state
    assert list(writes.delays(messages)) == [3.25 - 2.0, 3.25 - 3.0, 4.5 - 4.0]


def test_what_cannot_be_measured_is_refused():
    with pytest.raises(PrecedenceError, match="0 browsers"):
        measure(browsers=0)


@pytest.mark.slow
@pytest.mark.alone
def test_viewers_cost_little_of_the_server():
    figures = measure(browsers=10, rounds=2, seconds=2.0)
    assert json.loads(json.dumps(figures)) == figures
    assert figures["arrivals"] > 10
    assert 0 < figures["latency_p50_ms"] <= figures["latency_p95_ms"]
    assert figures["core_share"] <= 0.10  # of processor time, whatever the clock on the wall says
