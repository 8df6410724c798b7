"""A GGUF file is loaded as the model that it was made from, or one sentence says what to do."""

from __future__ import annotations

import importlib.util

import pytest
import torch
from support.families import IS_OLD
from support.gguf_files import CHAT_TEMPLATE, write_gguf
from support.models import generate_greedily, random_model
from support.refusals import refusal

from swift_demo.config import SwiftConfig
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.model.loading import load_target

PROMPT = "Anna draws the longer straw"


@pytest.fixture(scope="module")
def plain_file(tmp_path_factory, tokenizer):
    """The random Llama of the other tests, its weights as they are."""
    return write_gguf(tmp_path_factory.mktemp("gguf") / "Tiny-8L.F32.gguf", random_model(), tokenizer)


@pytest.fixture(scope="module")
def quantised_file(tmp_path_factory, tokenizer):
    return write_gguf(tmp_path_factory.mktemp("gguf") / "Tiny-8L.Q8_0.gguf", random_model(), tokenizer, True)


@pytest.fixture(scope="module")
def target(quantised_file):
    return load_target(quantised_file, device="cpu")


@pytest.fixture
def broken(plain_file, tmp_path):
    """A function that writes a changed copy of the file's bytes."""

    def write(change, name="model.gguf"):
        (tmp_path / name).write_bytes(change(plain_file.read_bytes()))
        return tmp_path / name

    return write


@pytest.mark.skipif(IS_OLD, reason="old versions begin each text of a GGUF file's tokenizer with a token")
def test_unquantised_weights_and_the_tokenizer_are_those_of_the_model(plain_file, tiny_target):
    target = load_target(plain_file, device="cpu")
    expected = tiny_target.model.state_dict()
    assert all(torch.equal(value, expected[name]) for name, value in target.model.state_dict().items())
    for text in (PROMPT, "café 東京", "<|begin|>Anna"):
        assert target.encode(text) == tiny_target.encode(text)
    assert (target.eos_ids, target.max_context) == (tiny_target.eos_ids, tiny_target.max_context)


def test_the_file_gives_the_name_and_the_chat_template(target):
    assert target.name == "Tiny-8L.Q8_0"
    assert target.tokenizer.chat_template == CHAT_TEMPLATE


def test_quantised_weights_become_ordinary_ones(target, tiny_target, tmp_path):
    assert (target.dtype, target.dtype_note) == (torch.float32, "")
    assert not getattr(target.model, "is_quantized", False)
    assert not hasattr(target.model.config, "quantization_config")
    weight, exact = (each.model.lm_head.weight for each in (target, tiny_target))
    assert 0 < (weight - exact).abs().max() < exact.abs().max() / 100


def test_what_was_loaded_can_be_saved_and_loaded_again(target, tmp_path):
    target.model.save_pretrained(tmp_path)
    target.tokenizer.save_pretrained(tmp_path)
    again = load_target(tmp_path, device="cpu")
    ids = torch.tensor([target.encode(PROMPT)])
    assert again.encode(PROMPT) == target.encode(PROMPT)
    assert torch.equal(again.model(ids).logits, target.model(ids).logits)


@pytest.mark.parametrize("skip_ratio", [0.2, 0.5])
def test_greedy_text_is_that_of_the_model(target, skip_ratio):
    ids = target.encode(PROMPT)
    swift = SwiftDecoder(target, SwiftConfig(skip_ratio=skip_ratio)).generate(ids, max_new_tokens=40).token_ids
    assert swift == VanillaDecoder(target).generate(ids, max_new_tokens=40).token_ids
    assert tuple(swift) == generate_greedily(target, ids, 40)


def test_a_half_precision_can_be_asked_for(quantised_file):
    assert load_target(quantised_file, device="cpu", dtype="bfloat16").dtype == torch.bfloat16


def test_without_the_package_that_reads_it(quantised_file, monkeypatch):
    there = importlib.util.find_spec
    monkeypatch.setattr("swift_demo.extras.find_spec", lambda name: None if name == "gguf" else there(name))
    assert refusal(quantised_file).endswith(
        "is a GGUF file: gguf not found; pip install 'swift-demo[gguf]' brings what is needed"
    )


@pytest.mark.parametrize("content", [b"", b"GG", b"<html>not found</html>", b"\x89PNG"])
def test_a_file_that_is_none(broken, content):
    file = broken(lambda _: content)
    assert refusal(file) == f"{file} is damaged or no GGUF file; get it again"


@pytest.mark.parametrize("share", [0.0001, 0.02, 0.5, 0.99])
def test_a_file_that_is_cut_off(broken, share):
    file = broken(lambda content: content[: max(8, int(len(content) * share))])
    assert refusal(file).startswith(f"{file} is damaged or not complete (")


@pytest.mark.parametrize("at", [4, 8, 16, 24, 40])
def test_a_file_with_a_broken_header(broken, at):
    file = broken(lambda content: content[:at] + b"\xff" * 8 + content[at + 8 :])
    assert str(file) in refusal(file)


def test_an_architecture_that_transformers_does_not_read(tmp_path, tokenizer):
    file = write_gguf(tmp_path / "model.gguf", random_model(), tokenizer, architecture="plamo")
    assert refusal(file) == (
        f"{file} cannot be loaded: GGUF model with architecture plamo is not supported yet; choose another "
        "model"
    )


def test_a_file_that_lacks_weights(tmp_path, tokenizer):
    model = random_model()
    weights = {name: value for name, value in model.state_dict().items() if ".3.mlp.up_proj" not in name}
    model.state_dict = lambda: weights
    file = write_gguf(tmp_path / "model.gguf", model, tokenizer)
    assert refusal(file) == f"the files of {file} lack model.layers.3.mlp.up_proj.weight; get its files again"


def test_one_part_of_several(broken):
    file = broken(lambda content: content, "model-00001-of-00002.gguf")
    assert refusal(file).startswith(f"{file} is one part of several; put them together")


def test_only_a_pointer_to_the_file(broken):
    file = broken(lambda _: b"version https://git-lfs.github.com/spec/v1\n")
    assert refusal(file) == f"{file} is only a Git LFS pointer to the file; run git lfs pull there"


@pytest.mark.parametrize("name", ["model.gguf", "./model.gguf", "/no/MODEL.GGUF", "folder/model.gguf"])
def test_a_file_that_is_not_there(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert refusal(name) == (
        f"there is no file {name}; name a GGUF file here, or one on the Hub as owner/name/file.gguf"
    )


def test_a_folder_that_holds_only_such_a_file(quantised_file):
    folder = quantised_file.parent
    assert refusal(folder) == f"{folder} holds a GGUF file; name that, as {quantised_file}"
