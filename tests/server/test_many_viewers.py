"""A long log costs the same for one viewer and for many, and its first picture does not wait for its end."""

from __future__ import annotations

import asyncio
import gzip
import json

import pytest

from core.events.events import Evaluated, Event, Probed, StageStarted, Step
from core.narration.run import describe
from core.runs.folder.run_folder import RunFolder
from core.runs.folder.series import Series
from core.runs.workers.supervisor import Supervisor
from core.server import sketch
from core.server.channel import MOST_HELD
from core.server.example import FOLDER, Example
from core.server.hub import Hub
from pages.shared import run_reader
from pages.shared.kept_events import KeptEvents
from pages.shared.run_reader import RunReader
from tests.runs.support import quick


def long_log(home, steps: int) -> RunFolder:
    lines = gzip.decompress((FOLDER / "events.jsonl.gz").read_bytes()).splitlines()
    started = next(line for line in lines if b'"kind":"started"' in line)
    step = json.loads(next(line for line in lines if b'"kind":"step"' in line))
    folder = RunFolder.create(home, quick())
    with folder.log.open("wb") as log:
        log.write(started + b"\n")
        for number in range(1, steps + 1):
            log.write(json.dumps(step | {"step": number}).encode() + b"\n")
    return folder


def test_the_first_picture_is_drawn_from_samples_and_shared(tmp_path, monkeypatch):
    monkeypatch.setattr(sketch, "LONG", 1 << 16)
    supervisor = Supervisor(tmp_path, 1)
    folder = long_log(supervisor.home, 3000)
    drawn = []
    sampled = sketch.sampled
    monkeypatch.setattr("core.server.channel.sampled", lambda given: drawn.append(1) or sampled(given))

    async def look() -> list[list[dict]]:
        hub = Hub(supervisor)
        views = [hub.view(folder.run_id, 0) for _ in range(5)]

        async def two(view):
            return [json.loads(await anext(view)) for _ in range(2)]

        found = await asyncio.gather(*map(two, views))
        for view in views:
            await view.aclose()
        await hub.close()
        return found

    for first, second in asyncio.run(look()):
        assert (first["offset"], first["replace"], second["replace"]) == (0, True, True)
        assert second["offset"] == folder.log.stat().st_size
        for name, series in second["series"].items():
            assert set(first["series"][name]) == {"x", "y"}
            assert series["x"][-1] == 3000
    assert len(drawn) == 1


def test_a_long_series_is_held_thinned_with_its_extremes():
    shown = Example()
    step = next(event for event in shown.events if isinstance(event, Step))
    series = Series(["a"] * 0, most=MOST_HELD)
    series.tasks = tuple(f"t{number}" for number in range(len(step.loss)))
    count = 12 * MOST_HELD
    for number in range(1, count + 1):
        loss = [9.0 if number == 777 else 0.5] * len(step.loss)
        series.add(step.model_copy(update={"step": number, "loss": loss}))
    assert len(series._x["loss/t0"]) <= 10 * MOST_HELD
    thinned = series.thinned()["loss/t0"]
    assert (thinned["x"][0], thinned["x"][-1], max(thinned["y"])) == (1, count, 9.0)


def test_all_who_look_share_one_reader_that_keeps_few_steps_of_the_whole_stage(tmp_path, monkeypatch):
    monkeypatch.setattr(run_reader, "FOR_SENTENCES", 100)
    folder = long_log(tmp_path, 1000)
    one, other = RunReader.open(tmp_path, folder.run_id), RunReader.open(tmp_path, folder.run_id)
    assert one is other
    one.refresh()
    steps = [event.step for event in one.events if isinstance(event, Step)]
    assert steps[:-1] == list(range(1, 1000, 16))  # evenly chosen …
    assert steps[-1] == 1000  # … and the newest
    assert one.events[0].kind == "started"


def test_what_is_kept_does_not_hang_on_how_often_a_page_looks(tmp_path):
    log = long_log(tmp_path, 700).tail().read_all().events
    for most in (10, 33, 100, 1000):
        at_once, by_and_by = KeptEvents(True, most), KeptEvents(True, most)
        at_once.add(log)
        for number, event in enumerate(log):
            before, copy = by_and_by.events, list(by_and_by.events)
            by_and_by.add([event])
            assert before == copy  # whoever reads them reads on
            kept = [event.step for event in by_and_by.events if isinstance(event, Step)]
            assert len(kept) <= most + 1
            assert not number or kept[-1] == number
        assert by_and_by.events == at_once.events


def long_readings(count: int) -> list[Event]:
    """Three stages of readings and probes; of each stage the third reading is the best."""
    events = Example().events
    started = next(event for event in events if isinstance(event, StageStarted))
    read = next(event for event in events if isinstance(event, Evaluated))
    probed = next(event for event in events if isinstance(event, Probed))
    made: list[Event] = []
    for stage in range(3):
        made.append(started.model_copy(update={"stage": stage, "step": stage * count}))
        for number in range(1, count + 1):
            step = {"stage": stage, "step": stage * count + number}
            made.append(read.model_copy(update={**step, "best": number == 3}))
            if number % 2:
                made.append(probed.model_copy(update=step))
    return made


@pytest.mark.parametrize("most", [10, 33, 400])
def test_readings_of_a_very_long_run_are_thinned_like_its_steps(most):
    log, count = long_readings(500), 500
    at_once, by_and_by = KeptEvents(True, most), KeptEvents(True, most)
    at_once.add(log)
    for event in log:
        before, copy = by_and_by.events, list(by_and_by.events)
        by_and_by.add([event])
        assert before == copy  # whoever reads them reads on
    assert by_and_by.events == at_once.events
    for kind in (Evaluated, Probed):
        steps = [event.step for event in at_once.events if isinstance(event, kind)]
        assert most / 2 <= len(steps) <= most + 6
        assert steps == sorted(set(steps))
    read = {event.step for event in at_once.events if isinstance(event, Evaluated)}
    assert read >= {stage * count + number for stage in range(3) for number in (3, count)}  # the best and the newest
    assert sum(isinstance(event, StageStarted) for event in at_once.events) == 3


def test_steps_of_stages_that_are_over_are_let_go_and_said_sentences_stay(tmp_path):
    events = Example().events
    folder = RunFolder.create(tmp_path, quick())
    lines = [event.model_dump_json() + "\n" for event in events]
    folder.log.write_text("".join(lines), encoding="utf-8")
    reader = RunReader.open(tmp_path, folder.run_id)
    reader.refresh()
    stage = [event for event in events if isinstance(event, StageStarted) and event.phase == "main"][-1]
    alone = next(event for event in events if isinstance(event, StageStarted) and event.phase == "reference")
    kept = [event.step for event in reader.events if isinstance(event, Step)]
    assert stage.step < kept[0]
    assert kept[-1] <= alone.step or alone.step == 0
    assert len(kept) < 0.4 * sum(isinstance(event, Step) for event in events)
    titles = {name: name for name in ("relevance", "click")}
    assert describe(reader.events, titles) == describe(events, titles)
    assert reader.everything() == events


def test_a_report_of_a_long_run_has_steps_of_all_of_it(tmp_path, monkeypatch):
    monkeypatch.setattr(run_reader, "FOR_A_REPORT", 100)
    reader = RunReader.open(tmp_path, long_log(tmp_path, 3000).run_id)
    steps = [event.step for event in reader.everything() if isinstance(event, Step)]
    assert 50 <= len(steps) <= 101
    assert steps[0] < 100
    assert steps[-1] > 2900
    assert steps == sorted(set(steps))
