"""Numbers computed by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from swift_demo.config import SamplingConfig, SwiftConfig
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.events import (
    GenerationFinished,
    GenerationStarted,
    PhaseChanged,
    PromptRead,
    RoundVerified,
    SkipSetTried,
    TokenDecoded,
)
from swift_demo.metrics import LaneMetrics, first_difference, lane_metrics, speedup
from swift_demo.skip_set import SkipSet
from swift_demo.trace import Trace

TRACES = Path(__file__).parent.parent / "assets" / "traces"


def verified(round, clock_s, num_drafted, num_accepted, token_ids):
    return RoundVerified(
        "swift",
        round,
        clock_s,
        num_drafted,
        tuple(range(num_accepted)),
        (0.5,) * num_drafted,
        1,
        "bonus",
        0.5,
        token_ids,
    )


SWIFT = [
    GenerationStarted("swift", 0, 0.0, (1, 2), 20, 8, SamplingConfig(), SwiftConfig(), SkipSet()),
    PhaseChanged("swift", 0, 0.0, "optimising", "start"),
    PromptRead("swift", 0, 0.5, 1),
    verified(1, 1.0, 4, 4, (1, 2, 3, 4, 5)),
    SkipSetTried("swift", 2, 1.25, 1, "start", SkipSet(), 0.5, 8, True, 0.5),
    verified(2, 2.0, 5, 2, (6, 7, 8)),
    verified(3, 2.25, 0, 0, (9,)),
    verified(4, 3.0, 1, 0, (10,)),
    GenerationFinished("swift", 4, 3.0, "token limit", 10, 0.5, 1.25, 1.0, 0.25),
]
VANILLA = [
    PromptRead("vanilla", 0, 0.5, 1),
    *(TokenDecoded("vanilla", i, 0.5 + 0.45 * i, i, 0.9) for i in range(1, 11)),
    GenerationFinished("vanilla", 10, 5.0, "token limit", 10, 0.5, 0.0, 4.5, 0.0),
]
MIXED = [event for pair in zip(SWIFT, VANILLA, strict=False) for event in pair] + VANILLA[len(SWIFT) :]


def test_swift_by_hand():
    metrics = lane_metrics(MIXED, "swift")
    assert metrics == LaneMetrics(
        "swift",
        num_tokens=10,
        seconds=3.0,
        num_rounds=4,
        num_drafted=10,
        num_accepted=6,
        num_trials=1,
        prompt_s=0.5,
        draft_s=1.25,
        verify_s=1.0,
        search_s=0.25,
        is_finished=True,
    )
    assert metrics.acceptance_rate == 0.6
    assert metrics.mean_tokens_per_round == 2.5
    assert metrics.tokens_per_s == pytest.approx(10 / 3)


def rescuing(round, num_drafted, accepted):
    """A round of a tree with a sibling, node ``num_drafted``, which was accepted where it is named."""
    return RoundVerified(
        "swift", round, 1.0, num_drafted, accepted, (0.5,) * (num_drafted + 1), 1, "bonus", 0.5, (*accepted, 1)
    )


@pytest.mark.parametrize(
    ("rounds", "num_accepted", "num_rescued", "rate"),
    [
        ([(7, (0, 1, 2, 3, 4, 5, 7))], 6, 1, 6 / 7),  # the last of the chain gave way: not "7 of 7"
        ([(1, (1,))], 0, 1, 0.0),
        ([(4, (0, 4)), (3, (0, 1, 2)), (2, ())], 4, 1, 4 / 9),
    ],
)
def test_rescued_tokens_count_apart_from_the_chain(rounds, num_accepted, num_rescued, rate):
    metrics = lane_metrics([rescuing(i, *each) for i, each in enumerate(rounds, start=1)], "swift")
    assert (metrics.num_accepted, metrics.num_rescued) == (num_accepted, num_rescued)
    assert metrics.acceptance_rate == pytest.approx(rate)
    num_tokens = sum(len(accepted) + 1 for _, accepted in rounds)
    assert metrics.mean_tokens_per_round == num_tokens / len(rounds)


def test_the_rate_never_exceeds_one_in_the_recorded_runs():
    """A story's tree rescues: its chain's share is below what all accepted tokens over the chain would be."""
    events = Trace.load(TRACES / "story-greedy.jsonl").events
    metrics = lane_metrics(events, "swift")
    rounds = [event for event in events if isinstance(event, RoundVerified)]
    drafted = sum(event.num_drafted for event in rounds)
    on_chain = sum(node < event.num_drafted for event in rounds for node in event.accepted)
    assert metrics.acceptance_rate == on_chain / drafted <= 1
    assert metrics.num_rescued == sum(len(event.accepted) for event in rounds) - on_chain > 0
    assert all(event.num_accepted <= event.num_drafted for event in rounds)


def test_vanilla_by_hand():
    metrics = lane_metrics(MIXED, "vanilla")
    assert (metrics.num_tokens, metrics.num_rounds, metrics.num_drafted) == (10, 10, 0)
    assert metrics.mean_tokens_per_round == 1
    assert metrics.tokens_per_s == 2
    assert metrics.acceptance_rate is None


def test_speedup_is_the_ratio_of_tokens_per_second():
    swift, vanilla = lane_metrics(MIXED, "swift"), lane_metrics(MIXED, "vanilla")
    assert speedup(swift, vanilla) == pytest.approx(5 / 3)
    assert speedup(swift, LaneMetrics("vanilla")) is None
    assert speedup(LaneMetrics("swift"), vanilla) is None


def test_before_the_first_token_there_are_no_rates():
    metrics = lane_metrics(SWIFT[:3], "swift")
    assert metrics.seconds == 0.5
    assert metrics.tokens_per_s is None
    assert metrics.acceptance_rate is None
    assert metrics.mean_tokens_per_round is None
    assert not metrics.is_finished


def test_acceptance_is_none_where_nothing_was_drafted_and_zero_where_nothing_was_accepted():
    nothing_drafted = lane_metrics([verified(1, 1.0, 0, 0, (1,))], "swift")
    assert nothing_drafted.acceptance_rate is None
    assert nothing_drafted.mean_tokens_per_round == 1
    assert lane_metrics([verified(1, 1.0, 3, 0, (1,))], "swift").acceptance_rate == 0


@pytest.mark.parametrize(
    ("a", "b", "position"),
    [
        ((1, 2, 3), (1, 2, 3), None),
        ((1, 2), (1, 2, 3), None),
        ((), (1,), None),
        ((1, 5, 3), (1, 2, 3), 1),
        ((4,), (5, 6), 0),
    ],
)
def test_the_first_difference(a, b, position):
    assert first_difference(a, b) == first_difference(b, a) == position


def test_a_runs_metrics_agree_with_its_ids(tiny_target):
    generation = SwiftDecoder(tiny_target).generate("Anna", max_new_tokens=25)
    metrics = generation.metrics
    assert metrics.num_tokens == len(generation.token_ids) == 25
    assert metrics.num_tokens == metrics.num_accepted + metrics.num_rescued + metrics.num_rounds
    assert metrics.is_finished
