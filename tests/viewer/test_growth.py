"""The work of opening a trace grows with its bytes, not with their square."""

from __future__ import annotations

import time

import pytest
from support.synthetic import header

from swift_demo.config import SamplingConfig, SwiftConfig
from swift_demo.events import (
    GenerationStarted,
    PhaseChanged,
    PromptRead,
    RoundVerified,
    TokenDecoded,
    TokensDrafted,
)
from swift_demo.skip_set import SkipSet
from swift_demo.trace import Entry, Trace
from swift_demo.viewer.export import value_of
from swift_demo.viewer.fold.tokens import TokenFold
from swift_demo.viewer.fold.verdicts import SameTexts

SKIP_SET = SkipSet((1,), (2,))


def trace(*pairs):
    return Trace(header(), [event for event, _ in pairs], [pieces for _, pieces in pairs])


def vanilla(num_tokens):
    """One lane alone, and so many tokens."""
    start = GenerationStarted("vanilla", 0, 0.0, (1,), num_tokens, 8, SamplingConfig(), None, SkipSet())
    tokens = [(TokenDecoded("vanilla", i, i / 100, i % 50, 0.5), (" a",)) for i in range(1, num_tokens + 1)]
    return trace((start, ()), (PromptRead("vanilla", 0, 0.0, 0), ()), *tokens)


def drafted(num_nodes):
    """So many drafted tokens, all rejected, in rounds of a hundred."""
    config = SwiftConfig(threshold_rule="fixed", max_draft_tokens=100)
    start = GenerationStarted("swift", 0, 0.0, (1,), num_nodes, 8, SamplingConfig(), config, SKIP_SET)
    pairs = [
        (start, ()),
        (PhaseChanged("swift", 0, 0.0, "optimising", "start"), ()),
        (PromptRead("swift", 0, 0.0, 0), ()),
    ]
    for i in range(1, num_nodes // 100 + 1):
        draft = TokensDrafted(
            "swift",
            i,
            i / 100,
            (5,) * 100,
            tuple(range(-1, 99)),
            (0.9,) * 100,
            (1.0,) * 100,
            0.8,
            "draft limit",
            SKIP_SET,
        )
        verdict = RoundVerified("swift", i, i / 100, 100, (), (0.1,) * 100, 7, "corrected", 0.9, (7,))
        pairs += [(draft, ("a",) * 100), (verdict, ("b",))]
    return trace(*pairs)


def seconds(work):
    """The least of three times on this thread's own clock."""
    found = []
    for _ in range(3):
        start = time.thread_time()
        work()
        found.append(time.thread_time() - start)
    return min(found)


@pytest.mark.parametrize("make", [vanilla, drafted])
def test_four_times_the_bytes_take_about_four_times_as_long(make):
    def opening(size):
        data = "\n".join(make(size).to_lines()).encode()
        return seconds(lambda: value_of(Trace.from_bytes(data), "run"))

    assert opening(1600) < 9 * opening(400)


def test_a_lane_far_ahead_of_the_other_costs_no_more_per_token():
    def following(size):
        events = vanilla(size).events
        return seconds(lambda: [texts.add(event) for texts in [SameTexts()] for event in events])

    assert following(16_000) < 8 * following(4000)


def test_a_long_chain_of_rejected_tokens_is_read_once():
    """Longer than any trace may hold, so that it would show."""

    def folding(length):
        draft = TokensDrafted(
            "swift",
            1,
            0.1,
            (5,) * length,
            tuple(range(-1, length - 1)),
            (0.9,) * length,
            (1.0,) * length,
            0.8,
            "draft limit",
            SKIP_SET,
        )
        verdict = RoundVerified("swift", 1, 0.1, length, (), (0.1,) * length, 7, "corrected", 0.9, (7,))
        fold, entries = TokenFold(), (Entry(draft, ("a",) * length), Entry(verdict, ("b",)))
        return seconds(lambda: [fold.add(entry, 0) for entry in entries])

    assert folding(12_000) < 8 * folding(3000)
