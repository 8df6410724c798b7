"""Every family that loads is decoded exactly as transformers decodes it; the others are refused."""

from __future__ import annotations

import pytest
import torch
from support import families_table
from support.doubles import NO_SEARCH
from support.families import CASES, FAMILIES, IS_OLD, NUM_LAYERS, UNSUPPORTED, VARIANTS, WINDOW, sizes
from support.models import generate_greedily, random_model, save_random_model
from transformers import Gemma3TextConfig, LlamaConfig, LlamaForCausalLM, Phi3Config

from swift_demo.config import SearchConfig, SwiftConfig
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.model.families import UnsupportedModelError
from swift_demo.model.loading import ModelLoadError, load_target
from swift_demo.model.target import Target
from swift_demo.model.workarounds import attention_implementation
from swift_demo.skip_set import SkipSet

PROMPT = "Anna draws the longer straw: 東京 🙂"
NUM_TOKENS = 24
EAGER_SEARCH = SearchConfig(
    max_time_share=1.0, min_context=4, context_window=8, bayesian_interval=3, max_trials=6
)
SETTINGS = {
    "nothing skipped": (SkipSet(), {"confidence_threshold": 0.0, "max_draft_tokens": 7}),
    "attention skipped": (SkipSet((1, 4), ()), {"confidence_threshold": 0.05, "max_draft_tokens": 4}),
    "both skipped": (SkipSet((2,), (2, 3)), {"confidence_threshold": 0.4}),
    "searching": (None, {"skip_ratio": 0.5, "confidence_threshold": 0.2, "search": EAGER_SEARCH}),
}


@pytest.fixture(scope="module")
def load(tmp_path_factory, tokenizer):
    """Save a random model of a configuration and load it as a target."""

    def save_and_load(config, **others):
        folder = tmp_path_factory.mktemp("families") / "model"
        return load_target(save_random_model(folder, tokenizer, config, norm_spread=0.3), "cpu", **others)

    return save_and_load


@pytest.fixture(scope="module")
def family_target(load):
    """A family's target; the last one is kept, since tests of one family follow each other."""
    kept = {}

    def get(family, implementation):
        if (family, implementation) not in kept:
            kept.clear()
            kept[family, implementation] = load(FAMILIES[family].config, attn_implementation=implementation)
        return kept[family, implementation]

    return get


def swift_decoder(target, name):
    skip_set, settings = SETTINGS[name]
    return SwiftDecoder(target, SwiftConfig(**({"search": NO_SEARCH} | settings)), skip_set)


def assert_lossless(target, settings=tuple(SETTINGS), num_tokens=NUM_TOKENS):
    expected = generate_greedily(target, target.encode(PROMPT), num_tokens)
    assert VanillaDecoder(target).generate(PROMPT, max_new_tokens=num_tokens).token_ids == expected
    for name in settings:
        assert swift_decoder(target, name).generate(PROMPT, max_new_tokens=num_tokens).token_ids == expected, (
            name
        )
    return expected


@pytest.mark.parametrize(("family", "implementation"), CASES)
class TestFamily:
    def test_is_lossless_against_generate_past_its_window(self, family_target, family, implementation):
        target = family_target(family, implementation)
        assert attention_implementation(target.model.config) == implementation
        assert len(target.encode(PROMPT)) > WINDOW
        expected = assert_lossless(target)
        assert len(expected) == NUM_TOKENS
        assert len(set(expected)) > 3, "the model must say something varied for this to mean anything"

    def test_gives_the_models_own_logits_however_the_text_is_split(self, family_target, family, implementation):
        target = family_target(family, implementation)
        ids = torch.randint(2, 300, (50,), generator=torch.Generator().manual_seed(0))
        with torch.inference_mode():
            own = target.model(ids[None], use_cache=False).logits[0]
            cache = target.new_cache(50)
            parts = [target.forward(ids[a:b], cache, a, SkipSet()) for a, b in ((0, 7), (7, 8), (8, 50))]
        torch.testing.assert_close(torch.cat(parts), own, rtol=1e-4, atol=1e-4)

    def test_leaves_out_exactly_the_skipped_sub_layers(self, family_target, family, implementation):
        target = family_target(family, implementation)
        calls = []
        hooks = [
            module.register_forward_hook(lambda *_, name=name: calls.append(name))
            for i, layer in enumerate(target.layers)
            for name, (module, *_) in zip((f"attention {i}", f"mlp {i}"), layer.modules, strict=True)
        ]
        try:
            target.forward(torch.tensor([5]), target.new_cache(1), 0, SkipSet((1, 4), (2, 4)))
        finally:
            for hook in hooks:
                hook.remove()
        everything = [f"{part} {i}" for i in range(NUM_LAYERS) for part in ("attention", "mlp")]
        skipped = ("attention 1", "attention 4", "mlp 2", "mlp 4")
        assert calls == [call for call in everything if call not in skipped]


@pytest.mark.skipif(IS_OLD, reason="old versions have other names for some classes")
def test_the_documents_show_the_families_that_are_tested():
    text = families_table.DOCUMENT.read_text(encoding="utf-8")
    assert families_table.with_table(text) == text, f"write the table anew: {families_table.COMMAND}"


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_is_lossless_against_generate(load, variant):
    assert_lossless(load(VARIANTS[variant]), ("nothing skipped", "searching"), num_tokens=16)


def test_longrope_is_lossless_up_to_where_it_would_turn_what_is_cached(load, tokenizer):
    length = len(tokenizer(PROMPT).input_ids) + 20
    rope = {
        "rope_type": "longrope",
        "rope_theta": 10000.0,
        "short_factor": [1.0] * 4,
        "long_factor": [4.0] * 4,
        "original_max_position_embeddings": length,
    }
    target = load(
        Phi3Config(**sizes(pad_token_id=0, rope_parameters=rope, original_max_position_embeddings=length))
    )
    assert target.max_context == length
    assert_lossless(target, ("nothing skipped",), num_tokens=20)
    longer = VanillaDecoder(target).generate(PROMPT, max_new_tokens=21)
    assert len(longer.token_ids) == 20
    assert longer.trace.events[-1].stop_reason == "context full"


def test_a_forward_refuses_a_skip_set_of_another_depth(tiny_target):
    with pytest.raises(ValueError, match="cannot be skipped"):
        tiny_target.forward(torch.tensor([5]), tiny_target.new_cache(1), 0, SkipSet((8,)))


@pytest.mark.parametrize("architecture", UNSUPPORTED)
def test_an_unsupported_architecture_is_refused_in_one_sentence(load, architecture):
    with pytest.raises(ModelLoadError) as caught:
        load(UNSUPPORTED[architecture])
    message = str(caught.value)
    whys = f"sub-layers of {architecture} cannot be skipped (", f"{architecture} does more in its forward than"
    assert any(f"cannot be run: {why}" in message for why in whys)
    for family in ("Llama", "Mistral", "Qwen", "Gemma", "GLM", "DeepSeek", "GPT-2"):
        assert family in message.split("supported are ")[1]
    assert "\n" not in message
    assert len(message) < 300


def test_a_model_that_attends_otherwise_is_caught_by_the_probe(load):
    config = Gemma3TextConfig(**sizes(head_dim=8, pad_token_id=0, use_bidirectional_attention=True))
    with pytest.raises(ModelLoadError, match=r"Gemma3ForCausalLM does more .* differ by .*supported are Llama"):
        load(config)


class QuieterLlama(LlamaForCausalLM):
    """Has the parts of a Llama and does something more with them."""

    def forward(self, *args, **others):
        output = super().forward(*args, **others)
        output.logits = output.logits * 0.99
        return output


def test_a_forward_that_does_more_than_its_sub_layers_is_caught_by_the_probe(tokenizer):
    model = QuieterLlama(LlamaConfig(**sizes())).eval()
    with pytest.raises(UnsupportedModelError, match=r"QuieterLlama does more in its forward .*differ by 1\.0%"):
        Target(model, tokenizer, "quieter").probe()


def test_a_model_that_calls_its_parts_otherwise_is_caught_by_the_probe(tokenizer, monkeypatch):
    target = Target(random_model(LlamaConfig(**sizes())), tokenizer, "other")
    rotary = target.model.model.rotary_emb
    monkeypatch.setattr(rotary, "rope_type", {"full_attention": "default"})
    with pytest.raises(UnsupportedModelError, match="LlamaForCausalLM calls its sub-layers in another way"):
        Target(target.model, tokenizer, "other").probe()


def test_gemma_2_is_run_eagerly_unless_told_otherwise(load):
    assert attention_implementation(load(FAMILIES["Gemma 2"].config).model.config) == "eager"
    with pytest.raises(ModelLoadError, match="Gemma2ForCausalLM"):
        load(FAMILIES["Gemma 2"].config, attn_implementation="sdpa")


def test_an_attention_implementation_that_takes_no_mask_of_ours_is_refused(tokenizer):
    model = random_model(LlamaConfig(**sizes()))
    model.set_attn_implementation("flex_attention")
    with pytest.raises(UnsupportedModelError, match="is flex_attention, usable: eager, sdpa"):
        Target(model, tokenizer, "flexible")


def test_a_model_without_an_inner_layer_is_refused(load):
    with pytest.raises(ModelLoadError, match="has 2 layers; at least 3 are needed"):
        load(LlamaConfig(**sizes(num_hidden_layers=2)))


def test_random_models_say_different_things():
    first, second = (random_model(seed=seed).lm_head.weight for seed in (0, 1))
    assert not torch.equal(first, second)
