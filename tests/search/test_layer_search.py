"""The search keeps what is better in the same context, and knows when to end and to begin again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.doubles import ScriptedTarget, eager_config, eager_search, swift_config

from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.events import PhaseChanged, SkipSetTried, TokensDrafted
from swift_demo.search.hidden_states import CloseDraft
from swift_demo.search.layer_search import LayerSearch
from swift_demo.skip_set import SkipSet, num_skipped

NUM_LAYERS = 10
CONFIG = eager_search(
    max_trials=50, tolerance=20, max_score=0.95, min_scores=1, context_window=32, min_context=8
)


def new_search(search=CONFIG, skip_ratio=0.5, **others):
    return LayerSearch(NUM_LAYERS, eager_config(skip_ratio=skip_ratio, search=search), **others)


def try_one(search, score, num_generated=20):
    """One trial with a given score; proposal and result."""
    proposal = search.propose(num_generated)
    return proposal, search.record(proposal, score, num_generated)


@given(num_layers=st.integers(4, 40), skip_ratio=st.floats(0, 0.9))
def test_the_start_set_is_scored_first_and_has_exactly_k(num_layers, skip_ratio):
    search = LayerSearch(num_layers, eager_config(skip_ratio=skip_ratio))
    proposal = search.propose(20)
    assert proposal.proposer == "start"
    assert proposal.skip_set == SkipSet.uniform(num_layers, skip_ratio)
    assert len(proposal.skip_set) == num_skipped(num_layers, skip_ratio)


@settings(max_examples=8)
@given(num_layers=st.integers(4, 40), skip_ratio=st.floats(0.2, 0.9), seed=st.integers(0, 99))
def test_every_proposal_has_exactly_k(num_layers, skip_ratio, seed):
    config = eager_config(skip_ratio=skip_ratio, search=eager_search(seed=seed))
    search = LayerSearch(num_layers, config)
    rng = np.random.default_rng(seed)
    proposers = set()
    for num_generated in range(20, 45):
        proposal, _ = try_one(search, float(rng.random()), num_generated)
        proposal.skip_set.check(num_layers)
        assert len(proposal.skip_set) == num_skipped(num_layers, skip_ratio)
        proposers.add(proposal.proposer)
    assert {"start", "random", "bayesian"} <= proposers


def test_a_given_set_that_skips_nothing_is_taken_at_its_word():
    search = LayerSearch(8, eager_config(skip_ratio=0.5), SkipSet())
    assert search.incumbent == SkipSet()
    assert search.phase == "accelerating"  # there is nothing to swap


@pytest.mark.parametrize(("score", "is_kept"), [(0.6, True), (0.5, False), (0.4, False), (0.5000001, True)])
def test_only_a_strictly_better_candidate_is_kept(score, is_kept):
    search = new_search()
    start, first = try_one(search, 0.5)
    assert (first.is_kept, first.incumbent_matchness) == (True, 0.5)
    candidate, result = try_one(search, score)
    assert result.is_kept is is_kept
    assert result.incumbent_matchness == max(score, 0.5)
    assert search.incumbent == (candidate if is_kept else start).skip_set


def test_trials_are_numbered_over_the_decoders_life():
    search = new_search()
    numbers = [try_one(search, 0.1)[1].trial for _ in range(3)]
    search.begin_text()
    numbers += [try_one(search, 0.1)[1].trial for _ in range(3)]
    assert numbers == [1, 2, 3, 4, 5, 6]


def test_a_score_from_another_prompt_never_blocks_a_candidate():
    search = new_search()
    start, _ = try_one(search, 0.9)
    search.begin_text()
    renewed, result = try_one(search, 0.3)
    assert (renewed.proposer, renewed.skip_set) == ("incumbent", start.skip_set)
    assert (result.is_kept, result.incumbent_matchness) == (True, 0.3)
    candidate, result = try_one(search, 0.4)
    assert result.is_kept
    assert search.incumbent == candidate.skip_set


def test_the_score_is_renewed_once_half_a_window_of_new_text_has_come():
    search = new_search()
    try_one(search, 0.9, 20)
    assert search.propose(35).proposer != "incumbent"
    proposal = search.propose(36)
    assert (proposal.proposer, proposal.skip_set) == ("incumbent", search.incumbent)
    search.record(proposal, 0.2, 36)
    _, result = try_one(search, 0.3, 37)
    assert result.is_kept


def test_renewing_the_incumbents_score_costs_no_tolerance():
    search = new_search(eager_search(tolerance=2, min_context=8))
    try_one(search, 0.5)
    try_one(search, 0.4)
    for _ in range(5):
        search.begin_text()
        try_one(search, 0.5)
        assert search.end_of_search() is None
    try_one(search, 0.4)
    assert search.end_of_search() == "no improvement"


def test_the_proposer_is_told_the_very_set_that_was_scored():
    search = new_search()
    told = []
    for trial in range(12):
        proposal, _ = try_one(search, trial / 20)
        told.append((proposal.skip_set, trial / 20))
    assert [(SkipSet.from_bits(o.bits, NUM_LAYERS), o.score) for o in search.observations] == told


def test_what_a_decoder_tells_the_proposer_is_what_its_events_say(tiny_target):
    search = eager_search(max_time_share=1.0, min_context=3, context_window=8, restart_margin=1.0)
    decoder = SwiftDecoder(tiny_target, eager_config(skip_ratio=0.8, search=search))
    tried = [
        e for e in decoder.generate("The café", max_new_tokens=60).trace.events if isinstance(e, SkipSetTried)
    ]
    observations = decoder.learned.search.observations
    assert len(tried) > 5
    assert [e.trial for e in tried] == list(range(1, len(tried) + 1))
    assert [(e.skip_set, e.matchness) for e in tried] == [
        (SkipSet.from_bits(o.bits, tiny_target.num_layers), o.score) for o in observations
    ]


def test_drafts_use_the_incumbent_of_the_trial_before_them(tiny_target):
    search = eager_search(max_time_share=1.0, min_context=3, context_window=8)
    decoder = SwiftDecoder(tiny_target, eager_config(skip_ratio=0.5, search=search))
    incumbent = decoder.skip_set
    changes = 0
    for event in decoder.stream("The café", max_new_tokens=60):
        if isinstance(event, SkipSetTried) and event.is_kept:
            changes += event.skip_set != incumbent
            incumbent = event.skip_set
        elif isinstance(event, TokensDrafted):
            assert event.skip_set == incumbent
    assert changes > 0


def test_the_search_ends_when_matchness_is_reached():
    search = new_search()
    try_one(search, 0.94, 40)
    assert search.end_of_search() is None
    try_one(search, 0.95, 40)
    assert search.end_of_search() == "matchness reached"
    assert (search.phase, search.reason) == ("accelerating", "matchness reached")
    assert not search.wants_trial(5, 100)


def test_one_lucky_window_does_not_end_the_search():
    search = new_search(replace(CONFIG, min_scores=3, tolerance=99))
    ends = []
    for score in (1.0, 1.0, 0.84, 0.95, 0.96):  # their means: 1, 1, 0.947, 0.9475, 0.95
        try_one(search, score, 40)
        ends.append(search.end_of_search())
        search.begin_text()
    assert ends == [None, None, None, None, "matchness reached"]


def test_scores_of_another_set_do_not_count():
    search = new_search(replace(CONFIG, min_scores=2))
    try_one(search, 0.94, 40)
    better, result = try_one(search, 0.96, 40)
    assert result.is_kept
    assert search.end_of_search() is None
    search.begin_text()
    proposal, _ = try_one(search, 0.96, 40)
    assert proposal.skip_set == better.skip_set
    assert search.end_of_search() == "matchness reached"


def test_a_high_score_on_less_than_a_window_does_not_end_the_search():
    search = new_search()
    try_one(search, 1.0, CONFIG.context_window - 1)
    assert search.end_of_search() is None
    search.begin_text()
    try_one(search, 1.0, CONFIG.context_window)
    assert search.end_of_search() == "matchness reached"


def test_an_incumbent_that_was_lucky_once_loses_its_place():
    search = new_search(eager_search(min_context=8, tolerance=99, max_score=1.0))
    steady, _ = try_one(search, 0.8)
    lucky = search.propose(20)
    assert search.record(lucky, 0.85, 20).is_kept
    for _ in range(3):
        search.begin_text()
        proposal = search.propose(20)
        search.record(proposal, 0.3 if proposal.skip_set == lucky.skip_set else 0.8, 20)
    assert search.incumbent == steady.skip_set


def test_a_search_that_begins_again_forgets_the_scores_of_the_other_stream():
    search = accelerating(new_search())
    rounds_until_restart(search, [1.0] * 30 + [0.0] * 30)
    assert search.phase == "optimising again"
    assert search.observations == []


def test_the_search_ends_after_trials_without_improvement():
    search = new_search(eager_search(tolerance=3, min_context=8))
    reasons = []
    for score in (0.5, 0.4, 0.3, 0.6, 0.1, 0.2, 0.6):
        assert search.end_of_search() is None
        try_one(search, score)
        reasons.append(search.phase)
    assert search.end_of_search() == "no improvement"
    assert search.phase == "accelerating"


def test_the_search_ends_when_its_trials_are_used_up():
    search = new_search(eager_search(max_trials=4, min_context=8))
    for score in (0.1, 0.2, 0.3, 0.4):
        try_one(search, score)
        assert search.end_of_search() is None
    try_one(search, 0.5)
    assert search.end_of_search() == "trials used up"


def accelerating(search):
    """Bring a search to its end."""
    while search.end_of_search() is None:
        try_one(search, 0.99, CONFIG.context_window)
    return search


def rounds_until_restart(search, rates, num_drafted=10):
    """Number of the round after which the search begins again; None if it does not."""
    for number, rate in enumerate(rates, start=1):
        if reason := search.watch(round(rate * num_drafted), num_drafted):
            assert reason == "acceptance fell"
            return number
    return None


def test_the_search_begins_again_when_acceptance_falls():
    search = accelerating(new_search())
    incumbent = search.incumbent
    assert rounds_until_restart(search, [1.0] * 30) is None
    number = rounds_until_restart(search, [0.0] * 30)
    assert number is not None
    assert number <= 3
    assert (search.phase, search.reason) == ("optimising again", "acceptance fell")
    assert search.wants_trial(1, 20)
    proposal, _ = try_one(search, 0.2)
    assert (proposal.proposer, proposal.skip_set) == ("incumbent", incumbent)
    _, result = try_one(search, 0.25)
    assert result.is_kept
    try_one(search, 0.96, CONFIG.context_window)
    assert search.end_of_search() == "matchness reached"


@pytest.mark.parametrize("rate", [0.0, 0.3, 1.0])
def test_steady_acceptance_does_not_begin_the_search_again(rate):
    assert rounds_until_restart(accelerating(new_search()), [rate] * 200) is None


def test_rounds_that_drafted_nothing_say_nothing_about_acceptance():
    search = accelerating(new_search())
    rounds_until_restart(search, [1.0] * 30)
    assert [search.watch(0, 0) for _ in range(50)] == [None] * 50


def test_acceptance_is_not_watched_while_searching():
    search = new_search()
    assert rounds_until_restart(search, [1.0] * 30 + [0.0] * 30) is None
    assert search.phase == "optimising"


@pytest.mark.parametrize("skip_ratio", [0, 0.5])
def test_a_search_that_is_off_stays_off(skip_ratio):
    search = new_search(eager_search(is_enabled=skip_ratio == 0), skip_ratio=skip_ratio)
    assert (search.phase, search.reason) == ("accelerating", "search is off")
    assert not search.wants_trial(1, 100)
    assert rounds_until_restart(search, [1.0] * 30 + [0.0] * 60) is None


def test_trials_wait_for_context_and_for_their_interval():
    search = new_search(eager_search(min_context=8, trial_interval=3))
    wanted = [search.wants_trial(round, 20) for round in range(1, 7)]
    assert wanted == [False, False, True, False, False, True]
    assert [search.wants_trial(3, num) for num in (0, 7, 8)] == [False, False, True]
    assert [search.num_scored(num) for num in (8, 50, 100)] == [8, 50, 50]


def test_the_share_of_time_fades_with_the_trials_of_a_phase():
    search = new_search(eager_search(min_context=8, max_time_share=0.3, fading_trials=2, tolerance=99))
    shares = []
    for _ in range(6):
        shares.append(search.time_share)
        try_one(search, 0.5)
    assert shares == pytest.approx([0.3, 0.3, 0.2, 0.15, 0.12, 0.1])  # the start set's score is no trial
    assert new_search(eager_search(max_time_share=0.3)).time_share == 0.3


def test_a_given_start_set_is_used_and_checked():
    given_set = SkipSet((2, 5), (7,))
    search = new_search(start_set=given_set)
    assert search.propose(20).skip_set == given_set
    with pytest.raises(ValueError, match="cannot be skipped"):
        new_search(start_set=SkipSet((10,)))
    with pytest.raises(ValueError, match="cannot be skipped"):
        new_search(candidates=[SkipSet((), (10,))])


@pytest.mark.parametrize("outer", [SkipSet((0,)), SkipSet((), (9,)), SkipSet((0, 9), (0, 9))])
def test_the_search_moves_the_inner_layers_and_leaves_first_and_last_as_they_were_given(outer):
    inner = SkipSet((2, 5), (7, 8))
    candidate = SkipSet((1, 9), (3, 4, 6))
    search = new_search(
        replace(CONFIG, max_score=1.0, tolerance=99), start_set=inner | outer, candidates=[candidate]
    )
    proposed, proposers = [], set()
    for trial in range(40):
        proposal = search.propose(
            20 + trial, lambda count, *_: [CloseDraft(SkipSet(tuple(range(1, 1 + count))), 0.1, ())]
        )
        search.record(proposal, (trial * 7 % 10) / 10, 20 + trial)
        proposed.append(proposal.skip_set)
        proposers.add(proposal.proposer)
    assert proposed[:2] == [inner | outer, candidate.inner(NUM_LAYERS) | outer]
    assert {skip_set.outer(NUM_LAYERS) for skip_set in proposed} == {outer}
    assert {len(skip_set.inner(NUM_LAYERS)) for skip_set in proposed} == {4}
    assert {"start", "fixed", "hidden states", "swap", "bayesian", "random"} <= proposers


def test_a_set_of_first_and_last_layer_alone_leaves_nothing_to_search():
    search = new_search(start_set=SkipSet((0,), (9,)))
    assert (search.phase, search.reason) == ("accelerating", "search is off")


def test_a_decoder_whose_drafts_turn_bad_says_that_it_optimises_again():
    prompt, good, bad = (2, 3), range(2, 82), range(82, 200)
    text = [*prompt, *(4 + i % 20 for i in range(300))]
    target = ScriptedTarget(text, {position: (30, 0.95) for position in bad})
    search = eager_search(max_time_share=1.0, min_context=4, context_window=8, hidden_states_interval=0)
    config = swift_config(search=search, max_draft_tokens=3, skip_ratio=0.5)
    events = list(SwiftDecoder(target, config).stream(prompt, max_new_tokens=150))
    phases = [(e.phase, e.reason) for e in events if isinstance(e, PhaseChanged)]
    assert phases[:3] == [
        ("optimising", "start"),
        ("accelerating", "matchness reached"),
        ("optimising again", "acceptance fell"),
    ]
    restart = next(e for e in events if isinstance(e, PhaseChanged) and e.reason == "acceptance fell")
    assert restart.round > len(good) // 4
    later = [e for e in events if isinstance(e, SkipSetTried) and e.round > restart.round]
    assert later[0].proposer == "incumbent"


def test_what_was_learned_outlives_the_prompt(tiny_target):
    search = eager_search(
        objective="speed", max_time_share=1.0, min_context=3, context_window=8, max_trials=500, tolerance=500
    )
    decoder = SwiftDecoder(tiny_target, eager_config(skip_ratio=0.5, search=search))
    decoder.generate("The café", max_new_tokens=60)
    learned = decoder.skip_set
    assert learned != SkipSet.uniform(tiny_target.num_layers, 0.5)
    started, *rest = decoder.stream("Anna", max_new_tokens=20)
    assert started.skip_set == learned
    first = next(e for e in rest if isinstance(e, SkipSetTried))
    assert first.proposer == "incumbent"


def test_candidates_are_tried_before_all_others_and_the_best_is_kept():
    candidates = [SkipSet((1, 2), (3,)), SkipSet((2, 3), (1,)), SkipSet((4,), (1, 2))]
    search = LayerSearch(8, eager_config(skip_ratio=0.25), candidates[0], candidates)
    scores = {candidates[0]: 0.6, candidates[1]: 0.9, candidates[2]: 0.7}
    tried = []
    for _ in candidates:
        proposal = search.propose(20, lambda *_: [CloseDraft(SkipSet((5, 6), (5,)), 0.1, ())])
        search.record(proposal, scores[proposal.skip_set], 20)
        tried.append((proposal.proposer, proposal.skip_set))
    assert tried == [("start", candidates[0]), ("fixed", candidates[1]), ("fixed", candidates[2])]
    assert search.incumbent == candidates[1]
    assert search.propose(20, lambda *_: [CloseDraft(SkipSet((5, 6), (5,)), 0.1, ())]).proposer != "fixed"


def test_candidates_are_tried_again_when_the_search_begins_again():
    candidates = [SkipSet((1, 2), (3,)), SkipSet((2, 3), (1,))]
    config = eager_config(skip_ratio=0.25, search=eager_search(max_trials=1))
    search = LayerSearch(8, config, candidates[0], candidates)
    proposers = []
    for _ in range(2):
        while search.phase != "accelerating":
            proposal = search.propose(20)
            search.record(proposal, 0.5, 20)
            proposers.append(proposal.proposer)
            search.end_of_search()
        rounds_until_restart(search, [1.0] * 60 + [0.0] * 60)
    assert proposers == ["start", "fixed", "incumbent", "fixed"]
