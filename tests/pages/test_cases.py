"""Files in the shape of public problem reports, brought by the dialogs of the pages: each ends as it should.

The reader's own tests (tests/data/reading/test_cases.py) say the same of the command line.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.data.prepared import read_description
from core.data.registry import read_histories
from core.home import outside_data
from core.users.uploaded_events import file_of, kept_files
from pages.shared import reading
from tests.conftest import MOST_SECONDS

CASES = outside_data().parent / "cases"
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason=f"{CASES} is not here")


def table() -> None:
    import streamlit as st

    from pages.shared.uploaded_table import upload_table

    def then(config):  # type: ignore[no-untyped-def]
        st.session_state["trained"] = config.dataset.path

    upload_table(then)


def events() -> None:
    import streamlit as st

    from pages.users.state import UsersState
    from pages.users.upload import bring

    if not st.session_state.get("users_kept"):
        bring(UsersState())


def catalogue() -> None:
    from pages.relevance.state import RelevanceState
    from pages.relevance.upload import bring

    bring(RelevanceState())


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, and files read in this process: the child that reads has tests of its own."""
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(reading, "confined", lambda work, *arguments, **_: work(*arguments))
    return tmp_path / "home"


def brought(page: Callable[[], None], *names: str) -> AppTest:
    """The dialog with these files in it."""
    app = AppTest.from_function(page, default_timeout=MOST_SECONDS).run()
    files = [(Path(name).name, (CASES / name).read_bytes(), "text/csv") for name in names]
    app.file_uploader[0].set_value(files if len(files) > 1 or page is not events else files[0]).run()
    assert not app.exception
    return app


def shown(app: AppTest) -> str:
    """What the dialog says, as a person reads it."""
    parts = [*app.text, *app.caption, *app.warning, *app.info, *app.error]
    return "\n".join(part.value for part in parts).replace("\\", "")


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


def choose(app: AppTest, label: str, value: object) -> AppTest:
    next(box for box in [*app.selectbox, *app.multiselect] if box.label == label).set_value(value).run()
    assert not app.exception
    return app


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("D01/table.csv", ""),
        ("D03/feature_only.csv", ""),
        ("D04/german.csv", ""),
        ("D05/thousands.csv", ""),
        ("D10/latin1.csv", ""),
        ("D10/utf16.csv", ""),
        ("D17/sentinel.csv", "−1 is taken as unknown"),
        ("D28/mixed_eol.csv", ""),
    ],
)
def test_a_table_is_read_and_used(name: str, said: str) -> None:
    app = brought(table, name)
    assert said in shown(app)
    assert press(app, "Check and train").session_state["trained"]
    about = read_description(Path(app.session_state["trained"]))
    assert about.card.tasks
    numbers = {one.name for one in about.dense}
    assert {"D03": {"age", "x"}, "D04": {"Preis", "Breite"}, "D05": {"revenue", "x"}}.get(name[:3], set()) <= numbers


def test_a_table_without_names_is_told_and_used() -> None:
    app = brought(table, "D11/headerless.csv")
    assert "The first row looks like data" in shown(app)
    choose(app, "What is to be predicted", ["column_4"])
    assert press(app, "Check and train").session_state["trained"]


def test_the_order_of_day_and_month_is_asked_before_it_is_split_by() -> None:
    app = brought(table, "D13/us.csv")
    choose(app, "Column of the time", "day")
    assert "can be read with the day first or the month first" in shown(app)
    assert "trained" not in press(app, "Check and train").session_state
    choose(app, "03/04/2026 is", "4 March: the month first")
    assert not app.error
    assert press(app, "Check and train").session_state["trained"]


def test_a_number_that_is_too_large_is_told_before_anything_is_made(home: Path) -> None:
    app = brought(table, "D18/huge.csv")
    assert "Column a holds 1e+39 in row 6" in shown(app)
    assert "trained" not in press(app, "Check and train").session_state
    assert not list(home.glob("tables/*"))


@pytest.mark.parametrize(("name", "row"), [("D22/ragged.csv", 257), ("D22/short.csv", 101), ("D28/footer.csv", 301)])
def test_a_row_of_another_length_is_named_and_left_out_if_said(name: str, row: int) -> None:
    app = brought(table, name)
    assert f"Row {row} of" in shown(app)
    choose(app, "Rows of another length", "leave them out")
    assert f"Row {row} of" in shown(app)
    assert press(app, "Check and train").session_state["trained"]


@pytest.mark.parametrize(
    "name",
    ["D01/events.csv", "U01/recbole.csv", "U01/user_id.csv", "U01/visitors.csv", "U02/minimal.csv", "U04/users7.csv",
     "U09/event_type.csv", "U10/before.csv", "U10/after.csv", "U11/trainable.csv"],
)  # fmt: skip
def test_events_are_kept(name: str) -> None:
    press(brought(events, name), "Check and use")
    (kept,) = kept_files()
    assert len(read_histories("own", str(file_of(f"own:{kept}")))) > 5


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("D01/products.csv",), "6 titles"),
        (("D01/collide_products.csv",), "6 titles"),
        (("D07/two_lines.csv",), "titles"),
        (("D10/products_latin1.csv",), "2 titles"),
        (("R01/titles.csv",), "26 titles"),
        (("R03/pairs.csv",), "90 judged pairs: 30 queries"),
        (("R03/pairs_twice.csv",), "another row has judged: 90"),
        (("R04/raters.csv",), "judgements differ: 90 of 90"),
        (("R05/clicks.csv",), "numbers from 0.002"),
        (("R06/one_to_four.csv",), "2 is 1, 4 is 3"),
        (("R07/rating.csv",), "30 queries"),
        (("R07/judgment.csv",), "30 queries"),
        (("R08/case.csv",), "30 queries"),
        (("R09/esci_examples.csv", "R09/esci_products.csv"), "30 queries"),
        (("R18/with_ids.csv",), "30 queries"),
    ],
)
def test_products_and_judged_pairs_can_be_searched(names: tuple[str, ...], said: str) -> None:
    app = brought(catalogue, *names)
    assert not app.error
    assert said in shown(app)
    assert not next(button for button in app.button if button.label == "Index and search").disabled


@pytest.mark.parametrize("name", ["R07/quepid_basic.csv", "R07/ltr.tsv"])
def test_judgements_of_ids_ask_for_the_titles(name: str) -> None:
    assert "If they are in another file, add it too" in shown(brought(catalogue, name))


def test_a_pair_of_another_length_is_named_and_left_out_if_said() -> None:
    app = brought(catalogue, "D22/rel_ragged.csv")
    assert "Row 3 of" in shown(app)
    choose(app, "Rows of another length", "leave them out")
    assert not app.error
    assert "Row 3 of" in shown(app)
