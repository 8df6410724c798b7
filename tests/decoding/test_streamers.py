"""A streamer given to ``generate`` hears every token and the end, whatever stands around ``swift_generate``."""

from __future__ import annotations

import dataclasses
import functools
import threading

import pytest
import torch
from support.doubles import NO_SEARCH
from support.generating import CONFIG, PROMPT_IDS, WAIT_S, Listener, plain
from transformers import (
    GenerationConfig,
    LogitsProcessor,
    LogitsProcessorList,
    MaxLengthCriteria,
    StoppingCriteriaList,
    TextIteratorStreamer,
)

from swift_demo import RoundVerified, SwiftGenerate, on, swift_generate

QUICK = dataclasses.replace(CONFIG, search=NO_SEARCH)
method = functools.partial(swift_generate, swift_config=QUICK)


def function(model, input_ids, **arguments):
    return method(model, input_ids, **arguments)


def logged(wrapped):
    @functools.wraps(wrapped)
    def wrapper(*arguments, **others):
        return wrapped(*arguments, **others)

    return wrapper


class Subclass(SwiftGenerate):
    def __call__(self, model, input_ids, **arguments):
        return super().__call__(model, input_ids, swift_config=QUICK, **arguments)


class Holder:
    def decode(self, model, input_ids, streamer=None, **arguments):
        return method(model, input_ids, streamer=streamer, **arguments)


WRAPPED = {
    "itself": swift_generate,
    "partial": method,
    "function": function,
    "lambda": lambda model, input_ids, **arguments: method(model, input_ids, **arguments),
    "decorated thrice": logged(logged(logged(function))),
    "subclass": Subclass(),
    "subclass in a lambda": lambda *arguments, **others: Subclass()(*arguments, **others),
    "bound method": Holder().decode,
}


@pytest.fixture(scope="module")
def model(tiny_target):
    return tiny_target.model


@pytest.fixture(scope="module")
def expected(model):
    listener = Listener()
    plain(model, max_new_tokens=15, streamer=listener)
    return listener.heard


@pytest.mark.parametrize("name", WRAPPED)
def test_whatever_stands_between_the_streamer_hears_what_generate_tells_it(model, expected, name):
    listener = Listener()
    plain(model, max_new_tokens=15, streamer=listener, custom_generate=WRAPPED[name])
    assert listener.heard == expected
    assert len(expected) == 17


def test_text_is_read_from_another_thread_through_a_wrapper(demo_target):
    streamer = TextIteratorStreamer(demo_target.tokenizer, skip_prompt=True, timeout=WAIT_S)
    ids = demo_target.tokenizer("Anna has", return_tensors="pt").input_ids
    writer = threading.Thread(
        target=plain,
        args=(demo_target.model, ids),
        kwargs={"max_new_tokens": 12, "streamer": streamer, "custom_generate": logged(function)},
    )
    writer.start()
    text = "".join(streamer)
    writer.join(WAIT_S)
    written = plain(demo_target.model, ids, max_new_tokens=12)[ids.shape[1] :]
    assert text == demo_target.tokenizer.decode(written)


class Empty(Listener):
    """A streamer that counts as false."""

    def __len__(self):
        return 0


def test_a_streamer_that_counts_as_false_is_fed_too(model, expected):
    listener = Empty()
    plain(model, max_new_tokens=15, streamer=listener, custom_generate=method)
    assert listener.heard == expected


def test_one_given_to_the_method_itself_comes_first(model, expected):
    outer, inner = Listener(), Listener()
    own = functools.partial(method, streamer=inner)
    plain(model, max_new_tokens=15, streamer=outer, custom_generate=own)
    assert inner.heard == expected[1:]
    assert outer.heard == expected[:1], "generate tells it the prompt"


def test_what_is_generated_inside_a_callback_is_not_told_to_the_streamer_outside(model, expected):
    listener, inner, answers = Listener(), Listener(), []

    def generate_inside(_):
        if not answers:
            answers.append(plain(model, PROMPT_IDS.flip(1), max_new_tokens=5, custom_generate=function))
            plain(model, PROMPT_IDS.flip(1), max_new_tokens=5, custom_generate=function, streamer=inner)
            swift_generate(
                model,
                PROMPT_IDS,
                LogitsProcessorList(),
                StoppingCriteriaList([MaxLengthCriteria(9)]),
                GenerationConfig(max_length=9),
            )

    plain(
        model,
        max_new_tokens=15,
        streamer=listener,
        custom_generate=functools.partial(method, callbacks=[on(RoundVerified, generate_inside)]),
    )
    assert listener.heard == expected
    assert [i for token in inner.heard[1:-1] for i in token] == answers[0][PROMPT_IDS.shape[1] :]


class Fails(LogitsProcessor):
    def __call__(self, input_ids, scores):
        if input_ids.shape[1] > PROMPT_IDS.shape[1] + 5:
            raise RuntimeError("midway")
        return scores


def fail(event):
    raise RuntimeError("the page is gone")


@pytest.mark.parametrize(
    "arguments",
    [
        {"logits_processor": [Fails()]},
        {"custom_generate": functools.partial(method, callbacks=[on(RoundVerified, fail)])},
        {"position_ids": torch.arange(5)[None] + 3},
    ],
    ids=["in a processor", "in a callback", "refused"],
)
def test_the_reader_is_not_left_waiting_when_generation_fails(demo_target, arguments):
    streamer = TextIteratorStreamer(demo_target.tokenizer, skip_prompt=True, timeout=WAIT_S)
    with pytest.raises((RuntimeError, ValueError)):
        plain(
            demo_target.model,
            **{"max_new_tokens": 30, "streamer": streamer, "custom_generate": function} | arguments,
        )
    assert isinstance("".join(streamer), str), "it ends"


def test_a_streamer_that_fails_ends_generation_with_its_own_error(model):
    class Full(Listener):
        def put(self, value):
            super().put(value)
            if len(self.heard) == 4:
                raise OSError("no space left")

    listener = Full()
    with pytest.raises(OSError, match="no space left"):
        plain(model, max_new_tokens=15, streamer=listener, custom_generate=method)
    assert listener.heard[-1] == "end"
    assert torch.tensor(listener.heard[1:4]).shape == (3, 1)
