"""What a network says of itself stands under the table: of the test rows once there are any."""

from __future__ import annotations

from typing import Any

from core.events.events import Evaluated, Finished
from pages.shared.numbers import MEASURES, measures_of

READING = Evaluated(
    step=5, stage=0, phase="main", loss=[0.5], metric=[0.6], violation=[None], feasible=True, best=True,
    measures={"ndcg_at_10": 0.7},
)  # fmt: skip
FINISHED = Finished(step=9, seconds=1.0, tasks={}, measures={"ndcg_at_10": 0.8})


class Events:
    def __init__(self, *events: Any) -> None:
        self.events = events

    def last(self, kind: type) -> Any:
        return next((event for event in reversed(self.events) if isinstance(event, kind)), None)


def test_the_last_reading_and_then_the_test_rows() -> None:
    assert measures_of(Events()) == {}  # type: ignore[arg-type]
    assert measures_of(Events(READING)) == {"ndcg_at_10": 0.7}  # type: ignore[arg-type]
    assert measures_of(Events(READING, FINISHED)) == {"ndcg_at_10": 0.8}  # type: ignore[arg-type]


def test_the_names_of_deepbow_have_words() -> None:
    assert set(MEASURES) == {"ndcg_at_10", "nonzeros_query", "nonzeros_product"}
