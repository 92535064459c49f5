"""The declarations of embedders: what each says of itself, and that the server may read them without torch."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from core.users.embedding.composed import MadeEvent, with_user
from core.users.embedding.embedders import EMBEDDERS
from tests.users.support import two_kinds

WITHOUT_TORCH = """
import sys
from core.users.embedding.embedders import EMBEDDERS
from pages.users.address import read_view
from tests.users.support import two_kinds

for each in EMBEDDERS.values():
    each.mark("shop_histories")
    if each.sources("own") and not each.needs_torch:
        each.fit("own", two_kinds())(two_kinds(), 0, lambda done: None)
    assert "torch" not in sys.modules, each.name
"""


def test_every_embedder_says_what_it_is():
    for name, each in EMBEDDERS.items():
        assert each.name == name
        assert each.title
        assert each.about


def test_torch_is_loaded_by_none_that_does_not_say_so():
    done = subprocess.run([sys.executable, "-c", WITHOUT_TORCH], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", [name for name, each in EMBEDDERS.items() if each.sources("own")])
def test_a_composed_user_is_embedded_like_one_of_the_source(name):
    """One who did what user 3 did lies where user 3 lies, and everybody else where they were."""
    histories = two_kinds()
    part = histories.of(3)
    names, items = histories.names["behaviour"], histories.items
    newest = int(histories.time.max())
    events = [
        MadeEvent(
            str(items.name[histories.item[at]]),
            str(names[histories.behaviour[at]]),
            (newest - int(histories.time[at])) / 3600,
        )
        for at in range(part.start, part.stop)
    ]
    embed = EMBEDDERS[name].fit("own", histories)
    everyone = embed(histories, 0, lambda done: None)
    composed = embed(with_user(histories, events), len(histories), lambda done: None)
    assert composed.shape == (1, everyone.shape[1])
    assert np.allclose(composed[0], everyone[3], atol=1e-4)
