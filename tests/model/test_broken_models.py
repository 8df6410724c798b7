"""A folder with something wrong in it is refused in a sentence that says what, and what to do."""

from __future__ import annotations

import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file
from support.families import FAMILIES
from support.models import byte_tokenizer, save_random_model
from support.refusals import refusal
from transformers import AutoTokenizer
from transformers.models.llama.modeling_llama import LlamaMLP

from swift_demo.model.loading import load_target

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 269060552\n"


@pytest.fixture
def folder(tiny_folder, tmp_path_factory):
    """A copy of the random Llama, to be broken; its path is short, so that no sentence has to cut it."""
    return shutil.copytree(tiny_folder, tmp_path_factory.mktemp("folder") / "model")


def change_weights(folder, change):
    weights = load_file(folder / "model.safetensors")
    change(weights)
    save_file(weights, folder / "model.safetensors", {"format": "pt"})


def change_json(path, **values):
    content = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(content | values))


def take_away(folder, pattern):
    for file in folder.glob(pattern):
        file.unlink()


@pytest.mark.parametrize("name", ["lm_head.weight", "model.layers.3.mlp.up_proj.weight", "model.norm.weight"])
def test_a_missing_tensor_is_named(folder, name):
    change_weights(folder, lambda weights: weights.pop(name))
    assert refusal(folder, "cpu") == f"the files of {folder} lack {name}; get its files again"


def test_a_missing_layer_is_counted(folder):
    change_weights(folder, lambda w: [w.pop(name) for name in list(w) if ".layers.5." in name])
    assert "lack model.layers.5.input_layernorm.weight and 8 others;" in refusal(folder, "cpu")


@pytest.mark.parametrize("part", ["experts.2.up_proj", "gate.weight"])
def test_a_mixture_that_misses_a_part_of_an_expert_is_refused(tmp_path, tokenizer, part):
    folder = save_random_model(tmp_path / "model", tokenizer, FAMILIES["Qwen3-MoE"].config)
    change_weights(folder, lambda w: w.pop(next(name for name in w if part in name)))
    assert str(folder) in refusal(folder, "cpu")


@pytest.mark.parametrize(
    ("name", "shape"), [("model.norm.weight", (31,)), ("lm_head.weight", (301, 32)), ("lm_head.weight", (9,))]
)
def test_a_tensor_of_another_shape_is_named(folder, name, shape):
    change_weights(folder, lambda weights: weights.update({name: torch.ones(shape)}))
    assert f"do not fit its config.json: {name} (shape {shape} instead of (3" in refusal(folder, "cpu")


def test_a_tied_head_and_tensors_too_many_are_no_fault(folder):
    change_json(folder / "config.json", tie_word_embeddings=True)
    change_weights(folder, lambda w: (w.pop("lm_head.weight"), w.update(more=torch.zeros(3))))
    assert load_target(folder, "cpu").num_layers == 8


@pytest.mark.parametrize("size", [0, 5, 1000, -1])
def test_damaged_weights_are_named(folder, size):
    content = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(content[:size])
    assert refusal(folder, "cpu").startswith(f"the weights of {folder} are damaged or not complete (")


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "config.json"])
def test_a_pointer_in_place_of_a_file_is_named(folder, name):
    (folder / name).write_text(POINTER)
    assert refusal(folder, "cpu") == (
        f"{name} in {folder} is only a Git LFS pointer to the file; run git lfs pull there"
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("name", ["model.norm.weight", "model.layers.3.mlp.up_proj.weight"])
def test_weights_that_are_no_numbers_are_named(folder, name, value):
    change_weights(folder, lambda weights: weights[name].fill_(value))
    assert f"has values in {name} that are NaN or infinite; get its files again" in refusal(folder, "cpu")


def test_numbers_too_large_for_the_number_format_are_told_from_broken_weights(folder):
    change_weights(folder, lambda weights: weights["model.norm.weight"].fill_(1e4))
    assert load_target(folder, "cpu", "float32").dtype == torch.float32
    change_weights(folder, lambda weights: weights["lm_head.weight"].fill_(60))
    assert "are NaN or infinite in float16; choose another number format" in refusal(folder, "cpu", "float16")


@pytest.mark.parametrize(
    "values",
    [
        {"hidden_size": "wide"},
        {"hidden_size": 33},
        {"num_hidden_layers": -1},
        {"num_hidden_layers": 10**12},
        {"max_position_embeddings": 0},
        {"vocab_size": 9},
        {"num_attention_heads": 0},
        {"num_key_value_heads": 3},
        {"hidden_act": "magic"},
        {"head_dim": 7},
        {"rope_parameters": {"rope_type": "magic"}},
        {"max_position_embeddings": None},
        {"rms_norm_eps": "small"},
        {"eos_token_id": "end"},
        {"layer_types": ["magic"]},
        {"model_type": 7},
        {"model_type": "magic"},
        {"dtype": "magic"},
    ],
    ids=str,
)
def test_a_value_that_no_config_can_have_is_refused(folder, values):
    change_json(folder / "config.json", **values)
    assert str(folder) in refusal(folder, "cpu")


@pytest.mark.parametrize("name", ["config.json", "generation_config.json", "tokenizer_config.json"])
@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"a":' + b"[" * 100_000])
def test_a_file_that_is_no_json_object_is_named(folder, name, content):
    (folder / name).write_bytes(content)
    assert refusal(folder, "cpu") == f"{name} in {folder} holds no JSON object; get the file again"


@pytest.mark.parametrize("content", ["", "{}", '{"model": {"type": "magic"}}', "[1]"])
def test_a_broken_tokenizer_is_refused(folder, content):
    (folder / "tokenizer.json").write_text(content)
    assert "check its tokenizer.json, or choose another model" in refusal(folder, "cpu")


def test_an_end_of_text_that_is_no_id_is_refused(folder):
    change_json(folder / "generation_config.json", eos_token_id="abc")
    assert "which is not a token id; fix eos_token_id in its generation_config.json" in refusal(folder, "cpu")


def test_a_tokenizer_of_another_model_is_refused(folder):
    byte_tokenizer(400).save_pretrained(folder)
    assert f"the tokenizer of {folder} does not belong to it: token id" in refusal(folder, "cpu")


def test_a_broken_list_of_skip_sets_is_refused(folder):
    (folder / "skip_layers.json").write_text("[")
    assert "skip_layers.json does not list skip sets" in refusal(folder, "cpu")


def test_a_folder_without_weights_is_refused(folder):
    take_away(folder, "*.safetensors")
    assert f"{folder} could not be loaded: Error no file named model.safetensors" in refusal(folder, "cpu")


@pytest.mark.parametrize("weight_map", [[], {}, {"lm_head.weight": "model-1.safetensors"}])
def test_an_index_without_its_files_is_refused(folder, weight_map):
    take_away(folder, "*.safetensors")
    change_json(folder / "model.safetensors.index.json", metadata={}, weight_map=weight_map)
    assert str(folder) in refusal(folder, "cpu")


def test_an_error_in_a_models_own_code_is_a_refusal(folder, monkeypatch):
    monkeypatch.setattr(LlamaMLP, "forward", lambda self: None)
    assert "could not be loaded: TypeError: " in refusal(folder, "cpu")


class PanicException(BaseException):
    """What compiled code raises when it gives up is no ``Exception`` either."""


@pytest.mark.parametrize("error", [PanicException("index out of range"), RecursionError(), MemoryError()])
def test_whatever_fails_in_a_library_is_a_refusal(folder, monkeypatch, error):
    def fail(*_args, **_others):
        raise error

    monkeypatch.setattr(AutoTokenizer, "from_pretrained", fail)
    assert str(folder) in refusal(folder, "cpu")


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_the_end_of_the_program_is_not_held_up(folder, monkeypatch, error):
    def end(*_args, **_others):
        raise error

    monkeypatch.setattr(AutoTokenizer, "from_pretrained", end)
    with pytest.raises(error):
        load_target(folder, "cpu")
