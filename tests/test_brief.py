"""What a notebook shows of a run fits on a screen, however long the run is."""

from __future__ import annotations

import pytest

from swift_demo import Generation, SamplingConfig, SkipSet, SwiftConfig, SwiftDecoder, VanillaDecoder
from swift_demo.brief import brief, one_line, shortened
from swift_demo.events import Alternatives, GenerationStarted, RoundVerified, TokensDrafted
from swift_demo.trace import Trace, TraceHeader, TraceRecorder

MOST = 400
LONG = 100_000


@pytest.fixture(scope="module", params=[VanillaDecoder, SwiftDecoder])
def generation(request, tiny_target) -> Generation:
    return request.param(tiny_target).generate("The café " * 100, max_new_tokens=60)


def test_a_generation_is_shown_on_one_screen_with_what_matters(generation):
    shown = repr(generation)
    assert len(shown) < MOST
    assert "num_tokens=60" in shown
    assert "stop_reason='token limit'" in shown
    assert f"{len(generation.trace)} events" in shown


def test_a_trace_its_header_its_recorder_and_the_numbers_are_short(generation, tiny_target):
    recorder = TraceRecorder(generation.trace.header, tiny_target.text_tokenizer)
    for thing in (generation.trace, generation.trace.header, recorder, generation.metrics):
        assert len(repr(thing)) < MOST
        assert repr(thing).startswith(type(thing).__name__)


def test_every_event_of_a_run_is_short_and_begins_with_its_name(generation):
    for event in generation.trace.events:
        assert len(repr(event)) < MOST
        assert repr(event).startswith(f"{type(event).__name__}(lane=")


@pytest.mark.parametrize(
    "event",
    [
        GenerationStarted(
            "swift",
            0,
            0.0,
            tuple(range(LONG)),
            5,
            80,
            SamplingConfig(),
            SwiftConfig(),
            SkipSet(range(80), range(80)),
        ),
        TokensDrafted(
            "swift",
            1,
            0.5,
            (7,) * LONG,
            (0,) * LONG,
            (1 / 3,) * LONG,
            (1 / 3,) * LONG,
            0.8,
            "draft limit",
            SkipSet(range(80)),
        ),
        RoundVerified(
            "swift",
            1,
            0.5,
            LONG,
            tuple(range(LONG)),
            (1 / 3,) * LONG,
            3,
            "bonus",
            1 / 3,
            (7,) * LONG,
            (Alternatives((1,) * LONG, (1 / 3,) * LONG, (), ()),) * 100,
        ),
        Alternatives((1,) * LONG, (1 / 3,) * LONG, (1 / 3,) * LONG, (1 / 3,) * LONG),
        Trace(
            TraceHeader("prompt " * LONG, "model " * LONG, "cpu", "float32", "cores", "today", {"torch": "2"})
        ),
    ],
    ids=lambda event: type(event).__name__,
)
def test_length_does_not_show(event):
    assert len(repr(event)) < MOST


def test_what_is_short_is_shown_whole():
    assert repr(Alternatives((1, 2), (0.5, 0.25), (), ())) == (
        "Alternatives(token_ids=(1, 2), target_probs=(0.5, 0.25), draft_probs=(), residual=())"
    )
    assert [brief(value) for value in (0.1, None, True, "a", -5)] == ["0.1", "None", "True", "'a'", "-5"]
    assert len(brief(10**5000)) < 40


@pytest.mark.parametrize("length", [1, 20, 39, 80, 250])
def test_a_text_loses_its_middle_and_only_where_it_is_too_long(length):
    text = "".join(chr(0x4E00 + i) for i in range(300))
    short = shortened(text, max(length, 12))
    assert len(short) == max(length, 12)
    beginning, end = short.split(" … ")
    assert text.startswith(beginning) and text.endswith(end) and len(beginning) >= len(end) > 0
    assert shortened(text, 300) == text


def test_a_line_is_one_line_that_can_be_sent():
    assert one_line(" half a\ncharacter:\t\ud83d\r\n ") == "half a character: ?"
    assert len(one_line("word\n" * LONG)) == 300


def test_a_value_is_brief_whatever_is_nested_in_it():
    for value in ("x" * LONG, [["y" * 90] * 9] * 9, {"z" * 90: {"z" * 90: [1] * LONG}}, 10**5000):
        assert len(brief(value)) <= 80
