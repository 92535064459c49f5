"""One run's channel without a network: slow viewers, logs that are cut, viewers who come back."""

import asyncio
import json

import pytest

from core.events.events import Started, Step
from core.runs.folder.run_folder import RunFolder
from core.server.channel import KEPT_BATCHES, MOST_PENDING, Channel
from core.settings.run import RunConfig


def point(step):
    one = {"loss": [step / 7, None], "multiplier": [None, 0.5], "weight": [1.0, 1.0]}
    return Step(step=step, stage=0, violation=[None, -0.1], violation_train=[None, None], seconds=1.0, **one)


STARTED = Started(
    step=0,
    tasks=["a", "b"],
    task_kinds=["binary", "binary"],
    base_loss=[0.7, 0.7],
    priority=["a", "b"],
    device="cpu",
    device_reason="asked for",
    parameters=3,
    rows={"train": 5},
    most_steps=100,
)


def append(folder, *events):
    with folder.log.open("ab") as log:
        log.writelines(event.model_dump_json().encode() + b"\n" for event in events)


@pytest.fixture
def folder(tmp_path):
    folder = RunFolder.create(tmp_path, RunConfig())
    append(folder, STARTED, point(1), point(2))
    return folder


@pytest.fixture
def channel(folder):
    return Channel(folder)


def joined(channel, offset=0):
    asyncio.run(channel.catch_up())
    return channel.join(offset)


def heard(channel, viewer):
    messages = []
    while (message := channel.next_for(viewer)) is not None:
        messages.append(json.loads(message))
    return messages


def steps(messages):
    held = []
    for message in messages:
        held = ([] if message["replace"] else held) + message["series"].get("loss/a", {"x": []})["x"]
    return held


def test_the_first_message_comes_at_once_even_if_nothing_was_written(tmp_path):
    channel = Channel(RunFolder.create(tmp_path, RunConfig()))
    (message,) = heard(channel, joined(channel))
    assert message == {"offset": 0, "replace": True, "series": {}, "events": [], "status": "queued"}


def test_every_viewer_is_sent_the_same_text(folder, channel):
    first, second = joined(channel), joined(channel)
    append(folder, point(3))
    asyncio.run(channel.poll())
    assert list(first.pending) == list(second.pending)
    assert first.pending[-1] is second.pending[-1]  # encoded once


def test_a_newcomer_gets_the_picture_and_the_batches_since(folder, channel):
    joined(channel)
    for step in range(3, 3 + KEPT_BATCHES * 3):
        append(folder, point(step))
        asyncio.run(channel.poll())
        messages = heard(channel, channel.join(0))
        assert messages[0]["replace"]
        assert not any(message["replace"] for message in messages[1:])
        assert steps(messages) == list(range(1, step + 1))


def test_a_viewer_that_is_too_slow_gets_a_picture_of_the_whole_instead_of_a_backlog(folder, channel):
    slow = joined(channel)
    for step in range(3, MOST_PENDING * 2 + 3):
        append(folder, point(step))
        asyncio.run(channel.poll())
        assert len(slow.pending) <= MOST_PENDING
    messages = heard(channel, slow)
    assert messages[0]["replace"]
    assert steps(messages) == list(range(1, MOST_PENDING * 2 + 3))
    assert heard(channel, slow) == []


def test_a_log_cut_back_to_a_checkpoint_replaces_what_viewers_hold(folder, channel):
    viewer = joined(channel)
    before = heard(channel, viewer)
    at_checkpoint = folder.log.stat().st_size
    append(folder, point(3), point(4))
    asyncio.run(channel.poll())
    before += heard(channel, viewer)
    place = before[-1]["offset"]
    folder.cut(at_checkpoint)
    append(folder, point(3), point(4), point(5))
    asyncio.run(channel.poll())
    messages = heard(channel, viewer)
    assert messages[0]["replace"]
    assert steps(before + messages) == [1, 2, 3, 4, 5]
    again = heard(channel, channel.join(place))  # a place from before the cut is void, though a line begins there
    assert again[0]["replace"]
    assert heard(channel, channel.join(at_checkpoint))[0]["replace"] is False


def test_what_was_written_while_nobody_looked_is_there_for_the_next(folder, channel):
    channel.leave(joined(channel))
    append(folder, point(3))
    asyncio.run(channel.poll())
    assert steps(heard(channel, joined(channel))) == [1, 2, 3]


def test_a_record_that_does_not_fit_the_tasks_is_a_sentence(folder, channel):
    viewer = joined(channel)
    heard(channel, viewer)
    append(folder, point(3).model_copy(update={"loss": [1.0]}), point(4))
    asyncio.run(channel.poll())
    (message,) = heard(channel, viewer)
    assert "is no event" in message["problems"][0]
    assert message["series"]["loss/a"]["x"] == [4]


def test_a_change_of_state_is_told_though_the_log_is_silent(channel):
    viewer = joined(channel)
    heard(channel, viewer)
    channel.say_state("paused")
    channel.say_state("paused")
    assert [message["status"] for message in heard(channel, viewer)] == ["paused"]
