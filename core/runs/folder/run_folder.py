"""One run as files: the truth that server, worker and every view share.

config.json · events.jsonl (append only) · status.json (heartbeat) · control.json (orders) · checkpoint.pt ·
result.json and result.sum, its checksum (once finished) · about.json (what a person calls it, and whose it is) ·
read.token (who may read it over the network) · control.key (who could steer it before runs had owners) ·
cut.json (only after the log was cut back to a checkpoint) · applied.json (the last edit the worker made good) ·
events.sum (checksums of the log at the last checkpoints) · provenance.json (what it was made with) ·
model.zip (the finished model with all that is needed to use it) · owner.lock (held by who trains it) · orders.lock ·
NAME.damaged (a file that was put aside because it could not be read)
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import time
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar
from zlib import crc32

from pydantic import BaseModel, ConfigDict

from core.errors import PrecedenceError
from core.events.events import Event, Finished
from core.files import Stamp, stamp, write_text
from core.records import damaged, put_aside, read_bytes, read_record, read_words, record_text, write_record
from core.runs.folder.control import Control
from core.runs.folder.names import checked_run_id, is_run_id, new_run_id
from core.runs.folder.secrets import write_secret
from core.runs.folder.shared_stages import Start, write_start
from core.runs.folder.status import RunStatus
from core.runs.folder.tail import Tail
from core.runs.paths import runs_folder
from core.settings.run import RunConfig
from core.settings_field import setting_of

Model = TypeVar("Model", bound=BaseModel)
_ADVICE = "restore the file or delete the run"
TOKEN_BYTES = 24  # 192 bits: cannot be guessed, and 32 characters in a URL


class About(BaseModel):
    """What a person may change about a run after it was made."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    name: str = ""
    pinned: bool = False
    created: float = 0.0  # seconds since 1970
    sweep: str = ""  # the sweep whose point it is
    shared: bool = False  # stands in everybody's lists
    owner: str = ""  # whose it is, see core.server.people; empty: made from the command line or by an earlier version
    tags: tuple[str, ...] = ()
    notes: str = ""


class _Cut(BaseModel):
    """The lowest byte to which the log was cut back, and when last."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    lowest: int
    when: float = 0.0


class _Applied(BaseModel):
    """Version of the last edit that a checkpoint holds."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    version: int


class RunFolder:
    """The files of one run under `home`; raises PrecedenceError where a file is missing or cannot be read."""

    def __init__(self, home: Path, run_id: str) -> None:
        self.run_id = checked_run_id(run_id)
        self.home = home
        self.path = runs_folder(home) / run_id

    @classmethod
    def create(
        cls,
        home: Path,
        config: RunConfig,
        run_id: str | None = None,
        sweep: str = "",
        start: Start | None = None,
        owner: str = "",
    ) -> RunFolder:
        """A new folder with config, token, key, orders and the status `queued`; readable by its owner alone.

        A point of a sweep brings its name, names the sweep, and says where it may `start`.
        """
        runs_folder(home).mkdir(parents=True, exist_ok=True)
        while True:
            folder = cls(home, run_id or new_run_id())
            try:
                folder.path.mkdir(mode=0o700)
                break
            except FileExistsError:
                if run_id is not None and folder.exists():
                    return folder
                if run_id is not None:  # half made, by a process that was killed over it
                    shutil.rmtree(folder.path, ignore_errors=True)
                continue
        try:
            folder._fill(config, About(name=config.name, created=time.time(), sweep=sweep, owner=owner), start)
        except BaseException:  # a full disk: nothing half made stays
            shutil.rmtree(folder.path, ignore_errors=True)
            raise
        return folder

    def _fill(self, config: RunConfig, about: About, start: Start | None) -> None:
        folder = self
        for secret in ("read.token", "control.key"):
            write_secret(folder.path / secret, secrets.token_urlsafe(TOKEN_BYTES))
        folder.write_about(about)
        if start is not None:
            write_start(folder.path, start)
        folder.write_control(Control())
        folder.write_status(RunStatus())
        # The config comes last: a folder without one is half made, and no reader takes it for a run.
        write_text(folder.path / "config.json", record_text(config, indent=1))

    @property
    def log(self) -> Path:
        return self.path / "events.jsonl"

    @property
    def checkpoint(self) -> Path:
        return self.path / "checkpoint.pt"

    @property
    def model(self) -> Path:
        return self.path / "model.zip"

    def exists(self) -> bool:
        return (self.path / "config.json").is_file()

    def config(self) -> RunConfig:
        """Read once as long as the file stays as it is: a page asks for it again and again."""
        file = self.path / "config.json"
        try:
            return _config_in(file, stamp(file))
        except PrecedenceError:
            raise
        except (FileNotFoundError, ValueError) as error:  # a zero byte in the name: no file is called so
            raise self._absent(file.name) from error

    def config_hash(self) -> str:
        return config_hash(self.config())

    def status(self) -> RunStatus:
        return self._record(RunStatus, "status.json")

    def write_status(self, status: RunStatus) -> None:
        write_record(self.path / "status.json", status)

    def control(self) -> Control:
        return self._record(Control, "control.json")

    def write_control(self, control: Control) -> None:
        write_record(self.path / "control.json", control)

    def about(self) -> About:
        return self._record(About, "about.json")

    def write_about(self, about: About) -> None:
        write_record(self.path / "about.json", about)

    def token(self) -> str:
        """The unguessable word that lets a browser read this run's events."""
        return self._words("read.token")

    def control_key(self) -> str:
        """The unguessable word that lets a page pause, stop and edit this run."""
        return self._words("control.key")

    def is_steered_by(self, key: str) -> bool:
        """True where `key` is this run's control key; compared in a time that tells nothing of it."""
        try:
            return bool(key) and secrets.compare_digest(self.control_key().encode(), key.encode())
        except PrecedenceError:  # made before runs had keys: nobody holds one
            return False

    def result(self) -> Finished | None:
        """What a finished run ended with; None before that. Refused where its bytes have changed since."""
        file = self.path / "result.json"
        try:
            result = read_record(Finished, file, _ADVICE)
        except FileNotFoundError:
            return None
        try:
            summed = read_words(file.with_suffix(".sum"), _ADVICE)
        except FileNotFoundError:  # of a run from before results had checksums
            return result
        if summed != f"{crc32(read_bytes(file, _ADVICE)):08x}":
            raise damaged(file, "it has changed since it was written", _ADVICE)
        return result

    def write_result(self, result: Finished) -> None:
        text = result.model_dump_json(indent=1)
        (self.path / "result.sum").unlink(missing_ok=True)
        write_text(self.path / "result.json", text)
        write_text(self.path / "result.sum", f"{crc32(text.encode()):08x}")

    def tail(self, offset: int = 0) -> Tail:
        return Tail(self.log, self.path / "cut.json", offset)

    def events(self) -> list[Event]:
        """Every event so far; lines that are none are passed over."""
        return self.tail().read_all().events

    def cut(self, offset: int) -> None:
        """Cuts the event log back to `offset` bytes, so that a run resumed from there writes no step twice.

        The cut is noted before it is made: a reader that was further on starts again from the log's beginning.
        """
        size = self.log.stat().st_size if self.log.exists() else 0
        if size < offset:
            raise PrecedenceError(
                f"The event log of run {self.run_id} has {size} bytes but its checkpoint stands at byte {offset}: "
                "part of the log is lost, so the run cannot go on; start it again."
            )
        if size == offset:
            return
        before = self.lowest_cut()
        lowest = offset if before is None else min(before, offset)
        write_record(self.path / "cut.json", _Cut(lowest=lowest, when=time.time()))
        os.truncate(self.log, offset)

    def lowest_cut(self) -> int | None:
        """The lowest byte to which the log was ever cut back; what lay behind it may have been read and is void."""
        try:
            return read_record(_Cut, self.path / "cut.json", _ADVICE).lowest
        except FileNotFoundError:
            return None
        except PrecedenceError:  # who has read ahead begins anew: nothing is lost by it
            return 0

    def applied(self) -> int:
        """Version of the last edit that a checkpoint holds."""
        try:
            return read_record(_Applied, self.path / "applied.json", _ADVICE).version
        except FileNotFoundError:
            return 0

    def write_applied(self, version: int) -> None:
        write_record(self.path / "applied.json", _Applied(version=version))

    def _record(self, model: type[Model], name: str) -> Model:
        try:
            return read_record(model, self.path / name, _ADVICE)
        except FileNotFoundError as error:
            raise self._absent(name) from error

    def _words(self, name: str) -> str:
        try:
            return read_words(self.path / name, _ADVICE)
        except FileNotFoundError as error:
            raise self._absent(name) from error

    def _absent(self, name: str) -> PrecedenceError:
        return PrecedenceError(
            f"There is no run named {self.run_id!r} here (its {name} is missing); pick one from the list of runs."
        )


def mended_status(folder: RunFolder) -> RunStatus:
    """The run's status; one that cannot be read is put aside and written anew from what else the folder holds."""
    try:
        return folder.status()
    except PrecedenceError as error:
        file = folder.path / "status.json"
        if not folder.exists() or (file.exists() and put_aside(file, error) is None):
            raise
        with suppress(PrecedenceError):
            if folder.result() is not None:
                folder.write_status(RunStatus(state="finished"))
                return folder.status()
        problem = "What the run said of itself was damaged; resume goes on from the last checkpoint."
        folder.write_status(RunStatus(state="crashed", error=problem))
        return folder.status()


def config_hash(config: RunConfig) -> str:
    """Sixteen hexadecimal digits that are equal for equal configs, whatever a person called them, and whether or not
    the program that wrote them knew settings that are switched off."""
    fields = config.model_dump(mode="json", exclude={"name"})
    _leave_out_later(config, fields)
    _write_as_before(fields)
    canonical = json.dumps(fields, sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def _leave_out_later(config: BaseModel, fields: dict[str, Any]) -> None:
    """Without the settings that came later and stand at their defaults, in this config and in all that it holds."""
    for name, field in type(config).model_fields.items():
        value = getattr(config, name)
        if isinstance(value, BaseModel) and name in fields:
            _leave_out_later(value, fields[name])
        elif setting_of(type(config), name).later and value == field.default:
            del fields[name]


def _write_as_before(fields: dict[str, Any]) -> None:
    """The names that fields had when the first hashes were written."""
    fields["slice_rows"] = fields.pop("validation_rows")
    method = fields["method"]
    if "validation_every" in method:
        method["slice_every"] = method.pop("validation_every")
        method["bound_on"] = "slice" if method["bound_on"] == "validation" else method["bound_on"]


def is_run(home: Path, name: str) -> bool:
    """Whether a run has this name, which need not be one that a run can have."""
    try:
        return RunFolder(home, name).exists()
    except PrecedenceError:
        return False


def run_ids(home: Path) -> list[str]:
    """The names of all runs, in no order; what else may lie among them is passed over."""
    try:
        with os.scandir(runs_folder(home)) as entries:
            return [
                entry.name
                for entry in entries
                if is_run_id(entry.name) and os.path.exists(os.path.join(entry.path, "config.json"))
            ]
    except OSError:
        return []


@lru_cache(maxsize=128)
def _config_in(file: Path, written: Stamp | None) -> RunConfig:
    return read_record(RunConfig, file, _ADVICE)
