"""Lists in sentences."""

from __future__ import annotations

import pytest

from core.wording import listed


@pytest.mark.parametrize(
    ("parts", "said"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_a_list_is_said_as_in_a_sentence(parts, said):
    assert listed(parts) == said
    assert listed(iter(parts), "or") == said.replace("and", "or")
