"""The question at the top of the What-if page, without a browser."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

import core.server.shared as shared
from core.runs.folder.run_folder import RunFolder, run_ids
from core.runs.folder.shared_stages import read_start
from core.runs.library import Library
from core.runs.workers.supervisor import Supervisor
from core.sweeps.folder import SweepFolder, sweep_ids
from core.sweeps.service import Sweeps
from tests import priced_runs as made
from tests.conftest import MOST_SECONDS


def script() -> None:
    from pages.what_if.question import question_part
    from pages.what_if.state import open_state

    question_part(open_state())


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home folder whose supervisor takes orders but starts no worker."""
    place = tmp_path / "home"
    place.mkdir()
    library, supervisor = Library(place), Supervisor(place)
    monkeypatch.setattr(shared.supervisor, "made", supervisor)
    monkeypatch.setattr(shared.library, "made", library)
    monkeypatch.setattr(shared.sweeps, "made", Sweeps(supervisor))
    yield place.resolve()
    library.close()


def shown(**query: str) -> AppTest:
    app = AppTest.from_function(script, default_timeout=MOST_SECONDS)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    parts = [*app.markdown, *app.caption, *app.error]
    return " ".join(part.value for part in parts).replace("\\", "").replace("\u00a0", " ")


def test_the_first_question_is_answered_before_anything_is_trained(home):
    app = shown()
    assert "Relevance may lose" not in words(app)  # it stands in the fields
    assert "Click gains 0.0" in words(app)
    said = "Trained exactly so: 3 seeds, each with the tolerance and without; these runs come with the program."
    assert said in words(app)
    assert list(app.button) == []  # nothing is missing, and there is no model to take
    app.number_input[0].set_value(0.003).run()
    assert "Read off 12 trained neighbours" in words(app)
    assert [button.label.split(",")[0] for button in app.button] == ["Train 3 runs"]


def test_before_any_run_one_click_trains_exactly_the_question(home):
    app = shown(ask="click", gain="relevance")
    assert "Nothing comparable is trained yet; training 6 runs would answer it." in words(app)
    (offer,) = app.button
    assert offer.label.startswith("Train 6 runs, about ")
    offer.click().run()
    (name,) = sweep_ids(home)
    points = [point.config for point in SweepFolder(home, name).grid().points]
    assert {(one.seed, one.tolerance_of("click")) for one in points} == {(s, t) for s in range(3) for t in (0, 0.002)}
    assert all(one.tolerance_kind == "metric" for one in points)


def test_the_question_and_its_answer_live_in_the_address(home):
    for tolerance, click in ((0.0, 0.9), (0.05, 0.88), (0.1, 0.87)):
        run = made.finished(home, 2.0, click, tolerance=tolerance)
    shared.library().take_in()
    asked = {"ask": "relevance", "lose": "7", "unit": "relative", "gain": "click", "on": run}
    app = shown(**asked)
    assert [field.value for field in app.selectbox][:3] == ["relevance", "relative", "click"]
    assert app.number_input[0].value == 7
    assert "The loss of Click would fall by" in words(app)
    assert "That is predicted: its band leaves 0 out." in words(app)
    assert "Read off 3 trained neighbours" in words(app)
    (read,) = [button for button in app.button if button.label.startswith("Read it off trained runs")]
    read.click().run()
    started = [one for one in run_ids(home) if RunFolder(home, one).status().state == "queued"]
    assert len(started) == 1
    assert len(read_start(RunFolder(home, started[0]).path).between) == 3
    assert "Reading models: 0 of 1" in [bar.text for bar in app.get("progress")][-1]
    app.number_input[0].set_value(5.0).run()
    assert (
        "Trained exactly so: one seed, with the tolerance and without; training 4 runs would make it 3 seeds."
        in words(app)
    )
    assert app.button[0].label.startswith("Train 4 runs, about ")


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"ask": "size", "on": "shop"}, "There is no task 'size'"),
        ({"on": "nowhere"}, "neither a data set nor a finished run"),
    ],
)
def test_a_bad_address_is_a_sentence(home, query, says):
    assert says in words(shown(**query))
