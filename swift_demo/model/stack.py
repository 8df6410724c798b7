"""A decoder model taken apart, and the pieces used if a family does more than call a module."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from swift_demo.model.layers import Layer
from swift_demo.model.masks import Window
from swift_demo.model.norms import Norm


@dataclass(frozen=True, slots=True)
class Stack:
    """A decoder model taken apart.

    Attributes:
        embed: Token ids, (1, T), to the residual stream.
        embed_positions: Position ids, (1, T), to what is added to the stream at first; None if nothing is.
        ropes: Stream and position ids to each layer type's rotary embedding.
        layers: Attention and MLP of each.
        norm: The normalisation after the last layer.
        head: Normalised stream to logits.
        entry_device: Where token ids go, and where logits come back to.
        windows: For each layer type, how far back its attention reaches; None is all the way.
        vocab_size: V.
        max_context: Most positions that keep their embedding however long the text grows.
    """

    embed: Callable[[torch.Tensor], torch.Tensor]
    embed_positions: Callable[[torch.Tensor], torch.Tensor] | None
    ropes: Callable[[torch.Tensor, torch.Tensor], dict[str, Any]]
    layers: tuple[Layer, ...]
    norm: Norm
    head: Callable[[torch.Tensor], torch.Tensor]
    entry_device: torch.device
    windows: dict[str, Window | None]
    vocab_size: int
    max_context: int


@dataclass(frozen=True, slots=True)
class ScaledEmbedding:
    """Granite multiplies the embedding outside its module (Gemma's module does so itself)."""

    module: nn.Module
    multiplier: float

    def __call__(self, token_ids: torch.Tensor) -> torch.Tensor:
        return self.module(token_ids) * self.multiplier


@dataclass(frozen=True, slots=True)
class PositionsByName:
    """Learned positions of a module that can also count them itself, from a mask: OPT."""

    module: nn.Module

    def __call__(self, position_ids: torch.Tensor) -> torch.Tensor:
        return self.module(None, position_ids=position_ids)


@dataclass(frozen=True, slots=True)
class NoRotary:
    """Positions come with the embedding, or not at all."""

    layer_types: tuple[str, ...]

    def __call__(self, hidden: torch.Tensor, position_ids: torch.Tensor) -> dict[str, Any]:
        return dict.fromkeys(self.layer_types)


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
