"""What a run was made with: versions, data, device, threads, seed. With its config it says how to have it again."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class Provenance(BaseModel):
    """Written when training begins; a run that is resumed elsewhere has another one from that step on."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    from_step: int = 0
    versions: dict[str, str] = {}
    machine: str = ""  # system and instruction set
    capability: str = ""  # vector instructions that torch uses
    device: str = ""
    device_name: str = ""
    threads: int = 1
    seed: int = 0
    data: str = ""  # content of the data set, see `core.data.dataset.content_of`
    data_name: str = ""
    rows: dict[str, int] = {}  # of each split
    reader: dict[str, Any] = {}  # how an uploaded file was read

    def differences(self, now: Provenance) -> list[str]:
        """What is not as it was, a sentence each."""
        found = []
        if self.data != now.data:
            found.append(f"The data are others: their content was {self.data}, it is {now.data}.")
        for name in {**self.versions, **now.versions}:
            before, after = self.versions.get(name, "absent"), now.versions.get(name, "absent")
            if before != after:
                found.append(f"{name} was {before}, it is {after}.")
        for what in ("machine", "capability", "device", "device_name", "threads", "seed"):
            before, after = getattr(self, what), getattr(now, what)
            if before != after:
                found.append(f"The {what.replace('_', ' ')} was {before}, it is {after}.")
        return found
