"""No secret stands in a URL; the key of one of an earlier version is still read."""

from __future__ import annotations

from urllib.parse import parse_qs, urlparse

from core.settings.run import RunConfig
from pages.lab.address import link_to_watch, read_address, write_address

KEY = "k" * 32


def test_what_is_written_is_read_back() -> None:
    config = RunConfig(seed=3)
    written = write_address("calm-otter-abcd", "bold-wren-2345", True, config)
    read = read_address(written)
    assert (read.run, read.baseline, read.lesson, read.key) == ("calm-otter-abcd", "bold-wren-2345", True, None)
    assert read.config is not None
    assert read.config.seed == 3
    assert read.problems == ()


def test_a_key_of_an_earlier_version_is_read_and_none_is_written() -> None:
    written = write_address("calm-otter-abcd", None, False, RunConfig())
    assert "key" not in written
    assert read_address({**written, "key": KEY}).key == KEY
    assert read_address({"run": "calm-otter-abcd", "key": ""}).key is None


def test_a_link_to_watch_names_the_run_and_nothing_that_steers() -> None:
    link = link_to_watch("http://here/priority_lab", "calm-otter-abcd", "bold-wren-2345", lesson=True)
    assert link.startswith("http://here/priority_lab?")
    assert parse_qs(urlparse(link).query) == {
        "run": ["calm-otter-abcd"],
        "baseline": ["bold-wren-2345"],
        "lesson": ["1"],
    }
    plain = link_to_watch("http://here/priority_lab", "calm-otter-abcd")
    assert plain == "http://here/priority_lab?run=calm-otter-abcd"
