"""In half precision our own loop rounds as the model does, and is judged by what the model itself varies."""

from __future__ import annotations

import pytest
import torch
from support.families import FAMILIES, HERE, sizes
from support.models import random_model, tiny_sizes
from torch import nn
from transformers import Gemma3TextConfig, LlamaConfig, LlamaForCausalLM

from swift_demo.model import norms
from swift_demo.model.families import UnsupportedModelError
from swift_demo.model.loading import load_target
from swift_demo.model.norms import RootMeanSquareNorm, in_fewer_calls
from swift_demo.model.probe import probe_ids
from swift_demo.model.target import Target
from swift_demo.skip_set import SkipSet

HALVES = [torch.bfloat16, torch.float16]
# They add attention to the stream before the MLP, others that run in parallel both halves to each other first.
# Which it is cannot be read from a model's modules, and changes the last bit only.
ADD_IN_ANOTHER_ORDER = ("Cohere Command R", "Cohere Command R7B, A", "StableLM 2 12B")


def unruly_llama():
    """A Llama in which rounding grows, as in a real one: weights of norms that differ, sharp attention."""
    model = random_model(norm_spread=4.0)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if name.endswith(("q_proj.weight", "gate_proj.weight", "up_proj.weight")):
                weight *= 6.0
    return model


@pytest.mark.parametrize("dtype", [*HALVES, torch.float32], ids=str)
@pytest.mark.parametrize("family", HERE)
def test_a_pass_gives_the_models_own_logits_bit_for_bit(family, dtype):
    model = random_model(FAMILIES[family].config, norm_spread=0.5).to(dtype)
    model.set_attn_implementation("eager")
    target = Target(model, None, family)
    ids = torch.arange(2, 300, 25)
    with torch.inference_mode():
        ours = target.forward(ids, target.new_cache(len(ids)), 0, SkipSet())
        own = model(ids[None], use_cache=False).logits[0]
    if family in ADD_IN_ANOTHER_ORDER:
        assert (ours - own).norm() <= 8 * torch.finfo(dtype).eps * own.norm()
    else:
        assert torch.equal(ours, own)


def test_a_model_in_which_rounding_grows_loads(tmp_path, tokenizer):
    unruly_llama().to(torch.bfloat16).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    assert load_target(tmp_path, "cpu", "bfloat16").dtype == torch.bfloat16


def test_the_same_model_is_refused_if_norms_round_elsewhere(monkeypatch):
    monkeypatch.setattr(norms, "_arithmetic_of", lambda *_: norms.rounded_once)
    with pytest.raises(UnsupportedModelError, match="does more in its forward"):
        Target(unruly_llama().to(torch.bfloat16), None, "unruly").probe()


class LouderLlama(LlamaForCausalLM):
    """Has the parts of a Llama, and does a little more with them."""

    def forward(self, *args, **others):
        output = super().forward(*args, **others)
        output.logits = output.logits * 1.05
        return output


@pytest.mark.parametrize("dtype", HALVES, ids=str)
def test_a_forward_that_does_more_is_caught(dtype):
    with pytest.raises(UnsupportedModelError, match=r"LouderLlama does more .* differ by [345]\.\d%"):
        Target(LouderLlama(LlamaConfig(**sizes())).eval().to(dtype), None, "louder").probe()


@pytest.mark.parametrize("dtype", HALVES, ids=str)
def test_attention_to_both_sides_is_caught_although_then_the_models_own_ways_differ_too(dtype):
    config = Gemma3TextConfig(**sizes(head_dim=8, pad_token_id=0, use_bidirectional_attention=True))
    with pytest.raises(UnsupportedModelError, match="Gemma3ForCausalLM does more"):
        Target(random_model(config).to(dtype), None, "both sides").probe()


def test_the_probe_reads_ordinary_text(tiny_target):
    ids = probe_ids(tiny_target)
    assert tiny_target.tokenizer.decode(ids, skip_special_tokens=True).startswith("The")
    assert len(ids) == 12


@pytest.mark.parametrize("vocab_size", [300, 49152, 5])
def test_without_a_tokenizer_the_probe_reads_ids_from_all_over_the_vocabulary(vocab_size):
    target = Target(random_model(LlamaConfig(**tiny_sizes(vocab_size=vocab_size))), None, "mute")
    ids = probe_ids(target)
    assert ids == probe_ids(target) == sorted(ids)
    assert len(ids) == 12
    gaps = [after - before for before, after in zip([0, *ids], [*ids, vocab_size], strict=True)]
    assert max(gaps) <= vocab_size / 12 + 1
    target.probe()


class Rms(nn.Module):
    """Called as the usual norms are, and computing something else."""

    def __init__(self, size, epsilon):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.variance_epsilon = epsilon

    def forward(self, hidden):
        return (1 + self.weight) * hidden


class NeedsMore(Rms):
    def __init__(self, size, epsilon, more):
        super().__init__(size, epsilon)
        self.more = more


@pytest.mark.parametrize("module", [Rms(8, 1e-6), NeedsMore(8, 1e-6, 0), nn.LayerNorm(8)])
def test_a_norm_of_another_kind_is_called_itself(module):
    assert in_fewer_calls(module) is module


def test_a_norm_that_is_watched_or_changed_is_called_itself():
    norm = random_model().model.norm
    hook = norm.register_forward_hook(lambda *_: None)
    assert in_fewer_calls(norm) is norm
    hook.remove()
    assert isinstance(in_fewer_calls(norm), RootMeanSquareNorm)
    norm.forward = lambda hidden: hidden
    assert in_fewer_calls(norm) is norm


def test_a_norm_follows_its_modules_weight_and_number_format():
    norm, hidden = random_model().model.norm, torch.randn(3, 32)
    short = in_fewer_calls(norm)
    norm.weight = nn.Parameter(torch.full((32,), 2.0))
    assert torch.equal(short(hidden), norm(hidden))
    assert torch.equal(short(hidden.bfloat16()), norm(hidden.bfloat16()))


@pytest.mark.parametrize(
    ("saved", "wish", "note"),
    [
        ("bfloat16", "auto", "saved as bfloat16, 2× the memory"),
        ("bfloat16", "bfloat16", ""),
        ("float32", "auto", ""),
        ("float32", "bfloat16", "saved as float32, 0.5× the memory"),
        ("float16", "bfloat16", "saved as float16"),
    ],
)
def test_another_number_format_than_the_files_is_said(tmp_path, tokenizer, saved, wish, note):
    random_model().to(getattr(torch, saved)).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    assert load_target(tmp_path, "cpu", wish).dtype_note == note
