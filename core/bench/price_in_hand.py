"""Prices read off models in hand: the best model within a tolerance on the lines between those of a sweep.

The sweep's own models answer for a tolerance that none was trained at (`core.training.between`). Then that one is
trained as well, and its model joins the others: *true* is what the same rule finds with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.bench.price_summary import InHand
from core.insight.prices import PricedRun
from core.training.between import Known, best_between
from core.training.loop import Trainer
from core.training.measure import Reading
from core.training.stage import Weights

_ROUNDING = 1e-6  # of a loss


@dataclass(frozen=True)
class Trained:
    """A run at one tolerance: its prices, and the models that it kept, that of the stage before first."""

    priced: PricedRun
    before: Known
    kept: Known


@dataclass
class Pool:
    """Reads models of one start, and finds the best of them within a tolerance of one task, for another below it."""

    trainer: Trainer  # any of the runs
    task: int  # the one with the tolerance
    gainer: int
    found: dict[tuple[int, float], Known] = field(default_factory=dict)

    def take(self, priced: PricedRun, trainer: Trainer) -> Trained:
        """A run that has come to its end."""
        before, kept = trainer.state.kept[-2:]
        return Trained(priced, Known(before, self.read(before)), Known(kept, self.read(kept)))

    def read(self, weights: Weights) -> Reading:
        return self._on(weights, self.trainer.state.validation_rows)

    def loss(self, known: Known) -> float:
        """Of the gainer on the validation rows, normalised."""
        return known.reading.loss[self.gainer] / self.base

    def test_loss(self, known: Known) -> float:
        rows = self.trainer.state.setup.dataset.rows["test"]
        return self._on(known.weights, rows).loss[self.gainer] / self.base

    @property
    def base(self) -> float:
        return float(self.trainer.state.setup.losses.base[self.gainer])

    def best(self, models: Sequence[Known], tolerance: float, through: Known | None = None) -> Known:
        """Within a tolerance, a share of the protected task's loss; `models` begin with the one that set the bound."""
        most = (1 + tolerance) * models[0].reading.loss[self.task] * (1 + _ROUNDING)

        def outside(reading: Reading) -> float:
            return reading.loss[self.task] - most

        found = best_between(models, self.read, lambda reading: reading.loss[self.gainer], outside, through)
        assert found is not None
        return found

    def change(self, sweep: Sequence[Trained], base: Trained, changed: Trained, task: str) -> InHand:
        """From the base's tolerance to that of `changed`, which is not in the sweep."""
        models = [sweep[0].before, *(one.kept for one in sweep)]
        before, after = base.priced.tolerances[task], changed.priced.tolerances[task]
        asked = before, after
        known = self._in_order(asked, [self._remembered(models, tolerance) for tolerance in asked])
        with_it = [*models, changed.kept]
        also = [self.best(with_it, tolerance, through=changed.kept) for tolerance in asked]
        now = self._in_order(asked, [min(pair, key=self.loss) for pair in zip(known, also, strict=True)])
        return InHand(
            predicted=self.loss(known[0]) - self.loss(known[1]),
            true=self.loss(now[0]) - self.loss(now[1]),
            gained_alone=self.loss(base.kept) - self.loss(changed.kept),
            retrained=self.loss(changed.kept),
            read=self.loss(known[1]),
            retrained_test=self.test_loss(changed.kept),
            read_test=self.test_loss(known[1]),
        )

    def _in_order(self, tolerances: tuple[float, float], found: list[Known]) -> list[Known]:
        """What is within the tighter tolerance is within the looser one as well."""
        looser = tolerances.index(max(tolerances))
        found[looser] = min(found[looser], found[1 - looser], key=self.loss)
        return found

    def _remembered(self, models: Sequence[Known], tolerance: float) -> Known:
        key = hash(tuple(id(one) for one in models)), tolerance
        if key not in self.found:
            self.found[key] = self.best(models, tolerance)
        return self.found[key]

    def _on(self, weights: Weights, rows: object) -> Reading:
        run = self.trainer.state
        run.setup.network.load_state_dict(weights)
        return run.read(rows)  # type: ignore[arg-type]
