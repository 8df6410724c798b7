"""What differs between model families: how a layer's two sub-layers are called.

A sub-layer takes the residual stream and returns it with its own contribution added; skipping it is
not calling it. No module is patched, so any number of skip sets can run on one model at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from swift_demo.target.kv_cache import KVCache


class UnsupportedModelError(ValueError):
    """The model is built in a way that cannot be run with sub-layers skipped."""


@dataclass(frozen=True, slots=True)
class ForwardContext:
    """What every sub-layer of one forward shares.

    Attributes:
        rope: Rotary cosines and sines, each (1, T, head size).
        mask: Additive attention mask, (1, 1, T, slots); None lets all T tokens see all slots.
        cache: Where keys and values go.
    """

    rope: Any
    mask: torch.Tensor | None
    cache: KVCache


Sublayer = Callable[[torch.Tensor, ForwardContext], torch.Tensor]


@dataclass(frozen=True, slots=True)
class PreNormAttention:
    """Normalise, attend, add."""

    norm: nn.Module
    attention: nn.Module

    def __call__(self, hidden: torch.Tensor, context: ForwardContext) -> torch.Tensor:
        update, _ = self.attention(
            self.norm(hidden),
            position_embeddings=context.rope,
            attention_mask=context.mask,
            past_key_values=context.cache,
        )
        return hidden + update


@dataclass(frozen=True, slots=True)
class PreNormMlp:
    """Normalise, transform, add."""

    norm: nn.Module
    mlp: nn.Module

    def __call__(self, hidden: torch.Tensor, context: ForwardContext) -> torch.Tensor:
        return hidden + self.mlp(self.norm(hidden))


@dataclass(frozen=True, slots=True)
class Stack:
    """A decoder model taken apart: embedding, rotary embedding, sub-layers in order, final norm, head."""

    embed: nn.Module
    rotary: nn.Module
    attention: tuple[Sublayer, ...]
    mlp: tuple[Sublayer, ...]
    norm: nn.Module
    head: nn.Module
    cache_shapes: list[tuple[int, int, int]]


def take_apart(model: nn.Module) -> Stack:
    """The parts of a Llama-architecture model.

    Raises:
        UnsupportedModelError: If the model lacks a part; it names the architecture and what is supported.
    """
    name = type(model).__name__
    try:
        body: Any = model.model
        layers = list(body.layers)
        config: Any = model.config
        parts = Stack(
            embed=body.embed_tokens,
            rotary=body.rotary_emb,
            attention=tuple(PreNormAttention(layer.input_layernorm, layer.self_attn) for layer in layers),
            mlp=tuple(PreNormMlp(layer.post_attention_layernorm, layer.mlp) for layer in layers),
            norm=body.norm,
            head=model.lm_head,
            cache_shapes=[_cache_shape(config)] * len(layers),
        )
    except AttributeError as error:
        raise UnsupportedModelError(
            f"{name} cannot be run with sub-layers skipped ({error}); "
            "supported are models of the Llama architecture"
        ) from None
    if len(layers) < 3:
        raise UnsupportedModelError(
            f"{name} has {len(layers)} layers; at least 3 are needed, since the first and the last are kept"
        )
    return parts


def _cache_shape(config: Any) -> tuple[int, int, int]:
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    return heads, size, size
