"""One room as a record, `classrooms/<code>/room.json` of the home."""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter

from pydantic import BaseModel, ConfigDict, Field

from core.errors import PrecedenceError

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another
CODE_LETTERS = 10  # 49 bits: whoever has the link may join, nobody guesses it
MOST_STUDENTS = 200
MOST_POLLS = 100


class Student(BaseModel):
    """`mark`: of the person, as owners of runs have it."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    mark: str
    name: str
    joined: float = 0.0  # seconds since 1970
    runs: tuple[str, ...] = ()  # those begun in this room, oldest first


class Poll(BaseModel):
    """A question with two to six answers; `votes`: mark → place of the answer."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    question: str
    answers: tuple[str, ...]
    votes: dict[str, int] = {}
    open: bool = True
    asked: float = 0.0

    def counts(self) -> list[int]:
        """How many chose each answer."""
        found = Counter(self.votes.values())
        return [found[place] for place in range(len(self.answers))]


class Preset(BaseModel):
    """A lab configuration that was sent: the query of the Priority lab's address."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    query: dict[str, str] = {}
    own_seeds: bool = False  # each student another seed
    sent: float = 0.0


class Room(BaseModel):
    """`owner`: the mark of the teacher; it stands in no address and is no secret that opens anything."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    code: str
    title: str
    owner: str
    created: float = 0.0
    joinable: bool = True
    held: bool = False  # all runs are paused, new ones too
    students: tuple[Student, ...] = ()
    removed: tuple[str, ...] = Field((), description="marks that may not join again")
    polls: tuple[Poll, ...] = ()
    preset: Preset | None = None
    spotlight: str | None = None  # a run of the room that all may watch
    recovery: str = ""  # what `digest_of` makes of the teacher's recovery word

    def student(self, mark: str) -> Student | None:
        return next((one for one in self.students if mark and one.mark == mark), None)

    def taught_by(self, mark: str) -> bool:
        """Whether the person with this mark is the room's teacher."""
        return bool(mark) and secrets.compare_digest(self.owner.encode(), mark.encode())

    def runs(self) -> list[str]:
        """All runs that were begun in the room."""
        return [run for student in self.students for run in student.runs]

    def whose(self, run_id: str) -> Student | None:
        return next((one for one in self.students if run_id in one.runs), None)

    def poll(self) -> Poll | None:
        """The newest."""
        return self.polls[-1] if self.polls else None

    def visible_to(self, mark: str, run_id: str) -> bool:
        """Whether the room shows this run to that person: an own one, the spotlighted one, to the teacher each."""
        whose = self.whose(run_id)
        if whose is None:
            return False
        return self.taught_by(mark) or run_id == self.spotlight or (bool(mark) and whose.mark == mark)


def new_code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(CODE_LETTERS))


def digest_of(word: str) -> str:
    """What is kept of a recovery word: it says whether one is right, and does not tell it."""
    return hashlib.sha256(f"precedence room {word}".encode()).hexdigest()


def is_code(text: str) -> bool:
    return len(text) == CODE_LETTERS and all(letter in LETTERS for letter in text)


def read_code(text: str) -> str:
    """A code as a person types it: capitals, spaces and dashes count for nothing."""
    code = "".join(letter for letter in text.lower() if letter not in " -\t\n")
    if not is_code(code):
        raise PrecedenceError(
            f"{text[:40]!r} is no code of a room; it has {CODE_LETTERS} letters and digits, such as k7mp2-xq9rt."
        )
    return code


def shown_code(code: str) -> str:
    """In two halves, to be read aloud."""
    return f"{code[: CODE_LETTERS // 2]}-{code[CODE_LETTERS // 2 :]}"
