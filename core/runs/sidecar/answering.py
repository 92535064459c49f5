"""The side process's loop: requests in, answers out, a line of JSON each, in the order of asking.

    {"id": 7, "name": "directions", "arguments": {...}}   →   {"id": 7, "result": ...}
                                                      or      {"id": 7, "problem": "a sentence"}

The first line, {"ready": true}, says that everything is imported.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, TextIO

from pydantic import ValidationError

from core.errors import PrecedenceError, first_problem

Calculation = Callable[[Any], Any]
DEFECT = "The calculation ended with an error of this program; the server's console has the full report."

_log = logging.getLogger(__name__)


def answer(line: str, calculations: Mapping[str, Calculation]) -> dict[str, Any]:
    """The answer to one request; whatever goes wrong becomes a sentence, so that the next one is still served."""
    request: Any = None
    try:
        request = json.loads(line)
        calculation = calculations.get(request["name"])
        if calculation is None:
            known = ", ".join(calculations)
            raise PrecedenceError(f"There is no calculation named {request['name']!r}; ask for one of {known}.")
        return {"id": request["id"], "result": calculation(request["arguments"])}
    except PrecedenceError as error:
        problem = str(error)
    except ValidationError as error:
        problem = _sentence(error)
    except Exception:
        _log.exception("the calculation %r failed", line[:200])
        problem = DEFECT
    return {"id": request.get("id") if isinstance(request, dict) else None, "problem": problem}


def serve(requests: TextIO, answers: TextIO, calculations: Mapping[str, Calculation]) -> None:
    """Answers every line of `requests` until there is no more."""
    _say(answers, {"ready": True})
    for line in requests:
        said = answer(line, calculations)
        try:
            _say(answers, said)
        except ValueError:  # a number that is not finite has no JSON
            _say(answers, {"id": said["id"], "problem": "The result is not finite; ask with smaller numbers."})


def _say(answers: TextIO, message: dict[str, Any]) -> None:
    answers.write(json.dumps(message, separators=(",", ":"), allow_nan=False) + "\n")
    answers.flush()


def _sentence(error: ValidationError) -> str:
    place, given, problem = first_problem(error)
    return f"'{'.'.join(map(str, place)) or 'arguments'}' = {str(given)[:80]} cannot be used: {problem}."
