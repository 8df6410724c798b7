"""Where a model's parts compute: all on one device, or where accelerate has put them.

Accelerate places a model with hooks on its modules. A hook moves a module's inputs to the module's
device, and, where weights wait in CPU memory or on disk, fetches them for the call and drops them after
it. Sub-layers are called one by one here, so each hook acts on its own sub-layer only: the weights of a skipped
one are never fetched.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn


def execution_device(part: nn.Module) -> torch.device:
    """Where a part of the model computes; its weights are elsewhere while they are offloaded."""
    for module in part.modules():
        for hook in _hooks(module):
            if getattr(hook, "execution_device", None) is not None:
                return torch.device(hook.execution_device)
    return next(part.parameters()).device


def is_fetched_whole(layer: nn.Module) -> bool:
    """Whether a layer's offloaded weights come only when the layer itself is called."""
    return any(hook.offload and hook.place_submodules for hook in _hooks(layer) if hasattr(hook, "offload"))


def is_placed(module: nn.Module) -> bool:
    """Whether hooks act when a module is called, so that its weights must not be used without calling it."""
    return any(True for _ in _hooks(module))


def _hooks(module: nn.Module) -> Iterator[Any]:
    """Accelerate's hooks on a module; several are chained in one hook that holds them."""
    hook = getattr(module, "_hf_hook", None)
    if hook is not None:
        yield from getattr(hook, "hooks", (hook,))
