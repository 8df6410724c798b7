"""A trace round-trips exactly, and a broken file is refused with line and reason."""

from __future__ import annotations

import dataclasses
import json
import types
import typing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import standing_aside

from swift_demo.config import SamplingConfig, SearchConfig, SwiftConfig
from swift_demo.decoding.generation import trace_header
from swift_demo.decoding.race import Race
from swift_demo.decoding.request import Request
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.events import EVENT_TYPES, Alternatives, Event, GenerationStarted, RoundVerified, on
from swift_demo.json_lines import parse_object
from swift_demo.messages import Message, SentPart
from swift_demo.skip_set import SkipSet
from swift_demo.trace import FORMAT, MAX_BYTES, VERSION, Trace, TraceError, TraceHeader, TraceRecorder
from swift_demo.trace.fields import event_of, event_values, json_line

HEADER = TraceHeader("Anna\u2028 🙂", "tiny", "cpu", "float32", "a processor", "2026-01-01", {"torch": "2.9"})
INDICES = st.lists(st.integers(0, 30), max_size=4).map(tuple)
PROBS = st.lists(st.floats(0, 1), max_size=4).map(tuple)
SPECIAL = {
    float: st.floats(allow_nan=False, allow_infinity=False),
    int: st.integers(-(2**53), 2**53),
    SkipSet: st.builds(SkipSet, INDICES, INDICES),
    Alternatives: st.builds(Alternatives, INDICES, PROBS, PROBS, PROBS),
    SamplingConfig: st.builds(SamplingConfig, st.floats(0, 10), st.floats(0.01, 1), st.integers(0, 99)),
    SwiftConfig: st.builds(
        SwiftConfig,
        skip_ratio=st.floats(0, 0.9),
        threshold_rule=st.sampled_from(["fixed", "adaptive"]),
        search=st.builds(SearchConfig, is_enabled=st.booleans(), max_trials=st.integers(1, 9)),
    ),
}


def values(hint):
    """Anything that an annotation allows."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple:
        return st.lists(values(args[0]), max_size=4).map(tuple)
    if origin is typing.Literal:
        return st.sampled_from(args)
    if origin in (types.UnionType, typing.Union):
        return st.one_of(*(values(arg) for arg in args))
    if hint is type(None):
        return st.none()
    return SPECIAL[hint] if hint in SPECIAL else st.from_type(hint)


def events_of(cls):
    hints = typing.get_type_hints(cls)
    return st.builds(cls, **{f.name: values(hints[f.name]) for f in dataclasses.fields(cls)})


EVENTS = st.one_of(*(events_of(cls) for cls in EVENT_TYPES.values()))


@pytest.fixture(scope="module")
def recorded(tiny_target):
    """A real race with trials and a moving threshold, recorded."""
    config = SwiftConfig(
        skip_ratio=0.3,
        threshold_rule="adaptive",
        confidence_threshold=0.3,
        search=SearchConfig(max_time_share=1.0, max_loss_share=1.0, min_context=3, context_window=8),
    )
    recorder = TraceRecorder(trace_header(tiny_target, Request("The café 🙂")), tiny_target.text_tokenizer)
    race = Race(VanillaDecoder(tiny_target), SwiftDecoder(tiny_target, config))
    for event in race.stream("The café 🙂", max_new_tokens=30, wants_alternatives=True):
        recorder(event)
    return recorder.trace


def test_a_real_run_round_trips_exactly(recorded, tmp_path):
    assert {type(event).__name__ for event in recorded.events} == set(EVENT_TYPES) - {"DraftingWeighed"}
    path = tmp_path / "run.jsonl"
    recorded.save(path)
    loaded = Trace.load(path)
    assert loaded == recorded
    assert list(loaded.to_lines()) == list(recorded.to_lines())
    for lane in ("vanilla", "swift"):
        assert loaded.text(lane) == recorded.text(lane) != ""
        assert loaded.token_ids(lane) == recorded.token_ids(lane)


def test_a_run_that_stands_aside_round_trips_exactly():
    trace = standing_aside.run()
    assert {"DraftingWeighed", "SkipSetTried"} < {type(event).__name__ for event in trace.events}
    assert Trace.from_lines(list(trace.to_lines())) == trace


@settings(max_examples=40)
@given(st.lists(st.tuples(EVENTS, st.lists(st.text(max_size=5), max_size=3).map(tuple)), max_size=4))
def test_any_events_round_trip_exactly(pairs):
    for event, pieces in pairs:
        values = parse_object(json_line(event_values(event, pieces)))
        assert event_of(values) == (event, pieces)
        assert type(event_of(values)[0]) is type(event)


def test_every_prefix_of_a_run_can_be_loaded(recorded):
    lines = list(recorded.to_lines())
    for length in range(1, len(lines) + 1):
        assert len(Trace.from_lines(lines[:length])) == length - 1


def test_settings_skip_sets_and_numbers_come_back_as_themselves(recorded):
    loaded = Trace.from_lines(list(recorded.to_lines()))
    started = loaded.events[0]
    assert isinstance(started.sampling, SamplingConfig)
    assert isinstance(started.skip_set, SkipSet)
    assert isinstance(started.prompt_ids, tuple)
    assert isinstance(started.clock_s, float)


def test_alternatives_have_a_name_each_and_leave_the_text_alone(recorded):
    rounds = [
        (e, pieces)
        for e, pieces in zip(recorded.events, recorded.texts, strict=True)
        if isinstance(e, RoundVerified)
    ]
    assert all(
        len(e.token_ids) + sum(len(a.token_ids) for a in e.alternatives) == len(pieces) for e, pieces in rounds
    )
    joined = "".join(piece for e, pieces in rounds for piece in pieces[: len(e.token_ids)])
    assert recorded.text("swift").rstrip("\ufffd") == joined.rstrip("\ufffd") != ""
    assert any(e.alternatives for e, _ in rounds)


def test_a_trace_from_before_a_field_with_a_default_opens(recorded):
    old = []
    for line in recorded.to_lines():
        values = json.loads(line)
        if values.pop("alternatives", None):
            values["texts"] = values["texts"][: len(values["token_ids"])]
        old.append(json.dumps(values))
    loaded = Trace.from_lines(old)
    assert all(event.alternatives == () for event in loaded.events if isinstance(event, RoundVerified))
    for lane in ("vanilla", "swift"):
        assert loaded.text(lane) == recorded.text(lane)


def head(**changes):
    return json.dumps({"format": FORMAT, "version": VERSION, **dataclasses.asdict(HEADER)} | changes)


def started(**changes):
    event = GenerationStarted("swift", 0, 0.0, (1, 2, 3, 4), 9, 8, SamplingConfig(), SwiftConfig(), SkipSet())
    return json.dumps(event_values(event, ()) | changes)


def prompt_read(**changes):
    line = {"event": "PromptRead", "lane": "swift", "round": 0, "clock_s": 0.5, "num_tokens": 3} | changes
    return json.dumps({name: value for name, value in line.items() if value != "left out"})


def test_traces_from_before_messages_were_recorded_still_open():
    old = {
        name: value for name, value in json.loads(head(version=1)).items() if name not in ("messages", "sent")
    }
    assert Trace.from_lines([json.dumps(old)]).header == HEADER
    assert HEADER.messages == HEADER.sent == ()


def test_messages_and_the_text_as_sent_round_trip(tmp_path):
    sent = (SentPart("<|user|>", True), SentPart("Anna <|user|>", False))
    header = dataclasses.replace(HEADER, messages=(Message("user", "Anna <|user|>"),), sent=sent)
    Trace(header).save(tmp_path / "run.jsonl")
    assert Trace.load(tmp_path / "run.jsonl").header == header


BROKEN = {
    "empty": ([], "line 1: the file is empty"),
    "foreign text": (["once upon a time"], "line 1: not JSON"),
    "foreign JSON": (['{"log": 1}'], f"line 1: not a {FORMAT}"),
    "foreign list": (["[1]"], "line 1: expected a JSON object, found list"),
    "newer version": ([head(version=VERSION + 1)], f"line 1: version {VERSION + 1}.*reads version {VERSION}"),
    "no version": ([head(version=None)], "line 1: version None"),
    "version before the first": ([head(version=0)], "line 1: version 0"),
    "version that is no number": ([head(version=True)], "line 1: version True"),
    "messages of a wrong type": (
        [head(messages=[{"role": "user"}])],
        "line 1: Message lacks the field 'content'",
    ),
    "header field missing": ([json.dumps({"format": FORMAT, "version": VERSION})], "line 1: .*lacks the field"),
    "header field unknown": ([head(colour="red")], "line 1: .*has no field 'colour'"),
    "header field of a wrong type": ([head(model=7)], "line 1: model=7"),
    "versions of a wrong type": ([head(versions={"torch": 2})], "line 1: versions="),
    "not JSON": ([head(), started(), '{"event": "Prom'], "line 3: not JSON"),
    "blank line": ([head(), "", prompt_read()], "line 2: not JSON"),
    "unknown event": ([head(), prompt_read(event="PromptSung")], "line 2: unknown event 'PromptSung'"),
    "no event": ([head(), prompt_read(event="left out")], "line 2: unknown event None"),
    "event that is no name": ([head(), prompt_read(event=["PromptRead"])], "line 2: unknown event"),
    "missing field": ([head(), prompt_read(num_tokens="left out")], "line 2: .*lacks the field 'num_tokens'"),
    "unknown field": ([head(), started(), prompt_read(mood="good")], "line 3: .*has no field 'mood'"),
    "text for a number": ([head(), prompt_read(num_tokens="3")], "line 2: num_tokens='3'"),
    "fraction for a whole number": ([head(), prompt_read(round=1.5)], "line 2: round=1.5"),
    "truth for a number": ([head(), prompt_read(clock_s=True)], "line 2: clock_s=True"),
    "null for a number": ([head(), prompt_read(round=None)], "line 2: round=None"),
    "unknown lane": ([head(), prompt_read(lane="third")], "line 2: lane='third'"),
    "texts of a wrong type": ([head(), prompt_read(texts="abc")], "line 2: texts must be"),
    "texts of numbers": ([head(), prompt_read(texts=[1])], "line 2: texts must be"),
    "texts of halves of characters": ([head(), prompt_read(texts=["\ud83d"])], "line 2: texts must be"),
    "half a character in the header": ([head(prompt="a\udc00")], "line 1: prompt='a.udc00' is not a text"),
    "half a character in a name": ([head(versions={"\ud800": "1"})], "line 1: versions="),
    "half a character in a field": ([head(), started(**{"\udfff": 1})], "line 2: .*has no field '.udfff'"),
    "deep nesting": ([head(), "[" * 100_000], "line 2: its brackets are nested too deeply"),
    "deep nesting in a field": (
        [head(), started()[:-1] + ', "swift": ' + '{"a":' * 100_000],
        "line 2: its brackets are nested",
    ),
    "too many digits": ([head(), prompt_read().replace("0.5", "9" * 5000)], "line 2: a number has 5000 dig"),
    "more digits than a float has": ([head(), prompt_read().replace("0.5", "9" * 400)], "line 2: a number"),
    "infinity": ([head(), prompt_read(clock_s=float("inf"))], "line 2: Infinity is not a number"),
    "minus infinity": ([head(), prompt_read(clock_s=float("-inf"))], "line 2: -Infinity is not a number"),
    "not a number": ([head(), prompt_read(clock_s=float("nan"))], "line 2: NaN is not a number"),
    "infinity by its exponent": ([head(), prompt_read().replace("0.5", "1e999")], "line 2: clock_s=inf"),
    "a field twice": (
        [head(), prompt_read()[:-1] + ', "round": 0}'],
        "line 2: the field 'round' appears twice",
    ),
    "a lane that has not started": ([head(), prompt_read()], "line 2: the swift lane has not started yet"),
    "a prompt before the phase": ([head(), started(), prompt_read()], "line 3: PromptRead cannot follow"),
    "a name of 100,000 letters": ([head(), started(**{"x" * 100_000: 1})], "line 2: .*has no field 'xxx"),
    "a list of 100,000 items": ([head(), started(lane=["x"] * 100_000)], "line 2: lane="),
    "settings of 100,000 parts": (
        [
            head(),
            started(
                swift=json.loads(started())["swift"]
                | {"tree_levels": [{"max_confidence": 0.5, "num_candidates": 2}] * 10_000}
            ),
        ],
        "line 2: tree_levels=",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_with_line_and_reason(name, tmp_path):
    lines, words = BROKEN[name]
    path = tmp_path / "broken.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(TraceError, match=words) as caught:
        Trace.load(path)
    assert len(str(caught.value)) < 300
    str(caught.value).encode()


def bytes_of(trace, **changes):
    """The file's bytes, with raw text instead of escapes."""
    lines = [json.dumps(json.loads(line), ensure_ascii=False) for line in trace.to_lines()]
    lines[0] = json.dumps(json.loads(lines[0]) | changes, ensure_ascii=False)
    return ("\n".join(lines) + "\n").encode()


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x1e"])
def test_a_text_may_hold_what_ends_lines_elsewhere(recorded, character):
    text = f"a{character}b"
    # Below U+0020 JSON has escapes only.
    content = bytes_of(recorded, prompt=text if ord(character) > 32 else "@")
    content = content.replace(b"@", json.dumps(text)[1:-1].encode())
    assert Trace.from_bytes(content).header.prompt == text
    assert Trace.from_bytes(content).events == recorded.events


@pytest.mark.parametrize(
    "harmless",
    [
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data + b"\n",
        lambda data: data + b"\r\n \t\n\n",
        lambda data: data.rstrip(b"\n"),
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n") + b"\r\n",
    ],
    ids=["mark", "blank line", "blank lines", "no last line feed", "CRLF", "all"],
)
def test_what_editors_add_to_a_file_does_no_harm(recorded, harmless, tmp_path):
    path = tmp_path / "run.jsonl"
    path.write_bytes(harmless(bytes_of(recorded)))
    assert Trace.load(path) == recorded


def test_the_line_of_what_is_not_text_is_named(recorded):
    content = bytes_of(recorded)
    half = content.index(b"\n") + 1
    with pytest.raises(TraceError, match="line 2: not UTF-8 text"):
        Trace.from_bytes(content[:half] + b"\xed\xa0\x80" + content[half:])


def test_half_a_character_is_replaced_when_a_trace_is_written(recorded, tmp_path):
    trace = Trace(dataclasses.replace(recorded.header, prompt="a\ud83d"), recorded.events, list(recorded.texts))
    index = next(i for i, pieces in enumerate(trace.texts) if pieces)
    trace.texts[index] = ("\udc00b", *trace.texts[index][1:])
    trace.save(tmp_path / "run.jsonl")
    loaded = Trace.load(tmp_path / "run.jsonl")
    assert loaded.header.prompt == "a\ufffd"
    assert loaded.texts[index] == ("\ufffdb", *trace.texts[index][1:])
    assert loaded.texts[:index] == trace.texts[:index] and loaded.events == trace.events


def test_a_file_that_is_too_large_is_refused_before_it_is_read_on(tmp_path):
    with open(tmp_path / "run.jsonl", "wb") as file:
        file.truncate(MAX_BYTES * 1000)
    with pytest.raises(TraceError, match="larger than 48 MB"):
        Trace.load(tmp_path / "run.jsonl")


def test_values_that_settings_refuse_are_refused_with_their_line(recorded):
    lines = list(recorded.to_lines())
    started = json.loads(lines[1])
    started["sampling"]["temperature"] = -1
    with pytest.raises(TraceError, match="line 2: temperature=-1"):
        Trace.from_lines([lines[0], json.dumps(started)])
    started = json.loads(lines[1])
    started["skip_set"]["mlp"] = [-4]
    with pytest.raises(TraceError, match="line 2: mlp="):
        Trace.from_lines([lines[0], json.dumps(started)])


def test_a_file_that_is_not_text_is_refused(tmp_path):
    path = tmp_path / "picture.jsonl"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff\xfe")
    with pytest.raises(TraceError):
        Trace.load(path)


PLAIN = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text(max_size=3)
JSON = (
    PLAIN
    | st.lists(PLAIN | st.lists(PLAIN, max_size=2), max_size=3)
    | st.dictionaries(st.text(max_size=3), PLAIN | st.lists(PLAIN, max_size=2), max_size=2)
)


@settings(max_examples=150)
@given(number=st.integers(0, 11), place=st.integers(0, 99), damage=JSON)
def test_damage_to_any_field_is_refused_or_harmless_but_never_a_crash(recorded, number, place, damage):
    lines = list(recorded.to_lines())[:12]
    line = json.loads(lines[number])
    line[sorted(line)[place % len(line)]] = damage
    lines[number] = json.dumps(line)
    try:
        Trace.from_lines(lines)
    except TraceError as error:
        assert str(error).startswith(f"line {number + 1}: ")


def test_a_callback_can_pick_one_type_of_event(recorded):
    kinds = {name: [] for name in EVENT_TYPES}
    callbacks = [on(cls, kinds[name].append) for name, cls in EVENT_TYPES.items()]
    everything = []
    callbacks.append(on(Event, everything.append))
    for event in recorded.events:
        for callback in callbacks:
            callback(event)
    assert everything == recorded.events
    assert all(type(event).__name__ == name for name, events in kinds.items() for event in events)
    assert sum(len(events) for events in kinds.values()) == len(recorded)
