"""The usual root-mean-square normalisation in fewer calls than its module makes; the numbers are the same.

In half precision, families round at different places: Llama before it multiplies by its weight, OLMo 2 after.
Which of the two a class does is found by trying it once.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional as F

from swift_demo.model.fingerprint import is_touched
from swift_demo.model.placement import is_placed

Norm = Callable[[torch.Tensor], torch.Tensor]
Arithmetic = Callable[[torch.Tensor, torch.Tensor, float], torch.Tensor]


def rounded_once(hidden: torch.Tensor, weight: torch.Tensor, epsilon: float) -> torch.Tensor:
    """Normalise and multiply in one call, rounded at the end."""
    return F.rms_norm(hidden, weight.shape, weight, epsilon)


def rounded_twice(hidden: torch.Tensor, weight: torch.Tensor, epsilon: float) -> torch.Tensor:
    """Round what is normalised, then multiply it and round again."""
    return weight * F.rms_norm(hidden, weight.shape, None, epsilon)


@dataclass(frozen=True, slots=True)
class RootMeanSquareNorm:
    """Divide by the root mean square over the last dimension, multiply by the module's weight."""

    module: Any
    arithmetic: Arithmetic

    def __call__(self, hidden: torch.Tensor) -> torch.Tensor:
        weight = self.module.weight
        if hidden.dtype != weight.dtype:
            return self.module(hidden)
        return self.arithmetic(hidden, weight, self.module.variance_epsilon)


def in_fewer_calls(module: Any) -> Norm:
    """A norm of the model in fewer calls, or the module itself if it computes something else or has hooks.

    Of the families known here, those that compute exactly this call epsilon ``variance_epsilon``; Gemma's,
    which adds one to its weight, does not.
    """
    if not hasattr(module, "variance_epsilon") or is_placed(module) or is_touched(module):
        return module
    kind: Any = type(module)
    arithmetic = _arithmetic_of(kind, module.weight.dtype, module.variance_epsilon)
    return module if arithmetic is None else RootMeanSquareNorm(module, arithmetic)


@functools.cache
def _arithmetic_of(kind: Callable[..., Any], dtype: torch.dtype, epsilon: float) -> Arithmetic | None:
    """What a norm of this class does to random numbers; None if it is neither of the two."""
    generator = torch.Generator().manual_seed(0)
    with torch.device("cpu"), torch.no_grad():
        hidden, weight = 3 * torch.randn(16, 64, generator=generator), torch.randn(64, generator=generator)
        hidden, weight = hidden.to(dtype), weight.to(dtype)
        try:
            module = kind(64, epsilon).to(dtype)
            module.weight.copy_(weight)
            own = module(hidden).float()
            # Far less than one rounding too many causes, and more than another order of summation.
            tolerance = max(1e-6, torch.finfo(dtype).eps / 16) * own.abs().mean()
            for arithmetic in (rounded_once, rounded_twice):
                if (arithmetic(hidden, weight, epsilon).float() - own).abs().mean() <= tolerance:
                    return arithmetic
        except (AttributeError, RuntimeError, TypeError):
            pass  # another kind of norm
    return None
