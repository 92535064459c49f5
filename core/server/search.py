"""The catalogues that the Relevance page searches, loaded once for all sessions; the one open file of overrides.

NumPy and numba alone. Where a model's bags of the catalogue are not kept anywhere, another process makes them.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import core
from core.errors import PrecedenceError
from core.home import home
from core.relevance.catalogue import LANGUAGES, Catalogue, shop
from core.relevance.encoders import DeepBoWEncoder
from core.relevance.index import Index
from core.relevance.overrides import OverrideLog
from core.relevance.quality import Figures, keep_quality, kept_quality
from core.relevance.searcher import Searcher
from core.relevance.shelf import stamp
from core.relevance.stock import kept_bags, shop_encoder

ENCODING_SECONDS = 600.0

_PROGRAM = Path(core.__file__).resolve().parents[1]
_lock = threading.RLock()
_searchers: dict[str, dict[str, Searcher]] = {}  # by model, by language
_log: OverrideLog | None = None
_measuring: threading.Thread | None = None
_problem = ""


def catalogue(language: str) -> Catalogue:
    return shop(language)


def searcher(language: str, model: str = "") -> Searcher:
    """The shop in one language by a model, without overrides; loaded at first use. Default: the trained start."""
    with _lock:
        if model not in _searchers:
            _searchers[model] = _load(model)
        return _searchers[model][language]


def _load(model: str) -> dict[str, Searcher]:
    encoder = shop_encoder(model or None)
    mark = stamp(encoder)
    found = {}
    for language in LANGUAGES:
        bags = kept_bags(language, mark)
        if bags is None:
            _encode(model)
            bags = kept_bags(language, mark)
        if bags is None:
            raise PrecedenceError("The catalogue could not be encoded; the server's console says why.")
        index = Index.of(bags, shop(language).products, mark, encoder.vocabulary.size)
        found[language] = Searcher(encoder, index)
        found[language].search("", 1)
    return found


def _encode(model: str) -> None:
    """Encodes the shop in a process of its own: it needs torch, and this one must not hold it."""
    command = [sys.executable, "-m", "core", "relevance", "index", "--keep", *(["--model", model] if model else [])]
    try:
        subprocess.run(command, cwd=_PROGRAM, check=True, timeout=ENCODING_SECONDS, start_new_session=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise PrecedenceError("The catalogue could not be encoded; the server's console says why.") from error


def quality(model: str = "") -> list[Figures] | None:
    """The model's figures and its peers'; None where nobody has measured it."""
    return kept_quality(searcher("en", model).index.vocabulary)


def measure(model: str = "") -> None:
    """Measures it in the background; a second call while it runs changes nothing."""
    global _measuring, _problem
    with _lock:
        if not is_measuring():
            _problem = ""
            _measuring = threading.Thread(target=_measure, args=(model,), daemon=True)
            _measuring.start()


def is_measuring() -> bool:
    return _measuring is not None and _measuring.is_alive()


def measuring_problem() -> str:
    """Why the last measuring came to nothing; empty where it did not."""
    return _problem


def _measure(model: str) -> None:
    global _problem
    found = searcher("en", model)
    encoder, mark = found.encoder, found.index.vocabulary
    flags = ["--model", str(encoder.folder)] if isinstance(encoder, DeepBoWEncoder) else []
    command = [sys.executable, "-m", "core", "relevance", "evaluate", "--json", *flags]
    try:
        done = subprocess.run(
            command, cwd=_PROGRAM, check=True, timeout=ENCODING_SECONDS, stdout=subprocess.PIPE, start_new_session=True
        )
        keep_quality(home() / "relevance" / mark, mark, json.loads(done.stdout.splitlines()[-1])["rows"])
    except (OSError, ValueError, KeyError, IndexError, subprocess.SubprocessError):
        _problem = "The model could not be measured; the server's console says why."


def overrides() -> OverrideLog:
    """The overrides of this home, opened at first use."""
    global _log
    with _lock:
        if _log is None:
            _log = OverrideLog(home() / "overrides.duckdb")
        return _log


def close() -> None:
    """Lets the file of overrides go."""
    global _log
    with _lock:
        if _log is not None:
            _log.close()
        _log = None
