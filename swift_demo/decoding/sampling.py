"""From logits to the distribution that tokens are drawn from."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Generic, TypeVar

import torch

from swift_demo.config import SamplingConfig

T = TypeVar("T")


class OnDemand(Generic[T]):
    """Items made when first asked for: rows of logits that nobody looks at are not processed."""

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
        (T, V) float32 probabilities; each row sums to one.
    """
    logits = logits.float() / sampling.temperature
    if 0 < sampling.top_k < logits.shape[-1]:
        smallest = logits.topk(sampling.top_k, dim=-1).values[:, -1:]
        logits = logits.masked_fill(logits < smallest, -torch.inf)
    if sampling.top_p < 1:
        ascending, order = logits.sort(dim=-1)
        below = ascending.softmax(-1).cumsum(-1) <= 1 - sampling.top_p
        below[:, -1] = False  # the most probable token always stays
        logits = logits.masked_fill(below.scatter(-1, order, below), -torch.inf)
    return logits.softmax(-1)


def draw(probs: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """One token from each row: (T, V) probabilities to (T,) int64."""
    return torch.multinomial(probs, 1, generator=generator)[:, 0]


def new_generator(sampling: SamplingConfig, device: torch.device) -> torch.Generator:
    """The stream of random numbers of one lane of one generation."""
    return torch.Generator(device).manual_seed(sampling.seed)
