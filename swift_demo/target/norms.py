"""The usual root-mean-square normalisation in one call instead of six; the numbers are the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional as F

from swift_demo.target.fingerprint import is_touched
from swift_demo.target.placement import is_placed

Norm = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True, slots=True)
class RootMeanSquareNorm:
    """Divide by the root mean square over the last dimension, multiply by a weight."""

    weight: torch.Tensor
    epsilon: float

    def __call__(self, hidden: torch.Tensor) -> torch.Tensor:
        return F.rms_norm(hidden, self.weight.shape, self.weight, self.epsilon)


def shortened(module: Any) -> Norm:
    """A norm of the model in one call, or the module where it is of another kind, its weight comes and goes, or
    somebody has given it hooks.

    Of the families known here, those that do exactly this call their epsilon so (Gemma's adds one to its
    weight, and does not); ``Target.probe`` would notice another.
    """
    is_usual = hasattr(module, "variance_epsilon") and type(module).__name__.endswith("RMSNorm")
    if not is_usual or is_placed(module) or is_touched(module):
        return module
    return RootMeanSquareNorm(module.weight, module.variance_epsilon)
