"""Numbers on screen: formats, and what is said about speed and identity when."""

from __future__ import annotations

import pytest
from support.synthetic import started
from support.views import folded

from swift_demo.events import (
    GenerationFinished,
    PhaseChanged,
    PromptRead,
    RoundVerified,
    SkipSetTried,
    TokenDecoded,
)
from swift_demo.skip_set import SkipSet
from swift_demo.trace import Entry
from swift_demo.viewer.fold.numbers import NumbersFold, StatusFold
from swift_demo.viewer.fold.verdicts import SAMPLED_TEXT, VerdictFold, tone_of
from swift_demo.viewer.formats import percent_text, rate_text, speedup_text


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


def newest(fold, *events, temperature=0.0):
    """The last row of each table, once both lanes have started and these events have happened."""
    lanes = [started(lane, temperature=temperature) for lane in ("vanilla", "swift")]
    return {table: rows[-1] for table, rows in folded(fold, *lanes, *events).items()}


def verdict(*events, temperature=0.0):
    return newest(VerdictFold(), *events, temperature=temperature)["verdicts"]


def numbers(*events):
    """SWIFT's."""
    return newest(NumbersFold(), *events)["numbers.swift"]


def test_formats():
    assert [rate_text(r) for r in (None, 8.0, 41.25, 99.96, 123.4)] == ["–", "8.0", "41.2", "100", "123"]
    assert [percent_text(s) for s in (None, 0.0, 0.874, 1.0)] == ["–", "0%", "87%", "100%"]
    assert [speedup_text(r) for r in (None, 1.434, 0.87)] == ["–", "1.43×", "0.87×"]


@pytest.mark.parametrize(
    ("ratio", "tone"), [(None, "unknown"), (1.43, "faster"), (1.004, "same"), (0.996, "same"), (0.87, "slower")]
)
def test_the_tone_agrees_with_the_shown_decimals(ratio, tone):
    assert tone_of(ratio) == tone


def test_nothing_is_claimed_before_there_are_tokens():
    prompt = PromptRead("swift", 0, 0.5, 2)
    assert verdict(prompt)["speedup"] == verdict(prompt)["identical"] == "–"
    assert numbers(prompt)["acceptance_rate"] == numbers(prompt)["tokens_per_s"] == "–"
    assert numbers(prompt)["seconds"] == "0.50"


def test_a_slower_swift_is_shown_as_slower():
    ids = list(range(20))
    last = verdict(*vanilla(ids, 1.0), *swift(ids, 4.0))
    assert (last["speedup"], last["tone"]) == ("0.50×", "slower")
    assert last["word"] == "the speed of vanilla"


@pytest.mark.parametrize("num_tokens", [1, 19])
def test_a_short_text_is_too_short_to_tell(num_tokens):
    ids = list(range(num_tokens))
    running = [*vanilla(ids), *swift(ids, 0.5)]
    assert (verdict(*running)["speedup"], verdict(*running)["tone"]) == ("–", "unknown")
    last = verdict(*running, finished("vanilla", num_tokens, 20.0), finished("swift", num_tokens, 10.0))
    assert (last["speedup"], last["tone"], last["word"]) == ("–", "short", "too short to tell")
    assert last["identity"] == "identical"


@pytest.mark.parametrize(("num_tokens", "speedup"), [(10, "–"), (20, "2.00×")])
def test_of_lanes_that_were_cut_short_the_page_says_so(num_tokens, speedup):
    ids = list(range(num_tokens))
    events = [started("vanilla"), started("swift"), *vanilla(ids), *swift(ids, 1.0)]
    fold, statuses = VerdictFold(), StatusFold()
    for index, event in enumerate(events):
        fold.add(Entry(event, ()), index)
        statuses.add(Entry(event, ()), index)
    [(_, row)] = fold.end(len(events) - 1)
    assert row["speedup"] == speedup
    assert row["word"] == ("faster so far" if num_tokens == 20 else "too short to tell")
    assert row["identity"] == "so far"
    told = dict(statuses.end(len(events) - 1))
    assert {row["stage"] for row in told.values()} == {"cut short"}
    assert set(told) == {"status.vanilla", "status.swift"}


def test_a_run_that_ended_by_itself_is_not_said_to_be_stopped():
    ids = list(range(20))
    fold, statuses = VerdictFold(), StatusFold()
    lanes = [(started(lane), finished(lane, 20, 20.0)) for lane in ("vanilla", "swift")]
    events = [lanes[0][0], lanes[1][0], *vanilla(ids), *swift(ids), lanes[0][1], lanes[1][1]]
    for index, event in enumerate(events):
        fold.add(Entry(event, ()), index)
        statuses.add(Entry(event, ()), index)
    assert fold.end(len(events) - 1) == statuses.end(len(events) - 1) == []


def test_figures_of_the_lanes_follow_their_definitions():
    last = numbers(*swift(list(range(10)), 0.5))
    assert last["tokens_per_s"] == "4.0"
    assert last["tokens"] == "10"
    assert last["acceptance_rate"] == "50%"
    assert last["rescued"] == "0"
    assert last["tokens_per_round"] == "2.00"


def test_rescued_tokens_stand_apart_from_the_accepted_share():
    rescues = [
        RoundVerified("swift", n, float(n), 2, (0, 3), (0.5,) * 4, 9, "bonus", 0.5, (5, 6, 9))
        for n in range(1, 6)
    ]
    last = numbers(*rescues)
    assert (last["acceptance_rate"], last["rescued"]) == ("50%", "5")
    assert numbers(PromptRead("swift", 0, 0.5, 2))["rescued"] == "–"


def test_identity_is_claimed_only_at_the_end():
    ids = [5, 6, 7, 8]
    running = verdict(*vanilla(ids), *swift(ids))
    assert (running["identity"], running["identical"]) == ("so far", "identical so far")
    done = verdict(*vanilla(ids), *swift(ids), finished("vanilla", 4, 4.0), finished("swift", 4, 2.0))
    assert (done["identity"], done["identical"]) == ("identical", "identical")


def test_a_difference_is_named_at_once_counting_from_one():
    last = verdict(*vanilla([5, 6, 7, 8]), *swift([5, 6, 9, 8]))
    assert (last["identity"], last["identical"]) == ("differs", "differs from token 3 on")


def test_texts_of_different_length_differ_after_the_shorter():
    last = verdict(*vanilla([5, 6, 7]), *swift([5, 6]), finished("vanilla", 3, 3.0), finished("swift", 2, 1.0))
    assert last["identical"] == "differs from token 3 on"


def test_sampled_texts_are_not_compared():
    last = verdict(*vanilla([5, 6]), *swift([5, 7]), temperature=0.8)
    assert (last["identity"], last["identical"]) == ("sampled", SAMPLED_TEXT)


def test_the_accelerating_speedup_counts_from_the_change_on():
    ids = list(range(30))
    before = [*vanilla(ids, 1.0), *swift(ids[:10], 4.0)]
    assert verdict(*before)["accelerating"] == ""
    change = PhaseChanged("swift", 5, 20.0, "accelerating", "no improvement")
    assert verdict(*before, change)["accelerating"] == ""
    few = verdict(*before, change, *swift(ids[10:20], 1.0, start_s=20.0))
    assert few["accelerating"] == ""  # a token or two would say nothing
    last = verdict(*before, change, *swift(ids[10:], 1.0, start_s=20.0))
    assert last["accelerating"] == "2.00×"


def test_without_a_search_there_is_no_separate_accelerating_speedup():
    ids = list(range(10))
    change = PhaseChanged("swift", 0, 0.0, "accelerating", "search is off")
    assert verdict(change, *vanilla(ids), *swift(ids))["accelerating"] == ""


def test_a_row_comes_only_when_it_reads_differently():
    token, again = vanilla([5])[0], PromptRead("vanilla", 1, 1.0, 2)
    for fold in (NumbersFold(), VerdictFold()):
        (rows,) = folded(fold, token, again).values()
        assert [row["event"] for row in rows] == [0]


def test_a_phase_is_swifts_alone():
    rows = folded(
        StatusFold(),
        started("vanilla"),
        PhaseChanged("swift", 0, 0.0, "optimising", "start"),
        PromptRead("vanilla", 0, 0.1, 2),
    )["status.vanilla"]
    assert [row["stage"] for row in rows] == ["reading", "decoding"]


def test_a_status_is_told_for_code_and_in_words():
    rows = folded(
        StatusFold(),
        started("swift"),
        PhaseChanged("swift", 0, 0.0, "optimising", "start"),
        PromptRead("swift", 0, 0.1, 2),
        SkipSetTried("swift", 1, 0.2, 7, "swap", SkipSet(), 0.5, 8, False, 0.5),
        PhaseChanged("swift", 1, 0.3, "accelerating", "no improvement"),
        SkipSetTried("swift", 1, 0.4, 8, "swap", SkipSet(), 0.5, 8, False, 0.5),
        finished("swift", 4, 2.0),
    )["status.swift"]
    assert [(row["event"], row["stage"], row["text"]) for row in rows] == [
        (0, "reading", "reading the prompt"),
        (1, "optimising", "optimising"),
        (3, "optimising", "optimising, trial 7"),
        (4, "accelerating", "accelerating (no improvement)"),
        (5, "accelerating", "accelerating, trial 8"),
        (6, "finished", "finished (token limit)"),
    ]
