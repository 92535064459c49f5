"""From a choice to tensors: the one door through which every data set is loaded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from core.data import census
from core.data.choice import DatasetChoice
from core.data.completejourney import files as completejourney
from core.data.histories import journey_set, shop_set
from core.data.pairs import qbqtc
from core.data.pairs import shop as shop_pairs
from core.data.prepared import read_folder
from core.data.shop import files as shop
from core.errors import PrecedenceError

if TYPE_CHECKING:
    from core.data.dataset import Dataset


def load_dataset(choice: DatasetChoice) -> Dataset:
    """The chosen data set on the CPU; made and cached first where that is needed."""
    return read_folder(prepared_folder(choice), choice.rows)


def prepared_folder(choice: DatasetChoice) -> Path:
    """The folder of the chosen data set in prepared form; see `core.data.prepared`."""
    if choice.name not in FOLDERS:
        raise PrecedenceError(f"There is no data set called {choice.name}; choose one of {', '.join(FOLDERS)}.")
    return FOLDERS[choice.name](choice)


def own_folder(choice: DatasetChoice) -> Path:
    """The folder that an own choice names, checked to be one."""
    folder = Path(choice.path or "")
    if not choice.path or not (folder / "description.json").is_file():
        raise PrecedenceError(
            f"The path {choice.path!r} is no prepared table; "
            "give the folder that holds table.parquet and description.json."
        )
    return folder


FOLDERS: dict[str, Callable[[DatasetChoice], Path]] = {
    "shop": lambda choice: shop.prepared(choice.conflict),
    "completejourney": lambda choice: completejourney.prepared(),
    "census": lambda choice: census.prepared(),
    "shop_histories": lambda choice: shop_set.prepared(),
    "journey_histories": lambda choice: journey_set.prepared(),
    "shop_pairs": lambda choice: shop_pairs.prepared(),
    "qbqtc": lambda choice: qbqtc.prepared(),
    "own": own_folder,
}
