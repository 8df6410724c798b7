"""The context is as long as the rotary embedding is made for, however the configuration says so."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from support.doubles import NO_SEARCH
from support.families import sizes
from support.models import generate_greedily, random_model, save_random_model, tiny_sizes
from transformers import Gemma3TextConfig, LlamaConfig

from swift_demo.config import SwiftConfig
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.model.loading import load_target
from swift_demo.model.target import Target
from swift_demo.skip_set import SkipSet

YARN = {"rope_type": "yarn", "rope_theta": 1e4, "factor": 4.0}
LINEAR = {"rope_type": "linear", "rope_theta": 1e4, "factor": 2.0}
LLAMA_3 = {
    "rope_type": "llama3",
    "rope_theta": 1e4,
    "factor": 32.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 16,
}
LONGROPE = {
    "rope_type": "longrope",
    "rope_theta": 1e4,
    "short_factor": [1.0] * 4,
    "long_factor": [4.0] * 4,
    "original_max_position_embeddings": 16,
}


def context_of(positions, rope, config=LlamaConfig, **others):
    sized = sizes(max_position_embeddings=positions, rope_parameters=rope, num_hidden_layers=3)
    return Target(random_model(config(**sized | others)), None, "").max_context


@pytest.mark.parametrize(
    ("positions", "rope", "length"),
    [
        (64, {"rope_type": "default", "rope_theta": 1e4}, 64),
        (64, YARN | {"original_max_position_embeddings": 64}, 256),  # as in Qwen2.5's description
        (64, YARN, 256),
        (256, YARN | {"original_max_position_embeddings": 64}, 256),
        (300, YARN | {"original_max_position_embeddings": 64}, 300),
        (64, LINEAR, 128),
        (64, LINEAR | {"factor": 1.5}, 96),
        (64, {"rope_type": "dynamic", "rope_theta": 1e4, "factor": 4.0}, 64),
        (128, LLAMA_3, 128),  # Llama 3.2 has a factor that would give more
        (128, LONGROPE, 16),
    ],
)
def test_a_stretched_rotation_makes_the_context_longer(positions, rope, length):
    assert context_of(positions, rope) == length


@pytest.mark.parametrize(
    ("rope", "length"),
    [
        (LINEAR, 64),  # as in Gemma 3, whose 131,072 positions are the length after
        (YARN | {"original_max_position_embeddings": 32}, 128),
        (YARN | {"original_max_position_embeddings": 16}, 64),
    ],
)
def test_layer_types_may_be_stretched_apart(rope, length):
    local = {"rope_type": "default", "rope_theta": 1e4}
    types = ["sliding_attention", "full_attention", "full_attention"]
    ropes = {"full_attention": rope, "sliding_attention": local}
    more = {"head_dim": 8, "pad_token_id": 0, "sliding_window": 16, "layer_types": types}
    assert context_of(64, ropes, Gemma3TextConfig, **more) == length


@pytest.mark.parametrize(
    "old",
    [
        {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32},
        {"type": "linear", "factor": 4.0},
    ],
)
def test_text_past_the_old_end_is_that_of_generate(tmp_path, tokenizer, old):
    folder = save_random_model(tmp_path / "model", tokenizer, LlamaConfig(**sizes(max_position_embeddings=32)))
    config = json.loads((folder / "config.json").read_text())
    del config["rope_parameters"]
    (folder / "config.json").write_text(json.dumps(config | {"rope_theta": 1e4, "rope_scaling": old}))
    target = load_target(folder, "cpu", "float32")
    assert target.max_context == 128
    prompt = target.encode("Anna draws the longer straw")
    expected = generate_greedily(target, prompt, 24)
    assert len(prompt) + 24 > 32
    assert VanillaDecoder(target).generate(prompt, max_new_tokens=24).token_ids == expected
    config = SwiftConfig(search=NO_SEARCH, confidence_threshold=0.2)
    assert (
        SwiftDecoder(target, config, SkipSet((2,), ())).generate(prompt, max_new_tokens=24).token_ids
        == expected
    )


def test_a_configuration_around_the_texts_need_not_say_what_ends_a_text():
    model = random_model(LlamaConfig(**tiny_sizes(eos_token_id=[1, 7])))
    inner = model.config
    target = Target(model, None, "")
    model.config = SimpleNamespace(get_text_config=lambda decoder: inner)
    model.generation_config = None
    assert target.eos_ids == {1, 7}
    inner.eos_token_id = None
    assert target.eos_ids == frozenset()
    model.config.get_text_config = lambda decoder: SimpleNamespace()
    assert target.eos_ids == frozenset()
