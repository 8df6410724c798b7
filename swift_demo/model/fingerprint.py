"""Whether a model is still what it was when it was taken apart, and which hooks on it would not be called."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from torch import nn
from torch.nn.utils.parametrize import is_parametrized
from torch.utils.weak import WeakIdKeyDictionary

from swift_demo.model.placement import is_placed
from swift_demo.model.workarounds import forward_hooks, forward_hooks_on_all, num_writes

_PLAIN = frozenset((bool, int, float, str))
_numbers = itertools.count(1)
_number_of = WeakIdKeyDictionary()


def fingerprint(model: Any) -> int:
    """A number that changes with the model: its modules, their forwards, hooks and settings, its tensors.

    A tensor contributes its identity, dtype, device and version counter. Tensors that accelerate fetches for
    one call are left out. Takes a few milliseconds for thirty layers.
    """
    found: list[Any] = [str(vars(model.config.get_text_config(decoder=True)))]
    everywhere = forward_hooks_on_all()
    found += [*everywhere.before, None, *everywhere.after]
    for _, module in model.named_modules(remove_duplicate=False):
        own, hooks = vars(module), forward_hooks(module)
        found += [
            _number(module),
            _number(type(module)),
            _number(type(module).forward),
            _number(own.get("forward")),
            *hooks.before,
            None,
            *hooks.after,
            *(value for value in own.values() if value.__class__ in _PLAIN),
        ]
        if not is_placed(module):
            for tensors in (module.named_parameters, module.named_buffers):
                for _, tensor in tensors(recurse=False, remove_duplicate=False):
                    found += [_number(tensor), tensor.dtype, tensor.device, num_writes(tensor)]
    return hash(tuple(found))


def _number(thing: Any) -> int:
    """A number unique to this object for good, unlike its address, which may be reused; 0 for None."""
    if thing is None:
        return 0
    if (number := _number_of.get(thing)) is None:
        number = _number_of[thing] = next(_numbers)
    return number


def is_touched(module: nn.Module) -> bool:
    """Whether a module does more than its class says: it has hooks, or a forward or weights made for it."""
    return any(forward_hooks(module)) or "forward" in vars(module) or is_parametrized(module)


def hooked_in_vain(model: Any, layers: Sequence[nn.Module]) -> list[str]:
    """Names of the modules whose hooks are not called when the sub-layers are called one by one.

    These are the layers, what contains them, and the dropouts in them. The hooks by which transformers itself
    collects hidden states and attentions are ignored: nothing is collected while text is generated.
    """
    skipped = set(layers)
    skipped |= {part for layer in layers for part in layer.children() if isinstance(part, nn.Dropout)}
    return [
        name or "the model"
        for name, module in model.named_modules()
        if _has_foreign_hooks(module) and not skipped.isdisjoint(module.modules())
    ]


def _has_foreign_hooks(module: nn.Module) -> bool:
    before, after = forward_hooks(module)
    return any(
        not (getattr(hook, "__module__", None) or "").startswith("transformers.")
        for hook in (*before.values(), *after.values())
    )
