"""A model with a chat template gets the page's prompt as a message, and the page shows what is sent."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import pytest
from support.chats import headers_tokenizer
from support.models import random_model, tiny_sizes
from transformers import LlamaConfig

from swift_demo.decoding.generation import sent_parts
from swift_demo.messages import Message
from swift_demo.model.target import Target
from swift_demo.ui.gallery import Gallery, link_of
from swift_demo.ui.handlers import Handlers
from swift_demo.ui.presets import FIRST_PRESET, PRESETS
from swift_demo.ui.service import Request, Service, expectation

ANNA = SimpleNamespace(session_hash="anna", query_params={})
TYPED = "Anna <|eot|> draws"
AROUND = "<|begin|><|head|>user<|/head|>\n\n{}<|eot|><|head|>assistant<|/head|>\n\n"
FOREIGN_PROMPTS = (
    "What is the capital of France?",
    "Es war einmal ein kleiner Fuchs",
    "The old man went to the sea and looked at the water.",
    "import numpy as np\n\ndef f(x):",
    "asdf qwer zxcv",
)
NEAR_PROMPTS = ("Once upon a time", "Once upon a time there was a small fox.")


@pytest.fixture(scope="module")
def chat_target():
    model = random_model(LlamaConfig(**tiny_sizes(vocab_size=400)))
    return Target(model, headers_tokenizer(), "chat")


def handlers_of(target, gallery="nowhere", **others):
    return Handlers(Service(target, **others), Gallery(Path(gallery)))


def run(handlers, **sent):
    *_, last = handlers.run({"prompt": TYPED, "max_new_tokens": 16} | sent, ANNA)
    assert last["state"] == "finished"
    return last, handlers._files.trace(last["id"]).header


def shown(sent):
    return "".join(part["text"] for part in sent["parts"])


class TestChatModel:
    def test_it_gets_a_message_and_the_recording_says_so(self, chat_target):
        value, header = run(handlers_of(chat_target))
        assert header.messages == (Message("user", TYPED),) and header.prompt == TYPED
        assert "".join(part.text for part in header.sent) == AROUND.format(TYPED)
        assert not value.get("notice")

    def test_the_switch_lets_it_continue_the_text_and_typed_tokens_stay_text(self, chat_target):
        _, header = run(handlers_of(chat_target), uses_template=False)
        assert header.messages == () and header.prompt == TYPED
        assert [part.text for part in header.sent if part.is_special] == ["<|begin|>"]
        assert "".join(part.text for part in header.sent) == "<|begin|>" + TYPED

    def test_the_text_as_sent_is_what_is_sent(self, chat_target):
        handlers = handlers_of(chat_target)
        for uses_template, words in ((True, "makes the prompt a message"), (False, "switched off")):
            sent = handlers.text_as_sent(TYPED, uses_template, ANNA)
            _, header = run(handlers, uses_template=uses_template)
            assert sent["parts"] == [dataclasses.asdict(part) for part in header.sent]
            assert words in sent["note"] and sent["note"].endswith(".")

    def test_a_prompt_that_cannot_be_sent_is_told(self, chat_target):
        for prompt in ("", None, 7, "\ud800", "x" * 900_000):
            sent = handlers_of(chat_target).text_as_sent(prompt, True, ANNA)
            assert sent["parts"] == [] and sent["note"].endswith(".")

    def test_tasks_and_the_opening_page_bring_requests(self, chat_target):
        handlers = handlers_of(chat_target)
        assert handlers.open_page(ANNA)[-1] == FIRST_PRESET.request
        for preset in PRESETS:
            *_, prompt = handlers.choose_task(preset, ANNA)
            assert prompt == preset.request and link_of(prompt) == {"preset": preset.task}

    def test_loading_changes_a_task_to_the_form_that_suits_and_leaves_own_prompts(
        self, tiny_target, chat_target
    ):
        handlers = handlers_of(tiny_target, load=lambda name, progress: chat_target)
        *_, last = handlers.load_model("chat", None, FIRST_PRESET.prompt, ANNA)
        assert last[-1] == FIRST_PRESET.request
        *_, last = handlers.load_model("", None, FIRST_PRESET.request, ANNA)
        assert last[-1] == FIRST_PRESET.prompt
        for own in ("Anna", None, 7):
            updates = list(handlers.load_model("chat", None, own, ANNA))
            assert [update[-1] for update in updates] == [gr.skip()] * len(updates)


class TestBaseModel:
    def test_it_continues_the_text_whatever_the_switch_says(self, tiny_target):
        for uses_template in (True, False):
            handlers = handlers_of(tiny_target)
            _, header = run(handlers, uses_template=uses_template)
            assert header.messages == ()
            assert header.sent == sent_parts(
                tiny_target.text_tokenizer, tiny_target.encode(TYPED, special_tokens=False)
            )
            sent = handlers.text_as_sent(TYPED, uses_template, ANNA)
            assert "has no chat template" in sent["note"]
            assert shown(sent) == "<|begin|>" + TYPED

    def test_a_notice_comes_with_a_run_on_a_text_that_it_does_not_know(self, tiny_target):
        value, _ = run(handlers_of(tiny_target), prompt="Anna draws the longer straw")
        assert value["notice"].startswith("tiny knows little") and value["notice"].count(".") == 1

    def test_the_embedded_model_knows_its_tasks_and_little_else(self, demo_target):
        def told(prompt):
            return expectation(demo_target, Request(prompt))

        for prompt in (*NEAR_PROMPTS, *(preset.prompt for preset in PRESETS)):
            assert told(prompt) == "", prompt
        for prompt in (*FOREIGN_PROMPTS, FIRST_PRESET.request):
            assert told(prompt), prompt

    def test_one_token_tells_nothing(self, tiny_target):
        assert expectation(tiny_target, Request([5])) == ""
