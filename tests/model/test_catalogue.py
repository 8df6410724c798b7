"""What the models to choose from need on a machine, and which of them are there."""

from __future__ import annotations

import shutil

import pytest
import torch

from swift_demo.assets import assets
from swift_demo.model import devices
from swift_demo.model.catalogue import CATALOGUE, EMBEDDED, model_choices
from swift_demo.model.hub import cached_folder
from swift_demo.model.room import num_parameters

CPU = torch.device("cpu")


@pytest.fixture
def free(monkeypatch):
    """A function that says how many bytes of memory are free, on every device."""

    def say(num_bytes):
        monkeypatch.setattr(devices, "free_memory", lambda device: num_bytes)

    return say


@pytest.fixture
def cache(monkeypatch, tmp_path):
    """An empty cache of the Hub's, and a function that puts a model's files into it."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.file_download.HF_HUB_CACHE", str(tmp_path), raising=False)

    def put(name, files):
        folder = tmp_path / f"models--{name.replace('/', '--')}"
        (folder / "refs").mkdir(parents=True)
        (folder / "refs" / "main").write_text("a" * 40)
        snapshot = folder / "snapshots" / ("a" * 40)
        snapshot.mkdir(parents=True)
        for file, content in files.items():
            (snapshot / file).write_text(content)
        return snapshot

    return put


def choice(name, device=CPU, dtype="auto"):
    return next(each for each in model_choices(device, dtype) if each.entry.name.endswith(name))


def test_each_model_is_named_once_and_the_smallest_come_first():
    assert len({each.name for each in CATALOGUE}) == len({each.title for each in CATALOGUE}) == len(CATALOGUE)
    assert [each.num_parameters for each in CATALOGUE] == sorted(each.num_parameters for each in CATALOGUE)


def test_the_embedded_model_is_counted_and_always_here(demo_target, free):
    free(2**30)
    found = choice(EMBEDDED)
    assert found.source == str(assets() / EMBEDDED)
    assert found.is_here and found.fits and not found.entry.is_instruct
    assert found.entry.num_parameters == num_parameters(demo_target.model.config)
    assert found.num_bytes == sum(p.nbytes for p in demo_target.model.parameters())


def test_a_model_fits_up_to_the_last_byte(free):
    needed = 8_190_735_360 * 4
    for room, fits in ((needed, True), (needed - 1, False), (None, True)):
        free(room)
        found = choice("Qwen3-8B")
        assert (found.num_bytes, found.dtype, found.fits) == (needed, "float32", fits)


def test_a_gpu_takes_half_precision_and_the_cpu_needs_room_too(monkeypatch):
    gpu = torch.device("cuda")
    for on_gpu, on_cpu, fits in ((8e9, 80e9, True), (7e9, 80e9, False), (80e9, 7e9, False)):
        room = {"cuda": on_gpu, "cpu": on_cpu}
        monkeypatch.setattr(devices, "free_memory", lambda device, room=room: int(room[device.type]))
        found = choice("Phi-3.5-mini-instruct", gpu)
        assert (found.dtype, found.fits) == ("bfloat16", fits)
    assert choice(EMBEDDED, gpu).dtype == "float32"
    assert choice("Qwen3-4B", CPU, "bfloat16").num_bytes == 2 * 4_022_468_096


def test_a_model_is_here_once_all_its_files_are(cache):
    name = "Qwen/Qwen3-4B"
    assert not choice(name).is_here
    index = '{"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}'
    snapshot = cache(
        name, {"config.json": "{}", "model.safetensors.index.json": index, "model-1.safetensors": ""}
    )
    assert not choice(name).is_here
    (snapshot / "model-2.safetensors").write_text("")
    assert choice(name).is_here and cached_folder(name) == snapshot
    shutil.copy(snapshot / "model-2.safetensors", cache("google/gemma-3-1b-it", {}) / "model.safetensors")
    assert not choice("gemma-3-1b-it").is_here  # without its configuration
