"""A model loads from a folder, or one sentence says what to do."""

from __future__ import annotations

import shutil

import pytest
import torch
from safetensors.torch import load_file
from support.models import random_model
from support.refusals import refusal
from transformers import AutoModelForCausalLM

from swift_demo.model.devices import free_memory
from swift_demo.model.loading import load_target, resolve_device, resolve_dtype


def test_a_folder_loads_under_its_own_name(tiny_folder):
    target = load_target(tiny_folder, device="cpu")
    assert (target.name, target.num_layers, target.vocab_size) == ("tiny", 8, 300)
    assert (target.device.type, target.dtype, target.eos_ids) == ("cpu", torch.float32, {1})
    assert not target.model.training
    assert not any(p.requires_grad for p in target.model.parameters())


@pytest.mark.parametrize("place", ["/no/such/model", "./no/such", "~/no/such/model", "~nobody/m", "a/b/c"])
def test_a_folder_that_is_not_there(place):
    assert refusal(place) == f"there is no folder {place}; name a folder with a saved model or a Hub name"


def test_a_folder_without_a_config(tmp_path):
    assert refusal(tmp_path) == (
        f"{tmp_path} is a folder without a config.json; name the folder of a saved model"
    )


def test_a_gpu_that_is_not_there(tiny_folder, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert "there is no CUDA GPU" in refusal(tiny_folder, device="cuda")
    assert resolve_device("auto").type == "cpu"


def test_dtype_is_what_was_asked_for_or_what_suits_the_device(tiny_folder):
    cpu, gpu = torch.device("cpu"), torch.device("cuda")
    assert resolve_dtype("auto", cpu, torch.bfloat16) == torch.float32
    assert resolve_dtype("auto", gpu, torch.bfloat16) == torch.bfloat16
    assert resolve_dtype("auto", gpu, torch.float32) == torch.float32
    assert resolve_dtype("auto", gpu, None) == torch.float32
    assert resolve_dtype("float16", cpu, torch.bfloat16) == torch.float16
    assert load_target(tiny_folder, device="cpu", dtype="bfloat16").dtype == torch.bfloat16


def test_progress_tells_what_is_done(tiny_folder):
    told = []
    load_target(tiny_folder, device="cpu", progress=told.append)
    assert [each.stage for each in told] == ["reading weights", "reading weights", "checking"]
    assert all(each.num_bytes is None for each in told)


@pytest.mark.parametrize("error", [RuntimeError("enough"), KeyboardInterrupt()])
def test_what_progress_raises_ends_the_loading(tiny_folder, error):
    def stop(progress):
        raise error

    with pytest.raises(type(error)) as caught:
        load_target(tiny_folder, device="cpu", progress=stop)
    assert caught.value is error


def test_weights_that_are_pickled_are_not_read(tiny_folder, tmp_path):
    folder = shutil.copytree(tiny_folder, tmp_path / "model")
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    assert "Error no file named model.safetensors" in refusal(folder)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_weights_beyond_the_free_memory_are_not_read(tiny_folder, monkeypatch, dtype):
    monkeypatch.setattr(AutoModelForCausalLM, "from_pretrained", lambda *_, **__: pytest.fail("they are read"))
    needed = sum(p.numel() for p in random_model().parameters()) * getattr(torch, dtype).itemsize
    monkeypatch.setattr("swift_demo.model.devices.free_memory", lambda device: needed - 1)
    assert f" MB in {dtype}, and " in refusal(tiny_folder, device="cpu", dtype=dtype)


def test_weights_that_just_fit_and_a_system_that_tells_nothing(tiny_folder, monkeypatch):
    needed = sum(p.numel() for p in random_model().parameters()) * 4
    for free in (needed, None):
        monkeypatch.setattr("swift_demo.model.devices.free_memory", lambda device, free=free: free)
        assert load_target(tiny_folder, device="cpu").num_layers == 8


def test_free_memory_is_some_of_what_there_is():
    free = free_memory(torch.device("cpu"))
    assert free is None or 2**20 < free < 2**50
