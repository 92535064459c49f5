"""The catalogues that the Relevance page searches, loaded once for all sessions; the one open file of overrides.

NumPy and numba alone. Where a model's bags of the catalogue are not kept anywhere, another process makes them.
"""

from __future__ import annotations

import gc
import json
import threading

from core.errors import PrecedenceError
from core.home import home
from core.relevance.encoding.encoders import DeepBoWEncoder
from core.relevance.evaluation.quality import Figures, keep_quality, kept_quality
from core.relevance.index import Index
from core.relevance.index.index import MANIFEST
from core.relevance.overrides import OverrideLog
from core.relevance.searcher import Searcher
from core.relevance.stores.catalogue import BOTH, LANGUAGES, Catalogue, shop
from core.relevance.stores.collection import catalogue_of, folder_of
from core.relevance.stores.index_store import stamp, take
from core.relevance.stores.shop_bags import kept_bags, searcher_of_both, shop_encoder
from core.runs.sidecar.jobs import run_job

ENCODING_SECONDS = 600.0

_lock = threading.RLock()
_searchers: dict[str, dict[str, Searcher]] = {}  # by model, by language
_own: dict[str, tuple[int, Catalogue, Searcher]] = {}  # by name, with the time of its manifest
_log: OverrideLog | None = None
_measuring: threading.Thread | None = None
_problem = ""


def catalogue(language: str) -> Catalogue:
    return shop(language)


def searcher(language: str, model: str = "") -> Searcher:
    """The shop in one language or both by a model, by default the trained start, without overrides; loaded once."""
    with _lock:
        if model not in _searchers:
            _searchers[model] = _load(model)
        if language == BOTH and BOTH not in _searchers[model]:
            _searchers[model][BOTH] = searcher_of_both(_searchers[model])
        return _searchers[model][language]


def own(name: str) -> tuple[Catalogue, Searcher]:
    """A collection that somebody brought or trained; loaded at first use, and again when its index was changed."""
    folder = folder_of(name)
    changed = (folder / MANIFEST).stat().st_mtime_ns
    with _lock:
        held = _own.get(name)
        if held is None or held[0] != changed:
            found = take(folder)
            found.search("沙发 sofa", 1)  # the first search reads word lists and maps the index: nobody waits for it
            held = _own[name] = (changed, catalogue_of(folder, found.index), found)
        return held[1], held[2]


def forget(name: str) -> None:
    """Lets a collection go that is removed."""
    with _lock:
        _own.pop(name, None)


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
        threading.Thread(target=_warm, args=(found[language],), daemon=True).start()
    gc.collect()
    gc.freeze()  # Streamlit collects after every rerun: what stays for good need not be looked at again
    return found


def _warm(searcher: Searcher) -> None:
    """Counts the words of the titles, so that the first query does not wait for it."""
    searcher.reader.lexicon.warm()


def _encode(model: str) -> None:
    """Encodes the shop in a process of its own: it needs torch, and this one must not hold it."""
    run_job(["relevance", "index", "--keep", *(["--model", model] if model else [])], ENCODING_SECONDS)


def quality(name: str | None = None) -> list[Figures] | None:
    """A collection's figures and its peers', without a name the shop's; None where nobody has measured it."""
    if name is None:
        return kept_quality(searcher("en").index.vocabulary)
    return kept_quality(own(name)[1].index.vocabulary, folder_of(name))


def measure() -> None:
    """Measures the shop's model in the background; a second call while it runs changes nothing."""
    global _measuring, _problem
    with _lock:
        if not is_measuring():
            _problem = ""
            _measuring = threading.Thread(target=_measure, daemon=True)
            _measuring.start()


def is_measuring() -> bool:
    return _measuring is not None and _measuring.is_alive()


def measuring_problem() -> str:
    """Why the last measuring came to nothing; empty where it did not."""
    return _problem


def _measure() -> None:
    global _problem
    found = searcher("en")
    encoder, mark = found.encoder, found.index.vocabulary
    flags = ["--model", str(encoder.folder)] if isinstance(encoder, DeepBoWEncoder) else []
    try:
        said = run_job(["relevance", "evaluate", "--json", *flags], ENCODING_SECONDS)
        keep_quality(home() / "relevance" / mark, mark, json.loads(said.splitlines()[-1])["rows"])
    except (PrecedenceError, OSError, ValueError, KeyError, IndexError):
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
