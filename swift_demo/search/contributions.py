"""How much each sub-layer changes the hidden states, seen while a prompt is read, and the sets this favours."""

from __future__ import annotations

import numpy as np
import torch

from swift_demo.model.kv_cache import KVCache
from swift_demo.model.sublayers import Parallel
from swift_demo.model.target import Target
from swift_demo.search.costs import PassCosts
from swift_demo.skip_set import SkipSet

FEWEST_TOKENS = 4  # of a prompt that says something about its sub-layers
_ENOUGH_TOKENS = 128  # of prompts, after which further ones say little


def read_and_compare(target: Target, token_ids: torch.Tensor, cache: KVCache, slot: int) -> np.ndarray:
    """Run tokens as a forward would, and compare the stream before and after each sub-layer.

    Costs no pass of its own, and next to nothing beside the one that it is.

    Args:
        token_ids: (T,) consecutive ids.
        slot: Where the first of them is cached.

    Returns:
        (2 L,) mean cosine distance that attention and MLP of each layer, in turn, put between their input and
        their output.
    """
    stream, context = target.enter(token_ids, cache, slot)
    distances: list[torch.Tensor] = []
    for device, steps in target.plan(SkipSet()):
        stream, context = stream.to(device), context.to(device)
        for step in steps:
            if isinstance(step, Parallel):
                attended, fed = step.contributions(stream, context)
                distances += [_distance(stream, stream + attended), _distance(stream, stream + fed)]
                stream = attended + fed + stream
            else:
                before, stream = stream, step(stream, context)
                distances.append(_distance(before, stream))
    return np.nan_to_num(torch.stack(distances).clamp(min=0).numpy(), nan=np.inf)


def _distance(before: torch.Tensor, after: torch.Tensor) -> torch.Tensor:
    return (1 - torch.cosine_similarity(before.float(), after.float(), dim=-1).mean()).cpu()


class Contributions:
    """The distances of the prompts read so far, those of the latest counting half."""

    def __init__(self, num_layers: int):
        self._num_layers = num_layers
        self._distances: np.ndarray | None = None
        self._num_tokens = 0  # since the stream changed last

    @property
    def are_sure(self) -> bool:
        """Whether enough was read that another prompt of the same stream would say little."""
        return self._num_tokens >= _ENOUGH_TOKENS

    def begin_stream(self) -> None:
        """The texts have changed: what comes next says more than what was read."""
        self._num_tokens = 0

    @property
    def are_known(self) -> bool:
        """Whether a prompt was read that was long enough to say something."""
        return self._distances is not None

    def add(self, distances: np.ndarray, num_tokens: int) -> None:
        """Take in what a prompt of this many tokens showed; see ``read_and_compare``."""
        if num_tokens >= FEWEST_TOKENS:
            self._num_tokens += num_tokens
            old = self._distances
            self._distances = distances if old is None else (old + distances) / 2

    def of(self, skip_set: SkipSet) -> float:
        """What a set would take away in all."""
        assert self._distances is not None
        skipped = [*(2 * i for i in skip_set.attention), *(2 * i + 1 for i in skip_set.mlp)]
        return float(self._distances[skipped].sum())

    def sets(self, costs: PassCosts) -> list[SkipSet]:
        """For each size from 1 on the set that takes least away for the time that it saves."""
        assert self._distances is not None
        inner = np.arange(2, 2 * self._num_layers - 2)
        saved = np.where(inner % 2, costs.mlp, costs.attention)
        order = inner[np.argsort(self._distances[inner] / np.maximum(saved, 1e-9), kind="stable")].tolist()
        return [_set_of(order[:size]) for size in range(1, len(order) + 1)]


def _set_of(sublayers: list[int]) -> SkipSet:
    """The set of sub-layers counted through all layers, attention before MLP."""
    ordered = sorted(sublayers)
    return SkipSet(tuple(i // 2 for i in ordered if i % 2 == 0), tuple(i // 2 for i in ordered if i % 2))
