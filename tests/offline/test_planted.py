"""Planted layers: the model is sound, the answer is known, and little memory is taken."""

from __future__ import annotations

import pytest
import torch
from support.families import FAMILIES
from support.models import NUM_LAYERS, generate_greedily, random_model, tiny_sizes
from transformers import LlamaConfig, Qwen2Config

from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.known_sets import load_known_sets
from swift_demo.model.loading import load_target
from swift_demo.model.target import Target
from swift_demo.offline.planted import SET_FILE, PlantingError, plant, planted_target
from swift_demo.skip_set import SkipSet

PRE_NORM = ["Llama 3", "Mistral", "Qwen2, Qwen2.5", "Qwen3", "SmolLM3", "Granite"]
PROMPT = list(range(5, 25))
IDS = torch.tensor(PROMPT)


def logits_of(model, ids=IDS):
    with torch.inference_mode():
        return model(ids[None], use_cache=False).logits[0]


def test_the_planted_layers_are_the_copies_and_the_set_names_them():
    planted = plant(random_model(), 0.1)
    copies = tuple(range(4, 2 * (NUM_LAYERS - 6) + 4, 2))
    assert planted.skip_set == SkipSet(copies, copies) and len(copies) == NUM_LAYERS - 6
    layers = planted.model.get_decoder().layers
    assert len(layers) == planted.model.config.num_hidden_layers == NUM_LAYERS + len(copies)
    assert [layer.self_attn.layer_idx for layer in layers] == list(range(len(layers)))
    for i in copies:
        assert torch.equal(layers[i].mlp.down_proj.weight, 0.1 * layers[i - 1].mlp.down_proj.weight)
        assert torch.equal(layers[i].self_attn.o_proj.weight, 0.1 * layers[i - 1].self_attn.o_proj.weight)


def test_without_the_planted_layers_the_model_is_what_it_was():
    model = random_model()
    before = logits_of(model)
    planted = plant(model, 1.0)
    target = Target(planted.model, None, "planted")
    with torch.inference_mode():
        drafted = target.forward(IDS, target.new_cache(len(IDS)), 0, planted.skip_set)
    torch.testing.assert_close(drafted, before)
    assert not torch.allclose(logits_of(planted.model), before, atol=1e-2)
    assert torch.equal(logits_of(model), before) and model.config.num_hidden_layers == NUM_LAYERS
    assert [layer.self_attn.layer_idx for layer in model.model.layers] == list(range(NUM_LAYERS))


def test_the_smaller_epsilon_the_smaller_the_change():
    model = random_model()
    own = logits_of(model)
    changes = [
        float((logits_of(plant(model, epsilon).model) - own).norm()) for epsilon in (0.02, 0.1, 0.3, 1.0)
    ]
    assert changes == sorted(changes) and 0 < changes[0] < 0.1 * changes[-1]


def test_only_the_scaled_projections_take_memory():
    model = random_model()
    own = {id(weight) for weight in model.parameters()}
    added = [name for name, weight in plant(model, 0.1).model.named_parameters() if id(weight) not in own]
    assert added and all(name.endswith(("o_proj.weight", "down_proj.weight")) for name in added)
    assert {id(weight) for weight in plant(model, 1.0).model.parameters()} == own


@pytest.mark.parametrize("family", PRE_NORM)
def test_planted_models_of_other_families_are_sound(family, tokenizer):
    planted = plant(random_model(FAMILIES[family].config), 0.3, layers=(1, 2, 4))
    assert planted.skip_set == SkipSet((2, 4, 7), (2, 4, 7))
    target = Target(planted.model, tokenizer, family)
    target.probe()
    wanted = generate_greedily(target, PROMPT, 24)
    for decoder in (VanillaDecoder(target), SwiftDecoder(target, skip_set=planted.skip_set)):
        assert decoder.generate(PROMPT, max_new_tokens=24).token_ids == wanted


def test_what_the_configuration_says_of_a_layer_holds_for_its_copy():
    types = ["sliding_attention", "full_attention"] * 4
    config = Qwen2Config(**tiny_sizes(layer_types=types, sliding_window=16, use_sliding_window=True))
    planted = plant(random_model(config), 0.3)
    assert planted.model.config.layer_types == [*types[:4], *types[3:5], *types[4:]]
    assert config.layer_types == types
    Target(planted.model, None, "mixed").probe()


def test_a_saved_one_is_loaded_like_any_other(tmp_path, tiny_target):
    planted = plant(tiny_target.model, 0.3)
    planted.save(tmp_path / "planted")
    tiny_target.tokenizer.save_pretrained(tmp_path / "planted")
    loaded = load_target(tmp_path / "planted", device="cpu")
    assert torch.equal(logits_of(loaded.model), logits_of(planted.model))
    assert loaded.known_sets == {}
    kept = load_known_sets(tmp_path / "planted" / SET_FILE, loaded.num_layers)
    assert kept == {"planted": planted.skip_set}


def test_a_tied_head_stays_tied(tmp_path, tokenizer):
    planted = plant(random_model(LlamaConfig(**tiny_sizes(tie_word_embeddings=True))), 0.3)
    planted.save(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    loaded = load_target(tmp_path, device="cpu").model
    assert loaded.get_output_embeddings().weight is loaded.get_input_embeddings().weight
    assert torch.equal(logits_of(loaded), logits_of(planted.model))


def test_a_target_comes_with_its_planted_set(tiny_target):
    target, skip_set = planted_target(tiny_target, 0.1)
    assert target.num_layers == NUM_LAYERS + 2 and len(skip_set) == 4
    assert target.tokenizer is tiny_target.tokenizer and "planted 0.1" in target.name


@pytest.mark.parametrize(
    ("family", "layers", "why"),
    [
        ("Gemma 2", (2,), "normalises what its sub-layers add"),
        ("OLMo 2", (2,), "normalises what its sub-layers add"),
        ("Qwen3-MoE", (1,), "no plain mlp.down_proj"),
        ("Llama 3", None, "6 layers; at least 7"),
        ("Llama 3", (6,), "from 0 to 5"),
    ],
)
def test_what_cannot_be_planted_is_refused(family, layers, why):
    with pytest.raises(PlantingError, match=why):
        plant(random_model(FAMILIES[family].config), 0.1, layers)
