"""What a person asks of a run while it goes on: control.json, written by the server and read by the worker."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from core.training.knobs import Knobs

Mode = Literal["run", "pause", "stop"]


class Edit(BaseModel):
    """Knobs turned at one moment; versions rise by one, so a worker knows which it has applied."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    version: int
    knobs: Knobs


class Control(BaseModel):
    """The standing orders of one run. Nothing here is consumed: counters rise and the worker compares."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    version: int = 0
    mode: Mode = "run"
    steps: int = Field(0, ge=0, description="single steps asked for since the run was made, all together")
    pace: float | None = Field(None, gt=0, description="steps a second in slow motion; None: as fast as it goes")
    edits: tuple[Edit, ...] = ()
    reason: str = Field("", description="why it was stopped, where no person did it; a sentence")

    def changed(self, **fields: object) -> Control:
        """The next version, with these fields changed; checked as if read from a file."""
        return Control.model_validate({**self.model_dump(), **fields, "version": self.version + 1})

    def edited(self, knobs: Knobs) -> Control:
        """The next version, with one more edit."""
        version = self.edits[-1].version + 1 if self.edits else 1
        return self.changed(edits=(*self.edits, Edit(version=version, knobs=knobs)))
