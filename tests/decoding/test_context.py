"""A text ends where the model's context does, and no more memory is taken than it needs."""

from __future__ import annotations

import pytest
import torch
from support.doubles import NO_SEARCH, ScriptedTarget, eager_config, eager_search, finish_of, ids_of
from support.models import NUM_LAYERS, byte_tokenizer, generate_greedily, random_model, tiny_sizes
from transformers import LlamaConfig

from swift_demo.config import SamplingConfig
from swift_demo.decoding import lane as lane_module
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.events import GenerationStarted
from swift_demo.model.prompts import PromptError
from swift_demo.model.target import Target
from swift_demo.skip_set import SkipSet

CONTEXT = 48
PROMPT = [5, 6, 7, 8]
EAGER = eager_search(min_context=3, context_window=8, max_time_share=1.0)


@pytest.fixture(scope="module")
def small():
    """A model that has few positions and never ends a text by itself."""
    model = random_model(LlamaConfig(**tiny_sizes(max_position_embeddings=CONTEXT, eos_token_id=None)))
    return Target(model, byte_tokenizer(), "small")


def decoders(target):
    return [
        VanillaDecoder(target),
        SwiftDecoder(target, eager_config(skip_ratio=0.3, confidence_threshold=0.0, search=NO_SEARCH)),
        SwiftDecoder(target, eager_config(skip_ratio=0.3, confidence_threshold=0.3, search=EAGER)),
    ]


@pytest.mark.parametrize(
    ("length", "max_new_tokens"),
    [
        (1, CONTEXT - 1),
        (1, CONTEXT),
        (4, CONTEXT),
        (4, 10**9),
        (CONTEXT - 2, 10**9),
        (CONTEXT - 1, 1),
        (CONTEXT - 1, 2),
    ],
)
def test_both_lanes_end_at_the_contexts_end_with_generates_text(small, max_new_tokens, length):
    prompt = (PROMPT * CONTEXT)[:length]
    room = CONTEXT - length
    expected = generate_greedily(small, prompt, room)
    for decoder in decoders(small):
        events = list(decoder.stream(prompt, max_new_tokens=max_new_tokens))
        assert ids_of(events, events[0].lane) == expected
        is_exact = room == max_new_tokens
        assert finish_of(events).stop_reason == ("token limit" if is_exact else "context full")
        assert finish_of(events).num_tokens == room
        assert events[0].max_new_tokens == max_new_tokens


@pytest.mark.parametrize(
    ("max_new_tokens", "reason"), [(43, "token limit"), (44, "token limit"), (45, "context full")]
)
def test_what_was_asked_for_and_fits_ends_at_the_token_limit(small, max_new_tokens, reason):
    for decoder in decoders(small):
        events = list(
            decoder.stream(PROMPT, max_new_tokens=max_new_tokens, sampling=SamplingConfig(1.0, seed=3))
        )
        assert finish_of(events).stop_reason == reason
        assert finish_of(events).num_tokens == min(max_new_tokens, CONTEXT - len(PROMPT))


@pytest.mark.parametrize("length", [CONTEXT, CONTEXT + 1, 4000])
def test_a_prompt_that_leaves_no_room_is_refused(small, length):
    for decoder in decoders(small):
        with pytest.raises(PromptError, match=rf"{length} tokens.*no room.*{CONTEXT} positions of small; "):
            next(decoder.stream([5] * length, max_new_tokens=1))


@pytest.mark.parametrize("wrong", [0, -1, True, 1.5, None, "5", float("nan"), 10**400])
def test_a_number_of_tokens_that_is_none_is_refused(small, wrong):
    for decoder in decoders(small):
        with pytest.raises(PromptError, match=r"^max_new_tokens=.*must be at least 1") as error:
            next(decoder.stream(PROMPT, max_new_tokens=wrong))
        assert len(str(error.value)) < 200


def test_the_cache_of_a_wide_context_holds_what_is_near():
    target = ScriptedTarget([2, 3, 4, 5], eos_ids=[5])
    target.max_context = 131_072
    sizes = []
    new_cache = target.new_cache
    target.new_cache = lambda max_length: sizes.append(max_length) or new_cache(max_length)
    search = eager_search(hidden_states_interval=0)
    for decoder in (VanillaDecoder(target), SwiftDecoder(target, eager_config(search=search), SkipSet((1,)))):
        assert finish_of(decoder.stream([2, 3], max_new_tokens=10**6)).stop_reason == "end of text"
    assert sizes[0] < 2200
    assert sizes[1] < 2400


@pytest.mark.parametrize("make", [0, 1, 2])
def test_a_cache_that_grows_changes_nothing(tiny_target, make, monkeypatch):
    whole = decoders(tiny_target)[make].generate("Anna", max_new_tokens=80)
    monkeypatch.setattr(lane_module, "_FIRST_TOKENS", 10)
    caches, new_cache = [], tiny_target.new_cache
    monkeypatch.setattr(tiny_target, "new_cache", lambda n: caches.append(new_cache(n)) or caches[-1])
    sizes = []
    remember = [lambda event: sizes.append(caches[0].max_length)]
    grown = decoders(tiny_target)[make].generate("Anna", max_new_tokens=80, callbacks=remember)
    assert grown.token_ids == whole.token_ids
    assert len(caches) == 1
    assert sizes == sorted(sizes)
    assert 3 <= len(set(sizes)) <= 5, "twofold each time"
    prompt = next(len(e.prompt_ids) for e in grown.trace.events if isinstance(e, GenerationStarted))
    assert sizes[-1] <= prompt + 80 + 200


def test_growing_keeps_what_the_cache_holds(tiny_target):
    cache = tiny_target.new_cache(12)
    with torch.inference_mode():
        tiny_target.forward(torch.arange(12), cache, 0, SkipSet())
    before = [t.clone() for t in cache.entries]
    cache.grow(30)
    assert cache.max_length == 30
    assert len(before) == 2 * NUM_LAYERS
    for old, new in zip(before, cache.entries, strict=True):
        assert new.shape[2] == 30
        assert torch.equal(new[:, :, :12], old)
