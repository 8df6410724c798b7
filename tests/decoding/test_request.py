"""A request is made once, of a prompt and what else is asked for, and means the same wherever it is taken."""

from __future__ import annotations

import dataclasses
import threading
import typing

import pytest
from support.doubles import timeless

from swift_demo import GenerationStarted, Hooks, Race, Request, SamplingConfig, SwiftDecoder, VanillaDecoder
from swift_demo.decoding.request import RequestOptions, as_request
from swift_demo.messages import Message


def test_all_but_the_prompt_has_a_default():
    request = Request("Anna")
    assert (request.max_new_tokens, request.sampling, request.hooks) == (150, SamplingConfig(), Hooks())
    assert (request.stop, request.cancel, request.wants_alternatives) == ((), None, False)


def test_the_options_are_the_attributes_of_a_request_with_their_types():
    annotated = typing.get_type_hints(Request)
    del annotated["prompt"]
    assert typing.get_type_hints(RequestOptions) == annotated


@pytest.mark.parametrize("stop", ["a string", ("a string",), ["a string"]])
def test_one_stop_string_stands_for_itself(stop):
    assert Request("Anna", stop=stop).stop == ("a string",)


@pytest.mark.parametrize("stop", ["", ("a", "")])
def test_an_empty_stop_string_is_refused_where_the_request_is_made(stop):
    with pytest.raises(ValueError, match="must not be empty"):
        Request("Anna", stop=stop)
    with pytest.raises(ValueError, match="must not be empty"):
        as_request("Anna", {"stop": stop})


def test_options_change_a_request_and_leave_the_given_one_as_it_was():
    cancel = threading.Event()
    request = Request([1, 2], 7, stop="x", cancel=cancel)
    changed = as_request(request, {"max_new_tokens": 9})
    assert changed == dataclasses.replace(request, max_new_tokens=9)
    assert request.max_new_tokens == 7 and changed.cancel is cancel
    assert as_request(request, {}) == request


def test_a_prompt_with_options_gives_what_the_request_of_both_gives(tiny_target):
    sampling = SamplingConfig(1.0, seed=4)
    request = Request("Anna", 12, sampling, wants_alternatives=True)
    for make in (VanillaDecoder, SwiftDecoder):
        whole = timeless(make(tiny_target).stream(request))
        assert whole == timeless(
            make(tiny_target).stream("Anna", max_new_tokens=12, sampling=sampling, wants_alternatives=True)
        )
        assert whole == timeless(make(tiny_target).generate(request).trace.events)


def test_both_lanes_of_a_race_get_the_same_request(tiny_target):
    events = list(Race(VanillaDecoder(tiny_target), SwiftDecoder(tiny_target)).stream(Request("Anna", 9)))
    starts = [event for event in events if isinstance(event, GenerationStarted)]
    assert sorted((event.lane, event.max_new_tokens) for event in starts) == [("swift", 9), ("vanilla", 9)]


def test_an_option_that_a_request_has_not_is_refused(tiny_target):
    with pytest.raises(TypeError, match="max_tokens"):
        VanillaDecoder(tiny_target).stream("Anna", max_tokens=3)


USER = [{"role": "user", "content": "Anna"}]


@pytest.mark.parametrize(("given", "words"), [({}, "neither"), ({"prompt": "Anna", "messages": USER}, "both")])
def test_there_is_either_a_prompt_or_messages(given, words):
    with pytest.raises(ValueError, match=f"{words} of prompt and messages are given; give one of them"):
        Request(**given)


def test_messages_come_as_dicts_or_as_values():
    assert Request(messages=USER) == Request(messages=[Message("user", "Anna")])
    assert Request(messages=USER).messages == (Message("user", "Anna"),)
    assert as_request(None, {"messages": USER, "max_new_tokens": 9}) == Request(None, 9, messages=USER)
    assert as_request(Request(messages=USER), {"max_new_tokens": 9}).messages == (Message("user", "Anna"),)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "messages is empty"),
        ("Anna", "messages is 'Anna'; it must be a list"),
        (USER[0], "it must be a list"),
        (7, "messages is 7"),
        (["Anna"], "a message is 'Anna'; it must have a role and a content"),
        ([{"role": "user"}], "it must have a role and a content, and nothing else"),
        ([USER[0] | {"tool_calls": []}], "and nothing else"),
        ([{"role": "user", "content": ["Anna"]}], "a message's content is .*must be text"),
        ([{"role": None, "content": "Anna"}], "a message's role is None; it must be text"),
    ],
)
def test_what_is_no_conversation_is_refused_where_the_request_is_made(given, message):
    with pytest.raises(ValueError, match=message):
        Request(messages=given)
