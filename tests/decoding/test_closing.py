"""A run that is closed at any yield leaves target and decoder as they were."""

from __future__ import annotations

import gc
import weakref

import pytest
import torch
from support.doubles import eager_config, eager_search, ids_of, timeless

from swift_demo.config import SamplingConfig
from swift_demo.decoding.race import Race
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder

PROMPT = "The café"
NUM_TOKENS = 10
CONFIG = eager_config(
    skip_ratio=0.3,
    confidence_threshold=0.4,
    max_draft_tokens=3,
    threshold_rule="adaptive",
    search=eager_search(max_time_share=1.0, min_context=3, context_window=6),
)


def traces_of_patching(model):
    """Everything a patch would change: forwards bound to instances or classes, hooks, children."""
    return [
        (
            name,
            id(type(module)),
            id(type(module).forward),
            "forward" in vars(module),
            len(module._forward_hooks),
            len(module._forward_pre_hooks),
            tuple(map(id, module.children())),
        )
        for name, module in model.named_modules()
    ]


def new_vanilla(target):
    return VanillaDecoder(target)


def new_swift(target):
    return SwiftDecoder(target, CONFIG)


def new_race(target):
    return Race(new_vanilla(target), new_swift(target))


LANES = {new_vanilla: ["vanilla"], new_swift: ["swift"], new_race: ["vanilla", "swift"]}


@pytest.mark.parametrize("make", LANES)
def test_closing_at_any_yield_leaves_all_usable(tiny_target, make):
    patching = traces_of_patching(tiny_target.model)
    weights = {name: tensor.clone() for name, tensor in tiny_target.model.state_dict().items()}
    whole = list(make(tiny_target).stream(PROMPT, max_new_tokens=NUM_TOKENS))
    texts = {lane: ids_of(whole, lane) for lane in LANES[make]}
    assert all(len(ids) == NUM_TOKENS for ids in texts.values())
    for num_events in range(len(whole) + 1):
        decoder = make(tiny_target)
        stream = decoder.stream(PROMPT, max_new_tokens=NUM_TOKENS)
        for _ in range(num_events):
            next(stream)
        stream.close()
        assert next(stream, None) is None
        assert not torch.is_inference_mode_enabled()
        assert torch.is_grad_enabled()
        again = list(decoder.stream(PROMPT, max_new_tokens=NUM_TOKENS))
        assert {lane: ids_of(again, lane) for lane in LANES[make]} == texts, f"closed after {num_events} events"
    assert traces_of_patching(tiny_target.model) == patching
    now = tiny_target.model.state_dict()
    assert all(torch.equal(now[name], tensor) for name, tensor in weights.items())


def test_closing_a_race_at_any_yield_closes_both_lanes(tiny_target, monkeypatch):
    num_events = len(list(new_race(tiny_target).stream(PROMPT, max_new_tokens=NUM_TOKENS)))
    for num in range(1, num_events + 1):
        race = new_race(tiny_target)
        lanes = []
        for decoder in (race.vanilla, race.swift):
            lane = decoder.stream(PROMPT, max_new_tokens=NUM_TOKENS)
            lanes.append(lane)
            monkeypatch.setattr(decoder, "stream", lambda *_, lane=lane, **__: lane)
        stream = race.stream(PROMPT, max_new_tokens=NUM_TOKENS)
        for _ in range(num):
            next(stream)
        stream.close()
        assert [lane.gi_frame for lane in lanes] == [None, None], f"closed after {num} events"


def test_a_lane_that_fails_closes_the_other(tiny_target, monkeypatch):
    race = new_race(tiny_target)
    vanilla = race.vanilla.stream(PROMPT, max_new_tokens=NUM_TOKENS)

    def failing(*_, **__):
        yield next(SwiftDecoder(tiny_target).stream(PROMPT, max_new_tokens=1))
        raise RuntimeError("no more memory")

    monkeypatch.setattr(race.vanilla, "stream", lambda *_, **__: vanilla)
    monkeypatch.setattr(race.swift, "stream", failing)
    with pytest.raises(RuntimeError, match="no more memory"):
        list(race.stream(PROMPT, max_new_tokens=NUM_TOKENS))
    assert vanilla.gi_frame is None


def test_a_closed_run_keeps_no_cache(tiny_target, monkeypatch):
    caches = []
    new_cache = tiny_target.new_cache

    def remember(max_length):
        cache = new_cache(max_length)
        caches.append(weakref.ref(cache))
        return cache

    monkeypatch.setattr(tiny_target, "new_cache", remember)
    stream = new_race(tiny_target).stream(PROMPT, max_new_tokens=NUM_TOKENS)
    for _ in range(9):
        next(stream)
    stream.close()
    del stream
    gc.collect()
    assert len(caches) == 2
    assert [cache() for cache in caches] == [None, None]


def test_a_callback_that_fails_ends_the_run_and_the_decoder_stays_usable(tiny_target):
    decoder = new_swift(tiny_target)
    expected = new_swift(tiny_target).generate(PROMPT, max_new_tokens=NUM_TOKENS).token_ids

    def fail_at_the_second_round(event):
        if event.round == 2:
            raise RuntimeError("the page is gone")

    with pytest.raises(RuntimeError, match="the page is gone"):
        decoder.generate(PROMPT, max_new_tokens=NUM_TOKENS, callbacks=[fail_at_the_second_round])
    assert decoder.generate(PROMPT, max_new_tokens=NUM_TOKENS).token_ids == expected


def test_reset_forgets_what_was_learned(tiny_target):
    decoder = new_swift(tiny_target)
    first = decoder.generate(PROMPT, max_new_tokens=30).trace.events
    decoder.reset()
    second = decoder.generate(PROMPT, max_new_tokens=30).trace.events

    assert timeless(first) == timeless(second)


def test_a_sampled_run_is_determined_by_its_seed(tiny_target):
    def ids(seed):
        sampling = SamplingConfig(temperature=1.5, seed=seed)
        return new_swift(tiny_target).generate(PROMPT, max_new_tokens=20, sampling=sampling).token_ids

    assert ids(1) == ids(1)
    assert len({ids(seed) for seed in range(4)}) > 1
