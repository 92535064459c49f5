"""From a choice to tensors: the one door through which every data set is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.data.choice import DatasetChoice
from core.data.prepared import read_folder
from core.errors import PrecedenceError

if TYPE_CHECKING:
    from core.data.dataset import Dataset

NAMES = ("shop", "completejourney", "census", "own")


def load_dataset(choice: DatasetChoice) -> Dataset:
    """The chosen data set on the CPU; made and cached first where that is needed."""
    return read_folder(prepared_folder(choice), choice.rows)


def prepared_folder(choice: DatasetChoice) -> Path:
    """The folder of the chosen data set in prepared form; see `core.data.prepared`."""
    if choice.name == "shop":
        from core.data.shop import files

        return files.prepared(choice.conflict)
    raise PrecedenceError(f"There is no data set called {choice.name}; choose one of {', '.join(NAMES)}.")
