"""An index in a folder together with the encoder that made it, so that it can be searched anywhere.

FOLDER/index.json, segment-1 …    the index
FOLDER/model/                     a saved network, or for BM25 its vocabulary and bm25.json
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import Path

import numpy as np

from core.data.text.build import VocabularySizes, build_vocabulary, with_fields
from core.data.text.fields import title_of
from core.data.text.vocabulary import Vocabulary
from core.errors import PrecedenceError
from core.files import whole_folder, write_text
from core.relevance.encoding.bm25 import K1, B, BM25Encoder, usual_length
from core.relevance.encoding.encoders import DeepBoWEncoder
from core.relevance.encoding.model_store import CARD, START, VOCABULARY
from core.relevance.encoding.word_overlap import LexicalEncoder
from core.relevance.index import Index, Product
from core.relevance.searcher import Searcher

MODEL = "model"
WORDS = "words"  # the name of BM25 where a model is asked for
STARTED = "start"  # the name of the trained start
EVERY_WORD = VocabularySizes(words=200_000, least=1, buckets=4096)
"""Of BM25: no network grows with it, so no two words that a catalogue holds need to share a number."""
_BM25 = "bm25.json"  # an index of before has none: it is searched by word overlap
Progress = Callable[[int, int], None]
AnyEncoder = DeepBoWEncoder | LexicalEncoder


def model_folder(name: str) -> Path:
    """The folder that a model's name stands for."""
    folder = START if name == STARTED else Path(name)
    if not (folder / CARD).is_file():
        raise PrecedenceError(
            f"There is no relevance model in {folder.name!r}; name {WORDS}, {STARTED} or a folder that "
            "`relevance train --out` made."
        )
    return folder


def encoder_of(model: str, texts: Sequence[str]) -> AnyEncoder:
    """The encoder by that name; BM25 counts its vocabulary from product texts."""
    if model == WORDS:
        vocabulary = with_fields(build_vocabulary(map(title_of, texts), EVERY_WORD), texts)
        return BM25Encoder(vocabulary, usual_length(vocabulary, texts))
    return DeepBoWEncoder(model_folder(model))


def share_known(vocabulary: Vocabulary, titles: Sequence[str]) -> float:
    """The share of the words of `titles` that have a number of their own in it; of no words 0."""
    ids = [encoded.word_ids[: encoded.words] for encoded in map(vocabulary.encode, titles)]
    words = np.concatenate(ids) if ids else np.zeros(0)
    return float((words < vocabulary.first_ngram).mean()) if len(words) else 0.0


def stamp(encoder: AnyEncoder) -> str:
    """Changes with everything that changes a bag."""
    digest = blake2b(encoder.vocabulary.model_dump_json().encode(), digest_size=12)
    if isinstance(encoder, BM25Encoder):
        digest.update(_numbers(encoder).encode())
    if isinstance(encoder, DeepBoWEncoder):
        for file in sorted(encoder.folder.glob("*")):
            if file.name != VOCABULARY:
                digest.update(file.read_bytes())
    return digest.hexdigest()


def build(
    encoder: AnyEncoder,
    products: Sequence[Product],
    progress: Progress | None = None,
    indexing: Callable[[], None] = lambda: None,
) -> Searcher:
    """Encodes a catalogue and indexes it, in memory; `indexing` is called between the two."""
    bags = encoder.products([product.text for product in products], progress)
    indexing()
    return Searcher(encoder, Index.of(bags, products, stamp(encoder), encoder.vocabulary.size))


def put(searcher: Searcher, folder: Path) -> None:
    """Writes index and encoder to a folder."""
    encoder, beside = searcher.encoder, folder / MODEL
    if not beside.exists():
        with whole_folder(beside) as unfinished:
            if isinstance(encoder, DeepBoWEncoder):
                shutil.copytree(encoder.folder, unfinished, dirs_exist_ok=True)
            else:
                encoder.vocabulary.save(unfinished / VOCABULARY)
                if isinstance(encoder, BM25Encoder):
                    write_text(unfinished / _BM25, _numbers(encoder))
    searcher.index.save(folder)


def take(folder: Path) -> Searcher:
    """The searcher that `put` wrote; one whose index and model do not belong together is refused."""
    index = Index.opened(folder)
    beside = folder / MODEL
    encoder = DeepBoWEncoder(beside) if (beside / CARD).is_file() else _without_network(beside)
    if index.vocabulary != stamp(encoder):
        raise PrecedenceError(
            f"The index in {folder.name} was made by another model than the one beside it; build it again."
        )
    return Searcher(encoder, index)


def _numbers(encoder: BM25Encoder) -> str:
    return json.dumps({"usual": encoder.usual, "k1": K1, "b": B}) + "\n"


def _without_network(folder: Path) -> LexicalEncoder:
    vocabulary = Vocabulary.load(folder / VOCABULARY)
    if not (folder / _BM25).is_file():
        return LexicalEncoder(vocabulary)
    try:
        return BM25Encoder(vocabulary, float(json.loads((folder / _BM25).read_bytes())["usual"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PrecedenceError(f"The file {folder / _BM25} is damaged; build the index again.") from error
