"""Takes a model of any supported family apart into sub-layers and what surrounds them.

What a family does is read from the model's own modules and configuration, not from its name: the
normalisations in a layer say which shape it has, and ``Target.probe`` says whether that was all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from swift_demo.model.norms import in_fewer_calls
from swift_demo.model.placement import execution_device, is_fetched_whole
from swift_demo.model.stack import CappedHead, DividedHead, RotaryPerType, ScaledEmbedding, SharedRotary, Stack
from swift_demo.model.sublayers import Attention, Mlp, PostNorm, PreNorm, Sandwich, ScaledPreNorm, Sublayer
from swift_demo.model.workarounds import attention_implementation

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
            norm=in_fewer_calls(body.norm),
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
    """Only eager attention and sdpa take our masks, and only the former caps its scores as Gemma 2 does."""
    usable = ("eager",) if getattr(config, "attn_logit_softcapping", None) else ("eager", "sdpa")
    implementation = attention_implementation(config)
    if implementation not in usable:
        raise UnsupportedModelError(
            f"its attention implementation is {implementation}, usable: {', '.join(usable)}"
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
    """A layer's attention and MLP sub-layer; the modules beside the two determine the shape."""
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
    norm = {name: in_fewer_calls(getattr(layer, name)) for name in beside if name.endswith("layernorm")}
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

    If it is scaled, configurations differ in whether ``max_position_embeddings`` is the length before or after.
    YaRN names the length before. Linear scaling rarely does: then it is the length before, as transformers
    required when it introduced it, unless the layer types differ (Gemma 3). Llama 3's frequencies come with the
    length after, whatever their factor. With LongRoPE and dynamic scaling, the rotation of cached keys would
    change as a text grows, so the length before is the end.
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
