"""The price part of the What-if page without a browser: sliders, words, verification."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

import core.server.shared as shared
from core.runs.folder.run_folder import RunFolder
from core.runs.library import Library
from core.runs.workers.supervisor import Supervisor
from tests import priced_runs as made
from tests.conftest import MOST_SECONDS


def script() -> None:
    from pages.what_if.price import show_price

    show_price()


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home folder whose supervisor takes orders but starts no worker."""
    place = tmp_path / "home"
    place.mkdir()
    library = Library(place)
    monkeypatch.setattr(shared.supervisor, "made", Supervisor(place))
    monkeypatch.setattr(shared.library, "made", library)
    yield place.resolve()
    library.close()


def shown() -> AppTest:
    app = AppTest.from_function(script, default_timeout=MOST_SECONDS).run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    return " ".join(part.value for part in [*app.markdown, *app.caption]).replace("\\", "")


def test_without_a_run_one_click_starts_one(home):
    app = shown()
    app.button(key="whatif_price_start").click().run()
    assert not app.exception
    (run_id,) = [path.name for path in (home / "runs").iterdir()]
    assert RunFolder(home, run_id).status().state == "queued"


def test_a_slider_says_what_a_looser_promise_would_bring(home):
    mine = made.finished(home, 2.0, 0.9)
    shared.library().take_in()
    app = shown()
    assert "Relevance sits at its limit" in words(app)
    app.slider(key=f"whatif_price_{mine}_relevance").set_value(7.5).run()
    assert not app.exception
    assert "Click: its loss falls by about 1.3 %" in words(app)  # about half of 2.0 × 2.5 % × 0.5 of 0.9
    assert "One multiplier alone says this" in words(app)


def test_a_trained_change_stands_beside_the_prediction_and_corrects_others(home):
    mine = made.finished(home, 2.0, 0.9)
    made.finished(home, 1.5, 0.891, tolerance=0.075)
    shared.library().take_in()
    app = shown()
    app.selectbox(key="whatif_price_run").set_value(mine).run()
    slider = app.slider(key=f"whatif_price_{mine}_relevance")
    slider.set_value(10.0).run()
    assert "The curve goes through 1 run trained at other tolerances" in words(app)
    assert "falls by about 1.7 %" in words(app)
    slider.set_value(7.5).run()
    row = app.dataframe[0].value.iloc[0]
    assert row["Task"] == "Click"
    assert row["Validation rows: predicted fall of loss, %"] == pytest.approx(1.3, abs=0.1)
    assert row["Validation rows: trained, %"] == pytest.approx(1.0)


def test_verify_trains_exactly_that_point(home):
    mine = made.finished(home, 2.0, 0.9)
    shared.library().take_in()
    app = shown()
    app.slider(key=f"whatif_price_{mine}_relevance").set_value(2.5).run()
    app.button(key="whatif_price_verify").click().run()
    assert not app.exception
    (run_id,) = [path.name for path in (home / "runs").iterdir() if path.name != mine]
    wanted = RunFolder(home, mine).config()
    asked = RunFolder(home, run_id).config()
    assert asked.tolerances["relevance"] == pytest.approx(0.025)
    assert asked.model_copy(update={"tolerances": wanted.tolerances}) == wanted


def test_the_points_of_a_sweep_stand_behind_the_runs_of_a_person(home):
    mine, point = made.finished(home, 2.0, 0.9), made.finished(home, 1.0, 0.8)
    folder = RunFolder(home, point)
    folder.write_about(folder.about().model_copy(update={"sweep": "a-sweep"}))
    shared.library().take_in()
    assert shared.library().list()[0].run_id == point, "it is the newer one"
    chosen = shown().selectbox(key="whatif_price_run")
    assert [option.partition(":")[0] for option in chosen.options] == [mine, point]
    assert chosen.value == mine
