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
        masks: For each attention window in use (None: no window) an additive attention mask,
            (1, 1, T, slots); None lets all T tokens see all slots.
        cache: Where keys and values go.
    """

    rope: Any
    masks: dict[int | None, torch.Tensor | None]
    cache: KVCache


Sublayer = Callable[[torch.Tensor, ForwardContext], torch.Tensor]


@dataclass(frozen=True, slots=True)
class PreNormAttention:
    """Normalise, attend (to the last ``window`` positions, where there is a window), add."""

    norm: nn.Module
    attention: nn.Module
    window: int | None

    def __call__(self, hidden: torch.Tensor, context: ForwardContext) -> torch.Tensor:
        update, _ = self.attention(
            self.norm(hidden),
            position_embeddings=context.rope,
            attention_mask=context.masks[self.window],
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
    windows: frozenset[int | None]


def take_apart(model: nn.Module) -> Stack:
    """The parts of a Llama-architecture model.

    Raises:
        UnsupportedModelError: If the model lacks a part; it names the architecture and what is supported.
    """
    name = type(model).__name__
    try:
        whole: Any = model
        body = whole.model
        layers = list(body.layers)
        config = whole.config
        windows = _windows(config, len(layers))
        parts = Stack(
            embed=body.embed_tokens,
            rotary=body.rotary_emb,
            attention=tuple(
                PreNormAttention(layer.input_layernorm, layer.self_attn, window)
                for layer, window in zip(layers, windows, strict=True)
            ),
            mlp=tuple(PreNormMlp(layer.post_attention_layernorm, layer.mlp) for layer in layers),
            norm=body.norm,
            head=whole.lm_head,
            cache_shapes=[_cache_shape(config)] * len(layers),
            windows=frozenset(windows),
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


def _windows(config: Any, num_layers: int) -> list[int | None]:
    """How far back each layer's attention reaches; None is all the way."""
    window = getattr(config, "sliding_window", None)
    types = getattr(config, "layer_types", None)
    if types is None:
        return [window] * num_layers
    return [window if kind == "sliding_attention" else None for kind in types]


def _cache_shape(config: Any) -> tuple[int, int, int]:
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    return heads, size, size
