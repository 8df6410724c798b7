"""From logits to the distribution that tokens are drawn from."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Generic, TypeVar

import torch

from swift_demo.config import SamplingConfig

T = TypeVar("T")

# Any colder, only the most probable token has a chance in float32; any hotter, all have the same.
_COLDEST, _HOTTEST = 1e-30, 1e30
NO_TOKEN = -1  # where logits name none: one is not a number or infinite, or none is above minus infinity


class OnDemand(Generic[T]):
    """Items made on first access: rows of logits that nobody looks at are not processed."""

    def __init__(self, make: Callable[[int], T]):
        self._make = cache(make)

    def __getitem__(self, index: int) -> T:
        return self._make(index)


def process(logits: torch.Tensor, sampling: SamplingConfig) -> torch.Tensor:
    """The processed distribution: temperature, then top-k, then top-p, as in transformers.

    Args:
        logits: (T, V) unnormalised.
        sampling: Not greedy.

    Returns:
        (T, V) float32 probabilities; each row sums to one, or is NaN if its logits name no token.
    """
    logits = logits.float()
    # The largest becomes zero, so that however cold it is, no token with a chance overflows.
    logits = (logits - logits.amax(-1, keepdim=True)) / min(max(sampling.temperature, _COLDEST), _HOTTEST)
    if 0 < sampling.top_k < logits.shape[-1]:
        smallest = logits.topk(sampling.top_k, dim=-1).values[:, -1:]
        logits = logits.masked_fill(logits < smallest, -torch.inf)
    if sampling.top_p < 1:
        ascending, order = logits.sort(dim=-1)
        below = ascending.softmax(-1).cumsum(-1) <= 1 - sampling.top_p
        below[:, -1] = False  # the most probable token always stays
        logits = logits.masked_fill(below.scatter(-1, order, below), -torch.inf)
    return logits.softmax(-1)


def most_probable(logits: torch.Tensor) -> torch.Tensor:
    """The largest of each row, (T, V) to (T,) int64; ``NO_TOKEN`` if there is none."""
    largest, token_ids = logits.max(-1)
    return torch.where(largest.abs() < torch.inf, token_ids, NO_TOKEN)


def draw(probs: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """One token from each row, (T, V) probabilities to (T,) int64; ``NO_TOKEN`` where they are not numbers."""
    token_ids = torch.multinomial(probs.nan_to_num(nan=1.0), 1, generator=generator)[:, 0]
    return torch.where(probs[:, 0] >= 0, token_ids, NO_TOKEN)


def new_generator(sampling: SamplingConfig, device: torch.device) -> torch.Generator:
    """The stream of random numbers of one lane of one generation."""
    return torch.Generator(device).manual_seed(sampling.seed)
