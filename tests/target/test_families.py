"""Every family that loads is decoded exactly as transformers decodes it."""

from __future__ import annotations

import pytest
import torch
from doubles import NO_SEARCH
from models import generate_greedily, random_model, save_random_model, tiny_sizes
from transformers import (
    Gemma2Config,
    GPT2Config,
    GPTNeoXConfig,
    LlamaConfig,
    MistralConfig,
    MixtralConfig,
    Olmo2Config,
    Phi3Config,
    Qwen2Config,
    Qwen3Config,
    SmolLM3Config,
)

from swift_demo.config import SearchConfig, SwiftConfig
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.skip_set import SkipSet
from swift_demo.target.loading import ModelLoadError, load_target

PROMPT = "The café 🙂"
FAMILIES = {
    "Llama": LlamaConfig(**tiny_sizes()),
    "Llama with tied embeddings": LlamaConfig(**tiny_sizes(tie_word_embeddings=True)),
    "Llama with biases": LlamaConfig(**tiny_sizes(attention_bias=True, mlp_bias=True)),
    "Llama with wide heads": LlamaConfig(**tiny_sizes(head_dim=16, num_key_value_heads=4)),
    "Llama 3 rotary": LlamaConfig(**tiny_sizes(rope_parameters={
        "rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0, "low_freq_factor": 1.0,
        "high_freq_factor": 4.0, "original_max_position_embeddings": 64,
    })),
    "Mistral": MistralConfig(**tiny_sizes(sliding_window=None)),
    "Qwen2": Qwen2Config(**tiny_sizes()),
    "Qwen3": Qwen3Config(**tiny_sizes(head_dim=8)),
    "SmolLM3": SmolLM3Config(**tiny_sizes()),
    "Phi-3": Phi3Config(**tiny_sizes(pad_token_id=0)),
}


@pytest.fixture(scope="module")
def load(tmp_path_factory, tokenizer):
    """Save a random model of a configuration and load it as a target."""

    def save_and_load(config, name="model", **others):
        folder = save_random_model(tmp_path_factory.mktemp("families") / name, tokenizer, config)
        return load_target(folder, device="cpu", **others)

    return save_and_load


def assert_lossless(target, prompt=PROMPT, num_tokens=40):
    expected = generate_greedily(target, target.encode(prompt), num_tokens)
    assert VanillaDecoder(target).generate(prompt, num_tokens).token_ids == expected
    for settings in (
        {"skip_ratio": 0.3, "search": NO_SEARCH},
        {"skip_ratio": 0.0, "search": NO_SEARCH},
        {"skip_ratio": 0.5, "search": SearchConfig(max_time_share=1.0, min_context=4, context_window=8)},
    ):
        config = SwiftConfig(confidence_threshold=0.2, max_draft_tokens=6, **settings)
        assert SwiftDecoder(target, config).generate(prompt, num_tokens).token_ids == expected


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_is_lossless_against_generate(load, family):
    assert_lossless(load(FAMILIES[family]))


@pytest.mark.parametrize("family", ["Llama", "Qwen3", "SmolLM3", "Phi-3"])
def test_a_forward_with_nothing_skipped_gives_the_models_own_logits(load, family):
    target = load(FAMILIES[family])
    ids = torch.randint(2, 300, (50,), generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        own = target.model(ids[None], use_cache=False).logits[0]
        cache = target.new_cache(50)
        parts = [target.forward(ids[a:b], cache, a, SkipSet()) for a, b in ((0, 7), (7, 8), (8, 50))]
    torch.testing.assert_close(torch.cat(parts), own, rtol=1e-3, atol=1e-3)


def test_a_forward_leaves_out_exactly_the_skipped_sub_layers(tiny_target):
    calls = []
    hooks = [
        module.register_forward_hook(lambda *_, name=name: calls.append(name))
        for i, layer in enumerate(tiny_target.model.model.layers)
        for name, module in ((f"attention {i}", layer.self_attn), (f"mlp {i}", layer.mlp))
    ]
    try:
        tiny_target.forward(torch.tensor([5]), tiny_target.new_cache(1), 0, SkipSet((1, 4), (2, 4)))
    finally:
        for hook in hooks:
            hook.remove()
    everything = [f"{part} {i}" for i in range(8) for part in ("attention", "mlp")]
    assert calls == [c for c in everything if c not in ("attention 1", "attention 4", "mlp 2", "mlp 4")]


def test_a_forward_refuses_a_skip_set_of_another_depth(tiny_target):
    with pytest.raises(ValueError, match="only 1 to 6 may be"):
        tiny_target.forward(torch.tensor([5]), tiny_target.new_cache(1), 0, SkipSet((7,)))


WINDOWED = {
    "Mistral, window under the probe": MistralConfig(**tiny_sizes(sliding_window=6)),
    "Mistral, window over the probe": MistralConfig(**tiny_sizes(sliding_window=24)),
    "Phi-3, window over the probe": Phi3Config(**tiny_sizes(sliding_window=24, pad_token_id=0)),
    "Qwen2, some layers windowed": Qwen2Config(
        **tiny_sizes(use_sliding_window=True, sliding_window=24, max_window_layers=4)
    ),
}


@pytest.mark.parametrize("name", WINDOWED)
def test_attention_limited_to_a_window_is_refused_or_decoded_as_generate_does(load, name):
    try:
        target = load(WINDOWED[name])
    except ModelLoadError as error:
        assert "cannot be run here" in str(error)
        return
    assert_lossless(target, num_tokens=60)


UNSUPPORTED = {
    "GPT-2": GPT2Config(vocab_size=300, n_embd=32, n_layer=4, n_head=4, n_positions=64, bos_token_id=0,
                        eos_token_id=1),
    "GPT-NeoX": GPTNeoXConfig(**tiny_sizes()),
    "OLMo 2": Olmo2Config(**tiny_sizes()),
    "Gemma 2": Gemma2Config(**tiny_sizes(head_dim=8, pad_token_id=0)),
}


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_an_unsupported_architecture_is_refused_in_one_sentence(load, name):
    with pytest.raises(ModelLoadError, match=r"cannot be run here: .*Llama architecture"):
        load(UNSUPPORTED[name])


def test_a_mixture_of_experts_is_refused_or_decoded_as_generate_does(load):
    config = MixtralConfig(**tiny_sizes(num_local_experts=4, num_experts_per_tok=2, sliding_window=None))
    try:
        target = load(config)
    except ModelLoadError as error:
        assert "cannot be run here" in str(error)
        return
    assert_lossless(target)


def test_a_model_without_an_inner_layer_is_refused(load):
    with pytest.raises(ModelLoadError, match="has 2 layers; at least 3 are needed"):
        load(LlamaConfig(**tiny_sizes(num_hidden_layers=2)))


def test_three_layers_are_enough(load):
    assert_lossless(load(LlamaConfig(**tiny_sizes(num_hidden_layers=3))))


def test_random_models_say_different_things():
    first, second = (random_model(seed=seed).lm_head.weight for seed in (0, 1))
    assert not torch.equal(first, second)
