"""What a field of the page takes; everything else is refused in a sentence that names it and its range."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import gradio as gr
import pytest

from swift_demo.config import SwiftConfig
from swift_demo.ui import knobs
from swift_demo.ui.fields import WrongField, texts
from swift_demo.ui.gallery import Gallery
from swift_demo.ui.handlers import Handlers
from swift_demo.ui.knobs import KNOBS, settings_of
from swift_demo.ui.layout import build_page
from swift_demo.ui.service import PromptError, Request, RunRequest, Service

NUMBERS = {knob.key: knob for knob in KNOBS if isinstance(knob, knobs.Number)}
CHOICES = [knob for knob in KNOBS if isinstance(knob, knobs.Choice)]
SWITCHES = [knob for knob in KNOBS if isinstance(knob, knobs.Switch)]
RAGS = [math.nan, math.inf, -math.inf, 10**30, -(10**30), 10**5000, "7", "", "\ud800", True, [], {}, [7], b"7"]


def refusal(knob, value):
    with pytest.raises(WrongField) as caught:
        knob.checked(value)
    text = str(caught.value)
    assert text.startswith(knob.name) and text.endswith(".") and len(text) < 200 and "\n" not in text
    text.encode()  # it can be sent
    return text


@pytest.mark.parametrize("knob", NUMBERS.values(), ids=NUMBERS)
def test_a_number_takes_its_range_and_nothing_else(knob):
    for value in (knob.least, knob.most, knob.default):
        assert knob.checked(value) == value
    for value in (knob.least - 1, math.nextafter(knob.most, math.inf), *filter(lambda rag: rag != "", RAGS)):
        text = refusal(knob, value)
        assert f"{knob.least:,} to {knob.most:,}" in text


@pytest.mark.parametrize("key", ["seed", "top_k", "max_new_tokens", "max_trials"])
def test_a_whole_number_may_come_as_a_float_but_not_as_a_fraction(key):
    knob = NUMBERS[key]
    assert type(knob.checked(float(knob.most))) is int
    assert "whole number" in refusal(knob, knob.least + 0.5)


@pytest.mark.parametrize("knob", KNOBS, ids=lambda knob: knob.key)
def test_what_was_left_empty_is_what_the_page_shows_at_first(knob):
    assert knob.checked(None) == knob.checked(knob.default) == knob.untouched


def test_an_emptied_number_is_the_default():
    assert NUMBERS["seed"].checked("") == 0


@pytest.mark.parametrize("knob", CHOICES, ids=lambda knob: knob.key)
def test_a_choice_takes_its_words(knob):
    assert [knob.checked(word) for word in knob.choices] == list(knob.choices.values())
    for value in RAGS:
        assert all(word in refusal(knob, value) for word in knob.choices)


@pytest.mark.parametrize("knob", SWITCHES, ids=lambda knob: knob.key)
def test_a_switch_is_on_or_off(knob):
    assert [knob.checked(value) for value in (True, False)] == [knob.on, knob.off]
    for value in ("yes", 1, 0.0, [], "\ud800"):
        refusal(knob, value)


def test_a_page_left_alone_asks_for_what_the_engine_does_by_itself():
    settings = settings_of({"prompt": "Anna"})
    request = Request("Anna", 200, wants_alternatives=True, special_tokens=False)
    assert settings.run == RunRequest(request, SwiftConfig(), True, True)
    assert settings.pace == "readable"


OWN = [knob for knob in KNOBS if knob.key != "preset"]


@pytest.mark.parametrize("knob", OWN, ids=lambda knob: knob.key)
def test_every_knob_sets_its_own_field_and_no_other(knob):
    other = {
        knobs.Number: lambda: knob.least if knob.default != knob.least else knob.most,
        knobs.Choice: lambda: next(word for word in knob.choices if word != knob.default),
        knobs.Switch: lambda: not knob.default,
    }[type(knob)]()
    plain, changed = (fields_of(settings_of({"prompt": "Anna"} | sent)) for sent in ({}, {knob.key: other}))
    assert {name for name in plain if plain[name] != changed[name]} == {knob.sets}
    assert changed[knob.sets] == knob.checked(other)


@pytest.mark.parametrize("others", [{}, {"threshold": 0.1, "objective": "speed, any size", "has_tree": False}])
def test_the_papers_settings_are_its_own_whatever_else_is_set(others):
    settings = settings_of({"prompt": "Anna", "preset": "as in the paper", "max_new_tokens": 40} | others)
    assert settings.run.swift == SwiftConfig.paper()
    assert settings.run.request.max_new_tokens == 40


def fields_of(settings):
    """Every value that a knob can set, by part and field."""
    run = settings.run
    parts = {
        "request": run.request,
        "sampling": run.request.sampling,
        "swift": run.swift,
        "search": run.swift.search,
    }
    page = {"page.pace": settings.pace, "page.starts_known": run.starts_known}
    page |= {"page.uses_template": run.uses_template}
    values = {f"{part}.{name}": value for part, made in parts.items() for name, value in dict_of(made).items()}
    return page | {
        name: value for name, value in values.items() if name not in ("request.sampling", "swift.search")
    }


def dict_of(made):
    return {field.name: getattr(made, field.name) for field in dataclasses.fields(made)}


@pytest.mark.parametrize("prompt", [None, "", "  \n"])
def test_there_must_be_a_text_to_be_continued(prompt):
    with pytest.raises(PromptError, match="the prompt is empty"):
        settings_of({"prompt": prompt})


def test_text_is_text_that_can_be_encoded():
    assert knobs.PROMPT.checked("naïve 🦉 \0") == "naïve 🦉 \0"
    assert knobs.PROMPT.checked(None) == ""
    assert "position 3" in refusal(knobs.PROMPT, "ab\ud800c")
    assert "1,000,000" in refusal(knobs.PROMPT, "x" * 1_000_001)
    for value in (7, ["text"], {"text": 7}, b"text", 10**5000):
        refusal(knobs.PROMPT, value)


@pytest.mark.parametrize("given", [None, 7, "name", [], ["name"], {}, {"name": None}, {"name": ["x"]}])
def test_what_the_pages_scripts_send_without_the_text_asked_for_has_an_empty_one(given):
    assert texts(given, "name") == ("",)


@pytest.fixture
def page(tiny_target):
    return build_page(Handlers(Service(tiny_target), Gallery(Path("nowhere"))))


def test_the_page_shows_every_setting_as_it_is_checked(page):
    shown = {block.label: block for block in page.blocks.values() if getattr(block, "label", None)}
    for knob in KNOBS:
        field = shown[knob.name]
        assert (field.value, field.info) == (knob.default, knob.info)
        if isinstance(field, gr.Slider):
            assert (field.minimum, field.maximum, field.step) == (knob.least, knob.most, knob.step)
        assert bool(knob.group) == (getattr(field.parent.parent, "label", "") == "Sampling"), knob.key


def test_programs_call_every_setting_by_its_key_and_may_leave_it_out(page):
    parameters = page.get_api_info()["named_endpoints"]["/run"]["parameters"]
    assert [found["parameter_name"] for found in parameters] == ["prompt", *(knob.key for knob in KNOBS)]
    assert all(found["parameter_has_default"] for found in parameters)
    assert [found["parameter_default"] for found in parameters[1:]] == [knob.default for knob in KNOBS]
