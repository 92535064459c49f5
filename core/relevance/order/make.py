"""The points of the shop and of a collection: trained, measured, kept beside the bags or the index."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.progress import Report
from core.relevance.aims import KeptAims, keep_aims, read_aims, shop_aims
from core.relevance.index import Index
from core.relevance.order.fronts import Fronts, keep_fronts
from core.relevance.order.lists import JudgedLists, lists_of
from core.relevance.order.training import train_front, untrainable
from core.relevance.searcher import Searcher
from core.relevance.stores.catalogue import LANGUAGES, JudgedQuery, shop
from core.relevance.stores.index_store import take
from core.relevance.stores.shop_bags import shop_searcher
from core.relevance.stores.uploaded import read_judged

Parts = Sequence[tuple[Searcher, Sequence[JudgedQuery]]]


def shop_parts() -> Parts:
    """Both languages: their queries are judged together."""
    return [(shop_searcher(language), shop(language).queries) for language in LANGUAGES]


def shop_kept() -> KeptAims:
    return KeptAims([product.key for product in shop("en").products], shop_aims())


def lists_of_aims(parts: Parts, kept: KeptAims) -> list[JudgedLists]:
    """Those of each aim."""
    place = {key: at for at, key in enumerate(kept.keys)}
    return [lists_of(parts, aim, place.__getitem__, kept.gains) for aim in kept.aims]


def make_shop(folder: Path, report: Report, seed: int = 0) -> Fronts:
    """The shop's, in a folder, with the numbers that a search adds."""
    parts, kept = shop_parts(), shop_kept()
    folder.mkdir(parents=True, exist_ok=True)
    keep_aims(folder, kept)
    fronts = _made(parts, kept, parts[0][0].index.vocabulary, report, seed)
    keep_fronts(folder, fronts)
    return fronts


def make_collection(folder: Path, report: Report, seed: int = 0) -> Fronts | None:
    """A collection's, in its folder; None where it has no number that its order could serve."""
    kept = read_aims(folder)
    if not kept.aims:
        return None
    fronts = _made([(take(folder), read_judged(folder))], kept, Index.opened(folder).vocabulary, report, seed)
    keep_fronts(folder, fronts)
    return fronts


def _made(parts: Parts, kept: KeptAims, stamp: str, report: Report, seed: int) -> Fronts:
    fronts = []
    for aim, lists in zip(kept.aims, lists_of_aims(parts, kept), strict=True):
        if why := untrainable(lists):
            return Fronts(stamp=stamp, untrained=why)
        said = f"training the order between relevance and {aim.title}"
        fronts.append(
            train_front(lists, aim, seed=seed, report=lambda done, count, said=said: report(said, done, count))  # type: ignore[misc]
        )
    return Fronts(stamp=stamp, fronts=tuple(fronts))
