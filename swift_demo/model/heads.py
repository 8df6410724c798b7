"""What is done to the last hidden states to give logits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

Head = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True, slots=True)
class DividedHead:
    """Granite divides its logits."""

    module: nn.Module
    divisor: float

    def __call__(self, hidden: torch.Tensor) -> torch.Tensor:
        return self.module(hidden) / self.divisor


@dataclass(frozen=True, slots=True)
class MultipliedHead:
    """Cohere multiplies its logits."""

    module: nn.Module
    multiplier: float

    def __call__(self, hidden: torch.Tensor) -> torch.Tensor:
        return self.module(hidden) * self.multiplier


@dataclass(frozen=True, slots=True)
class CappedHead:
    """Gemma 2 soft-caps its logits."""

    module: nn.Module
    cap: float

    def __call__(self, hidden: torch.Tensor) -> torch.Tensor:
        return torch.tanh(self.module(hidden) / self.cap) * self.cap


def head_of(model: Any, config: Any) -> Head:
    """The head, with what the model does to its logits."""
    head = model.get_output_embeddings()
    if (multiplier := getattr(config, "logit_scale", None)) is not None:
        return MultipliedHead(head, multiplier)
    if (divisor := getattr(config, "logits_scaling", None)) is not None:
        return DividedHead(head, divisor)
    if (cap := getattr(config, "final_logit_softcapping", None)) is not None:
        return CappedHead(head, cap)
    return head
