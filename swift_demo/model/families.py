"""Takes a model of any supported family apart into sub-layers and what surrounds them.

What a family does is read from the model's own modules, signatures and configuration, not from its name; and
``Target.probe`` says whether that was all.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import Any

import torch

from swift_demo.model.context_length import max_context
from swift_demo.model.errors import UnsupportedModelError
from swift_demo.model.heads import head_of
from swift_demo.model.layers import layer_of
from swift_demo.model.masks import Window
from swift_demo.model.norms import in_fewer_calls
from swift_demo.model.placement import execution_device
from swift_demo.model.stack import (
    NoRotary,
    PositionsByName,
    RotaryPerType,
    ScaledEmbedding,
    SharedRotary,
    Stack,
)
from swift_demo.model.workarounds import attention_implementation

SUPPORTED = (
    "supported are Llama, Mistral, Qwen, Gemma, Phi, OLMo, Granite, GLM, DeepSeek, Cohere, GPT-2 and many more "
    "(docs/models.md)"
)
_LAYERS = ("layers", "h")
_LAST_NORM = ("norm", "final_layernorm", "final_layer_norm", "ln_f")
_MAKES_WINDOWS = ("create_sliding_window_causal_mask", "create_masks_for_generate")
_WITH_STATE = {"linear_attention", "mamba", "conv", "hybrid", "recurrent"}


def take_apart(model: Any) -> Stack:
    """The parts of a causal language model.

    Raises:
        UnsupportedModelError: If it has parts that are not known here; the message names the architecture
            and what is supported.
    """
    config = model.config.get_text_config(decoder=True)
    try:
        _check_attention_implementation(config)
        body, modules = _body(model), decoder_layers(model)
        _check_window(body, config)
        types = _layer_types(config, len(modules))
        kinds = tuple(sorted(set(types)))
        embedding = body.get_input_embeddings()
        stack = Stack(
            embed=_embedding(body, embedding),
            embed_positions=_learned_positions(body),
            ropes=_rotary(getattr(body, "rotary_emb", None), kinds),
            layers=tuple(layer_of(layer, kind) for layer, kind in zip(modules, types, strict=True)),
            norm=in_fewer_calls(_part(body, _LAST_NORM)),
            head=head_of(model, config),
            entry_device=execution_device(embedding),
            windows={kind: _window(config, kind) for kind in kinds},
            vocab_size=config.vocab_size,
            max_context=max_context(config),
        )
    except (AttributeError, UnsupportedModelError) as error:
        raise UnsupportedModelError(
            f"sub-layers of {type(model).__name__} cannot be skipped ({error}); {SUPPORTED}"
        ) from None
    if len(modules) < 3:
        raise UnsupportedModelError(
            f"{type(model).__name__} has {len(modules)} layers; at least 3 are needed, since the first and the "
            "last are kept"
        )
    return stack


def decoder_layers(model: Any) -> list[Any]:
    """The decoder layers' modules, in order."""
    return list(_part(_body(model), _LAYERS))


def _body(model: Any) -> Any:
    """What is between token ids and the head; for a model that also sees, its text part."""
    body = model.get_decoder()
    return model.model if body is model else body


def _part(owner: Any, names: tuple[str, ...]) -> Any:
    """The part that has one of these names."""
    for name in names:
        if (part := getattr(owner, name, None)) is not None:
            return part
    raise UnsupportedModelError(f"{type(owner).__name__} has no part called {' or '.join(names)}")


def _check_attention_implementation(config: Any) -> None:
    """Only eager attention and sdpa take our masks, and only the former caps its scores as Gemma 2 does."""
    usable = ("eager",) if getattr(config, "attn_logit_softcapping", None) else ("eager", "sdpa")
    implementation = attention_implementation(config)
    if implementation not in usable:
        raise UnsupportedModelError(
            f"its attention implementation is {implementation}, usable: {', '.join(usable)}"
        )


def _check_window(body: Any, config: Any) -> None:
    """A window is longer than the probe's text; whether it is applied is read from the model's code."""
    uses = vars(sys.modules[type(body).__module__])
    if getattr(config, "sliding_window", None) and not any(name in uses for name in _MAKES_WINDOWS):
        raise UnsupportedModelError("its configuration has a sliding window, which its code does not apply")


def _layer_types(config: Any, num_layers: int) -> list[str]:
    """For each layer how far its attention reaches, in transformers' words."""
    types = getattr(config, "layer_types", None)
    if types is None:
        has_window = bool(getattr(config, "sliding_window", None))
        types = ["sliding_attention" if has_window else "full_attention"] * num_layers
    unknown = set(types) - {"full_attention", "sliding_attention", "chunked_attention"}
    if with_state := unknown & _WITH_STATE:
        raise UnsupportedModelError(
            f"its {', '.join(sorted(with_state))} layers keep a recurrent state, which drafts would spoil"
        )
    if unknown:
        raise UnsupportedModelError(f"it has layers of type {', '.join(sorted(unknown))}")
    return list(types)


def _window(config: Any, layer_type: str) -> Window | None:
    if layer_type == "sliding_attention":
        return Window(config.sliding_window)
    if layer_type == "chunked_attention":
        return Window(config.attention_chunk_size, is_chunk=True)
    return None


def _embedding(body: Any, module: Any) -> Callable[[torch.Tensor], torch.Tensor]:
    multiplier = getattr(body, "embedding_multiplier", None)
    return module if multiplier is None else ScaledEmbedding(module, multiplier)


def _learned_positions(body: Any) -> Callable[[torch.Tensor], torch.Tensor] | None:
    module = getattr(body, "wpe", None) or getattr(body, "embed_positions", None)
    if module is None:
        return None
    takes_names = "position_ids" in inspect.signature(type(module).forward).parameters
    return PositionsByName(module) if takes_names else module


def _rotary(module: Any, layer_types: tuple[str, ...]) -> NoRotary | SharedRotary | RotaryPerType:
    if module is None:
        return NoRotary(layer_types)
    if isinstance(getattr(module, "rope_type", None), dict):
        return RotaryPerType(module, layer_types)
    return SharedRotary(module, layer_types)
