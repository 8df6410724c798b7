"""A decoder model taken apart, and the pieces used if a family does more than call a module."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import nn

from swift_demo.model.norms import Norm
from swift_demo.model.sublayers import Sublayer


class ParameterCounts(NamedTuple):
    """Parameters of a mean attention sub-layer, of a mean MLP sub-layer, of the head."""

    attention: float
    mlp: float
    head: float


@dataclass(frozen=True, slots=True)
class Stack:
    """A decoder model taken apart.

    Attributes:
        embed: Token ids, (1, T), to the residual stream.
        ropes: Stream and position ids to each layer type's rotary cosines and sines.
        attention: For each layer its attention sub-layer.
        mlp: For each layer its feed-forward sub-layer.
        norm: The normalisation after the last layer.
        head: Normalised stream to logits.
        cache_shapes: For each layer (key-value heads, key size, value size).
        devices: For each layer, where it computes.
        entry_device: Where token ids go, and where logits come back to.
        windows: For each layer type, how far back its attention reaches; None is all the way.
        vocab_size: V.
        max_context: Most positions that keep their rotary embedding however long the text grows.
    """

    embed: Callable[[torch.Tensor], torch.Tensor]
    ropes: Callable[[torch.Tensor, torch.Tensor], dict[str, Any]]
    attention: tuple[Sublayer, ...]
    mlp: tuple[Sublayer, ...]
    norm: Norm
    head: Callable[[torch.Tensor], torch.Tensor]
    cache_shapes: list[tuple[int, int, int]]
    devices: tuple[torch.device, ...]
    entry_device: torch.device
    windows: dict[str, int | None]
    vocab_size: int
    max_context: int

    @property
    def parameter_counts(self) -> ParameterCounts:
        """How many parameters the parts have."""
        attention, mlp = (statistics.fmean(map(_num_parameters, part)) for part in (self.attention, self.mlp))
        return ParameterCounts(attention, mlp, _num_parameters(self.head))


def _num_parameters(part: Any) -> int:
    """Of a module, or of all modules that a part made of them calls."""
    if isinstance(part, nn.Module):
        return sum(parameter.numel() for parameter in part.parameters())
    fields = dataclasses.fields(part) if dataclasses.is_dataclass(part) else ()
    return sum(_num_parameters(getattr(part, field.name)) for field in fields)


@dataclass(frozen=True, slots=True)
class ScaledEmbedding:
    """Granite multiplies the embedding outside its module (Gemma's module does so itself)."""

    module: nn.Module
    multiplier: float

    def __call__(self, token_ids: torch.Tensor) -> torch.Tensor:
        return self.module(token_ids) * self.multiplier


@dataclass(frozen=True, slots=True)
class SharedRotary:
    """One rotary embedding for all layer types."""

    module: nn.Module
    layer_types: tuple[str, ...]

    def __call__(self, hidden: torch.Tensor, position_ids: torch.Tensor) -> dict[str, Any]:
        return dict.fromkeys(self.layer_types, self.module(hidden, position_ids))


@dataclass(frozen=True, slots=True)
class RotaryPerType:
    """A rotary embedding for each layer type: Gemma 3's local layers turn faster than its global ones."""

    module: nn.Module
    layer_types: tuple[str, ...]

    def __call__(self, hidden: torch.Tensor, position_ids: torch.Tensor) -> dict[str, Any]:
        return {kind: self.module(hidden, position_ids, kind) for kind in self.layer_types}


@dataclass(frozen=True, slots=True)
class DividedHead:
    """Granite divides its logits."""

    module: nn.Module
    divisor: float

    def __call__(self, hidden: torch.Tensor) -> torch.Tensor:
        return self.module(hidden) / self.divisor


@dataclass(frozen=True, slots=True)
class CappedHead:
    """Gemma 2 soft-caps its logits."""

    module: nn.Module
    cap: float

    def __call__(self, hidden: torch.Tensor) -> torch.Tensor:
        return torch.tanh(self.module(hidden) / self.cap) * self.cap
