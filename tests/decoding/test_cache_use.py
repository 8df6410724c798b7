"""One cache for each lane, allocated once; what is accepted stays, whatever is written past it."""

from __future__ import annotations

import pytest
import torch
from support.doubles import NO_SEARCH, eager_config, eager_search

from swift_demo.config import SamplingConfig
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.events import (
    GenerationStarted,
    PhaseChanged,
    RoundVerified,
    SkipSetTried,
    TokenDecoded,
    TokensDrafted,
)
from swift_demo.skip_set import SkipSet


@pytest.fixture
def caches(tiny_target, monkeypatch):
    """Every cache that the target hands out, as it is handed out."""
    handed_out = []
    new_cache = tiny_target.new_cache

    def remember(max_length):
        handed_out.append(new_cache(max_length))
        return handed_out[-1]

    monkeypatch.setattr(tiny_target, "new_cache", remember)
    return handed_out


def entries(cache, num_slots):
    """Copies of the keys and values of the first slots."""
    return [t[:, :, :num_slots].clone() for t in cache.entries]


def addresses(cache):
    return [t.data_ptr() for t in cache.entries]


def test_memory_does_not_grow_with_rounds(tiny_target, caches):
    search = eager_search(
        max_time_share=1.0,
        min_context=4,
        context_window=8,
        max_trials=400,
        tolerance=400,
        bayesian_interval=400,
    )
    decoder = SwiftDecoder(tiny_target, eager_config(skip_ratio=0.6, max_draft_tokens=1, search=search))
    rounds, sizes, places = 0, set(), set()
    for event in decoder.stream("Anna", max_new_tokens=400):
        if event.round:  # the prompt's pass has made room for everything
            rounds = event.round
            sizes.add(caches[0].num_bytes)
            places.add(tuple(addresses(caches[0])))
    assert rounds >= 200
    assert len(caches) == len(sizes) == len(places) == 1


@pytest.mark.parametrize("sampling", [SamplingConfig(), SamplingConfig(temperature=1.2, seed=2)])
def test_drafts_and_trials_leave_the_accepted_slots_untouched(tiny_target, caches, sampling):
    search = eager_search(max_time_share=1.0, min_context=3, context_window=8)
    config = eager_config(skip_ratio=0.4, confidence_threshold=0, max_draft_tokens=6, search=search)
    before, num_ids, seen = [], 0, set()
    for event in SwiftDecoder(tiny_target, config).stream("The café", max_new_tokens=40, sampling=sampling):
        if isinstance(event, GenerationStarted):
            num_ids = len(event.prompt_ids)
        if isinstance(event, GenerationStarted | PhaseChanged):
            continue
        num_accepted = before[0].shape[2] if before else 0
        now = entries(caches[0], num_accepted)
        assert all(torch.equal(a, b) for a, b in zip(before, now, strict=False)), event
        seen.add(type(event))
        if isinstance(event, RoundVerified):
            num_ids += len(event.token_ids)
        before = entries(caches[0], num_ids - 1)
    assert {TokensDrafted, SkipSetTried, RoundVerified} <= seen


def test_the_accepted_slots_hold_what_the_whole_target_writes(tiny_target, caches):
    config = eager_config(
        skip_ratio=0.4,
        confidence_threshold=0,
        max_draft_tokens=6,
        search=eager_search(max_time_share=1.0, min_context=3, context_window=8),
    )
    prompt = tiny_target.encode("The café")
    generation = SwiftDecoder(tiny_target, config).generate(prompt, max_new_tokens=40)
    ids = [*prompt, *generation.token_ids]
    rounds = [event for event in generation.trace.events if isinstance(event, RoundVerified)]
    assert any(node >= event.num_drafted for event in rounds for node in event.accepted), "no sibling was kept"
    fresh = tiny_target.new_cache(len(ids))
    with torch.inference_mode():
        tiny_target.forward(torch.tensor(ids), fresh, 0, SkipSet())
    num_slots = len(ids) - 1
    for ours, expected in zip(entries(caches[0], num_slots), entries(fresh, num_slots), strict=True):
        torch.testing.assert_close(ours, expected, rtol=1e-4, atol=1e-4)


def test_writing_past_the_cache_never_happens(tiny_target, caches, monkeypatch):
    forward = tiny_target.forward

    def watched(token_ids, cache, slot, *args, **others):
        assert slot + len(token_ids) <= cache.max_length
        return forward(token_ids, cache, slot, *args, **others)

    monkeypatch.setattr(tiny_target, "forward", watched)
    for window, most in ((32, 2), (4, 30)):
        search = eager_search(max_time_share=1.0, min_context=2, context_window=window)
        config = eager_config(skip_ratio=0.1, confidence_threshold=0, max_draft_tokens=most, search=search)
        assert len(SwiftDecoder(tiny_target, config).generate("Anna", max_new_tokens=45).token_ids) == 45


def test_each_lane_has_a_cache_of_its_own(tiny_target, caches):
    streams = [
        VanillaDecoder(tiny_target).stream("Anna", max_new_tokens=5),
        SwiftDecoder(tiny_target, eager_config(search=NO_SEARCH)).stream("Anna", max_new_tokens=5),
    ]
    for stream in streams:
        assert any(isinstance(event, TokenDecoded | RoundVerified) for event in stream)
    assert len(caches) == 2
    assert not set(addresses(caches[0])) & set(addresses(caches[1]))


def test_an_update_writes_at_its_slot_and_returns_views(tiny_target):
    cache = tiny_target.new_cache(10)
    cache.slot = 3
    key, value = torch.randn(1, 2, 2, 8), torch.randn(1, 1, 2, 5)
    keys, values = cache.update(key, value, 0)
    assert keys.shape[2] == values.shape[2] == 5
    assert torch.equal(keys[:, :, 3:], key)
    assert torch.equal(values[:, :, 3:], value)
    room, _ = cache.entries
    assert keys.data_ptr() == room.data_ptr()
    assert room.shape == (1, 2, 10, 8)
    assert not room[:, :, 5:].any()
    assert cache.update(key, value, 0)[0].data_ptr() == room.data_ptr(), "made once"
