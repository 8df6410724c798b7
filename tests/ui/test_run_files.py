"""An uploaded trace is opened as it was, or refused in a sentence that can be sent."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from swift_demo.trace import MAX_BYTES
from swift_demo.ui import run_files
from swift_demo.ui.run_files import RunFiles

STORY = (Path(__file__).parents[2] / "assets" / "traces" / "story-greedy.jsonl").read_bytes()
HEAD = STORY.split(b"\n")[0]


def answer(data, name="run.jsonl"):
    return RunFiles({}).open(name, base64.b64encode(data).decode())


def test_a_recorded_run_opens_and_can_be_had_as_a_file():
    files = RunFiles({})
    value = files.open("run.jsonl", base64.b64encode(STORY).decode())["value"]
    assert value["state"] == "recorded"
    text = files.file(value["id"], "trace")["text"]
    assert [json.loads(line)["event"] for line in text.split("\n")[1:-1]] == [
        json.loads(line)["event"] for line in STORY.decode().split("\n")[1:-1]
    ]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "line 1: the file is empty"),
        (b"\xef\xbb\xbf\r\n\r\n", "line 1: the file is empty"),
        (HEAD, "line 2: there is no event, so no lane ever started"),
        (HEAD + b"\n" + b"[" * 100_000, "line 2: its brackets are nested too deeply"),
        (STORY.replace(b"\\n", b"\\ud83d"), "texts must be a list of texts"),
        (b"\x89PNG\r\n\x1a\n", "line 1: not UTF-8 text"),
    ],
)
def test_what_is_no_run_is_refused_in_a_sentence(data, words):
    error = answer(data)["error"]
    assert error.startswith("run.jsonl was not opened: ") and words in error
    assert len(error) < 400 and error.endswith(".")


def test_a_name_that_no_reply_can_hold_is_replaced_and_a_long_one_shortened():
    error = answer(b"", "\ud83d" + "x" * 10_000)["error"]
    error.encode()
    assert len(error) < 200


@pytest.mark.parametrize("content", ["@@@", "YQ", "é", "YWJj\n!"])
def test_what_did_not_arrive_whole_is_refused(content):
    assert "did not arrive whole" in RunFiles({}).open("run.jsonl", content)["error"]


def test_what_is_too_large_is_refused_by_its_length_alone(monkeypatch):
    monkeypatch.setattr(run_files.base64, "b64decode", None)  # nothing is decoded
    content = "A" * (4 * MAX_BYTES // 3 + 8)
    assert "larger than 48 MB" in RunFiles({}).open("run.jsonl", content)["error"]
