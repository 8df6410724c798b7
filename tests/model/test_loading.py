"""A model loads from folder or Hub, or one sentence says what to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from support.hub import MODEL, StandInHub
from support.refusals import refusal

from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.model.loading import load_target, resolve_device, resolve_dtype

ROOT = Path(__file__).parent.parent.parent
# Reads names, a line each, and says what came of loading them. The Hub's address is read at import,
# so this needs a process of its own; it does not wait between the Hub library's retries.
CLIENT = """
import json, sys, time
time.sleep = lambda seconds: None
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.model.loading import ModelLoadError, load_target
for line in sys.stdin:
    try:
        target = load_target(json.loads(line), device="cpu")
        ids = SwiftDecoder(target).generate("Anna", max_new_tokens=12).token_ids
        answer = {"name": target.name, "ids": ids}
    except ModelLoadError as error:
        answer = {"error": str(error)}
    print("answer " + json.dumps(answer), flush=True)
"""


@pytest.fixture(scope="module")
def hub(tiny_folder):
    hub = StandInHub(tiny_folder)
    yield hub
    hub.stop()


@pytest.fixture(scope="module")
def ask(hub, tmp_path_factory):
    """Load a model by name in a process for which the stand-in is the Hub."""
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environment |= {
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(tmp_path_factory.mktemp("hub cache")),
        "HF_HUB_OFFLINE": "0",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_XET": "1",
        "NO_PROXY": "*",
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
    }
    environment.pop("HF_TOKEN", None)
    with subprocess.Popen(
        [sys.executable, "-c", CLIENT],
        env=environment,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as client:

        def answer_to(name):
            client.stdin.write(json.dumps(name) + "\n")
            client.stdin.flush()
            line = next((line for line in client.stdout if line.startswith("answer ")), None)
            assert line, "the process ended without an answer"
            return json.loads(line.removeprefix("answer "))

        yield answer_to
        client.stdin.close()


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


def test_a_model_from_the_hub_is_the_same_as_from_a_folder(ask, tiny_target):
    answer = ask(MODEL)
    assert answer == {
        "name": MODEL,
        "ids": list(SwiftDecoder(tiny_target).generate("Anna", max_new_tokens=12).token_ids),
    }


def test_a_name_that_the_hub_does_not_know(ask):
    assert ask("somebody/nothing")["error"] == (
        "there is no model somebody/nothing on the Hub (or it is private); check the name, or give a folder"
    )


@pytest.mark.parametrize("name", ["not a name", "-wrong-/name", "some body/tiny"])
def test_a_name_that_cannot_be_one(ask, name):
    assert ask(name)["error"].startswith(f"there is no model {name} on the Hub")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("somebody/adapter", "somebody/adapter is an adapter, not a whole model; merge it into its base model"),
        ("somebody/whole-adapter", "somebody/whole-adapter is an adapter, not a whole model"),
        ("somebody/gguf", "somebody/gguf holds a GGUF file; name that, as somebody/gguf/model.Q4_K_M.gguf"),
        ("somebody/diffuser", "somebody/diffuser on the Hub has no config.json"),
    ],
)
def test_a_place_on_the_hub_that_holds_something_else(ask, name, sentence):
    assert ask(name)["error"].startswith(sentence)


def test_a_gated_model(ask):
    assert ask("somebody/gated")["error"] == (
        "somebody/gated is gated: accept its terms on the Hub and set HF_TOKEN, then try again"
    )


def test_a_hub_that_fails(ask):
    assert ask("somebody/broken")["error"] == (
        "the Hub could not be reached for somebody/broken; check the network, or give a folder"
    )


def test_a_hub_that_cannot_be_reached(ask, hub):
    hub.stop()
    try:
        assert ask("somebody/elsewhere")["error"] == (
            "the Hub could not be reached for somebody/elsewhere; check the network, or give a folder"
        )
    finally:
        hub.start()
