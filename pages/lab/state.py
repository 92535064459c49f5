"""The state of a Priority lab in one browser session: which run, which baseline, which settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import streamlit as st

from core.data.registry import card
from core.errors import PrecedenceError
from core.methods.registry import METHODS
from core.runs.folder.status import UNDER_WAY
from core.runs.workers.supervisor import Supervisor
from core.server.rooms import check_not_held
from core.server.shared import library
from core.server.starting import check_data, start_run
from core.settings.presets import default_run
from core.settings.run import RunConfig
from core.training.knobs import knobs_between
from pages.lab.address import Address, read_address, write_address
from pages.lab.replay import Replay
from pages.shared.click import train_was_clicked
from pages.shared.person import me, owner_mark, owns_run, starter
from pages.shared.run_reader import RunReader
from pages.shared.url import Url

KEY = "priority_lab"


@dataclass
class Lab:
    """`base` fills the form and changes only with `generation`; `config` is what the form says now."""

    supervisor: Supervisor
    base: RunConfig = field(default_factory=RunConfig)
    config: RunConfig = field(default_factory=RunConfig)
    generation: int = 0
    lesson: bool = False
    run: RunReader | None = None
    replay: Replay | None = None  # shown while there is no run
    baseline: RunReader | None = None
    problems: list[str] = field(default_factory=list)
    answered: int = 0  # the generation whose form has answered before
    url: Url = field(default_factory=Url)

    # ------------------------------------------------------------------ coming and going

    def go_to(self, address: Address) -> None:
        """Shows what a URL asks for; what is missing is told in a sentence and replaced by the default."""
        self.problems = list(address.problems)
        self.lesson = address.lesson
        self.run = self._open(address.run)
        self._take_key(address.key)
        self.replay = None
        self.baseline = self._open(address.baseline)
        config = address.config or (self.run.config_now() if self.run else default_run("shop"))
        try:
            if self.run is None or config.dataset != self.run.folder.config().dataset:
                check_data(config, me())
            card(config.dataset)
        except PrecedenceError as error:
            self.problems.append(f"{error} The page shows its default settings instead.")
            config = default_run("shop")
        self.fill_form(config)
        if self.run is None and (address.config is None or address.config == default_run("shop")):
            self.replay = Replay.begin()

    def fill_form(self, config: RunConfig) -> None:
        self.base = self.config = config
        self.generation += 1

    def _open(self, run_id: str | None) -> RunReader | None:
        if run_id is None:
            return None
        try:
            reader = RunReader.open(self.supervisor.home, run_id)
            card(reader.folder.config().dataset)
            return reader
        except PrecedenceError as error:
            self.problems.append(str(error))
            return None

    def _take_key(self, key: str | None) -> None:
        """An address of an earlier version, which held the key of a run that belongs to nobody: the first browser that
        brings it owns the run from now on. Of a run that has an owner a key opens nothing."""
        if key is None or self.run is None:
            return
        folder = self.run.folder
        if not folder.about().owner and folder.is_steered_by(key):
            library().change(folder.run_id, owner=owner_mark())
        elif not owns_run(folder.run_id):
            self.problems.append(
                f"The key in this address does not open run {folder.run_id}, so you are watching it; only the browser "
                "that started it steers it. Press “Make my own copy” for one of yours."
            )

    def write_address(self) -> None:
        """Makes the URL show the same again; no secret is ever in it."""
        self.url.show(write_address(_name(self.run), _name(self.baseline), self.lesson, self.config))

    # ------------------------------------------------------------------ what a person does

    def steers(self, run: RunReader | None) -> bool:
        """True where the run is this person's."""
        return run is not None and not isinstance(run, Replay) and owns_run(run.folder.run_id)

    def steer(self, order: Callable[[Supervisor, str], None], goes_on: bool = False) -> None:
        """Gives the run that is shown an order; raises PrecedenceError where it is another's, or where the run would go
        on while its room is paused."""
        if self.run is None or not self.steers(self.run):
            raise PrecedenceError(
                "This run is somebody else's, so it takes no orders here; press “Make my own copy” for your own."
            )
        if goes_on:
            check_not_held(self.run.folder.run_id)
        order(self.supervisor, self.run.folder.run_id)

    def train(self) -> None:
        """A new run of the settings as they are; an own one before it is stopped, or, where it is pinned, paused: of
        one person one run trains at a time."""
        run_id = start_run(self.config, starter())
        before, self.run, self.replay = self.run, RunReader.open(self.supervisor.home, run_id), None
        if before is not None and self.steers(before):
            if _name(before) != _name(self.baseline):
                self.stop(before)
            elif self.supervisor.status(before.folder.run_id).state in UNDER_WAY:
                self.supervisor.command(before.folder.run_id, "pause")

    def reseed(self) -> None:
        self.fill_form(self.config.model_copy(update={"seed": self.config.seed + 1}))
        self.train()

    def stop(self, run: RunReader) -> None:
        if self.supervisor.status(run.folder.run_id).state in UNDER_WAY:
            self.supervisor.command(run.folder.run_id, "stop")

    def let_go(self, run_id: str) -> None:
        """Forgets a run that was deleted; whoever comes back finds the default one."""
        if _name(self.run) == run_id:
            self.run = None
        if _name(self.baseline) == run_id:
            self.baseline = None

    def pin(self) -> None:
        self.baseline = None if self.baseline is not None else self.run

    def answer(self, config: RunConfig) -> None:
        """Takes the form's new settings; those that can be turned while an own run goes on are turned at once."""
        before, self.config = self.config, config
        first, self.answered = self.answered != self.generation, self.generation
        if first or self.run is None or not self.steers(self.run) or config == before:
            return
        running = self.run.folder.config()
        if config.dataset != running.dataset or config.tolerance_kind != running.tolerance_kind:
            return
        knobs = knobs_between(before, config, card(config.dataset).task_names())
        state = self.supervisor.status(self.run.folder.run_id).state
        if knobs is not None and METHODS[running.method.kind].constrains and state in UNDER_WAY:
            self.steer(lambda supervisor, run_id: supervisor.edit(run_id, knobs))

    def differs(self) -> bool:
        """True where the form says something that only a new run can take up."""
        if self.run is None:
            return False
        tasks = card(self.config.dataset).task_names()
        return spelt_out(self.run.config_now(), tasks) != spelt_out(self.config, tasks)


def spelt_out(config: RunConfig, tasks: tuple[str, ...]) -> RunConfig:
    """The same run with every tolerance and the whole order named, so that two spellings compare equal."""
    tolerances = {name: config.tolerance_of(name) for name in tasks}
    return config.model_copy(update={"tolerances": tolerances, "priority": config.priority or tasks})


def _name(run: RunReader | None) -> str | None:
    return None if run is None else run.folder.run_id


def open_lab(supervisor: Supervisor) -> Lab:
    """This session's lab, at the place that the URL asks for. A URL starts nothing: it shows a run, or the form with
    its settings; who brings none sees the shipped example until a click on Train."""
    lab: Lab | None = st.session_state.get(KEY)
    first = lab is None
    if lab is None:
        lab = st.session_state[KEY] = Lab(supervisor)
    parameters = lab.url.asked()
    if first or parameters:
        lab.go_to(read_address(parameters))
    if train_was_clicked():
        lab.train()
    elif lab.run is None and lab.replay is None and lab.config == default_run("shop"):
        lab.replay = Replay.begin()
    lab.write_address()
    return lab
