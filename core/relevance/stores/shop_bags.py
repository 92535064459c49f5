"""The shop ready to be searched: bags made once for a model, kept beside it or in the home folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from core.data.text.vocabulary import Encoded
from core.files import write_whole
from core.home import PROGRAM, home
from core.records import UNREADABLE
from core.relevance.bags import Bag, Bags, gather
from core.relevance.encoding.encoders import has_start
from core.relevance.index import Index
from core.relevance.index.quantise import KEPT, quantise
from core.relevance.searcher import Searcher
from core.relevance.stores.catalogue import BOTH, GAP, LANGUAGES, shop, texts_of
from core.relevance.stores.index_store import STARTED, WORDS, AnyEncoder, Progress, encoder_of, stamp

SHIPPED = PROGRAM / "sample_data" / "relevance_bags"
"""Bags of the shop by the trained start, so that nothing has to be encoded before the first search."""


def shop_encoder(model: str | None = None) -> AnyEncoder:
    """The trained start where there is one, else word overlap over the shop's titles."""
    name = model or (STARTED if has_start() else WORDS)
    titles = [title for language in LANGUAGES for title in texts_of(shop(language).products)] if name == WORDS else []
    return encoder_of(name, titles)


def shop_searcher(language: str, progress: Progress | None = None, encoder: AnyEncoder | None = None) -> Searcher:
    """The shop in one language, or in both."""
    encoder = encoder or shop_encoder()
    if language == BOTH:
        return searcher_of_both({each: shop_searcher(each, progress, encoder) for each in LANGUAGES})
    bags = shop_bags(language, encoder, progress)
    return Searcher(encoder, Index.of(bags, shop(language).products, stamp(encoder), encoder.vocabulary.size))


def searcher_of_both(parts: Mapping[str, Searcher]) -> Searcher:
    """Each product under both its titles, from the indexes of the languages: its bag holds the words of both."""
    one, other = (parts[language] for language in LANGUAGES)
    vocabulary, products = one.encoder.vocabulary, shop(BOTH).products
    bags = []
    for row, product in enumerate(products):
        places = {
            unit: place for place, unit in reversed(list(enumerate(_units(vocabulary.encode(product.title)))))
        }  # fmt: skip
        title = one.index.product(row).title
        entries: dict[int, tuple[float, int, int]] = {}
        for searcher, shift in ((one, 0), (other, len(title) + len(GAP))):
            held = searcher.index.bag(row)
            units = _units(vocabulary.encode(searcher.index.product(row).title), shift)
            for term, weight, kind, source in zip(
                held.ids.tolist(), held.weights.tolist(), held.kinds.tolist(), held.sources.tolist(), strict=True
            ):
                place = places.get(units[source], -1) if 0 <= source < len(units) else -1
                entries[term] = max(entries.get(term, (0.0, 0, 0)), (weight, kind, place))
        terms = sorted(entries)
        weights, kinds, sources = zip(*(entries[term] for term in terms), strict=True) if terms else ((), (), ())
        bags.append(Bag(np.array(terms, np.uint32), np.array(weights, np.float32), np.array(kinds, np.uint8),
                        np.array(sources, np.int16)))  # fmt: skip
    index = Index.of(gather(bags), products, one.index.vocabulary, vocabulary.size, kept=2 * KEPT)
    return Searcher(one.encoder, index)


def _units(encoded: Encoded, shift: int = 0) -> list[tuple[int, int, int]]:
    """Term and place of each unit of a text that begins `shift` characters later."""
    spans = zip(encoded.word_ids.tolist(), encoded.spans, strict=True)
    return [(term, start + shift, end + shift) for term, (start, end) in spans]


def shop_bags(language: str, encoder: AnyEncoder, progress: Progress | None = None) -> Bags:
    """The bags of the shop's titles: read where they are kept, else encoded, which may need torch, and kept."""
    mark = stamp(encoder)
    bags = kept_bags(language, mark)
    if bags is None:
        bags = encoder.products(texts_of(shop(language).products), progress)
        keep_bags(home() / "relevance" / mark, language, bags, encoder.vocabulary.size, mark)
    return bags


def kept_bags(language: str, mark: str) -> Bags | None:
    """Bags by the model with that stamp, shipped or kept earlier; None where there are none."""
    for folder in (SHIPPED, home() / "relevance" / mark):
        file = folder / f"{language}.npz"
        if file.is_file():
            try:
                with np.load(file, allow_pickle=False) as found:
                    if str(found["stamp"]) == mark and len(found["lengths"]) == len(shop(language).products):
                        return _read(found)
            except UNREADABLE:  # half a file: made again
                continue
    return None


def keep_bags(folder: Path, language: str, bags: Bags, terms: int, mark: str) -> Path:
    """Bags as an index keeps them, compressed; rounding and cutting them again changes nothing."""
    small = quantise(bags, terms)
    folder.mkdir(parents=True, exist_ok=True)

    def write(unfinished: Path) -> None:
        with unfinished.open("wb") as target:  # a bare name would be given an ending
            np.savez_compressed(
                target, lengths=np.diff(small.starts).astype(np.uint8), ids=small.ids, steps=small.steps,
                kinds=small.kinds, sources=small.sources, scale=np.float64(small.scale), stamp=np.array(mark),
            )  # fmt: skip

    write_whole(folder / f"{language}.npz", write)
    return folder / f"{language}.npz"


def _read(found: np.lib.npyio.NpzFile) -> Bags:
    starts = np.concatenate(([0], np.cumsum(found["lengths"], dtype=np.int64)))
    weights = (found["steps"] * float(found["scale"])).astype(np.float32)
    return Bags(starts, found["ids"].astype(np.uint32), weights, found["kinds"], found["sources"].astype(np.int16))
