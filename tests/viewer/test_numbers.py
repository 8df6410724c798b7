"""Numbers on screen: formats, and what is said about speed and identity when."""

from __future__ import annotations

import dataclasses

import pytest
from support.synthetic import started

from swift_demo.events import GenerationFinished, PhaseChanged, PromptRead, RoundVerified, TokenDecoded
from swift_demo.viewer.numbers import (
    SAMPLED_TEXT,
    NumberBoard,
    percent_text,
    rate_text,
    speedup_text,
    speedup_tone,
)


def vanilla(ids, seconds=1.0):
    return [TokenDecoded("vanilla", i + 1, seconds * (i + 1), id_, 0.9) for i, id_ in enumerate(ids)]


def swift(ids, seconds=1.0, per_round=2, start_s=0.0):
    rounds = [tuple(ids[i : i + per_round]) for i in range(0, len(ids), per_round)]
    return [
        RoundVerified(
            "swift",
            i + 1,
            start_s + seconds * (i + 1),
            len(r),
            tuple(range(len(r) - 1)),
            (0.5,) * len(r),
            r[-1],
            "corrected",
            0.5,
            r,
        )
        for i, r in enumerate(rounds)
    ]


def finished(lane, num_tokens, seconds):
    return GenerationFinished(lane, 1, seconds, "token limit", num_tokens, 0.0, 0.0, 0.0, 0.0)


def texts(*events, temperature=0.0):
    board, last = NumberBoard(), {}
    for event in (
        started("vanilla", temperature=temperature),
        started("swift", temperature=temperature),
        *events,
    ):
        last.update(board.add(event))
    return last


def test_formats():
    assert [rate_text(r) for r in (None, 8.0, 41.25, 99.96, 123.4)] == ["–", "8.0", "41.2", "100", "123"]
    assert [percent_text(s) for s in (None, 0.0, 0.874, 1.0)] == ["–", "0%", "87%", "100%"]
    assert [speedup_text(r) for r in (None, 1.434, 0.87)] == ["–", "1.43×", "0.87×"]


@pytest.mark.parametrize(
    ("ratio", "tone"), [(None, "unknown"), (1.43, "faster"), (1.004, "same"), (0.996, "same"), (0.87, "slower")]
)
def test_the_tone_agrees_with_the_shown_decimals(ratio, tone):
    assert speedup_tone(ratio) == tone


def test_nothing_is_claimed_before_there_are_tokens():
    last = texts(PromptRead("swift", 0, 0.5, 2))
    assert last["speedup"] == last["identical"] == last["swift.acceptance_rate"] == "–"
    assert last["swift.seconds"] == "0.50"


def test_a_slower_swift_is_shown_as_slower():
    ids = list(range(10))
    last = texts(*vanilla(ids, 1.0), *swift(ids, 4.0))
    assert (last["speedup"], last["speedup.tone"]) == ("0.50×", "slower")
    assert last["speedup.word"] == "slower than vanilla"


def test_figures_of_the_lanes_follow_their_definitions():
    last = texts(*swift(list(range(10)), 0.5))
    assert last["swift.tokens_per_s"] == "4.0"
    assert last["swift.tokens"] == "10"
    assert last["swift.acceptance_rate"] == "50%"
    assert last["swift.rescued"] == "0"
    assert last["swift.tokens_per_round"] == "2.00"


def test_rescued_tokens_stand_apart_from_the_accepted_share():
    rescue = RoundVerified("swift", 1, 1.0, 2, (0, 3), (0.5,) * 4, 9, "bonus", 0.5, (5, 6, 9))
    last = texts(rescue)
    assert (last["swift.acceptance_rate"], last["swift.rescued"]) == ("50%", "1")
    assert texts(PromptRead("swift", 0, 0.5, 2))["swift.rescued"] == "–"


def test_identity_is_claimed_only_at_the_end():
    ids = [5, 6, 7, 8]
    running = texts(*vanilla(ids), *swift(ids))
    assert (running["identical.state"], running["identical"]) == ("so far", "identical so far")
    done = texts(*vanilla(ids), *swift(ids), finished("vanilla", 4, 4.0), finished("swift", 4, 2.0))
    assert (done["identical.state"], done["identical"]) == ("identical", "identical")


def test_a_difference_is_named_at_once_counting_from_one():
    last = texts(*vanilla([5, 6, 7, 8]), *swift([5, 6, 9, 8]))
    assert (last["identical.state"], last["identical"]) == ("differs", "differs from token 3 on")


def test_texts_of_different_length_differ_after_the_shorter():
    last = texts(*vanilla([5, 6, 7]), *swift([5, 6]), finished("vanilla", 3, 3.0), finished("swift", 2, 1.0))
    assert last["identical"] == "differs from token 3 on"


def test_sampled_texts_are_not_compared():
    last = texts(*vanilla([5, 6]), *swift([5, 7]), temperature=0.8)
    assert (last["identical.state"], last["identical"]) == ("sampled", SAMPLED_TEXT)


def test_the_accelerating_speedup_counts_from_the_change_on():
    ids = list(range(30))
    before = [*vanilla(ids, 1.0), *swift(ids[:10], 4.0)]
    assert texts(*before)["speedup.accelerating"] == ""
    change = PhaseChanged("swift", 5, 20.0, "accelerating", "no improvement")
    assert texts(*before, change)["speedup.accelerating"] == ""
    few = texts(*before, change, *swift(ids[10:20], 1.0, start_s=20.0))
    assert few["speedup.accelerating"] == ""  # a token or two would say nothing
    last = texts(*before, change, *swift(ids[10:], 1.0, start_s=20.0))
    assert last["speedup.accelerating"] == "2.00×"


def test_without_a_search_there_is_no_separate_accelerating_speedup():
    ids = list(range(10))
    change = PhaseChanged("swift", 0, 0.0, "accelerating", "search is off")
    assert texts(change, *vanilla(ids), *swift(ids))["speedup.accelerating"] == ""


def test_only_changed_texts_are_given():
    board = NumberBoard()
    event = vanilla([5])[0]
    assert board.add(event)
    assert board.add(dataclasses.replace(PromptRead("vanilla", 1, event.clock_s, 2))) in (
        [],
        [("vanilla.status", "decoding")],
    )
