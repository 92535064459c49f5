"""The shipped example as a run that goes on, for who has not started one."""

from __future__ import annotations

from dataclasses import dataclass

from core.runs.folder.status import RunStatus
from core.server.example import Example, ExampleFolder, elapsed, example, now
from pages.shared.run_reader import RunReader


@dataclass
class Replay(RunReader):
    """The example, as far as its replay is."""

    shown: Example | None = None
    began: int = 0

    @classmethod
    def begin(cls) -> Replay | None:
        """From the start; None where no example is shipped."""
        shown = example()
        if shown is None:
            return None
        folder = ExampleFolder()
        return cls(folder, folder.tail(), shown=shown, began=now())

    def refresh(self) -> None:
        assert self.shown is not None
        self.events = self.shown.until(elapsed(self.began))

    def status(self) -> RunStatus:
        assert self.shown is not None
        return self.shown.status(elapsed(self.began))
