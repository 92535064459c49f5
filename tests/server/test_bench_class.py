import json

import pytest

from core.bench.class_room import measure
from core.errors import PrecedenceError

NAMES = [
    "browsers",
    "errors",
    "latency_p95_ms",
    "first_point_last_s",
    "runs_started",
    "runs_finished",
    "memory_growth",
    "fairness",
]


def test_a_class_that_cannot_be_held_is_refused():
    with pytest.raises(PrecedenceError, match="0 browsers"):
        measure(browsers=0)


@pytest.mark.slow
@pytest.mark.alone
def test_a_class_joins_trains_and_sees_no_error():
    figures = measure(browsers=2, minutes=0.25, steps=20)
    assert json.loads(json.dumps(figures)).keys() >= set(NAMES)
    assert figures["errors"] == 0, figures["notes"]
    assert figures["runs_started"] == 2
    assert figures["answers"] > 4
