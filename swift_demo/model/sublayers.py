"""The shapes that a decoder layer's sub-layers come in.

``Attention`` and ``Mlp`` give a contribution; a shape decides how it is normalised and added to the
residual stream. Every shape is a callable from stream to stream, and skipping it is not calling it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from swift_demo.model.kv_cache import KVCache
from swift_demo.model.norms import Norm


@dataclass(frozen=True, slots=True)
class ForwardContext:
    """What every sub-layer of one forward shares.

    Attributes:
        ropes: For each layer type rotary cosines and sines, each (1, T, head size).
        masks: For each layer type an additive attention mask, (1, 1, T, slots); None lets all T tokens
            see all slots.
        cache: Where keys and values go; None if none are kept (in training).
    """

    ropes: dict[str, Any]
    masks: dict[str, torch.Tensor | None]
    cache: KVCache | None

    def first(self, num_tokens: int) -> ForwardContext:
        """The same for only the first tokens of the pass."""
        assert self.cache is not None
        slots = self.cache.slot + num_tokens
        return ForwardContext(
            ropes={
                layer_type: tuple(part[:, :num_tokens] for part in rope)
                for layer_type, rope in self.ropes.items()
            },
            masks={
                layer_type: None if mask is None else mask[..., :num_tokens, :slots]
                for layer_type, mask in self.masks.items()
            },
            cache=self.cache,
        )

    def to(self, device: torch.device) -> ForwardContext:
        """The same for sub-layers on a device."""
        return ForwardContext(
            ropes={kind: tuple(part.to(device) for part in rope) for kind, rope in self.ropes.items()},
            masks={kind: mask if mask is None else mask.to(device) for kind, mask in self.masks.items()},
            cache=self.cache,
        )


Contribution = Callable[[torch.Tensor, ForwardContext], torch.Tensor]
Sublayer = Callable[[torch.Tensor, ForwardContext], torch.Tensor]


@dataclass(frozen=True, slots=True)
class Attention:
    """What attention contributes, with the mask and the rotary embedding of its layer's type.

    Attributes:
        cache_name: What its class calls the cache: transformers 5.24 renamed ``past_key_values`` to ``cache``.
    """

    module: nn.Module
    layer_type: str
    cache_name: str

    @classmethod
    def of(cls, module: nn.Module, layer_type: str) -> Attention:
        """The attention of a layer, its cache argument called as its class's own signature calls it.

        The class's signature, because hooks and patches replace the module's forward with one that takes any
        arguments.
        """
        names = inspect.signature(type(module).forward).parameters
        return cls(module, layer_type, "cache" if "cache" in names else "past_key_values")

    def __call__(self, hidden: torch.Tensor, context: ForwardContext) -> torch.Tensor:
        contribution, _ = self.module(
            hidden,
            position_embeddings=context.ropes[self.layer_type],
            attention_mask=context.masks[self.layer_type],
            **{self.cache_name: context.cache},
        )
        return contribution


@dataclass(frozen=True, slots=True)
class Mlp:
    """What a feed-forward network or a mixture of experts contributes."""

    module: nn.Module

    def __call__(self, hidden: torch.Tensor, context: ForwardContext) -> torch.Tensor:
        output = self.module(hidden)
        return output[0] if isinstance(output, tuple) else output  # some mixtures add their router's scores


@dataclass(frozen=True, slots=True)
class PreNorm:
    """Normalise, contribute, add: Llama and most others."""

    norm: Norm
    part: Contribution

    def __call__(self, hidden: torch.Tensor, context: ForwardContext) -> torch.Tensor:
        return hidden + self.part(self.norm(hidden), context)


@dataclass(frozen=True, slots=True)
class ScaledPreNorm:
    """Normalise, contribute, multiply, add: Granite."""

    norm: Norm
    part: Contribution
    multiplier: float

    def __call__(self, hidden: torch.Tensor, context: ForwardContext) -> torch.Tensor:
        return hidden + self.part(self.norm(hidden), context) * self.multiplier


@dataclass(frozen=True, slots=True)
class Sandwich:
    """Normalise, contribute, normalise again, add: Gemma 2 and 3."""

    before: Norm
    part: Contribution
    after: Norm

    def __call__(self, hidden: torch.Tensor, context: ForwardContext) -> torch.Tensor:
        return hidden + self.after(self.part(self.before(hidden), context))


@dataclass(frozen=True, slots=True)
class PostNorm:
    """Contribute, normalise, add: OLMo 2."""

    part: Contribution
    norm: Norm

    def __call__(self, hidden: torch.Tensor, context: ForwardContext) -> torch.Tensor:
        return hidden + self.norm(self.part(hidden, context))
