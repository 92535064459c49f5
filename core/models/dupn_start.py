"""Where the item part of DUPN's table begins: names that the same histories hold lie near each other (ours).

The paper does not say how its vectors begin. With billions of rows it does not matter; with a hundred thousand a vector
drawn at random hardly gets to where it belongs before the network has learnt the rows by heart. So the vectors begin
where counting puts them (latent semantic analysis) and are trained from there.
"""

from __future__ import annotations

import torch
from torch import Tensor

LENGTH = 4.0
"""Of a vector. A step of Adam moves every number by about the learning rate, whatever the gradient: a long vector is
turned less by it, and keeps more of where it began while the rest of the network learns."""
OVERSAMPLING, ROUNDS = 8, 4  # of the randomised decomposition


@torch.no_grad()
def counted_vectors(ids: Tensor, size: int, width: int) -> Tensor:
    """[size, width] vectors of length LENGTH from the ids [N, T] of N histories; zeros where an id is in none.

        B = rows of log(1 + n) · log(1 + N / N_id), of length one, less their mean;  B ≈ U S Vᵀ;  vectors = rows of V S

    where n counts an id in a history, N_id the histories that hold it; id 0 is padding or unknown. Of fewer ids than
    `width` only the first columns are filled. The same numbers each time, but for rounding.
    """
    row = torch.arange(len(ids)).unsqueeze(1).expand_as(ids)[ids > 0]
    shape = (len(ids), size)
    counts = torch.sparse_coo_tensor(
        torch.stack((row, ids[ids > 0].long())), torch.ones(len(row)), shape, check_invariants=False
    )
    counts = counts.coalesce()
    (row, name), times = counts.indices(), counts.values()
    held = torch.bincount(name, minlength=size)
    weight = torch.log1p(times) * torch.log1p(len(ids) / held.clamp_min(1))[name]
    length = torch.zeros(len(ids)).index_add_(0, row, weight**2).sqrt()
    bags = torch.sparse_coo_tensor(
        counts.indices(), weight / length[row], shape, is_coalesced=True, check_invariants=False
    )
    mean = torch.zeros(size).index_add_(0, name, bags.values()) / max(len(ids), 1)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        columns = min(width + OVERSAMPLING, *shape)
        _, strength, found = torch.svd_lowrank(bags, columns, ROUNDS, M=mean.expand(shape))
    # the sign of a direction is arbitrary: fixed here
    largest = found[found.abs().argmax(0), torch.arange(found.shape[1])]
    vectors = torch.zeros(size, width)
    kept = min(width, found.shape[1])
    vectors[:, :kept] = (found * strength * largest.sign())[:, :kept]
    vectors[held == 0] = 0
    return LENGTH * torch.nn.functional.normalize(vectors, dim=1)
