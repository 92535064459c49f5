"""Which point comes next, and where it may begin: what points have in common is trained once, by the first of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.runs.folder.run_folder import RunFolder
from core.runs.folder.shared_stages import Offer, Start, has_stage, offered_key, read_start
from core.settings.run import RunConfig
from core.sweeps.description import Point, SweepConfig
from core.sweeps.folder import PointRecord
from core.sweeps.keys import stage_keys

OFFERS = 2  # neighbours whose models a stage may begin from: reading a model costs as much as a few steps


class Planner:
    """Knows of each point's stages which are there, which are being trained, and what a neighbour offers.

    `cold` keys name stages by their config alone; under a warm start the stage that was really trained has another
    key, and the points that share it share that one too.
    """

    def __init__(self, home: Path, config: SweepConfig, points: Sequence[Point], tasks: tuple[str, ...]) -> None:
        self._home = home
        self._config = config
        self._points = points
        self._tasks = tasks
        self._cold = [stage_keys(point.config, tasks) if config.shared_stages else () for point in points]
        self._real: dict[str, tuple[str, tuple[Offer, ...]]] = {}  # cold key → its real one, and the stage's offers
        self._there: set[str] = set()  # real keys seen on disk

    def remember(self, records: Sequence[PointRecord]) -> None:
        """Takes up what points that were begun before were told."""
        for cold, record in zip(self._cold, records, strict=True):
            if record.run_id is None:
                continue
            start = read_start(RunFolder(self._home, record.run_id).path)
            for stage, (key, real) in enumerate(zip(cold, start.keys if start else (), strict=False)):
                assert start is not None
                self._real.setdefault(key, (real, tuple(offer for offer in start.offers if offer.stage == stage)))

    def next(self, records: Sequence[PointRecord]) -> int | None:
        """The first waiting point that would not train a stage which another one is training just now."""
        under_way = {
            key
            for cold, record in zip(self._cold, records, strict=True)
            if record.state == "training"
            for key in cold[:-1]
            if not self._is_there(key)
        }
        for number, record in enumerate(records):
            if record.state == "waiting" and self._first_missing(number) not in under_way:
                return number
        return None

    def start_of(self, number: int, records: Sequence[PointRecord]) -> Start | None:
        """Where the point may begin; fixed from now on for the stages that it is the first to train."""
        cold = self._cold[number]
        if not cold:
            return None
        offers: list[Offer] = []
        keys = []
        for stage, key in enumerate(cold):
            if key not in self._real:
                own = self._offers(number, stage, records)
                self._real[key] = offered_key(key, (*offers, *own), self._config.warm_share), own
            real, told = self._real[key]
            offers += told
            keys.append(real)
        last = len(keys) if self._config.warm_start else len(keys) - 1  # nobody else begins at a run's own end
        return Start(keys=tuple(keys[:last]), offers=tuple(offers), share=self._config.warm_share)

    def _first_missing(self, number: int) -> str | None:
        return next((key for key in self._cold[number] if not self._is_there(key)), None)

    def _is_there(self, cold: str) -> bool:
        real = self._real.get(cold, (cold, ()))[0]
        if real not in self._there and has_stage(self._home, real):
            self._there.add(real)
        return real in self._there

    def _offers(self, number: int, stage: int, records: Sequence[PointRecord]) -> tuple[Offer, ...]:
        """Ends of the same stage in neighbours whose bounds are tighter: their models are within this point's bounds
        too. The nearest come first."""
        mine = self._points[number].config
        order = mine.priority or self._tasks
        first = len(self._cold[number]) - len(order)  # 1 after a common start
        protected = order[: max(0, stage - first)]
        if not self._config.warm_start or not protected:
            return ()
        wanted = _held(mine, protected)
        found: dict[str, float] = {}
        for other, record in enumerate(records):
            theirs = self._points[other].config
            if record.run_id is None or other == number or not _differ_in_tolerance(mine, theirs):
                continue
            apart = [mine_ - their for mine_, their in zip(wanted, _held(theirs, protected), strict=True)]
            cold = self._cold[other][stage]
            if min(apart) >= 0 and max(apart) > 0 and self._is_there(cold):
                found.setdefault(self._real[cold][0], sum(apart))
        nearest = sorted(found, key=found.__getitem__)[:OFFERS]
        return (Offer(stage=stage, keys=tuple(nearest)),) if nearest else ()


def _held(config: RunConfig, names: Sequence[str]) -> list[float]:
    return [config.tolerance_of(name) for name in names]


def _differ_in_tolerance(mine: RunConfig, theirs: RunConfig) -> bool:
    """True where the two runs differ in nothing but tolerances."""
    apart = {"tolerances", "tolerance", "name"}
    return mine.model_dump(exclude=apart) == theirs.model_dump(exclude=apart)
