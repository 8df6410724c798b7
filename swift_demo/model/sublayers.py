"""What a decoder layer's two sub-layers do.

A ``Contribution`` is what attention or the MLP gives; what is done to it before it is added (another norm, a
factor) is a contribution around it. A ``Sublayer`` normalises the residual stream, asks for the contribution
and adds it; skipping a sub-layer is not calling it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from swift_demo.model.errors import UnsupportedModelError
from swift_demo.model.kv_cache import KVCache
from swift_demo.model.norms import Norm


@dataclass(frozen=True, slots=True)
class ForwardContext:
    """What every sub-layer of one forward shares.

    Attributes:
        ropes: For each layer type what its rotary embedding gives: a tensor or several, each (…, T, size), or
            None if there is none.
        masks: For each layer type an additive attention mask, (1, 1, T, slots); None lets all T tokens
            see all slots.
        positions: (1, T) of the tokens in the text.
        cache: Where keys and values go; None if none are kept (in training).
    """

    ropes: dict[str, Any]
    masks: dict[str, torch.Tensor | None]
    positions: torch.Tensor
    cache: KVCache | None

    def first(self, num_tokens: int) -> ForwardContext:
        """The same for only the first tokens of the pass."""
        assert self.cache is not None
        slots = self.cache.slot + num_tokens
        return ForwardContext(
            ropes={
                kind: _of_each(rope, lambda part: part[..., :num_tokens, :])
                for kind, rope in self.ropes.items()
            },
            masks={
                kind: None if mask is None else mask[..., :num_tokens, :slots]
                for kind, mask in self.masks.items()
            },
            positions=self.positions[:, :num_tokens],
            cache=self.cache,
        )

    def to(self, device: torch.device) -> ForwardContext:
        """The same for sub-layers on a device."""
        return ForwardContext(
            ropes={kind: _of_each(rope, lambda part: part.to(device)) for kind, rope in self.ropes.items()},
            masks={kind: mask if mask is None else mask.to(device) for kind, mask in self.masks.items()},
            positions=self.positions.to(device),
            cache=self.cache,
        )


def _of_each(rope: Any, change: Callable[[torch.Tensor], torch.Tensor]) -> Any:
    """Cosines and sines, or the one complex tensor of both, or nothing, changed alike."""
    if isinstance(rope, tuple):
        return tuple(change(part) for part in rope)
    return None if rope is None else change(rope)


Contribution = Callable[[torch.Tensor, ForwardContext], torch.Tensor]
Step = Callable[[torch.Tensor, ForwardContext], torch.Tensor]  # from stream to stream


@dataclass(frozen=True, slots=True)
class Sublayer:
    """Normalise, contribute, add."""

    norm: Norm
    part: Contribution

    def contribution(self, hidden: torch.Tensor, context: ForwardContext) -> torch.Tensor:
        """What it would add to a stream."""
        return self.part(self.norm(hidden), context)

    def __call__(self, hidden: torch.Tensor, context: ForwardContext) -> torch.Tensor:
        return hidden + self.part(self.norm(hidden), context)


@dataclass(frozen=True, slots=True)
class Parallel:
    """Attention and MLP of a layer in which both read the stream that enters it."""

    attention: Sublayer
    mlp: Sublayer

    def __call__(self, hidden: torch.Tensor, context: ForwardContext) -> torch.Tensor:
        attended, fed = self.contributions(hidden, context)
        return attended + fed + hidden

    def contributions(self, hidden: torch.Tensor, context: ForwardContext) -> tuple[torch.Tensor, torch.Tensor]:
        """What attention and the MLP would add to a stream."""
        normed = self.attention.norm(hidden)
        attended = self.attention.part(normed, context)
        if self.mlp.norm is not self.attention.norm:
            normed = self.mlp.norm(hidden)
        return attended, self.mlp.part(normed, context)


@dataclass(frozen=True, slots=True)
class Attention:
    """What attention contributes, with the mask and the rotary embedding of its layer's type.

    Attributes:
        cache_name: What its class calls the cache: transformers 5.24 renamed ``past_key_values`` to ``cache``.
        takes_ropes: Whether it is given a rotary embedding.
        takes_positions: Whether it is given the tokens' positions (Ministral 3 scales its queries by them).
        nothing: Arguments that it insists on and that are None in all that can be run here.
    """

    module: nn.Module
    layer_type: str
    cache_name: str
    takes_ropes: bool
    takes_positions: bool
    nothing: dict[str, None]

    @classmethod
    def of(cls, module: nn.Module, layer_type: str) -> Attention:
        """The attention of a layer, called as its class's own signature says.

        The class's signature, because hooks and patches replace the module's forward with one that takes any
        arguments.

        Raises:
            UnsupportedModelError: If it takes no cache, needs something unknown, or has a mask of its own.
        """
        _, _, *parameters = inspect.signature(type(module).forward).parameters.values()
        names = {parameter.name for parameter in parameters}
        cache_name = next((name for name in _CACHE_NAMES if name in names), None)
        if cache_name is None:
            raise UnsupportedModelError("its attention takes no cache of keys and values")
        needed = {p.name for p in parameters if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD}
        if unknown := needed - _GIVEN - _NOTHING - {cache_name}:
            raise UnsupportedModelError(f"its attention also wants {', '.join(sorted(unknown))}")
        # Such a mask may have a window, which a few tokens do not show.
        if any(buffer.dtype == torch.bool for buffer in module.buffers()):
            raise UnsupportedModelError("its attention has a mask of its own")
        return cls(
            module,
            layer_type,
            cache_name,
            takes_ropes="position_embeddings" in names,
            takes_positions="position_ids" in names,
            nothing=dict.fromkeys(needed & _NOTHING),
        )

    def __call__(self, hidden: torch.Tensor, context: ForwardContext) -> torch.Tensor:
        arguments: dict[str, Any] = {
            "attention_mask": context.masks[self.layer_type],
            self.cache_name: context.cache,
            **self.nothing,
        }
        if self.takes_ropes:
            arguments["position_embeddings"] = context.ropes[self.layer_type]
        if self.takes_positions:
            arguments["position_ids"] = context.positions
        contribution, *_ = self.module(hidden, **arguments)
        return contribution


_CACHE_NAMES = ("cache", "past_key_values", "layer_past")
_GIVEN = {"position_embeddings", "attention_mask", "position_ids"}
_NOTHING = {"alibi"}  # Falcon's other kind of positions: a model that has them is refused by the probe


@dataclass(frozen=True, slots=True)
class Mlp:
    """What a feed-forward network or a mixture of experts contributes."""

    module: nn.Module

    def __call__(self, hidden: torch.Tensor, context: ForwardContext) -> torch.Tensor:
        output = self.module(hidden)
        if isinstance(output, tuple):  # some mixtures add their router's scores, and leave the tokens in a row
            return output[0].view(hidden.shape)
        return output


@dataclass(frozen=True, slots=True)
class LooseMlp:
    """A feed-forward network whose parts lie in the layer itself: OPT."""

    up: nn.Module
    activation: nn.Module
    down: nn.Module

    def __call__(self, hidden: torch.Tensor, context: ForwardContext) -> torch.Tensor:
        return self.down(self.activation(self.up(hidden)))


@dataclass(frozen=True, slots=True)
class Together:
    """Two networks side by side, such as a mixture and an expert that all tokens share: GraniteMoeShared."""

    first: Contribution
    second: Contribution

    def __call__(self, hidden: torch.Tensor, context: ForwardContext) -> torch.Tensor:
        return self.first(hidden, context) + self.second(hidden, context)


@dataclass(frozen=True, slots=True)
class NormedAfter:
    """A contribution that is normalised before it is added: Gemma, OLMo 2, GLM 4."""

    part: Contribution
    norm: Norm

    def __call__(self, hidden: torch.Tensor, context: ForwardContext) -> torch.Tensor:
        return self.norm(self.part(hidden, context))


@dataclass(frozen=True, slots=True)
class Multiplied:
    """A contribution that is multiplied before it is added: Granite."""

    part: Contribution
    multiplier: float

    def __call__(self, hidden: torch.Tensor, context: ForwardContext) -> torch.Tensor:
        return self.part(hidden, context) * self.multiplier
