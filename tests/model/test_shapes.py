"""What the shapes of layers, heads and caches promise, each on the family that needs it."""

from __future__ import annotations

import pytest
import torch
import transformers as hf
from support.families import FAMILIES, IS_OLD, NUM_LAYERS, gpt_sizes, latent, sizes
from support.models import random_model
from torch import nn

from swift_demo.model.families import UnsupportedModelError
from swift_demo.model.heads import DividedHead, MultipliedHead
from swift_demo.model.masks import Window, attention_mask
from swift_demo.model.target import Target
from swift_demo.search.hidden_states import closest_draft, num_slots
from swift_demo.skip_set import SkipSet

PARALLEL = ["Phi-1, Phi-2", "Cohere Command R", "Pythia, GPT-NeoX", "GPT-J", "Falcon 7B", "Falcon 40B, 180B"]
IDS = torch.arange(3, 33)


def target_of(family):
    return Target(random_model(FAMILIES[family].config, norm_spread=0.3), None, family)


@torch.inference_mode()
def logits(target, skip_set=SkipSet()):  # noqa: B008
    return target.forward(IDS, target.new_cache(len(IDS)), 0, skip_set)


@torch.no_grad()
def silence(layer, half):
    """Make attention (0) or the MLP (1) of a layer add nothing: its last linear map gives zeros."""
    *_, last = [m for m in layer.modules[half][0].modules() if getattr(m, "weight", None) is not None]
    for values in last.parameters():
        values.zero_()


@pytest.mark.parametrize("family", PARALLEL)
class TestParallel:
    def test_one_step_where_both_halves_are_kept_two_shapes_where_one_is(self, family):
        (_, whole), (_, part) = (
            target_of(family).plan(skip_set)[0] for skip_set in (SkipSet(), SkipSet((1, 2), (2, 3)))
        )
        assert len(whole) == NUM_LAYERS
        assert len(part) == NUM_LAYERS - 1  # layer 2 is gone, layers 1 and 3 are a half each

    @pytest.mark.parametrize("half", [0, 1])
    def test_skipping_a_half_is_as_if_it_added_nothing(self, family, half):
        skipped, silent = target_of(family), target_of(family)
        silence(silent.layers[2], half)
        assert not torch.equal(logits(skipped), logits(silent))
        skip_set = SkipSet((2,), ()) if half == 0 else SkipSet((), (2,))
        torch.testing.assert_close(logits(skipped, skip_set), logits(silent), rtol=1e-4, atol=1e-4)

    def test_a_look_finds_the_halves_that_add_nothing(self, family):
        target = target_of(family)
        planted = SkipSet((1, 3), (2, 3))
        for half, layers in enumerate((planted.attention, planted.mlp)):
            for i in layers:
                silence(target.layers[i], half)
        cache = target.new_cache(len(IDS) + num_slots(4))
        with torch.inference_mode():
            target.forward(IDS[:-1], cache, 0, SkipSet(), needs_logits=False)
            assert closest_draft(target, cache, IDS, len(IDS) - 1, 4) == planted


@pytest.mark.parametrize(
    "family", ["Phi-1, Phi-2", "GPT-2", "DeepSeek V3, R1", "Llama 4 (text)", "Ministral 3"]
)
def test_a_tree_gives_each_node_what_its_own_path_would(family):
    target = target_of(family)
    nodes, parents = torch.tensor([40, 41, 42, 43, 44]), [-1, 0, 0, 1, 2]
    cache = target.new_cache(len(IDS) + 5)
    with torch.inference_mode():
        target.forward(IDS, cache, 0, SkipSet())
        tree = target.forward(nodes, cache, len(IDS), SkipSet(), parents=parents)
        for path in ([0, 1, 3], [0, 2, 4]):
            chain = target.forward(nodes[path], cache, len(IDS), SkipSet())
            torch.testing.assert_close(tree[path], chain, rtol=1e-4, atol=1e-4)


@pytest.mark.skipif(IS_OLD, reason="old versions cache whole keys and values")
def test_what_is_cached_is_as_small_as_the_model_makes_it():
    """DeepSeek's cache holds what keys and values are made of, for all heads together."""
    config = hf.DeepseekV3Config(**latent())
    cache = (target := Target(random_model(config), None, "latent")).new_cache(20)
    assert cache.num_bytes == 0
    with torch.inference_mode():
        target.forward(IDS[:5], cache, 0, SkipSet())
    assert cache.num_bytes == NUM_LAYERS * 20 * (config.kv_lora_rank + config.qk_rope_head_dim) * 4


@pytest.mark.parametrize(("window", "seen"), [(Window(4), [3, 4, 5, 6]), (Window(4, is_chunk=True), [4, 5, 6])])
def test_a_window_ends_after_so_many_positions_a_chunk_at_its_edge(window, seen):
    mask = attention_mask(torch.tensor([6]), 6, None, None, window, torch.float32)
    assert (mask[0, 0, 0] == 0).nonzero().flatten().tolist() == seen


@pytest.mark.parametrize(
    ("kind", "head"), [(hf.GraniteConfig, DividedHead), (hf.HyperCLOVAXConfig, MultipliedHead)]
)
def test_what_one_entry_means_is_read_from_the_models_own_forward(kind, head):
    target = Target(random_model(kind(**sizes(head_dim=8, logits_scaling=1.5))), None, "scaled")
    assert isinstance(target._stack.head, head)
    target.probe()


def test_a_text_ends_where_llama_4_would_begin_to_scale_queries_by_what_is_cached():
    config = FAMILIES["Llama 4 (text)"].config
    assert Target(random_model(config), None, "scout").max_context == config.max_position_embeddings
    config = hf.Llama4TextConfig(**config.to_dict() | {"floor_scale": 50})
    assert Target(random_model(config), None, "scout").max_context == 49


def refusal(model):
    with pytest.raises(UnsupportedModelError) as caught:
        Target(model, None, "refused").probe()
    return str(caught.value)


def test_a_window_that_the_code_does_not_apply_is_refused():
    """The probe's text is shorter than it, so it could not notice."""
    config = hf.OlmoeConfig(**sizes(num_experts=4, num_experts_per_tok=2))
    config.sliding_window = 1000
    assert "a sliding window, which its code does not apply" in refusal(random_model(config))


class Curious(nn.Module):
    def forward(self, hidden, position_embeddings, attention_mask, mood, cache=None):
        raise AssertionError("never called")


class Forgetful(nn.Module):
    def forward(self, hidden, position_embeddings, attention_mask):
        raise AssertionError("never called")


class SelfMasked(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("bias", torch.ones(1, 1, 4, 4, dtype=torch.bool))

    def forward(self, hidden, position_embeddings, attention_mask, cache=None):
        raise AssertionError("never called")


@pytest.mark.parametrize(
    ("attention", "reason"),
    [
        (Curious, "its attention also wants mood"),
        (Forgetful, "its attention takes no cache"),
        (SelfMasked, "its attention has a mask of its own"),
    ],
)
def test_attention_that_cannot_be_called_as_it_wants_is_refused(attention, reason):
    model = random_model()
    model.model.layers[1].self_attn = attention()
    assert reason in refusal(model)


def test_a_layer_with_something_else_in_it_is_refused_by_its_name():
    model = random_model()
    model.model.layers[1].adapter = nn.Linear(32, 32)
    assert "its layers have adapter beside attention and MLP" in refusal(model)


def test_a_recurrent_state_is_refused_for_what_it_is():
    assert "linear_attention layers keep a recurrent state" in refusal(
        random_model(hf.Qwen3NextConfig(**sizes(num_hidden_layers=4, head_dim=8, num_experts=4)))
    )


def test_learned_positions_are_those_of_the_text():
    target = Target(random_model(hf.GPT2Config(**gpt_sizes(n_positions=64))), None, "gpt")
    assert target.max_context == 64
    target.probe()
