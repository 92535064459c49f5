"""From a choice to tensors: the one door through which every data set is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.data.choice import DatasetChoice
from core.errors import PrecedenceError

if TYPE_CHECKING:
    from core.data.dataset import Dataset

NAMES = ("shop", "completejourney", "census", "shop_histories", "journey_histories", "shop_pairs", "qbqtc", "own")


def load_dataset(choice: DatasetChoice) -> Dataset:
    """The chosen data set on the CPU; made and cached first where that is needed."""
    from core.data.prepared import read_folder

    return read_folder(prepared_folder(choice), choice.rows)


def prepared_folder(choice: DatasetChoice) -> Path:
    """The folder of the chosen data set in prepared form; see `core.data.prepared`."""
    if choice.name == "shop":
        from core.data.shop import files as shop

        return shop.prepared(choice.conflict)
    if choice.name == "completejourney":
        from core.data.completejourney import files as completejourney

        return completejourney.prepared()
    if choice.name == "census":
        from core.data import census

        return census.prepared()
    if choice.name == "shop_histories":
        from core.data.histories import shop_set

        return shop_set.prepared()
    if choice.name == "journey_histories":
        from core.data.histories import journey_set

        return journey_set.prepared()
    if choice.name == "shop_pairs":
        from core.data.pairs import shop as shop_pairs

        return shop_pairs.prepared()
    if choice.name == "qbqtc":
        from core.data.pairs import qbqtc

        return qbqtc.prepared()
    if choice.name == "own":
        return own_folder(choice)
    raise PrecedenceError(f"There is no data set called {choice.name}; choose one of {', '.join(NAMES)}.")


def own_folder(choice: DatasetChoice) -> Path:
    """The folder that an own choice names, checked to be one."""
    folder = Path(choice.path or "")
    if not choice.path or not (folder / "description.json").is_file():
        raise PrecedenceError(
            f"The path {choice.path!r} is no prepared table; "
            "give the folder that holds table.parquet and description.json."
        )
    return folder
