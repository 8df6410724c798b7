"""A model that accelerate has placed is decoded as one on a single device, and fetches only what runs."""

from __future__ import annotations

import dataclasses
import importlib.util
from collections import Counter

import pytest
import torch
from accelerate import cpu_offload, dispatch_model
from accelerate.utils import OffloadedWeightsLoader
from hypothesis import given, settings
from hypothesis import strategies as st
from support.doubles import NO_SEARCH
from support.families import FAMILIES
from support.generating import plain, swift
from support.models import NUM_LAYERS, generate_greedily, random_model, save_random_model, tiny_sizes
from transformers import LlamaConfig

from swift_demo.config import SamplingConfig, SearchConfig, SwiftConfig
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.events import TokensDrafted
from swift_demo.model.families import UnsupportedModelError
from swift_demo.model.kv_cache import KVCache
from swift_demo.model.loading import ModelLoadError, load_target
from swift_demo.model.placement import execution_device
from swift_demo.model.target import Target
from swift_demo.skip_set import SkipSet

PROMPT = "Anna draws the longer straw: 東京 🙂"
ALL_ON_DISK = {"device_map": "auto", "max_memory": {"cpu": "1KB"}}
EVERY_SECOND_LAYER_ON_DISK = {
    "device_map": {f"model.layers.{i}": "disk" if i % 2 else "cpu" for i in range(NUM_LAYERS)}
    | dict.fromkeys(("model.embed_tokens", "model.rotary_emb", "model.norm", "lm_head"), "cpu")
}
EAGER_SEARCH = SearchConfig(max_time_share=1.0, min_context=4, context_window=8, max_trials=6)
SUBLAYERS = st.frozensets(st.integers(1, NUM_LAYERS - 2)).map(tuple)
CPU, META = torch.device("cpu"), torch.device("meta")


@pytest.fixture(scope="module")
def on_disk(tiny_folder):
    """The random Llama with every second layer on disk."""
    return load_target(tiny_folder, dtype="float32", **EVERY_SECOND_LAYER_ON_DISK)


@pytest.fixture
def fetched(monkeypatch):
    """Names of the weights that accelerate fetches, as it fetches them."""
    names = []
    fetch = OffloadedWeightsLoader.__getitem__

    def watched(self, key):
        names.append(key)
        return fetch(self, key)

    monkeypatch.setattr(OffloadedWeightsLoader, "__getitem__", watched)
    return names


GREEDY = SamplingConfig()


def swift_ids(target, num_tokens, skip_set=None, sampling=GREEDY, **others):
    config = SwiftConfig(**({"search": NO_SEARCH, "confidence_threshold": 0.1, "max_draft_tokens": 5} | others))
    return (
        SwiftDecoder(target, config, skip_set)
        .generate(PROMPT, max_new_tokens=num_tokens, sampling=sampling)
        .token_ids
    )


@pytest.mark.parametrize("family", ["Llama 3", "Gemma 3 (text)", "Qwen3-MoE"])
def test_a_family_on_disk_is_lossless_against_generate(family, tmp_path, tokenizer):
    folder = save_random_model(tmp_path / "model", tokenizer, FAMILIES[family].config, norm_spread=0.3)
    target = load_target(folder, dtype="float32", offload_folder=tmp_path / "weights", **ALL_ON_DISK)
    assert {p.device for p in target.model.model.layers.parameters()} == {META}
    assert (target.device, target.dtype) == (CPU, torch.float32)
    expected = generate_greedily(target, target.encode(PROMPT), 8)
    assert VanillaDecoder(target).generate(PROMPT, max_new_tokens=8).token_ids == expected
    assert swift_ids(target, 8, SkipSet((1, 4), (2,))) == expected
    assert swift_ids(target, 8, skip_ratio=0.5, search=EAGER_SEARCH) == expected


@settings(max_examples=4)
@given(attention=SUBLAYERS, mlp=SUBLAYERS, threshold=st.sampled_from([0.0, 0.3, 1.0]))
def test_any_skip_set_gives_the_text_of_the_model_in_memory(on_disk, tiny_target, attention, mlp, threshold):
    expected = generate_greedily(tiny_target, tiny_target.encode(PROMPT), 12)
    assert swift_ids(on_disk, 12, SkipSet(attention, mlp), confidence_threshold=threshold) == expected


def test_sampled_text_is_that_of_the_model_in_memory(on_disk, tiny_target):
    wish = (16, SkipSet((2,), (5,)), SamplingConfig(1.0, seed=3))
    assert swift_ids(on_disk, *wish) == swift_ids(tiny_target, *wish)


def test_generate_with_swift_takes_a_placed_model(on_disk):
    assert swift(on_disk.model, max_new_tokens=12) == plain(on_disk.model, max_new_tokens=12)


def test_each_weight_of_what_runs_is_fetched_once_and_none_of_what_is_skipped(tiny_folder, fetched):
    target = load_target(tiny_folder, **ALL_ON_DISK)
    skip_set = SkipSet((1, 4), (2, 4))
    skipped = [
        f"model.layers.{i}.{part}."
        for i, parts in (
            (1, ("self_attn", "input_layernorm")),
            (2, ("mlp", "post_attention_layernorm")),
            (4, ("self_attn", "input_layernorm", "mlp", "post_attention_layernorm")),
        )
        for part in parts
    ]
    names = {name for name, _ in target.model.named_parameters() if not name.startswith("model.embed_tokens")}
    fetched.clear()
    target.forward(torch.tensor([5, 6]), target.new_cache(2), 0, skip_set)
    assert Counter(n for n in fetched if not n.startswith("model.embed_tokens")) == Counter(
        name for name in names if not name.startswith(tuple(skipped))
    )
    assert all(any(name.startswith(part) for name in names) for part in skipped)


def test_drafting_never_fetches_what_it_skips(on_disk, fetched):
    skip_set = SkipSet((1, 3, 5), (1, 3, 5))  # all of the inner layers that are on disk
    config = SwiftConfig(
        search=NO_SEARCH, threshold_rule="fixed", confidence_threshold=0, max_draft_tokens=6, tree_levels=()
    )
    fetched.clear()
    events = SwiftDecoder(on_disk, config, skip_set).generate(PROMPT, max_new_tokens=8).trace.events
    drafted = [len(e.token_ids) for e in events if isinstance(e, TokensDrafted)]
    drafts, whole_forwards = sum(drafted), 1 + len(drafted)  # the prompt's, and a verification for each draft
    counts = Counter(fetched)
    assert drafts > 10
    assert counts["model.layers.3.mlp.up_proj.weight"] == whole_forwards
    assert counts["model.layers.7.mlp.up_proj.weight"] == whole_forwards + drafts  # the last layer is kept


def test_weights_that_wait_in_memory_are_fetched_as_well(tiny_target, tokenizer):
    target = Target(cpu_offload(random_model(), CPU), tokenizer, "offloaded")
    assert next(target.model.parameters()).device == META
    target.probe()
    cache = target.new_cache(4)
    target.forward(torch.tensor([5]), cache, 0, SkipSet())
    assert {target.device, *(tensor.device for tensor in cache.entries)} == {CPU}
    assert swift_ids(target, 12, SkipSet((2,), (5,))) == swift_ids(tiny_target, 12)


def test_a_layer_that_is_only_fetched_whole_is_refused(tokenizer, tmp_path):
    model = dispatch_model(
        random_model(),
        {"model": "disk", "lm_head": "cpu"},
        offload_dir=tmp_path,
        preload_module_classes=["LlamaDecoderLayer"],
    )
    with pytest.raises(UnsupportedModelError, match="place it without preload_module_classes"):
        Target(model, tokenizer, "whole")


def test_the_cache_lies_where_each_layer_computes():
    cache = KVCache(num_layers=3, max_length=16)
    for i, device in enumerate([CPU, META, CPU]):
        cache.update(torch.ones(1, 2, 1, 8, device=device), torch.ones(1, 2, 1, 6, device=device), i)
    assert [tensor.device for tensor in cache.entries] == [CPU, META, CPU] * 2
    assert [tensor.shape for tensor in cache.entries] == [(1, 2, 16, 8)] * 3 + [(1, 2, 16, 6)] * 3


def test_streams_masks_and_rotations_go_where_each_layer_computes(tokenizer):
    """The only second device that every machine has is "meta", which computes shapes and no values."""
    target = Target(random_model(), tokenizer, "spread")
    devices = [CPU] * 3 + [META] * (NUM_LAYERS - 3)
    seen = []

    def record(hidden, context):
        tensors = [hidden, context.positions, *context.masks.values()]
        tensors += [part for rope in context.ropes.values() for part in rope]
        seen.append({tensor.device for tensor in tensors})
        return hidden

    target._stack = dataclasses.replace(
        target._stack,
        layers=tuple(
            dataclasses.replace(layer, attention=record, mlp=record, device=device)
            for layer, device in zip(target._stack.layers, devices, strict=True)
        ),
        norm=torch.nn.Identity(),
        head=lambda hidden: torch.zeros(hidden.shape),
    )
    logits = target.forward(torch.tensor([5, 6]), target.new_cache(4), 0, SkipSet((2, 5), (2,)))
    assert seen == [{CPU}] * 4 + [{META}] * 9
    assert logits.device == target.device == CPU


def test_where_a_part_computes_is_read_from_accelerates_hook_else_from_its_weights(on_disk):
    assert {execution_device(layer) for layer in on_disk.model.model.layers} == {CPU}
    assert execution_device(torch.nn.Linear(2, 2, device="meta")) == META


def refusal(*args, **others):
    with pytest.raises(ModelLoadError) as caught:
        load_target(*args, **others)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_wishes_that_contradict_each_other_are_refused(tiny_folder):
    assert "leave one out" in refusal(tiny_folder, "cpu", device_map="auto")
    assert 'give device_map="auto"' in refusal(tiny_folder, offload_folder="weights")
    assert "'auto', 'balanced'" in refusal(tiny_folder, device_map="everywhere")


@pytest.mark.skipif(bool(importlib.util.find_spec("bitsandbytes")), reason="bitsandbytes is installed")
def test_quantised_weights_without_their_library_are_refused_with_what_to_install(tiny_folder):
    message = refusal(tiny_folder, "cpu", quantization_config={"load_in_4bit": True})
    assert "cannot be loaded with quantised weights" in message
    assert "pip install -U bitsandbytes" in message


@pytest.mark.skipif(not importlib.util.find_spec("bitsandbytes"), reason="bitsandbytes is not installed")
def test_a_model_in_four_bits_is_decoded_like_any_other(tmp_path, tokenizer):
    config = LlamaConfig(**tiny_sizes(hidden_size=64, intermediate_size=128))  # a block is 64 weights
    folder = save_random_model(tmp_path / "model", tokenizer, config)
    target = load_target(folder, "cpu", quantization_config={"load_in_4bit": True})
    assert target.model.is_quantized
    vanilla = VanillaDecoder(target).generate(PROMPT, max_new_tokens=12).token_ids
    assert swift_ids(target, 12, SkipSet((2,), (5,))) == vanilla
