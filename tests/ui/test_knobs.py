"""What a field of the page takes; everything else is refused in a sentence that names it and its range."""

from __future__ import annotations

import math
from pathlib import Path

import gradio as gr
import pytest

from swift_demo.ui import knobs
from swift_demo.ui.gallery import Gallery
from swift_demo.ui.handlers import Handlers
from swift_demo.ui.knobs import WrongField
from swift_demo.ui.layout import build_page
from swift_demo.ui.service import Service

KNOBS = {name: knob for name, knob in vars(knobs).items() if hasattr(knob, "checked") and name.isupper()}
NUMBERS = {name: knob for name, knob in KNOBS.items() if isinstance(knob, knobs.Number)}
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


@pytest.mark.parametrize("name", ["SEED", "TOP_K", "MAX_NEW_TOKENS", "MAX_TRIALS"])
def test_a_whole_number_may_come_as_a_float_but_not_as_a_fraction(name):
    knob = NUMBERS[name]
    assert type(knob.whole(float(knob.most))) is int
    assert "whole number" in refusal(knob, knob.least + 0.5)


@pytest.mark.parametrize("knob", [knob for knob in KNOBS.values() if hasattr(knob, "default")])
def test_what_was_left_empty_is_the_default(knob):
    assert knob.checked(None) == knob.default


def test_an_emptied_number_is_the_default():
    assert knobs.SEED.checked("") == 0


@pytest.mark.parametrize("knob", [knobs.PACE, knobs.START])
def test_a_choice_takes_its_words(knob):
    assert [knob.checked(word) for word in knob.choices] == list(knob.choices)
    for value in RAGS:
        assert all(word in refusal(knob, value) for word in knob.choices)


def test_a_switch_is_on_or_off():
    assert [knobs.HAS_TREE.checked(value) for value in (True, False)] == [True, False]
    for value in ("yes", 1, 0.0, [], "\ud800"):
        refusal(knobs.HAS_TREE, value)


def test_text_is_text_that_can_be_encoded():
    assert knobs.PROMPT.checked("naïve 🦉 \0") == "naïve 🦉 \0"
    assert knobs.PROMPT.checked(None) == ""
    assert "place 3" in refusal(knobs.PROMPT, "ab\ud800c")
    assert "1,000,000" in refusal(knobs.PROMPT, "x" * 1_000_001)
    for value in (7, ["text"], {"text": 7}, b"text", 10**5000):
        refusal(knobs.PROMPT, value)


@pytest.mark.parametrize("given", [None, 7, "name", [], ["name"], {}, {"name": None}, {"name": ["x"]}])
def test_what_the_pages_scripts_send_without_the_text_asked_for_has_an_empty_one(given):
    assert knobs.texts(given, "name") == ("",)


def test_the_page_shows_every_setting_as_it_is_checked(tiny_target):
    page = build_page(Handlers(Service(tiny_target), Gallery(Path("nowhere"))))
    shown = {block.label: block for block in page.blocks.values() if getattr(block, "label", None)}
    for knob in KNOBS.values():
        if hasattr(knob, "default"):
            field = shown[knob.name]
            assert (field.value, field.info) == (knob.default, knob.info)
            if isinstance(field, gr.Slider):
                assert (field.minimum, field.maximum, field.step) == (knob.least, knob.most, knob.step)
