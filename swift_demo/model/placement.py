"""Where a model's parts compute: all on one device, or where accelerate has put them.

Accelerate places a model with hooks on its modules. A hook moves a module's inputs to the module's
device, and, where weights wait in CPU memory or on disk, fetches them for the call and drops them after
it. Sub-layers are called one by one here, so each hook acts on its own sub-layer only: the weights of a skipped
one are never fetched.
"""

from __future__ import annotations

import torch
from torch import nn

from swift_demo.model.workarounds import placement_hooks


def execution_device(part: nn.Module) -> torch.device:
    """Where a part of the model computes; its weights are elsewhere while they are offloaded."""
    for module in part.modules():
        for hook in placement_hooks(module):
            if getattr(hook, "execution_device", None) is not None:
                return torch.device(hook.execution_device)
    return next(part.parameters()).device


def is_fetched_whole(layer: nn.Module) -> bool:
    """Whether a layer's offloaded weights come only when the layer itself is called."""
    return any(
        hook.offload and hook.place_submodules for hook in placement_hooks(layer) if hasattr(hook, "offload")
    )


def is_placed(module: nn.Module) -> bool:
    """Whether hooks act when a module is called, so that its weights must not be used without calling it."""
    return bool(placement_hooks(module))
