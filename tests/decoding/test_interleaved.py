"""Two decoders on one target do not see each other."""

from __future__ import annotations

import pytest
from support.doubles import eager_search, swift_config, timeless

from swift_demo.config import SamplingConfig
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.skip_set import SkipSet

SEARCH = eager_search(max_time_share=1.0, min_context=3, context_window=8, seed=3)
CASES = {
    "few skipped": (SkipSet((2,), (3,)), {"max_draft_tokens": 4}, "Anna draws"),
    "many skipped": (SkipSet((1, 2, 3, 4, 5), (2, 4)), {"max_draft_tokens": 9}, "The café"),
    "searching": (SkipSet((1, 4), (2, 5)), {"search": SEARCH, "threshold_rule": "adaptive"}, "Anna draws"),
}


def start(target, name, sampling):
    skip_set, settings, prompt = CASES[name]
    config = swift_config(confidence_threshold=0.2, **settings)
    return SwiftDecoder(target, config, skip_set).stream(prompt, max_new_tokens=30, sampling=sampling)


def take_turns(*streams):
    """The events of each stream, all advanced one event at a time."""
    lists = [[] for _ in streams]
    running = list(range(len(streams)))
    while running:
        for i in list(running):
            event = next(streams[i], None)
            if event is None:
                running.remove(i)
            else:
                lists[i].append(event)
    return [timeless(events) for events in lists]


@pytest.mark.parametrize("sampling", [SamplingConfig(), SamplingConfig(temperature=1.3, top_p=0.9, seed=5)])
def test_interleaved_decoders_give_what_each_gives_alone(tiny_target, sampling):
    alone = [timeless(start(tiny_target, name, sampling)) for name in CASES]
    together = take_turns(*(start(tiny_target, name, sampling) for name in CASES))
    assert together == alone
    assert len({len(events) for events in alone}) > 1


def test_vanilla_beside_swift_gives_what_it_gives_alone(tiny_target):
    alone = timeless(VanillaDecoder(tiny_target).stream("The café", max_new_tokens=30))
    together, _ = take_turns(
        VanillaDecoder(tiny_target).stream("The café", max_new_tokens=30),
        start(tiny_target, "many skipped", SamplingConfig()),
    )
    assert together == alone
