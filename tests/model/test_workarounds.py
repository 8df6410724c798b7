"""What reads private names works and is needed: a test that fails here says that it can go, or must change."""

from __future__ import annotations

import inspect

import accelerate
import pytest
import torch
from accelerate import hooks as accelerates_hooks
from accelerate.hooks import AlignDevicesHook, ModelHook, add_hook_to_module, remove_hook_from_module
from support.models import random_model, tiny_sizes
from torch import nn
from torch.nn.modules import module as every_module
from transformers import LlamaConfig

from swift_demo.model import workarounds


def public(thing, word):
    """Public names with a word in them."""
    return {name for name in dir(thing) if word in name and not name.startswith("_")}


@pytest.mark.parametrize("implementation", ["eager", "sdpa"])
def test_transformers_tells_by_no_public_name_how_attention_is_computed(implementation):
    model = random_model(LlamaConfig(**tiny_sizes()))
    model.set_attn_implementation(implementation)
    assert workarounds.attention_implementation(model.config) == implementation
    assert not public(model.config, "attn_impl")
    assert not [key for key in model.config.to_dict() if "attn_impl" in key]
    takes_one = {"set_attn_implementation", "get_correct_attn_implementation"}
    assert public(model, "attn_impl") == takes_one
    assert all(len(inspect.signature(getattr(model, name)).parameters) > 0 for name in takes_one)


def test_accelerate_lists_the_hooks_on_a_module_nowhere():
    module, first, second = nn.Linear(2, 2), AlignDevicesHook(), ModelHook()
    assert workarounds.placement_hooks(module) == ()
    add_hook_to_module(module, first)
    assert workarounds.placement_hooks(module) == (first,)
    add_hook_to_module(module, second, append=True)
    assert workarounds.placement_hooks(module) == (first, second)
    remove_hook_from_module(module)
    assert workarounds.placement_hooks(module) == ()
    named = public(accelerates_hooks, "hook") | public(accelerate, "hook") | public(accelerate.utils, "hook")
    others = {name for name in named if name.split("_")[0] not in ("add", "attach", "remove")}
    assert others == {"cpu_offload_with_hook", "hooks"}


def test_torch_lists_the_hooks_on_a_module_nowhere():
    module = nn.Linear(2, 2)
    assert workarounds.forward_hooks(module) == ({}, {})
    before = module.register_forward_pre_hook(lambda *_: None)
    after = module.register_forward_hook(lambda *_: None)
    hooks = workarounds.forward_hooks(module)
    assert (list(hooks.before), list(hooks.after)) == ([before.id], [after.id])
    assert all(name.startswith("register_") for name in public(nn.Module, "hook"))


def test_torch_lists_the_hooks_on_every_module_nowhere():
    numbers = [set(hooks) for hooks in workarounds.forward_hooks_on_all()]
    before = every_module.register_module_forward_pre_hook(lambda *_: None)
    after = every_module.register_module_forward_hook(lambda *_: None)
    try:
        added = [
            set(hooks) - old for hooks, old in zip(workarounds.forward_hooks_on_all(), numbers, strict=True)
        ]
        assert added == [{before.id}, {after.id}]
    finally:
        before.remove()
        after.remove()
    assert [set(hooks) for hooks in workarounds.forward_hooks_on_all()] == numbers
    assert all(name.startswith("register_") for name in public(every_module, "hook"))


def test_torch_counts_writes_to_a_tensor_under_no_public_name():
    tensor = torch.zeros(3)
    before = workarounds.num_writes(tensor)
    tensor.add_(1)
    assert workarounds.num_writes(tensor) == before + 1
    with torch.inference_mode():
        assert workarounds.num_writes(torch.zeros(3)) is None
    assert not public(torch.Tensor, "version") | public(torch.Tensor, "writes")
