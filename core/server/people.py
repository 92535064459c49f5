"""Who somebody is to this server: a cookie of the browser's own or, with sign-in, the account; and what a role may do.

Records hold a mark of the person, a hash from which the cookie cannot be guessed, so a copy of the home lets nobody
act as somebody else. Whoever came without a cookie is nobody: what is shared can be seen, nothing can be changed.
"""

from __future__ import annotations

import functools
import hashlib
import logging
import os
import re
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from core.errors import PrecedenceError
from core.files import write_text
from core.home import home
from core.records import read_words

Role = Literal["nobody", "watcher", "member", "teacher", "admin"]
ROLES: tuple[Role, ...] = ("nobody", "watcher", "member", "teacher", "admin")
"""From least to most. A member starts runs and owns them; a teacher may also stop and share those of others; an admin
may do everything. Without sign-in every visitor is a member, and who opened the one-time address of the console an
admin."""

COOKIE = "precedence_person"
A_YEAR_SECONDS = 365 * 86400
_SHAPE = re.compile(r"[A-Za-z0-9_-]{32,64}")
_MARK_DIGITS = 24
ROLES_VARIABLE = "PRECEDENCE_ROLES"
"""With sign-in: `admin=ann@school.example;teacher=ben@school.example;*=member`, roles by address; `*`: all others."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Person:
    """`mark` stands in records as the owner; empty for nobody."""

    mark: str
    role: Role
    name: str = ""  # of the account, with sign-in


NOBODY = Person("", "nobody")


def new_cookie() -> str:
    return secrets.token_urlsafe(32)


def mark_of(secret: str) -> str:
    """What records hold of a cookie or an account."""
    return hashlib.sha256(f"precedence person {secret}".encode()).hexdigest()[:_MARK_DIGITS]


def person_of_cookie(cookies: Mapping[str, str]) -> Person:
    """Without sign-in: whoever brings a cookie of the right shape is the person that it names."""
    cookie: object = cookies.get(COOKIE, "")
    if not isinstance(cookie, str) or not _SHAPE.fullmatch(cookie):  # a test without a browser has no real one
        return NOBODY
    mark = mark_of(cookie)
    return Person(mark, "admin" if mark in _admins.marks() else "member")


def person_of_claims(claims: Mapping[str, Any]) -> Person:
    """With sign-in: who the provider says it is. An address that the provider does not vouch for (`email_verified`
    false) gives no role and nobody's things: then the account is its number there."""
    name, email = str(claims.get("name") or ""), str(claims.get("email") or "")
    if email and claims.get("email_verified") not in (False, "false"):
        return person_of_account(email, name)
    number = f"{claims.get('iss') or ''} {claims.get('sub') or ''}"
    return person_of_account(number, name or "an account") if claims.get("sub") else NOBODY


def person_of_account(email: str, name: str = "") -> Person:
    """With sign-in: the account, in the role that PRECEDENCE_ROLES gives it."""
    roles = roles_of_accounts()
    role = roles.get(email.lower(), roles.get("*", "member"))
    return Person(mark_of(f"account {email.lower()}"), role, name or email)


@functools.lru_cache(maxsize=4)
def _read_roles(text: str) -> dict[str, Role]:
    found: dict[str, Role] = {}
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        role, _, whom = part.partition("=")
        if part.startswith("*="):
            role, whom = whom, "*"
        if role not in ROLES[1:] or not whom:
            raise PrecedenceError(
                f"{ROLES_VARIABLE} has {part[:60]!r}; expected {', '.join(ROLES[1:])}, each with = and an address, "
                "and semicolons in between."
            )
        for one in whom.split(","):
            found[one.strip().lower()] = role
    return found


def roles_of_accounts() -> dict[str, Role]:
    """Address → role, as the operator says; raises PrecedenceError where that cannot be read."""
    return _read_roles(os.environ.get(ROLES_VARIABLE, ""))


class _Admins:
    """The browsers that opened the one-time address; kept in the home, so that they stay admins after a restart."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._code: str | None = None
        self._marks: set[str] | None = None

    @staticmethod
    def _file() -> Path:
        return home() / "admins"

    def marks(self) -> set[str]:
        with self._lock:
            if self._marks is None:
                try:
                    self._marks = set(read_words(self._file(), "it is made anew when an admin signs in").split(","))
                except (FileNotFoundError, PrecedenceError):
                    self._marks = set()
            return self._marks

    def invite(self) -> str:
        """A code that makes one browser an admin, once; a newer one takes the place of an older."""
        with self._lock:
            self._code = secrets.token_urlsafe(24)
            return self._code

    def accept(self, code: str, cookie: str) -> bool:
        """Whether the code was right and had not been used; then the browser with this cookie is an admin."""
        if not _SHAPE.fullmatch(cookie):
            return False
        with self._lock:
            if self._code is None or not secrets.compare_digest(self._code.encode(), code.encode()):
                return False
            self._code = None
        marks = self.marks() | {mark_of(cookie)}
        with self._lock:
            self._marks = marks
            try:
                write_text(self._file(), ",".join(sorted(marks)))
                self._file().chmod(0o600)
            except OSError as error:  # until the server ends it holds all the same
                _log.warning("who is an admin could not be written (%s)", error)
        return True

    def forget(self) -> None:
        """Read again at the next look; for tests and for a home that changed."""
        with self._lock:
            self._marks = self._code = None


_admins = _Admins()
invite_admin = _admins.invite
accept_admin = _admins.accept
forget_admins = _admins.forget
