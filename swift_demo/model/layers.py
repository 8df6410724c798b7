"""Takes one decoder layer apart, by the roles that its modules have.

Families call the same thing by different names, and different things by the same name. So a name stands for a
role here (which module attends, which norm stands where), and the one ambiguous name is read from its company.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from swift_demo.model.errors import UnsupportedModelError
from swift_demo.model.norms import Norm, in_fewer_calls
from swift_demo.model.placement import execution_device, is_fetched_whole
from swift_demo.model.sublayers import (
    Attention,
    Contribution,
    LooseMlp,
    Mlp,
    Multiplied,
    NormedAfter,
    Parallel,
    Step,
    Sublayer,
    Together,
)

_ATTENTION = ("self_attn", "self_attention", "attention", "attn")
_MLP = ("mlp", "feed_forward", "block_sparse_moe", "moe", "shared_mlp")
_LOOSE_MLP = ("fc1", "activation_fn", "fc2")
_MULTIPLIERS = ("residual_multiplier", "residual_scale")
_SAYS_PARALLEL = ("use_parallel_residual", "parallel_attn")
_NORM_ROLES = {
    "before attention": ("input_layernorm", "attention_layernorm", "self_attn_layer_norm", "ln_1", "ln_attn"),
    "after attention": ("post_self_attn_layernorm", "post_norm1"),
    "before mlp": (
        *("pre_feedforward_layernorm", "pre_mlp_layernorm", "feedforward_layernorm"),
        *("final_layer_norm", "ln_2", "ln_mlp"),
    ),
    "after mlp": ("post_feedforward_layernorm", "post_mlp_layernorm", "post_norm2"),
}
_AMBIGUOUS = "post_attention_layernorm"


@dataclass(frozen=True, slots=True)
class Layer:
    """A decoder layer.

    Attributes:
        is_parallel: Whether the MLP reads the stream that enters the layer, and not what attention added to it.
        device: Where it computes.
        modules: Those of attention, and those of the MLP.
    """

    attention: Sublayer
    mlp: Sublayer
    is_parallel: bool
    device: torch.device
    modules: tuple[tuple[nn.Module, ...], tuple[nn.Module, ...]]

    def steps(self, has_attention: bool, has_mlp: bool) -> tuple[Step, ...]:
        """What to run of it, in order. Either half alone is well defined: it is added to the stream."""
        if self.is_parallel and has_attention and has_mlp:
            return (Parallel(self.attention, self.mlp),)
        return (self.attention,) * has_attention + (self.mlp,) * has_mlp


def layer_of(module: Any, layer_type: str) -> Layer:
    """A layer taken apart.

    Args:
        layer_type: How far its attention sees, in transformers' words.

    Raises:
        UnsupportedModelError: If it has parts that are not known here.
    """
    if is_fetched_whole(module):
        raise UnsupportedModelError(
            "its offloaded layers are fetched whole; place it without preload_module_classes"
        )
    parts = {  # dropout does nothing when not training
        name: part for name, part in module.named_children() if not isinstance(part, nn.Dropout)
    }
    attention = [parts.pop(name) for name in _ATTENTION if name in parts]
    if len(attention) != 1:
        raise UnsupportedModelError("its layers have no attention, or more than one")
    mlp, mlp_modules = _mlp(parts)
    norms = _norms_by_role(parts)
    is_parallel = any(
        getattr(owner, says, False)
        for owner in (module, getattr(module, "config", None))
        for says in _SAYS_PARALLEL
    )
    if "before mlp" not in norms and "after mlp" not in norms:  # both halves read what one norm gives
        is_parallel = True
        norms["before mlp"] = norms["before attention"]
    multiplier = next((getattr(module, name) for name in _MULTIPLIERS if hasattr(module, name)), None)
    return Layer(
        _sublayer(Attention.of(attention[0], layer_type), "attention", norms, multiplier),
        _sublayer(mlp, "mlp", norms, multiplier),
        is_parallel,
        execution_device(module),
        (tuple(attention), mlp_modules),
    )


def _mlp(parts: dict[str, Any]) -> tuple[Contribution, tuple[nn.Module, ...]]:
    """A layer's feed-forward network and its modules, which are taken out of the parts."""
    if all(name in parts for name in _LOOSE_MLP):
        up, activation, down = (parts.pop(name) for name in _LOOSE_MLP)
        return LooseMlp(up, activation, down), (up, down)
    match [parts.pop(name) for name in _MLP if name in parts]:
        case [only]:
            return Mlp(only), (only,)
        case [first, second]:
            return Together(Mlp(first), Mlp(second)), (first, second)
        case _:
            raise UnsupportedModelError("its layers have no feed-forward network, or too many")


def _norms_by_role(parts: dict[str, Any]) -> dict[str, Norm]:
    """What is left of a layer's parts, by role.

    Gemma normalises after attention what Llama, under the same name, normalises before the MLP. It is after
    attention where another norm stands before the MLP, and where none stands before attention (OLMo 2).
    """
    roles = {role: name for role, names in _NORM_ROLES.items() for name in names if name in parts}
    if _AMBIGUOUS in parts:
        is_after = "before mlp" in roles or "before attention" not in roles
        roles["after attention" if is_after else "before mlp"] = _AMBIGUOUS
    if strange := sorted(parts.keys() - set(roles.values())):
        raise UnsupportedModelError(f"its layers have {', '.join(strange)} beside attention and MLP")
    if not any(role.endswith("attention") for role in roles):
        raise UnsupportedModelError("its layers do not normalise what attention reads or gives")
    return {role: in_fewer_calls(parts[name]) for role, name in roles.items()}


def _sublayer(part: Contribution, kind: str, norms: dict[str, Norm], multiplier: float | None) -> Sublayer:
    if after := norms.get(f"after {kind}"):
        part = NormedAfter(part, after)
    if multiplier is not None:
        part = Multiplied(part, multiplier)
    return Sublayer(norms.get(f"before {kind}", _as_it_is), part)


def _as_it_is(hidden: torch.Tensor) -> torch.Tensor:
    return hidden
