"""Attention is given the cache under the name that its class has for it, whoever stands before its forward."""

from __future__ import annotations

import pytest
import torch
from accelerate.hooks import AlignDevicesHook, add_hook_to_module
from support.models import random_model
from torch import nn

from swift_demo.model.sublayers import Attention
from swift_demo.model.target import Target
from swift_demo.skip_set import SkipSet


class Renamed(nn.Module):
    def forward(self, hidden, position_embeddings, attention_mask=None, cache=None, **others):
        return (cache, others), None


class Old(nn.Module):
    def forward(self, hidden, position_embeddings, attention_mask=None, past_key_values=None, **others):
        return (past_key_values, others), None


class Both(nn.Module):
    def forward(self, hidden, position_embeddings, attention_mask, cache=None, past_key_values=None):
        return (cache, {"past_key_values": past_key_values} if past_key_values else {}), None


class Context:
    ropes = masks = {"full_attention": None}  # noqa: RUF012
    cache = "the cache"


@pytest.mark.parametrize("kind", [Renamed, Old, Both])
@pytest.mark.parametrize("stands_before", ["nothing", "a hook of accelerate", "a patch"])
def test_the_cache_arrives_and_nothing_else_does(kind, stands_before):
    module = kind()
    if stands_before == "a hook of accelerate":
        add_hook_to_module(module, AlignDevicesHook(execution_device="cpu"))
    elif stands_before == "a patch":
        own = module.forward
        module.forward = lambda *args, **others: own(*args, **others)
    assert Attention.of(module, "full_attention")(torch.zeros(1), Context()) == ("the cache", {})


def test_a_model_whose_attention_is_patched_on_the_spot_is_run_as_patched():
    model = random_model()
    for layer in model.model.layers[2:4]:
        own = layer.self_attn.forward
        layer.self_attn.forward = lambda *args, _own=own, **others: (2 * _own(*args, **others)[0], None)
    target = Target(model, None, "patched")
    target.probe()
    ids = torch.arange(5, 15)
    with torch.inference_mode():
        ours = target.forward(ids, target.new_cache(10), 0, SkipSet())
    torch.testing.assert_close(ours, model(ids[None]).logits[0])
