"""What may happen in a room, each change a function from a room to the next one; refusals are sentences."""

from __future__ import annotations

import secrets
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence

from core.classroom.room import LETTERS, MOST_POLLS, MOST_STUDENTS, Poll, Preset, Room, Student, digest_of
from core.errors import PrecedenceError

Change = Callable[[Room], Room]
LONGEST_NAME, LONGEST_TITLE, LONGEST_QUESTION, LONGEST_ANSWER = 24, 60, 200, 80
MOST_ANSWERS = 6
RESERVED = frozenset({"teacher", "admin"})
_TELLS_NOTHING = ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp")  # control, direction, joiners, private, surrogates


def clean(text: str, longest: int, what: str) -> str:
    """One line of printable text, without signs that hide, turn or break others; of at most `longest` characters."""
    text = unicodedata.normalize("NFKC", text)
    text = " ".join("".join(" " if unicodedata.category(sign) in _TELLS_NOTHING else sign for sign in text).split())
    marks = sum(unicodedata.category(sign) == "Mn" for sign in text)
    if not any(sign.isalnum() for sign in text):
        raise PrecedenceError(f"{what} has no letter or digit in it; type one.")
    if len(text) > longest or 2 * marks > len(text):
        raise PrecedenceError(f"{what} is {len(text)} characters long, {text[:20]!r}…; at most {longest} fit.")
    return text


def new_room(code: str, title: str, owner: str) -> Room:
    if not owner:
        raise PrecedenceError("Only somebody who may start runs can open a room; sign in first.")
    title = clean(title or "My class", LONGEST_TITLE, "The name of the room")
    return Room(code=code, title=title, owner=owner, created=time.time())


def join(room: Room, mark: str, name: str) -> Room:
    """A student comes in, or takes another name."""
    if not mark:
        raise PrecedenceError("Joining needs a cookie or an account; allow cookies for this site, or sign in.")
    name = clean(name, LONGEST_NAME, "The nickname")
    before = room.student(mark)
    if mark in room.removed:
        raise PrecedenceError("The teacher has taken you out of this room.")
    if before is None and not room.joinable:
        raise PrecedenceError("Nobody else can join this room now; ask the teacher to open it again.")
    if before is None and len(room.students) >= MOST_STUDENTS:
        raise PrecedenceError(f"The room is full: {MOST_STUDENTS} have joined.")
    if name.casefold() in RESERVED or any(
        one.name.casefold() == name.casefold() for one in room.students if one.mark != mark
    ):
        raise PrecedenceError(f"The nickname {name!r} is taken; choose another.")
    if before is None:
        student = Student(mark=mark, name=name, joined=time.time())
        return room.model_copy(update={"students": (*room.students, student)})
    return _with(room, before.model_copy(update={"name": name}))


def leave(room: Room, mark: str) -> Room:
    """The student and all that the room knows of him; his runs stay his own."""
    student = room.student(mark)
    if student is None:
        return room
    polls = tuple(
        poll.model_copy(update={"votes": {who: at for who, at in poll.votes.items() if who != mark}})
        for poll in room.polls
    )
    spotlight = None if room.spotlight in student.runs else room.spotlight
    students = tuple(one for one in room.students if one.mark != mark)
    return room.model_copy(update={"students": students, "polls": polls, "spotlight": spotlight})


def remove(room: Room, mark: str) -> Room:
    """As `leave`, for good."""
    _student(room, mark)
    return leave(room, mark).model_copy(update={"removed": (*room.removed, mark)})


def add_run(room: Room, mark: str, run_id: str) -> Room:
    """A run that a student began while in the room stands on its wall."""
    student = _student(room, mark)
    if run_id in student.runs:
        return room
    return _with(room, student.model_copy(update={"runs": (*student.runs, run_id)}))


def ask(room: Room, question: str, answers: Sequence[str]) -> Room:
    """A new poll; one that is open is closed by it."""
    question = clean(question, LONGEST_QUESTION, "The question")
    chosen = [clean(answer, LONGEST_ANSWER, "An answer") for answer in answers if answer.strip()]
    if not 2 <= len(chosen) <= MOST_ANSWERS:
        raise PrecedenceError(f"A question needs 2 to {MOST_ANSWERS} answers, a line each; there are {len(chosen)}.")
    if len({answer.casefold() for answer in chosen}) < len(chosen):
        raise PrecedenceError("Two answers are the same; make them differ.")
    if len(room.polls) >= MOST_POLLS:
        raise PrecedenceError(f"The room has had {MOST_POLLS} questions; open a new room.")
    poll = Poll(question=question, answers=tuple(chosen), asked=time.time())
    return room.model_copy(update={"polls": (*close_poll(room).polls, poll)})


def vote(room: Room, mark: str, answer: int) -> Room:
    """A student's answer to the open poll; a later one takes its place."""
    _student(room, mark)
    poll = room.poll()
    if poll is None or not poll.open:
        raise PrecedenceError("No question is open now.")
    if not 0 <= answer < len(poll.answers):
        raise PrecedenceError(f"The question has {len(poll.answers)} answers; there is no number {answer + 1}.")
    return _with_poll(room, poll.model_copy(update={"votes": {**poll.votes, mark: answer}}))


def close_poll(room: Room) -> Room:
    """No more answers; the students now see how many chose which."""
    poll = room.poll()
    return room if poll is None else _with_poll(room, poll.model_copy(update={"open": False}))


def spotlight(room: Room, run_id: str | None) -> Room:
    """All may watch this run of the room; None: none."""
    if run_id is not None and room.whose(run_id) is None:
        raise PrecedenceError(f"Run {run_id} was not begun in this room, so it cannot be shown to all.")
    return room.model_copy(update={"spotlight": run_id})


def send(room: Room, query: Mapping[str, str], own_seeds: bool = False) -> Room:
    """Offers a lab configuration to everybody; nothing starts before a student clicks."""
    return room.model_copy(update={"preset": Preset(query=dict(query), own_seeds=own_seeds, sent=time.time())})


def preset_of(room: Room, mark: str) -> dict[str, str]:
    """What this student trains: the configuration that was sent, with a seed of the student's own where asked for.

    Tasks alone are then left out: each seed has others, and they are two thirds of what a class would wait for.
    """
    place = next((at for at, one in enumerate(room.students) if one.mark == mark), None)
    if place is None or room.preset is None:
        raise PrecedenceError("There is nothing to train in this room yet.")
    query = dict(room.preset.query)
    if room.preset.own_seeds:
        query |= {"seed": str(int(query.get("seed", "0")) + place), "reference": "false"}
    return query


def hold(room: Room, held: bool) -> Room:
    return room.model_copy(update={"held": held})


def set_recovery(room: Room, word: str) -> Room:
    """The word that gives the controls to another browser, once; one that was given before is void."""
    return room.model_copy(update={"recovery": digest_of(word)})


def recover(room: Room, mark: str, word: str) -> Room:
    """Whoever brings the word is the teacher from now on, and the word is used up."""
    typed = "".join(letter for letter in word.lower() if letter in LETTERS)
    if not mark:
        raise PrecedenceError("Taking over a room needs a cookie or an account; allow cookies here, or sign in.")
    if not room.recovery or not secrets.compare_digest(room.recovery, digest_of(typed)):
        raise PrecedenceError("This is not the room's recovery word, or it was used; it has 16 letters and digits.")
    return leave(room, mark).model_copy(update={"owner": mark, "recovery": ""})


def let_join(room: Room, joinable: bool) -> Room:
    return room.model_copy(update={"joinable": joinable})


def _student(room: Room, mark: str) -> Student:
    student = room.student(mark)
    if student is None:
        raise PrecedenceError("You have not joined this room; type a nickname first.")
    return student


def _with(room: Room, student: Student) -> Room:
    students = tuple(student if one.mark == student.mark else one for one in room.students)
    return room.model_copy(update={"students": students})


def _with_poll(room: Room, poll: Poll) -> Room:
    return room.model_copy(update={"polls": (*room.polls[:-1], poll)})
