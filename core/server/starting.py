"""How a page begins a run or a sweep: on data that this server offers the person, and as theirs."""

from __future__ import annotations

import logging
from pathlib import Path

from core.data.description import DatasetCard
from core.data.registry import card, uploaded_cards
from core.errors import PrecedenceError
from core.home import home
from core.server.owners import sees
from core.server.people import Person
from core.server.quota import check_room
from core.server.rooms import room_began
from core.server.shared import supervisor, sweeps
from core.server.shipped_start import shipped_start
from core.settings.run import RunConfig
from core.sweeps.description import SweepConfig
from core.sweeps.read_off import ReadOff

_log = logging.getLogger(__name__)


def data_of(person: Person) -> dict[str, DatasetCard]:
    """What was brought and this person may train on, by folder: own, shared, or nobody's."""
    return {folder: found for folder, found in uploaded_cards().items() if sees(person, holder_of(Path(folder)))}


def holder_of(folder: Path) -> Path:
    """The thing whose owner a prepared folder has: judged pairs `NAME-mark` are the catalogue's, others their own."""
    if folder.parent.name != "judged":
        return folder
    return home() / "catalogues" / folder.name.rpartition("-")[0]


def check_data(config: RunConfig, person: Person) -> None:
    """A page may train on what the server lists for the person, and on no other folder that an address names."""
    path = config.dataset.path
    if path is None:
        return
    wanted = Path(path).resolve()
    if wanted in {Path(folder).resolve() for folder in data_of(person)}:
        return
    if wanted in {Path(folder).resolve() for folder in uploaded_cards()}:
        raise PrecedenceError("These settings are for data of somebody else; ask who brought them to share them.")
    raise PrecedenceError("The data set of this address is not one that this server has; choose one from the list.")


def start_run(config: RunConfig, person: Person) -> str:
    """Puts a new run into the queue and returns its name."""
    check_data(config, person)
    check_room(home(), person.mark)
    run_id = supervisor().submit(config, person.mark, shipped_start(home(), config))
    room_began(person.mark, run_id)
    _log.info("run %s begins", run_id, extra={"run": run_id, "person": person.mark})
    return run_id


def start_read_off(asked: ReadOff, person: Person) -> str:
    """Puts a run that is read off others' models into the queue and returns its name."""
    check_data(asked.config, person)
    check_room(home(), person.mark)
    run_id = supervisor().submit(asked.config, person.mark, asked.start)
    _log.info("run %s is read off", run_id, extra={"run": run_id, "person": person.mark})
    return run_id


def start_sweep(config: SweepConfig, person: Person) -> str:
    """Asks for a sweep and returns its name."""
    check_data(config.base, person)
    check_room(home(), person.mark)
    sweep_id = sweeps().submit(config, card(config.base.dataset).task_names(), person.mark)
    _log.info("sweep %s begins", sweep_id, extra={"sweep": sweep_id, "person": person.mark})
    return sweep_id
