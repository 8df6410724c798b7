"""Private names of torch, transformers and accelerate, all of them, and when they can go.

Each is read here for want of a public name, and has a test that fails once there is one, or once it is gone.
Seen in torch 2.13, transformers 5.24 and accelerate 1.15 if nothing else is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.nn.modules import module as every_module


class ForwardHooks(NamedTuple):
    """Hooks that torch calls before and after a forward, by the number that each got."""

    before: Mapping[int, Any]
    after: Mapping[int, Any]


def attention_implementation(config: Any) -> str | None:
    """How a model computes attention.

    Why: transformers lets one set it by name, and tells it by a private name only. Until: a configuration or a
    model tells it.
    """
    return config._attn_implementation


def placement_hooks(module: nn.Module) -> tuple[Any, ...]:
    """Accelerate's hooks on a module, one by one where several are chained.

    Why: accelerate adds and removes them, and tells of none. Until: it has a function that does.
    """
    hook = getattr(module, "_hf_hook", None)
    return () if hook is None else tuple(getattr(hook, "hooks", (hook,)))


def forward_hooks(module: nn.Module) -> ForwardHooks:
    """The hooks on a module.

    Why: torch adds and removes them, and lists none. Until: it does.
    """
    return ForwardHooks(module._forward_pre_hooks, module._forward_hooks)


def forward_hooks_on_all() -> ForwardHooks:
    """The hooks on every module there is; why and until when as with those on one."""
    return ForwardHooks(every_module._global_forward_pre_hooks, every_module._global_forward_hooks)


def num_writes(tensor: torch.Tensor) -> int | None:
    """How often a tensor was written to in place; None for one that does not count (made in inference mode).

    Why: torch counts it, and tells it by a private name only. Until: it has a public one.
    """
    return None if tensor.is_inference() else tensor._version
