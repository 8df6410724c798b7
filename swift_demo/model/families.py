"""Takes a model of any supported family apart into sub-layers and what surrounds them.

What a family does is read from the model's own modules and configuration, not from its name: the
normalisations in a layer say which shape it has, and ``Target.probe`` says whether that was all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from swift_demo.model.norms import Norm, shortened
from swift_demo.model.placement import execution_device, is_fetched_whole
from swift_demo.model.sublayers import Attention, Mlp, PostNorm, PreNorm, Sandwich, ScaledPreNorm, Sublayer

SUPPORTED = (
    "supported are Llama, Mistral, Qwen2, Qwen3, Qwen3-MoE, Phi-3, SmolLM3, Gemma 2 and 3 (text), OLMo 2, "
    "Granite and the like"
)

_KNOWN_NORMS = (
    "input_layernorm",
    "post_attention_layernorm",
    "pre_feedforward_layernorm",
    "post_feedforward_layernorm",
)


class UnsupportedModelError(ValueError):
    """The model is built in a way that cannot be run with sub-layers skipped."""


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
        devices: For each layer where it computes.
        entry_device: Where token ids go, and where logits come back to.
        windows: For each layer type how far back its attention reaches; None is all the way.
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
    """Gemma 2 bends its logits so that none passes a cap."""

    module: nn.Module
    cap: float

    def __call__(self, hidden: torch.Tensor) -> torch.Tensor:
        return torch.tanh(self.module(hidden) / self.cap) * self.cap


def take_apart(model: Any) -> Stack:
    """The parts of a causal language model.

    Raises:
        UnsupportedModelError: If it has parts that are not known here; the message names the architecture
            and what is supported.
    """
    config = model.config.get_text_config(decoder=True)
    try:
        _check_attention_implementation(config)
        body = model.get_decoder()
        layers = list(body.layers)
        types = _layer_types(config, len(layers))
        pairs = [_sublayers(layer, kind) for layer, kind in zip(layers, types, strict=True)]
        stack = Stack(
            embed=_embedding(body),
            ropes=_rotary(body.rotary_emb, tuple(sorted(set(types)))),
            attention=tuple(attention for attention, _ in pairs),
            mlp=tuple(mlp for _, mlp in pairs),
            norm=shortened(body.norm),
            head=_head(model, config),
            cache_shapes=[_cache_shape(config)] * len(layers),
            devices=tuple(execution_device(layer) for layer in layers),
            entry_device=execution_device(body.embed_tokens),
            windows={kind: config.sliding_window if kind == "sliding_attention" else None for kind in types},
            vocab_size=config.vocab_size,
            max_context=_max_context(config),
        )
    except (AttributeError, UnsupportedModelError) as error:
        raise UnsupportedModelError(
            f"sub-layers of {type(model).__name__} cannot be skipped ({error}); {SUPPORTED}"
        ) from None
    if len(layers) < 3:
        raise UnsupportedModelError(
            f"{type(model).__name__} has {len(layers)} layers; at least 3 are needed, since the first and the "
            "last are kept"
        )
    return stack


def _check_attention_implementation(config: Any) -> None:
    """Only these two take our masks, and only eager attention caps its scores as Gemma 2 does."""
    usable = ("eager",) if getattr(config, "attn_logit_softcapping", None) else ("eager", "sdpa")
    if config._attn_implementation not in usable:
        raise UnsupportedModelError(
            f"its attention implementation is {config._attn_implementation}, usable: {', '.join(usable)}"
        )


def _layer_types(config: Any, num_layers: int) -> list[str]:
    """For each layer whether its attention has a window, in transformers' words."""
    types = getattr(config, "layer_types", None)
    if types is None:
        has_window = bool(getattr(config, "sliding_window", None))
        types = ["sliding_attention" if has_window else "full_attention"] * num_layers
    unknown = set(types) - {"full_attention", "sliding_attention"}
    if unknown:
        raise UnsupportedModelError(f"it has layers of type {', '.join(sorted(unknown))}")
    return list(types)


def _sublayers(layer: Any, layer_type: str) -> tuple[Sublayer, Sublayer]:
    """A layer's attention and MLP sub-layer; which modules stand beside the two tells the shape."""
    if is_fetched_whole(layer):
        raise UnsupportedModelError(
            "its offloaded layers are fetched whole; place it without preload_module_classes"
        )
    attention, mlp = Attention.of(layer.self_attn, layer_type), Mlp(layer.mlp)
    beside = {
        name
        for name, part in layer.named_children()
        if name not in ("self_attn", "mlp") and not isinstance(part, nn.Dropout)  # inert when not training
    }
    norm = {name: shortened(getattr(layer, name)) for name in beside if name.endswith("layernorm")}
    match sorted(beside):
        case ["input_layernorm", "post_attention_layernorm"]:
            first, second = norm["input_layernorm"], norm["post_attention_layernorm"]
            multiplier = getattr(layer, "residual_multiplier", None)
            if multiplier is None:
                return PreNorm(first, attention), PreNorm(second, mlp)
            return ScaledPreNorm(first, attention, multiplier), ScaledPreNorm(second, mlp, multiplier)
        case ["post_attention_layernorm", "post_feedforward_layernorm"]:
            return (
                PostNorm(attention, norm["post_attention_layernorm"]),
                PostNorm(mlp, norm["post_feedforward_layernorm"]),
            )
        case [
            "input_layernorm",
            "post_attention_layernorm",
            "post_feedforward_layernorm",
            "pre_feedforward_layernorm",
        ]:
            return (
                Sandwich(norm["input_layernorm"], attention, norm["post_attention_layernorm"]),
                Sandwich(norm["pre_feedforward_layernorm"], mlp, norm["post_feedforward_layernorm"]),
            )
        case others:
            strange = [name for name in others if name not in _KNOWN_NORMS] or others
            raise UnsupportedModelError(
                f"its layers have {', '.join(strange) or 'nothing'} beside attention and MLP"
            )


def _embedding(body: Any) -> Callable[[torch.Tensor], torch.Tensor]:
    multiplier = getattr(body, "embedding_multiplier", None)
    return body.embed_tokens if multiplier is None else ScaledEmbedding(body.embed_tokens, multiplier)


def _rotary(module: Any, layer_types: tuple[str, ...]) -> SharedRotary | RotaryPerType:
    is_per_type = isinstance(getattr(module, "rope_type", None), dict)
    return RotaryPerType(module, layer_types) if is_per_type else SharedRotary(module, layer_types)


def _head(model: Any, config: Any) -> Callable[[torch.Tensor], torch.Tensor]:
    divisor = getattr(config, "logits_scaling", None)
    cap = getattr(config, "final_logit_softcapping", None)
    if divisor is not None:
        return DividedHead(model.lm_head, divisor)
    return model.lm_head if cap is None else CappedHead(model.lm_head, cap)


def _cache_shape(config: Any) -> tuple[int, int, int]:
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    return heads, size, size


def _max_context(config: Any) -> int:
    """The positions that the model's rotary embedding is made for.

    Where it is stretched, configurations differ in whether ``max_position_embeddings`` is the length
    before or after. YaRN names the length before. Linear stretching seldom does: then it is the length
    before, as transformers asked for when it brought it in, unless the layer types differ (Gemma 3).
    Llama 3's frequencies come with the length after, whatever their factor; and where the rotation of what
    is cached would change as a text grows, with LongRoPE and dynamic scaling, the length before is the end.
    """
    positions = int(config.max_position_embeddings)
    rope = config.rope_parameters or {}
    per_type = [value for value in rope.values() if isinstance(value, dict)]
    for parameters in per_type or [rope]:
        kind, before = parameters.get("rope_type"), parameters.get("original_max_position_embeddings")
        if kind == "linear" and not per_type:
            before = before or positions
        if before and kind == "longrope":
            positions = min(positions, int(before))
        elif before and kind in ("yarn", "linear"):
            positions = max(positions, int(before * (parameters.get("factor") or 1)))
    return positions
