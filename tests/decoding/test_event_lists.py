"""Runs whose every event is known: scripted target, scripted drafts, the whole ordered list asserted."""

from __future__ import annotations

import pytest
from support.doubles import ScriptedTarget, eager_search, rounded, swift_config

from swift_demo.config import SamplingConfig, TreeLevel
from swift_demo.decoding.request import Hooks
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.events import (
    GenerationFinished,
    GenerationStarted,
    PhaseChanged,
    PromptRead,
    RoundVerified,
    SkipSetTried,
    ThresholdMoved,
    TokenDecoded,
    TokensDrafted,
)
from swift_demo.skip_set import SkipSet

PROMPT = (2, 3)
TEXT = (*PROMPT, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19)
DRAFT_SET = SkipSet((1,), (2,))
OWN = 0.9  # the target's probability of its own token
OTHER = round(0.1 / 31, 4)  # and of any other
WRONG = 30
VOCAB_SIZE = 32


def run(drafts=None, max_new_tokens=8, eos_ids=(), runners_up=None, **settings):
    """Config and event list of a scripted run; the first generated token is at position 2."""
    config = swift_config(**({"max_draft_tokens": 3, "confidence_threshold": 0.5} | settings))
    target = ScriptedTarget(TEXT, drafts, runners_up, eos_ids=eos_ids)
    events = SwiftDecoder(target, config, DRAFT_SET).stream(PROMPT, max_new_tokens=max_new_tokens)
    return config, rounded(events)


def opening(config, max_new_tokens=8, phase=("accelerating", "search is off")):
    return [
        GenerationStarted(
            "swift", 0, 0.0, PROMPT, max_new_tokens, 4, SamplingConfig(), config, DRAFT_SET, VOCAB_SIZE
        ),
        PhaseChanged("swift", 0, 0.0, *phase),
        PromptRead("swift", 0, 0.0, 1),
    ]


def drafted(round, token_ids, stop_reason, confidences=None, threshold=0.5):
    num = len(token_ids)
    return TokensDrafted(
        "swift",
        round,
        0.0,
        token_ids,
        tuple(range(-1, num - 1)),
        confidences or (0.95,) * num,
        (1.0,) * num,
        threshold,
        stop_reason,
        DRAFT_SET,
    )


def verified(round, num_drafted, num_accepted, next_token, kind, token_ids, target_probs=None):
    return RoundVerified(
        "swift",
        round,
        0.0,
        num_drafted,
        tuple(range(num_accepted)),
        target_probs or (OWN,) * num_drafted,
        next_token,
        kind,
        OWN if kind else None,
        token_ids,
    )


def finished(round, num_tokens, stop_reason):
    return GenerationFinished("swift", round, 0.0, stop_reason, num_tokens, 0.0, 0.0, 0.0, 0.0)


def test_full_acceptance_gives_a_bonus_token():
    config, events = run()
    assert events == [
        *opening(config),
        drafted(1, (10, 11, 12), "draft limit"),
        verified(1, 3, 3, 13, "bonus", (10, 11, 12, 13)),
        drafted(2, (14, 15, 16), "draft limit"),
        verified(2, 3, 3, 17, "bonus", (14, 15, 16, 17)),
        finished(2, 8, "token limit"),
    ]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_rejection_at_each_position_gives_a_corrected_token(place):
    config, events = run({2 + place: (WRONG, 0.95)}, max_new_tokens=4)
    chain = [10, 11, 12]
    own = tuple(chain[: place + 1])
    chain[place] = WRONG
    probs = tuple(OTHER if i == place else OWN for i in range(3))
    # What was drafted after the wrong token continues the script, so the target would have said it too.
    first_round = [
        drafted(1, tuple(chain), "draft limit"),
        verified(1, 3, place, own[-1], "corrected", own, probs),
    ]
    num_left = 3 - place
    second = tuple(range(own[-1] + 1, own[-1] + num_left))
    second_round = [
        drafted(2, second, "token limit"),
        verified(2, num_left - 1, num_left - 1, 13, "bonus" if second else "plain", (*second, 13)),
    ]
    assert events == [*opening(config, 4), *first_round, *second_round, finished(2, 4, "token limit")]


def test_a_sibling_takes_the_place_of_a_wrong_token_and_a_bonus_token_follows():
    levels = (TreeLevel(0.6, 3), TreeLevel(1.0, 1))
    # The draft is unsure between two tokens: its first choice is wrong, and the runner-up the target's own.
    config, events = run({3: (WRONG, 0.55)}, 4, tree_levels=levels, runners_up={3: 11})
    siblings = events[3].token_ids[3:]
    assert (siblings[0], len(siblings)) == (11, 2)
    assert events == [
        *opening(config, 4),
        TokensDrafted(
            "swift",
            1,
            0.0,
            (10, WRONG, 12, *siblings),
            (-1, 0, 1, 0, 0),
            (0.95, 0.55, 0.95, 0.55, 0.55),
            (1.0, 1.0, 1.0, 0.0, 0.0),
            0.5,
            "draft limit",
            DRAFT_SET,
        ),
        RoundVerified(
            "swift", 1, 0.0, 3, (0, 3), (OWN, OTHER, OWN, OWN, OTHER), 12, "bonus", OWN, (10, 11, 12)
        ),
        drafted(2, (), "token limit"),
        verified(2, 0, 0, 13, "plain", (13,)),
        finished(2, 4, "token limit"),
    ]


def test_low_confidence_stops_drafting_after_the_doubtful_token():
    config, events = run({3: (11, 0.4), 7: (WRONG, 0.3)}, max_new_tokens=7)
    assert events == [
        *opening(config, 7),
        drafted(1, (10, 11), "low confidence", (0.95, 0.4)),
        verified(1, 2, 2, 12, "bonus", (10, 11, 12)),
        drafted(2, (13, 14, WRONG), "low confidence", (0.95, 0.95, 0.3)),
        verified(2, 3, 2, 15, "corrected", (13, 14, 15), (OWN, OWN, OTHER)),
        drafted(3, (), "token limit"),
        verified(3, 0, 0, 16, "plain", (16,)),
        finished(3, 7, "token limit"),
    ]


def test_confidence_equal_to_the_threshold_does_not_stop_drafting():
    _, events = run({place: (8 + place, 1.0) for place in (2, 3, 4)}, confidence_threshold=1, max_new_tokens=4)
    assert events[3].confidences == (1.0, 1.0, 1.0)
    assert events[3].stop_reason == "draft limit"


def test_eos_inside_the_draft_ends_drafting_and_text():
    config, events = run(eos_ids=[15], max_draft_tokens=10)
    assert events == [
        *opening(config),
        drafted(1, (10, 11, 12, 13, 14, 15), "end of text"),
        verified(1, 6, 6, None, None, (10, 11, 12, 13, 14, 15)),
        finished(1, 6, "end of text"),
    ]


def test_eos_as_the_bonus_token_ends_the_text():
    config, events = run(eos_ids=[13, 29])
    assert events == [
        *opening(config),
        drafted(1, (10, 11, 12), "draft limit"),
        verified(1, 3, 3, 13, "bonus", (10, 11, 12, 13)),
        finished(1, 4, "end of text"),
    ]


def test_eos_as_the_corrected_token_ends_the_text():
    config, events = run({3: (WRONG, 0.95)}, eos_ids=[11])
    assert events == [
        *opening(config),
        drafted(1, (10, WRONG, 12), "draft limit"),
        verified(1, 3, 1, 11, "corrected", (10, 11), (OWN, OTHER, OWN)),
        finished(1, 2, "end of text"),
    ]


def test_a_wrongly_drafted_eos_ends_the_draft_but_not_the_text():
    config, events = run({3: (WRONG, 0.95)}, eos_ids=[WRONG], max_new_tokens=4)
    assert events == [
        *opening(config, 4),
        drafted(1, (10, WRONG), "end of text"),
        verified(1, 2, 1, 11, "corrected", (10, 11), (OWN, OTHER)),
        drafted(2, (12,), "token limit"),
        verified(2, 1, 1, 13, "bonus", (12, 13)),
        finished(2, 4, "token limit"),
    ]


def test_token_limit_leaves_room_for_the_targets_own_token():
    config, events = run(max_new_tokens=2, max_draft_tokens=9)
    assert events == [
        *opening(config, 2),
        drafted(1, (10,), "token limit"),
        verified(1, 1, 1, 11, "bonus", (10, 11)),
        finished(1, 2, "token limit"),
    ]


def test_a_single_token_is_not_drafted():
    config, events = run(max_new_tokens=1)
    assert events == [
        *opening(config, 1),
        drafted(1, (), "token limit"),
        verified(1, 0, 0, 10, "plain", (10,)),
        finished(1, 1, "token limit"),
    ]


def test_the_adaptive_threshold_falls_after_acceptance_and_rises_after_rejection():
    config, events = run(
        {6: (WRONG, 0.95)}, threshold_rule="adaptive", target_acceptance_rate=0.9, max_new_tokens=6
    )
    assert events == [
        *opening(config, 6),
        drafted(1, (10, 11, 12), "draft limit"),
        verified(1, 3, 3, 13, "bonus", (10, 11, 12, 13)),
        ThresholdMoved("swift", 1, 0.0, 0.5, 0.499, 0.95),
        drafted(2, (WRONG,), "token limit", threshold=0.499),
        verified(2, 1, 0, 14, "corrected", (14,), (OTHER,)),
        ThresholdMoved("swift", 2, 0.0, 0.499, 0.5, 0.475),
        drafted(3, (), "token limit", threshold=0.5),
        verified(3, 0, 0, 15, "plain", (15,)),
        finished(3, 6, "token limit"),
    ]
    reasons = [event.reason for event in events if isinstance(event, ThresholdMoved)]
    assert reasons == ["acceptance at its goal", "acceptance below its goal"]


def what_is_learned_from(drafts=None, runners_up=None, is_over=None, max_new_tokens=8, **settings):
    """(accepted, drafted) of each round as threshold and search are told, and the run's events."""
    config = swift_config(**({"max_draft_tokens": 3, "confidence_threshold": 0.5} | settings))
    decoder = SwiftDecoder(ScriptedTarget(TEXT, drafts, runners_up), config, DRAFT_SET)
    told = {"threshold": [], "search": []}
    decoder.learned.threshold.update = lambda *counts: told["threshold"].append(counts)
    decoder.learned.search.watch = lambda *counts: told["search"].append(counts)
    events = list(decoder.stream(PROMPT, max_new_tokens=max_new_tokens, hooks=Hooks(is_over=is_over)))
    assert told["threshold"] == told["search"]
    return told["search"], [event for event in events if isinstance(event, RoundVerified)]


def test_an_accepted_sibling_is_no_accepted_token_of_the_chain():
    levels = (TreeLevel(0.6, 3), TreeLevel(1.0, 1))
    told, rounds = what_is_learned_from({3: (WRONG, 0.55)}, {3: 11}, tree_levels=levels, max_new_tokens=4)
    assert (rounds[0].accepted, rounds[0].num_rescued) == ((0, 3), 1)
    assert told == [(1, 3), (0, 0)]


def test_siblings_at_the_first_place_leave_the_whole_chain_rejected():
    levels = (TreeLevel(0.6, 3), TreeLevel(1.0, 1))
    told, rounds = what_is_learned_from({2: (WRONG, 0.55)}, {2: 10}, tree_levels=levels)
    assert rounds[0].num_rescued == 1
    assert told[0] == (0, 3)


@pytest.mark.parametrize("num", [1, 2, 3])
def test_what_was_drafted_behind_the_texts_end_says_nothing(num):
    told, rounds = what_is_learned_from(is_over=lambda ids: len(ids) == len(PROMPT) + num)
    assert rounds[-1].next_token_id is None
    assert told == [(num, num)]


def test_a_sibling_that_ends_the_text_stands_for_a_rejected_token():
    levels = (TreeLevel(0.6, 3), TreeLevel(1.0, 1))
    told, _ = what_is_learned_from(
        {3: (WRONG, 0.55)}, {3: 11}, lambda ids: len(ids) == len(PROMPT) + 2, tree_levels=levels
    )
    assert told == [(1, 2)]


def test_the_adaptive_threshold_smooths_the_chains_acceptance():
    levels = (TreeLevel(0.6, 3), TreeLevel(1.0, 1))
    _, events = run(
        {3: (WRONG, 0.55)},
        4,
        runners_up={3: 11},
        tree_levels=levels,
        threshold_rule="adaptive",
        target_acceptance_rate=0.9,
    )
    moved = next(event for event in events if isinstance(event, ThresholdMoved))
    assert moved.acceptance_rate == pytest.approx((0.9 + 1 / 3) / 2, abs=1e-4)


def test_a_trial_comes_before_its_round_and_a_perfect_set_ends_the_search():
    search = eager_search(max_time_share=1.0, min_context=3, context_window=3, min_scores=1)
    config, events = run({3: (WRONG, 0.95), 8: (WRONG, 0.95)}, search=search)
    # Round 1 yields two tokens, too few to score; before round 3 the last three (12, 13, 14) are scored.
    assert events == [
        *opening(config, phase=("optimising", "start")),
        drafted(1, (10, WRONG, 12), "draft limit"),
        verified(1, 3, 1, 11, "corrected", (10, 11), (OWN, OTHER, OWN)),
        drafted(2, (12, 13, 14), "draft limit"),
        verified(2, 3, 3, 15, "bonus", (12, 13, 14, 15)),
        SkipSetTried("swift", 3, 0.0, 1, "start", DRAFT_SET, 1.0, 3, True, 1.0),
        PhaseChanged("swift", 3, 0.0, "accelerating", "matchness reached"),
        drafted(3, (WRONG,), "token limit"),
        verified(3, 1, 0, 16, "corrected", (16,), (OTHER,)),
        drafted(4, (), "token limit"),
        verified(4, 0, 0, 17, "plain", (17,)),
        finished(4, 8, "token limit"),
    ]


def test_vanilla_gives_one_token_a_round():
    events = rounded(VanillaDecoder(ScriptedTarget(TEXT, eos_ids=[12])).stream(PROMPT, max_new_tokens=8))
    assert events == [
        GenerationStarted("vanilla", 0, 0.0, PROMPT, 8, 4, SamplingConfig(), None, SkipSet(), VOCAB_SIZE),
        PromptRead("vanilla", 0, 0.0, 1),
        TokenDecoded("vanilla", 1, 0.0, 10, OWN),
        TokenDecoded("vanilla", 2, 0.0, 11, OWN),
        TokenDecoded("vanilla", 3, 0.0, 12, OWN),
        GenerationFinished("vanilla", 3, 0.0, "end of text", 3, 0.0, 0.0, 0.0, 0.0),
    ]


def test_clock_and_rounds_never_go_back():
    target = ScriptedTarget(TEXT, {4: (WRONG, 0.9)})
    events = list(SwiftDecoder(target, swift_config(max_draft_tokens=2)).stream(PROMPT, max_new_tokens=8))
    assert [e.clock_s for e in events] == sorted(e.clock_s for e in events)
    assert [e.round for e in events] == sorted(e.round for e in events)
    finish = events[-1]
    parts = finish.prompt_s + finish.draft_s + finish.verify_s + finish.search_s
    assert parts == pytest.approx(finish.clock_s)
