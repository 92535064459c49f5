"""Orders of judged products and of a whole catalogue; a sparse peer from weights on disk."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from core.__main__ import main
from core.relevance.evaluation.cross_validation import orders
from core.relevance.evaluation.evaluate import Test as Judgements
from core.relevance.evaluation.peers.lexical import bm25_of_catalogue, bm25_scores
from core.relevance.evaluation.peers.splade_tiny import SpladeTiny


def test_what_nobody_judged_is_a_miss_of_the_catalogue() -> None:
    test = Judgements(
        "made up", ["q", "unjudged"], ["a", "b", "c", "d"], np.array([0, 0]), np.array([0, 2]), np.array([3.0, 1.0]),
        frozenset(), (0.0, 0.01, 0.1, 1.0),
    )  # fmt: skip
    scores = np.array([[0.5, 0.9, 0.1, 0.0], [0, 0, 0, 0]], np.float32)
    ((judged, catalogue),) = orders(test, scores)
    best = 1 + 0.01 / np.log2(3)
    assert judged == pytest.approx(1.0)
    assert catalogue == pytest.approx((1 / np.log2(3) + 0.01 / np.log2(4)) / best)


def test_bm25_of_a_catalogue_is_bm25_of_its_pairs() -> None:
    queries, titles = ["red sofa", "📱", "lamp lamp"], ["red lamp", "sofa", "red red sofa bed", ""]
    pairs = np.repeat(np.arange(3), 4), np.tile(np.arange(4), 3)
    wanted = bm25_scores(queries, titles, *pairs).reshape(3, 4)
    assert bm25_of_catalogue(queries, titles, 1.5, 0.75) == pytest.approx(wanted, abs=1e-6)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A BERT of the peer's shape with eight word pieces and made-up weights."""
    torch.manual_seed(0)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "red", "lamp", "##s", "cafe"]
    (tmp_path / "tokenizer.json").write_text(
        json.dumps({"model": {"vocab": {word: n for n, word in enumerate(words)}}})
    )
    shapes = {"bert.embeddings.word_embeddings.weight": (8, 4), "bert.embeddings.position_embeddings.weight": (64, 4)}
    shapes |= {"bert.embeddings.token_type_embeddings.weight": (2, 4), "cls.predictions.bias": (8,)}
    linear = {"cls.predictions.transform.dense": (4, 4)}
    norms = ["bert.embeddings.LayerNorm", "cls.predictions.transform.LayerNorm"]
    for start in ("bert.encoder.layer.0", "bert.encoder.layer.1"):
        linear |= {f"{start}.attention.self.{name}": (4, 4) for name in ("query", "key", "value")}
        linear |= {f"{start}.attention.output.dense": (4, 4), f"{start}.intermediate.dense": (6, 4)}
        linear |= {f"{start}.output.dense": (4, 6)}
        norms += [f"{start}.attention.output.LayerNorm", f"{start}.output.LayerNorm"]
    shapes |= {f"{name}.weight": shape for name, shape in linear.items()}
    shapes |= {f"{name}.bias": shape[:1] for name, shape in linear.items()}
    shapes |= {f"{name}.{part}": (4,) for name in norms for part in ("gamma", "beta")}
    save_file({name: torch.randn(shape) for name, shape in shapes.items()}, tmp_path / "model.safetensors")
    return tmp_path


def test_a_sparse_peer_reads_each_text_by_itself(weights: Path) -> None:
    peer = SpladeTiny(weights)
    assert peer.pieces("Red LAMPS, Café zzz") == [4, 5, 6, 1, 7, 1]
    texts = ["red lamps", "", "café red red lamp lamp", "red"]
    together = peer.texts(texts)
    assert together.shape == (4, 8)
    assert np.all(together >= 0)
    for row, text in enumerate(texts):
        assert peer.texts([text])[0] == pytest.approx(together[row], abs=1e-5)
    rare = peer.inference_free(["red café"], texts)[0]
    assert rare[7] > rare[4] > 0
    assert rare[5] == 0


def test_a_data_set_without_folds_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["relevance", "evaluate", "--dataset", "shop_pairs", "--folds", "5"]) == 2
    assert "fold" in capsys.readouterr().err
    assert main(["relevance", "evaluate", "--dataset", "esci150_pairs", "--folds", "5", "--seeds", "x"]) == 2
    assert "--seeds x" in capsys.readouterr().err
