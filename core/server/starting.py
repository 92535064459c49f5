"""How a page begins a run: on data that this server offers, and as somebody's."""

from __future__ import annotations

from pathlib import Path

from core.data.registry import uploaded_cards
from core.errors import PrecedenceError
from core.server.rooms import room_began
from core.server.shared import supervisor
from core.settings.run import RunConfig


def check_data(config: RunConfig) -> None:
    """A page may train on what the server lists, and on no other folder of this machine that an address names."""
    path = config.dataset.path
    if path is None:
        return
    known = {Path(folder).resolve() for folder in uploaded_cards()}
    if Path(path).resolve() not in known:
        raise PrecedenceError("The data set of this address is not one that this server has; choose one from the list.")


def start_run(config: RunConfig, owner: str) -> str:
    """Puts a new run into the queue and returns its name."""
    check_data(config)
    run_id = supervisor().submit(config, owner)
    room_began(owner, run_id)
    return run_id
