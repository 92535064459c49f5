"""Texts to bags: what leaves the network is what the network scores, in torch and in NumPy, on disk and back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from core.data.dataset import Dataset
from core.data.text.vocabulary import Vocabulary
from core.errors import PrecedenceError
from core.models.build import build
from core.models.deepbow_config import DeepBoWConfig
from core.models.network import Network
from core.relevance.bags import Kind, dot
from core.relevance.encoding.model_store import ModelCard, load_network, read_vocabulary, save_model
from core.relevance.encoding.network import encode_products, encode_queries
from core.relevance.encoding.query import QueryEncoder

CONFIG = DeepBoWConfig(dim=16, feed_forward=16, average_length=4.0, layers=2)
TEXTS = [
    "red hide sofa",
    "棕色 手机 T21",
    "unheard words 📱",
    "phone phone case",
    "mobile case on a table",
    "<b>red</b> sofa " * 60,
    "",
    "沙",
]


def loud(network: Network) -> Network:
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter += 0.2 * torch.randn(parameter.shape, generator=generator)
    return network.eval()


@pytest.fixture(scope="module")
def network(pairs: Dataset) -> Network:
    return loud(build(CONFIG, pairs.description, 1))


@pytest.fixture(scope="module")
def saved(network: Network, pairs: Dataset, vocabulary: Vocabulary, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saved") / "model"
    card = ModelCard(config=CONFIG, description=pairs.description, seed=1, steps=0, measures={}, says="Made up.")
    save_model(folder, network, card, vocabulary)
    return folder


def test_products_of_bags_are_the_network_s_scores(
    network: Network, pairs: Dataset, vocabulary: Vocabulary, pairs_folder: Path
) -> None:
    import duckdb

    texts = {
        side: [row[0] for row in duckdb.sql(f"SELECT text FROM '{pairs_folder}/{side}.parquet'").fetchall()]
        for side in ("query", "product")
    }
    queries = encode_queries(network, vocabulary, texts["query"])
    products = encode_products(network, vocabulary, texts["product"])
    rows = torch.arange(0, 210, 3)
    batch = pairs.batch(rows)
    with torch.no_grad():
        part = network.embedding.assemble(network.table[network.embedding.row_numbers(batch)], batch)
        heads, encoder = network.sharing.bags, network.sharing.encoder
        asked, held = heads.bags("query", encoder(part.query)), heads.bags("product", encoder(part.product))
        wanted = heads.score(asked, held, part)
    for at, row in enumerate(rows.tolist()):
        one, other = queries[int(pairs.keys["query"][row])], products[int(pairs.keys["product"][row])]
        assert dot(one, other) == pytest.approx(wanted[at].item(), rel=1e-4, abs=1e-5)


def test_every_entry_names_its_kind_and_its_source(network: Network, vocabulary: Vocabulary) -> None:
    bags = encode_products(network, vocabulary, TEXTS)
    assert len(bags) == len(TEXTS)
    seen = set()
    for row, text in enumerate(TEXTS):
        bag, encoded = bags[row], vocabulary.encode(text)
        assert np.all(np.diff(bag.ids.astype(int)) > 0)
        assert np.all(bag.weights > 0)
        for id, kind, source in zip(bag.ids.tolist(), bag.kinds.tolist(), bag.sources.tolist(), strict=True):
            seen.add(kind)
            if kind == Kind.EXPANSION:
                assert id not in encoded.word_ids
                assert 0 <= source < encoded.words
                assert id < vocabulary.first_ngram
            else:
                assert encoded.word_ids[source] == id
                assert (source >= encoded.whole) == (kind == Kind.CHARACTER)
                assert vocabulary.term(id).kind == {0: "word", 2: "ngram", 3: "bucket", 4: "word", 5: "word"}[kind]
    assert len(bags[6]) == 0
    assert {Kind.EXACT, Kind.EXPANSION, Kind.BUCKET, Kind.CHARACTER} <= seen


def test_progress_is_told(network: Network, vocabulary: Vocabulary) -> None:
    told = []
    encode_products(network, vocabulary, TEXTS, lambda done, of: told.append((done, of)))
    assert told[-1] == (len(TEXTS), len(TEXTS))


def test_numpy_gives_the_bags_of_torch(saved: Path, vocabulary: Vocabulary) -> None:
    encoder = QueryEncoder.load(saved)
    bags = encode_queries(load_network(saved), vocabulary, TEXTS)
    for row, text in enumerate(TEXTS):
        found, wanted = encoder.encode(text), bags[row]
        assert np.array_equal(found.ids, wanted.ids)
        assert np.array_equal(found.kinds, wanted.kinds)
        assert np.array_equal(found.sources, wanted.sources)
        assert np.allclose(found.weights, wanted.weights, atol=1e-5)
        if len(found):
            assert found.weights.sum() == pytest.approx(1, abs=1e-5)


def test_a_model_comes_back_from_disk(saved: Path, network: Network, vocabulary: Vocabulary) -> None:
    again = load_network(saved)
    assert read_vocabulary(saved) == vocabulary
    before, after = (encode_queries(one, vocabulary, TEXTS[:2]) for one in (network, again))
    assert np.allclose(before.weights, after.weights, atol=1e-2)  # weights are kept in 16 bits


def test_what_is_no_model_is_refused_in_one_sentence(tmp_path: Path, saved: Path, pairs: Dataset) -> None:
    with pytest.raises(PrecedenceError, match="no readable relevance model"):
        load_network(tmp_path)
    with pytest.raises(PrecedenceError, match="only the training process"):
        QueryEncoder(DeepBoWConfig(query="expansion"), read_vocabulary(saved), {})
