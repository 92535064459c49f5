"""A column's name is shown letter by letter, whatever it would mean in Markdown."""

from __future__ import annotations

import re

import pytest

from pages.shared.markdown_escape import SIGNS, plain


@pytest.mark.parametrize(
    "name", ["late_*soon*", "$price$", "a<b>c", ":smile:", "[x](y)", "# total", "a`b`|c~d~", "1 % − 2"]
)
def test_every_mark_is_escaped_and_nothing_else_changes(name: str) -> None:
    escaped = plain(name)
    assert re.sub(r"\\(.)", r"\1", escaped) == name
    assert not SIGNS & set(re.sub(r"\\.", "", escaped))
