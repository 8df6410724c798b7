"""A model loads from the Hub, with progress, or one sentence says what to do."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.gguf_files import write_gguf
from support.hub import MODEL, StandInHub
from support.models import random_model

from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.model.loading import load_target

ROOT = Path(__file__).parent.parent.parent
# Reads names and wishes, a line each, and says what came of loading them. The Hub's address is read at import,
# so this needs a process of its own; it does not wait between the Hub library's retries.
CLIENT = """
import json, sys, time
from dataclasses import astuple
time.sleep = lambda seconds: None
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.model.loading import ModelLoadError, load_target

class Cancelled(Exception):
    pass

for line in sys.stdin:
    name, cancel_at = json.loads(line)
    told = []
    def tell(progress):
        told.append(astuple(progress))
        if cancel_at and (progress.stage, bool(progress.num_bytes)) == (cancel_at, True):
            raise Cancelled(cancel_at)
    try:
        target = load_target(name, device="cpu", progress=tell)
        ids = SwiftDecoder(target).generate("Anna", max_new_tokens=12).token_ids
        answer = {"name": target.name, "ids": ids, "told": told}
    except ModelLoadError as error:
        answer = {"error": str(error)}
    except Cancelled as error:
        answer = {"cancelled": str(error)}
    print("answer " + json.dumps(answer), flush=True)
"""
GGUF = "somebody/quantised/tiny.Q8_0.gguf"


@pytest.fixture(scope="module")
def hub(tiny_folder, tmp_path_factory, tokenizer):
    quantised = tmp_path_factory.mktemp("quantised")
    write_gguf(quantised / "tiny.Q8_0.gguf", random_model(), tokenizer, is_quantised=True)
    vast = shutil.copytree(tiny_folder, tmp_path_factory.mktemp("vast") / "model")
    config = json.loads((vast / "config.json").read_text()) | {"vocab_size": 10**14}
    (vast / "config.json").write_text(json.dumps(config))
    same = dict.fromkeys((MODEL, "somebody/followed", "somebody/cancelled"), tiny_folder)
    hub = StandInHub(same | {"somebody/quantised": quantised, "somebody/vast": vast})
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

        def answer_to(name, cancel_at=""):
            client.stdin.write(json.dumps([name, cancel_at]) + "\n")
            client.stdin.flush()
            line = next((line for line in client.stdout if line.startswith("answer ")), None)
            assert line, "the process ended without an answer"
            return json.loads(line.removeprefix("answer "))

        yield answer_to
        client.stdin.close()


def ids_of(target):
    return list(SwiftDecoder(target).generate("Anna", max_new_tokens=12).token_ids)


def test_a_model_from_the_hub_is_the_same_as_from_a_folder(ask, tiny_target):
    answer = ask(MODEL)
    assert (answer["name"], answer["ids"]) == (MODEL, ids_of(tiny_target))


def test_a_gguf_file_on_the_hub_is_the_same_as_one_here(ask, hub, tmp_path, tokenizer):
    file = write_gguf(tmp_path / "tiny.Q8_0.gguf", random_model(), tokenizer, is_quantised=True)
    answer = ask(GGUF)
    assert (answer["name"], answer["ids"]) == ("tiny.Q8_0", ids_of(load_target(file, "cpu", "float32")))
    assert [stage for stage, *_ in ask(GGUF)["told"]] == ["reading weights", "reading weights", "checking"]
    assert hub.served.count(GGUF) == 1


def test_progress_tells_the_bytes_that_are_missing_and_then_what_is_done(ask, hub, tiny_folder):
    told = ask("somebody/followed")["told"]
    served = [file.rsplit("/", 1)[-1] for file in hub.served if file.startswith("somebody/followed/")]
    assert sorted(served) == sorted(file.name for file in tiny_folder.iterdir())
    downloading = [(num_bytes, total) for stage, num_bytes, total in told if stage == "downloading"]
    total = sum((tiny_folder / file).stat().st_size for file in served if file != "config.json")
    assert {each for _, each in downloading} == {total}
    assert downloading[0][0] == 0 and downloading[-1][0] == total
    assert downloading == sorted(downloading)
    stages = [stage for stage, *_ in told]
    assert stages[len(downloading) :] == ["reading weights", "reading weights", "checking"]
    weights = 4 * sum(p.numel() for p in random_model().parameters())
    assert told[-2] == ["reading weights", None, weights]


def test_what_is_here_is_not_downloaded_again(ask, hub):
    ask(MODEL)
    before = list(hub.served)
    assert "downloading" not in [stage for stage, *_ in ask(MODEL)["told"]]
    assert hub.served == before


def test_what_progress_raises_ends_the_loading_and_is_raised_again(ask, hub):
    assert ask("somebody/cancelled", cancel_at="downloading") == {"cancelled": "downloading"}
    served = [file for file in hub.served if file.startswith("somebody/cancelled/")]
    assert len(served) == 2  # the configuration, and the file during which it was cancelled
    assert ask("somebody/cancelled")["name"] == "somebody/cancelled"


def test_a_model_that_does_not_fit_is_refused_before_its_weights_are_downloaded(ask, hub):
    sentence = ask("somebody/vast")["error"]
    numbers = r"take \d+\.\d GB in float32, and \d+\.\d GB of memory are free for cpu; "
    assert re.match(f"the weights of somebody/vast {numbers}", sentence)
    assert [file for file in hub.served if "/vast/" in file] == ["somebody/vast/config.json"]


def test_a_gguf_file_that_is_not_there_is_refused_with_those_that_are(ask):
    assert ask("somebody/quantised/other.gguf")["error"] == (
        "there is no file somebody/quantised/other.gguf on the Hub; somebody/quantised has tiny.Q8_0.gguf"
    )
    assert ask(f"{MODEL}/other.gguf")["error"].endswith(f"{MODEL} has no GGUF file")


def test_a_model_that_was_loaded_before_needs_no_hub(ask, hub):
    online = [ask(MODEL), ask(GGUF)]
    hub.stop()
    try:
        assert [ask(MODEL), ask(GGUF)] == online
    finally:
        hub.start()


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
        ("somebody/pickled", "somebody/pickled on the Hub has no weights in safetensors files"),
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
