"""An uploaded trace is opened as it was, or refused in a sentence that can be sent."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import pytest
from support.seam import faults

from swift_demo.trace import MAX_BYTES, Trace, TraceError
from swift_demo.ui import run_files
from swift_demo.ui.gallery import Gallery
from swift_demo.ui.handlers import Handlers
from swift_demo.ui.run_files import RunFiles
from swift_demo.ui.service import Service
from swift_demo.viewer import value

STORY = (Path(__file__).parents[2] / "assets" / "traces" / "story-greedy.jsonl").read_bytes()
HEAD = STORY.split(b"\n")[0]


def encoded(data):
    return base64.b64encode(data).decode()


def test_a_recorded_run_opens_and_can_be_had_as_a_file():
    files = RunFiles({})
    run_id = files.open(encoded(STORY))
    assert files.trace(run_id).header.model == "demo_model"
    answer = files.file(run_id, "trace")
    assert faults(answer, value.File) == []
    text = answer["text"]
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
def test_what_is_no_run_is_refused_with_the_reason_and_not_kept(data, words):
    files = RunFiles({})
    with pytest.raises(TraceError, match=re.escape(words)):
        files.open(encoded(data))
    assert not files._traces


@pytest.mark.parametrize(("run_id", "kind"), [("unknown", "trace"), ("kept", "pdf")])
def test_a_file_that_cannot_be_had_is_refused_in_a_sentence(run_id, kind):
    files = RunFiles({"kept": Trace.from_bytes(STORY)})
    assert faults(files.file(run_id, kind), value.Refused) == []


def test_a_refusal_names_the_file_in_words_that_a_reply_can_hold(tiny_target):
    handlers = Handlers(Service(tiny_target), Gallery(Path("nowhere")))
    error = handlers.open_trace({"name": "run.jsonl", "content": ""})["error"]
    assert error == "run.jsonl was not opened: line 1: the file is empty."
    error = handlers.open_trace({"name": "\ud83d" + "x" * 10_000, "content": ""})["error"]
    error.encode()
    assert len(error) < 200


@pytest.mark.parametrize("content", ["@@@", "YQ", "é", "YWJj\n!"])
def test_what_did_not_arrive_whole_is_refused(content):
    with pytest.raises(TraceError, match="did not arrive whole"):
        RunFiles({}).open(content)


def test_what_is_too_large_is_refused_by_its_length_alone(monkeypatch):
    monkeypatch.setattr(run_files.base64, "b64decode", None)  # nothing is decoded
    content = "A" * (4 * MAX_BYTES // 3 + 8)
    with pytest.raises(TraceError, match="larger than 48 MB"):
        RunFiles({}).open(content)
