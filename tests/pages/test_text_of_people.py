"""No text that a file or a person brings becomes a link, an image or HTML on any page: each is filled with payloads."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.server.people import Person
from pages.shared.markdown_escape import plain
from tests.conftest import MOST_SECONDS
from tests.pages.full_home import OWNER, full_home
from tests.pages.markup import MARK, PAYLOADS, links_and_images, markup, texts
from tests.pages.opened import be, opened_page


@pytest.fixture(scope="module")
def brought(tmp_path_factory):
    """A home full of them, and the addresses under which pages show what is in it."""
    with full_home(tmp_path_factory.mktemp("home").resolve(), tmp_path_factory.mktemp("files")) as addresses:
        yield addresses


ADDRESSES = ("home", "runs", "data", "conflict", "classroom", "lab", "lab failed", "what_if", "what_if of the table",
             "relevance", "users", "admin")  # fmt: skip
SHOWS_NONE = {"admin", "conflict", "runs", "data", "lab"}  # before a choice, or in tables of data alone


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_text_becomes_markup(brought, monkeypatch, address):
    be(Person(OWNER, "admin"), monkeypatch)
    app = opened_page(address.split()[0], brought[address])
    assert not markup(app)
    if address not in SHOWS_NONE:
        assert MARK.split(".")[0] in texts(app)


def part(what: str) -> None:
    """What a page shows once something of it is chosen, which a test without a browser cannot click."""
    from core.runs.brought import brought
    from core.runs.listing.overview import all_rows
    from core.server.shared import supervisor
    from core.settings.address import from_query
    from pages.data.details import details
    from pages.run_form.form import settings
    from pages.runs.compare import compare
    from pages.runs.one import one_run
    from pages.what_if.form import sweep_form
    from pages.what_if.state import WhatIf

    rows = all_rows(supervisor().home)
    if what == "run":
        for row in rows:
            one_run(row)
    elif what == "runs":
        compare(rows[:2], rows)
    elif what == "sweep":
        sweep_form(WhatIf())
    elif what == "weights":
        names = {row.dataset: row for row in rows}
        assert names
        path = next(thing.path for thing in brought() if thing.kind == "table")
        settings(from_query({"dataset.name": "own", "dataset.path": str(path), "method.kind": "weighted_sum"}), 0)
    else:
        details(brought()[int(what)])


@pytest.mark.parametrize("what", ["run", "runs", "sweep", "weights", "0", "1", "2"])
def test_no_text_of_what_was_chosen_becomes_markup(brought, monkeypatch, what):
    be(Person(OWNER, "admin"), monkeypatch)
    app = AppTest.from_function(part, kwargs={"what": what}, default_timeout=MOST_SECONDS).run()
    assert not app.exception, app.exception
    assert not markup(app)


@pytest.mark.parametrize("text", PAYLOADS)
def test_escaped_text_is_text(text):
    for place in ("{}", "**{}**", "- {}", "a {} b", "[{}](x)"):
        assert links_and_images(place.format(plain(text))) == links_and_images(place.format("text"))
