"""A DUPN that a person trained and kept in a folder embeds users as a shipped one does."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.registry import read_histories
from core.errors import PrecedenceError
from core.users.embedding.embedders import DUPN, embedder
from core.users.embedding.starts import STARTS
from core.users.spaces.space import SpaceChoice


def test_the_model_in_a_folder_embeds_as_itself():
    folder, histories = str(STARTS / "shop_histories"), read_histories()
    first = len(histories) - 5
    kept = embedder(folder).fit("shop_histories", histories)(histories, first, lambda done: None)
    shipped = DUPN.fit("shop_histories", histories)(histories, first, lambda done: None)
    assert np.array_equal(kept, shipped)
    assert SpaceChoice(model=folder).folder().name.startswith("shop_histories-shop_histories-")


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(PrecedenceError, match="users train --out wrote"):
        embedder(str(tmp_path))
