"""What is no saved model, or one that is not run here, is refused with what to do instead."""

from __future__ import annotations

import json
import shutil

import pytest
from support.refusals import refusal
from transformers import AutoConfig

from swift_demo.model.loading import load_target


@pytest.fixture
def folder(tiny_folder, tmp_path):
    """A copy of the random Llama, to be changed."""
    return shutil.copytree(tiny_folder, tmp_path / "model")


def keep_only(folder, *names):
    for file in folder.iterdir():
        if file.name not in names:
            file.unlink()


def change_config(folder, **values):
    config = json.loads((folder / "config.json").read_text()) | values
    (folder / "config.json").write_text(json.dumps(config))


@pytest.mark.parametrize("with_base", [True, False])
@pytest.mark.parametrize("beside_a_model", [True, False])
def test_an_adapter(folder, with_base, beside_a_model):
    if not beside_a_model:
        keep_only(folder)
    base = {"base_model_name_or_path": "somebody/base"} if with_base else {}
    (folder / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA"} | base))
    named = " somebody/base" if with_base else ""
    assert refusal(folder) == (
        f"{folder} is an adapter, not a whole model; merge it into its base model{named} (peft: "
        "merge_and_unload), save the result and name its folder"
    )


@pytest.mark.parametrize("model_type", ["llama", "qwen2", "qwen3", "gemma3_text"])
@pytest.mark.parametrize("with_config", [True, False])
def test_a_folder_without_a_tokenizer(folder, model_type, with_config):
    """For some families transformers then makes up a tokenizer that knows no words."""
    keep_only(folder, "config.json", "model.safetensors", *(["tokenizer_config.json"] if with_config else ()))
    change_config(folder, model_type=model_type)
    assert refusal(folder) == (
        f"{folder} has no tokenizer; put its tokenizer.json and tokenizer_config.json beside its weights"
    )


@pytest.mark.parametrize("name", ["tokenizer.model", "spiece.model"])
def test_a_tokenizer_that_is_there_as_sentencepiece_only(folder, name):
    keep_only(folder, "config.json", "model.safetensors")
    (folder / name).write_bytes(b"\x0a\x0f\x0a\x05<unk>")
    assert refusal(folder) == (
        f"the tokenizer of {folder} is there as SentencePiece only; pip install sentencepiece protobuf, or put "
        "a tokenizer.json beside it"
    )


@pytest.mark.parametrize("kind", ["ByT5Tokenizer", "PerceiverTokenizer"])
def test_a_tokenizer_written_in_python(folder, kind):
    keep_only(folder, "config.json", "model.safetensors")
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": kind}))
    assert f"({kind}) is written in Python, which is too slow here; put a tokenizer.json" in refusal(folder)


@pytest.mark.parametrize("parts", [("AutoConfig", "AutoModelForCausalLM"), ("AutoModelForCausalLM",), ()])
def test_program_code_of_a_models_own_is_neither_run_nor_asked_about(folder, monkeypatch, parts):
    monkeypatch.setattr("builtins.input", lambda *_: pytest.fail("it asks at the terminal"))
    (folder / "own.py").write_text("raise SystemExit('it runs')\n")
    change_config(folder, model_type="own", auto_map={part: "own.Own" for part in parts})
    assert refusal(folder) == (
        f"{folder} brings program code of its own, which is not run here; choose a model whose architecture is "
        "built into transformers"
    )


def test_an_architecture_that_transformers_has_is_run_without_the_code_beside_it(folder):
    (folder / "own.py").write_text("raise SystemExit('it runs')\n")
    change_config(folder, auto_map={"AutoConfig": "own.Own", "AutoModelForCausalLM": "own.Own"})
    assert type(load_target(folder, "cpu").model).__module__.startswith("transformers.")


def test_a_tokenizer_with_program_code_of_its_own_is_not_run(folder, monkeypatch):
    monkeypatch.setattr("builtins.input", lambda *_: pytest.fail("it asks at the terminal"))
    keep_only(folder, "config.json", "model.safetensors")
    (folder / "own.py").write_text("raise SystemExit('it runs')\n")
    own = {"auto_map": {"AutoTokenizer": ["own.Own", None]}}
    (folder / "tokenizer_config.json").write_text(json.dumps(own))
    assert str(folder) in refusal(folder)


@pytest.mark.parametrize("model_type", ["t5", "vit"])
def test_a_model_that_does_not_continue_text(folder, model_type):
    change_config(folder, model_type=model_type)
    assert f"{folder} ({model_type}) does not write text from left to right; supported are" in refusal(folder)


@pytest.mark.parametrize("name", ["", "  "])
def test_no_name(name):
    assert refusal(name) == "no model is named; give a folder with a saved model or a Hub name"


@pytest.mark.parametrize("name", ["/a\0b", "/a\nb", "/\ud800", "/" + "a" * 300, "b/" + "a" * 5000])
def test_a_name_that_cannot_be_shown_or_is_too_long(name):
    assert refusal(name)


def test_a_file_in_place_of_a_folder(folder):
    file = folder / "model.safetensors"
    assert refusal(file) == (f"{file} is a file; name the folder in which the model was saved, or a GGUF file")


def test_a_folder_that_may_not_be_read(folder, monkeypatch):
    def refuse(*_args, **_others):
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(AutoConfig, "from_pretrained", refuse)
    assert f"{folder} could not be loaded: Permission denied" in refusal(folder)
