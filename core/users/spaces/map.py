"""Users on a plane: t-SNE, with how much of the true neighbourhood the picture keeps, measured on these very users.

t-SNE was kept after a comparison on the shop's 4,000 users (docs/benchmarks.md): it keeps the most of the ten nearest
users, and scikit-learn is the lightest to install. Above LANDMARKS users the picture is made of a random sample, and
everybody else stands at the mean place of the NEAR most similar of them, weighted by similarity.
scikit-learn's tree crashes on crowds of equal points, so equal embeddings are drawn once.
"""

from __future__ import annotations

from dataclasses import dataclass

import faiss
import numpy as np
from numpy.typing import NDArray

from core.errors import PrecedenceError
from core.users.neighbours.similarity import unit

LANDMARKS = 10_000
NEAR = 5
FEWEST = 8  # different embeddings; fewer stand where their two main directions put them
SMALL = 500  # users for whom exact t-SNE is as quick
PERPLEXITY = 30.0
JUDGED = 2_000  # users on whom the picture is judged, at most
NEAREST = 10  # whose fate is followed
ROUNDS = 500  # of gradient descent after the early ones; twice as many keep hardly more

Points = NDArray[np.float32]


@dataclass(frozen=True)
class UserMap:
    """Where users [U] stand, and what the picture is worth."""

    points: Points  # [U, 2]
    kept: float  # share of a user's ten nearest that are among its ten nearest in the picture
    chance: float  # the same share if places were dealt at random
    trustworthiness: float  # 1: nobody stands near who is not; 0.5: as if at random

    @property
    def words(self) -> str:
        """What a person must know before reading the picture."""
        return (
            f"t-SNE of the embeddings (cosine, perplexity {PERPLEXITY:g}). Of a user's ten true neighbours "
            f"{self.kept:.0%} are among the ten nearest here (at random {self.chance:.1%}); trustworthiness "
            f"{self.trustworthiness:.2f}. Nearness means something, distance between far islands does not."
        )


def too_few(users: int) -> str:
    """Why there is no map."""
    return f"{users} users are too few for a map; give {FEWEST} or more."


def make_map(vectors: Points, seed: int = 0) -> UserMap:
    """A picture of the embeddings [U, width], by cosine."""
    if len(vectors) < FEWEST:
        raise PrecedenceError(too_few(len(vectors)))
    units = unit(vectors)
    random = np.random.default_rng(seed)
    # users with the same embedding stand at one place: twins by the hundred stall t-SNE
    distinct, twin_of = np.unique(np.round(units, 4), axis=0, return_inverse=True)
    distinct = unit(distinct)
    if len(distinct) > LANDMARKS:
        chosen = np.sort(random.choice(len(distinct), LANDMARKS, replace=False))
        points = place(distinct, distinct[chosen], _embedded(distinct[chosen], seed))
    else:
        points = _embedded(distinct, seed)
    points = points[twin_of.ravel()]
    judged = random.choice(len(units), min(JUDGED, len(units)), replace=False)
    nearest = min(NEAREST, len(units) // 3)
    return UserMap(points, *quality(units, points, judged, nearest))


def _embedded(units: Points, seed: int) -> Points:
    """t-SNE of distinct units [n, width], started from their two main directions."""
    from sklearn.decomposition import PCA  # slow to import: only who makes a picture needs it
    from sklearn.manifold import TSNE

    start = np.zeros((len(units), 2))
    directions = min(2, len(units) - 1, units.shape[1])
    if directions:
        start[:, :directions] = PCA(directions, svd_solver="covariance_eigh").fit_transform(units)
    start = start / max(float(start[:, 0].std()), 1e-12) * 1e-4  # small, as t-SNE wants it
    start += 1e-6 * np.random.default_rng(seed).standard_normal(start.shape)
    if len(units) < FEWEST:
        return np.asarray(start * 1e4, dtype=np.float32)
    picture = TSNE(
        perplexity=min(PERPLEXITY, (len(units) - 1) / 3),
        init=start.astype(np.float32),
        max_iter=ROUNDS,
        method="exact" if len(units) < SMALL else "barnes_hut",
        random_state=seed,
        n_jobs=1,
    ).fit_transform(units)
    return np.asarray(picture, dtype=np.float32)


def place(vectors: Points, known: Points, points: Points) -> Points:
    """Places [Q, 2] for users who were not there when the picture was made: near the `known` [U, width] most alike."""
    near = min(NEAR, len(known))
    scores, rows = faiss.knn(unit(vectors), unit(known), near, metric=faiss.METRIC_INNER_PRODUCT)
    weight = np.maximum(scores, 1e-6) ** 4  # the most similar ones decide
    weight /= weight.sum(axis=1, keepdims=True)
    return np.asarray((points[rows] * weight[:, :, None]).sum(axis=1), dtype=np.float32)


def quality(units: Points, points: Points, judged: NDArray[np.int64], nearest: int) -> tuple[float, float, float]:
    """Share kept of the `nearest` true neighbours of the users `judged`, that share by chance, trustworthiness.

    Trustworthiness is 1 − 2 / (n k (2U − 3k − 1)) · Σ_i Σ_{j near i in the picture alone} (rank of j to i − k), for
    n judged users and k = `nearest` (Venna and Kaski, ICANN 2001); ranks are those of the embeddings.
    """
    everyone, kept, penalty = len(units), 0, 0
    flat = np.ascontiguousarray(points, dtype=np.float32)
    near = faiss.knn(np.ascontiguousarray(flat[judged]), flat, nearest + 1)[1]
    for row, shown in zip(judged, near, strict=True):
        likeness = units @ units[row]
        likeness[row] = -np.inf
        order = np.argsort(-likeness, kind="stable")
        rank = np.empty(everyone, dtype=np.int64)
        rank[order] = np.arange(1, everyone + 1)
        ranks = rank[shown[shown != row][:nearest]]
        kept += int((ranks <= nearest).sum())
        penalty += int(np.maximum(ranks - nearest, 0).sum())
    most = len(judged) * nearest * (2 * everyone - 3 * nearest - 1) / 2
    return kept / (len(judged) * nearest), nearest / (everyone - 1), 1 - penalty / most
