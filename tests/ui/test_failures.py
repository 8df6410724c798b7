"""Whatever fails, the page is told in a sentence, and works on."""

from __future__ import annotations

import json
import logging
import math
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import pytest
import torch

from swift_demo.decoding.request import Request
from swift_demo.events import GenerationFinished, RoundVerified
from swift_demo.model.loading import load_target
from swift_demo.trace import Trace, TraceError, TraceHeader
from swift_demo.ui.failures import told
from swift_demo.ui.fields import WrongField
from swift_demo.ui.gallery import FIRST_RUN, Gallery
from swift_demo.ui.handlers import Handlers, chips
from swift_demo.ui.live_run import LiveRun
from swift_demo.ui.presets import FIRST_PRESET
from swift_demo.ui.record import record
from swift_demo.ui.service import ModelLoadError, PromptError, Service

ANNA = SimpleNamespace(session_hash="anna", query_params={})
DEFAULTS = {"prompt": "Anna draws.", "max_new_tokens": 16}  # what is left out is the default


class Panic(BaseException):
    """As pyo3 raises it where Rust code panics: no ``Exception``."""


class Mute(Exception):
    def __str__(self):
        return "\n"


FAULTS = [
    RuntimeError("out of\nluck"),
    MemoryError(),
    Panic("index out of bounds"),
    KeyError("name"),
    Mute(),
    ValueError("lone \ud800 half"),
    RecursionError("x" * 10_000),
]


@pytest.fixture
def service(tiny_target):
    return Service(tiny_target, partial(load_target, device="cpu", dtype="float32"))


@pytest.fixture
def handlers(service):
    return Handlers(service, Gallery(Path("nowhere")))


def last_of(handlers, **changes):
    *_, last = handlers.run(DEFAULTS | changes, ANNA)
    json.dumps(last, allow_nan=False, ensure_ascii=False).encode()  # it can be sent
    return last


def assert_sentence(text):
    assert text and text.endswith(".") and "\n" not in text and len(text) < 400
    text.encode()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
class TestAnyFault:
    """One fault after another, each in every place that a visitor's press leads to."""

    def test_of_a_race_leaves_the_page_as_it_was(self, handlers, service, monkeypatch, fault):
        def breaking(*arguments, race=service.race):
            yield next(race(*arguments))
            raise fault

        monkeypatch.setattr(service, "race", breaking)
        last = last_of(handlers)
        assert last["state"] == "failed" and last["chunks"]
        assert_sentence(last["message"])
        assert not service.visitors.is_running("anna")
        monkeypatch.undo()
        assert last_of(handlers)["state"] == "finished"

    def test_of_loading_keeps_the_model(self, handlers, service, tiny_target, monkeypatch, fault):
        monkeypatch.setattr(service, "_load_target", partial(raise_, fault))
        *_, (shown, _, message, _) = handlers.load_model("some/model", None, "", ANNA)
        assert shown == chips(tiny_target)
        assert_sentence(message["text"])
        assert message["text"].endswith("tiny stays loaded.")
        assert service.target_of("anna") is tiny_target

    def test_of_a_file_is_said(self, handlers, monkeypatch, fault):
        monkeypatch.setattr(handlers._files, "file", partial(raise_, fault))
        monkeypatch.setattr(handlers._files, "open", partial(raise_, fault))
        assert_sentence(handlers.export_file({"id": "1", "kind": "trace"})["error"])
        assert_sentence(handlers.open_trace({"name": "a.jsonl", "content": ""})["error"])

    def test_of_a_recorded_run_leaves_the_page_open(self, service, tiny_target, monkeypatch, tmp_path, fault):
        record(tiny_target, Request("Anna draws.", 8)).save(tmp_path / f"{FIRST_RUN}.jsonl")
        handlers = Handlers(service, Gallery(tmp_path))
        monkeypatch.setattr(handlers.gallery, "value", partial(raise_, fault))
        value, shown, _, _ = handlers.open_page(ANNA)
        assert value["state"] == "empty" and shown == chips(tiny_target)
        assert_sentence(value["notice"])
        for opening in (
            partial(handlers.open_run, gr.EventData(None, {"name": FIRST_RUN})),
            partial(handlers.choose_task, FIRST_PRESET),
        ):
            with pytest.raises(gr.Error) as caught:
                opening(ANNA)
            assert_sentence(caught.value.message)


def raise_(fault, *_):
    raise fault


@pytest.mark.parametrize("end", [GeneratorExit(), KeyboardInterrupt(), SystemExit(0)])
def test_what_ends_the_program_is_not_held_up(end):
    with pytest.raises(type(end)):
        told(end, "The run failed")


@pytest.mark.parametrize(
    ("error", "level"),
    [
        (PromptError("the prompt is empty"), logging.INFO),
        (WrongField("Seed is 7; it must be 0."), logging.INFO),
        (TraceError("line 1: not UTF-8"), logging.INFO),
        (ModelLoadError("no such model"), logging.WARNING),
        (Panic("index 3"), logging.ERROR),
        (ValueError("index 3"), logging.ERROR),
    ],
)
def test_what_is_told_is_also_logged_with_its_traceback_if_nobody_foresaw_it(caplog, error, level):
    with caplog.at_level(logging.INFO):
        words = told(error, "The run failed")
    (record,) = caplog.records
    assert str(error).rstrip(".").lower() in words.lower()
    assert record.levelno == level and "The run failed" in record.getMessage()
    assert bool(record.exc_info) == (level == logging.ERROR)


def test_what_needs_no_introduction_gets_none():
    assert told(PromptError("the prompt is empty"), "The run failed") == "The prompt is empty."
    assert told(TraceError("line 1: no text"), "run.jsonl was not opened") == (
        "run.jsonl was not opened: line 1: no text."
    )
    assert told(Panic("index 3"), "The run failed") == "The run failed: index 3."


@pytest.mark.parametrize(
    "wrong",
    [
        {"seed": 10**30},
        {"prompt": "lone \ud800 half"},
        {"max_new_tokens": math.nan},
        {"temperature": "hot"},
        {"top_k": True},
        {"pace": "fast"},
        {"start": ["uniform"]},
        {"is_searching": "yes"},
        {"prompt": 7},
        {"max_trials": 10.5},
        {"skip_ratio": -0.1},
        {"threshold": {}},
        {"top_p": 0},
    ],
)
def test_a_wrong_field_is_named_and_the_next_run_works(handlers, wrong):
    last = last_of(handlers, **wrong)
    assert last["state"] == "failed" and last["chunks"] == []
    assert_sentence(last["message"])
    assert last_of(handlers)["state"] == "finished"


@pytest.mark.parametrize("name", [None, 7, ["name"], "\ud800", "\0", "x" * 5_000, "a\nb"])
def test_a_wrong_name_of_a_model_keeps_the_model(handlers, tiny_target, name):
    *_, (shown, _, message, _) = handlers.load_model(name, None, "", ANNA)
    assert shown == chips(tiny_target)
    assert_sentence(message["text"])


@pytest.mark.parametrize(
    "rag",
    [
        None,
        7,
        [],
        {},
        {"id": 7},
        {"id": ["x"], "kind": None, "name": {}, "content": 1},
        {"name": "\ud800", "content": "é"},
        {"name": "a", "content": "AAAA"},
    ],
)
def test_rags_instead_of_a_wish_get_a_sentence(handlers, rag):
    for answer in (handlers.export_file(rag), handlers.open_trace(rag)):
        assert_sentence(answer["error"])
    assert handlers.open_run(gr.EventData(None, rag), ANNA) == (gr.skip(),) * 3


@pytest.fixture
def nan_target(tiny_folder):
    """A model whose head has become NaN, after it was loaded and found right."""
    target = load_target(tiny_folder, device="cpu", dtype="float32")
    with torch.no_grad():
        target.model.get_output_embeddings().weight.fill_(math.nan)
    return target


@pytest.mark.parametrize("temperature", [0, 0.8])
def test_a_model_of_nan_fails_in_a_sentence(nan_target, temperature):
    service = Service(nan_target)
    handlers = Handlers(service, Gallery(Path("nowhere")))
    for _ in range(2):
        last = last_of(handlers, temperature=temperature)
        assert last["state"] == "failed"
        assert_sentence(last["message"])
        assert not service.visitors.is_running("anna")


def ended_by(target, reason):
    """A run whose lanes ended for a reason."""
    trace = record(target, Request("Anna draws.", 8))
    live = LiveRun(trace.header, target.text_tokenizer)
    live.add(
        replace(event, stop_reason=reason) if isinstance(event, GenerationFinished) else event
        for event in trace.events
    )
    live.finish()
    return live


def test_a_lane_that_ended_for_want_of_numbers_is_a_failed_run_that_says_so(tiny_target):
    state, message = ended_by(tiny_target, "invalid logits").outcome()
    assert state == "failed" and "NaN or infinite" in message
    assert_sentence(message)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("context full", "finished (the model's context is full)"),
        ("token limit", "finished (token limit)"),
        ("invalid logits", "finished (the model's logits are NaN or infinite)"),
    ],
)
def test_a_lane_says_why_it_ended(tiny_target, reason, words):
    assert words in "".join(ended_by(tiny_target, reason).chunks)


def test_what_cannot_be_told_of_a_failed_run_is_left_out(tiny_target, caplog):
    trace = record(tiny_target, Request("Anna draws.", 8))
    live = LiveRun(trace.header, tiny_target.text_tokenizer)
    at = next(i for i, event in enumerate(trace.events) if isinstance(event, RoundVerified))
    assert live.add(trace.events[:at])
    with pytest.raises(ValueError):
        live.add([replace(trace.events[at], next_token_prob=math.nan), *trace.events[at + 1 :]])
    live.salvage()
    assert len(live.chunks) == 1 and "cannot be shown" in caplog.text


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\xfe", b'{"a": ' * 100_000])
def test_a_damaged_recorded_run_is_left_out_and_the_others_stay(tiny_target, tmp_path, damage):
    record(tiny_target, Request("Anna draws.", 8)).save(tmp_path / f"{FIRST_RUN}.jsonl")
    (tmp_path / f"{FIRST_RUN.replace('greedy', 'sampled')}.jsonl").write_bytes(damage)
    gallery = Gallery(tmp_path)
    assert list(gallery.traces) == [card["name"] for card in gallery.cards()] == [FIRST_RUN]


def test_a_recorded_run_that_holds_none_does_not_keep_the_page_from_starting(tmp_path):
    Trace(TraceHeader(prompt="", model="", device="", dtype="", hardware="", created="", versions={})).save(
        tmp_path / f"{FIRST_RUN}.jsonl"
    )
    Gallery(tmp_path).cards()


def test_who_lost_a_model_that_cannot_come_back_may_choose_another(handlers, service, tiny_target, monkeypatch):
    service.visitors.choose("anna", "gone")  # its model had to make room, and its folder is no more
    monkeypatch.setattr(service, "_load_target", partial(raise_, OSError("gone")))
    assert last_of(handlers)["state"] == "failed"
    assert handlers.open_page(ANNA)[1] == chips(tiny_target)
    *_, (shown, _, message, _) = handlers.load_model("", None, "", ANNA)
    assert shown == chips(tiny_target) and "ready" in message["text"]
    assert last_of(handlers)["state"] == "finished"


@pytest.mark.parametrize(
    ("note", "shown"),
    [("saved as bfloat16, 2× the memory", "float32 (saved as bfloat16, 2× the memory)"), ("", "float32")],
)
def test_the_chip_says_in_which_numbers_the_model_was_saved(note, shown):
    target = SimpleNamespace(name="m", device=torch.device("cpu"), dtype=torch.float32, dtype_note=note)
    assert chips(target) == ["m", "cpu", shown]


def test_a_name_of_two_lines_is_one_chip():
    target = SimpleNamespace(name="a\nb", device=torch.device("cpu"), dtype=torch.float32, dtype_note="")
    assert chips(target) == ["a\nb", "cpu", "float32"]
