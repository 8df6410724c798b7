"""Passes cost what they are counted or measured to cost, and sets are chosen by the speed that follows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.doubles import Double, GivenCosts
from support.models import generate_greedily

from swift_demo.config import SearchConfig, SwiftConfig
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.events import SkipSetTried
from swift_demo.search.costs import PassCosts, best_draft, measure_costs, predicted_speedup
from swift_demo.search.layer_search import LayerSearch
from swift_demo.skip_set import SkipSet

NUM_LAYERS = 12
COSTS = GivenCosts(attention=0.03, mlp=0.04, further=0.1)
FOR_SPEED = SearchConfig(
    objective="speed", max_time_share=1.0, max_loss_share=1.0, min_context=3, context_window=8
)
HALF = SkipSet((1, 2), (1, 2))
WIDTHS = (2, 4, 9, 17)


@given(
    matchness=st.floats(0, 1),
    attention=st.floats(0.0, 0.08),
    further=st.floats(0, 1),
    length=st.integers(1, 25),
)
def test_no_draft_length_is_predicted_to_be_faster(matchness, attention, further, length):
    costs, skip_set = GivenCosts(attention, 0.02, further), SkipSet((1, 2, 3), (4, 5))
    expected = sum(matchness**i for i in range(length + 1))
    at_this_length = expected / (length * costs.of_draft(skip_set) + costs.of_verification(length + 1))
    best = best_draft(matchness, skip_set, costs, 25)
    assert best.speedup >= at_this_length - 1e-12
    of_best = best.length * costs.of_draft(skip_set) + costs.of_verification(best.length + 1)
    assert best.speedup == pytest.approx(sum(matchness**i for i in range(best.length + 1)) / of_best)


def test_a_perfect_draft_that_costs_half_nearly_doubles_the_speed():
    costs, half = GivenCosts(0.25, 0.25, further=0.0), SkipSet((1,), (1,))
    assert predicted_speedup(1.0, half, costs, 25) == pytest.approx(26 / 13.5)
    assert predicted_speedup(0.0, half, costs, 25) == pytest.approx(1 / 1.5)


def test_counted_costs_are_shares_of_a_plain_token(tiny_target):
    costs = PassCosts(tiny_target)
    inner = tuple(range(1, tiny_target.num_layers - 1))
    assert costs.of_draft(SkipSet()) == costs.of_verification(1) == costs.of_pass(1, SkipSet()) == 1
    assert costs.attention > 0 < costs.mlp
    assert costs.of_draft(SkipSet(inner, inner)) == pytest.approx(
        1 - len(inner) * (costs.attention + costs.mlp)
    )
    assert 0 < costs.of_draft(SkipSet(inner, inner)) < 0.5
    verifications = [costs.of_verification(width) for width in WIDTHS]
    assert verifications == sorted(verifications) and verifications[0] > 1


def test_measured_costs_are_shares_of_a_plain_token_too(tiny_target):
    costs = measure_costs(tiny_target, repeats=2)
    assert costs.plain_s > 0
    assert costs.of_draft(SkipSet()) == 1
    assert 0 < costs.of_draft(HALF) < 1
    assert costs.of_verification(2) > 0 < costs.of_verification(17)


class Machine:
    """Passes that take what they are said to take, in plain tokens of ``plain_s`` seconds."""

    def __init__(self, draft, offset, further, plain_s=0.01):
        self.draft, self.offset, self.further, self.plain_s = draft, offset, further, plain_s

    def pass_s(self, width, skip_set):
        wide = 1.0 if width == 1 else 1 + self.offset + self.further * (width - 1)
        return self.plain_s * wide * (self.draft if skip_set else 1.0)

    def teach(self, costs, times=80):
        for _ in range(times):
            for width, skip_set in ((1, SkipSet()), (1, HALF), *((w, SkipSet()) for w in WIDTHS)):
                costs.learn(width, skip_set, self.pass_s(width, skip_set))
        return costs


def ratios(costs):
    return [costs.of_draft(HALF), *(costs.of_verification(width) for width in WIDTHS)]


@given(draft=st.floats(0.55, 0.95), offset=st.floats(0, 0.5), further=st.floats(0.01, 0.6))
def test_what_passes_take_is_learned(draft, offset, further):
    costs = Machine(draft, offset, further).teach(PassCosts(Double(300, num_layers=6)))
    assert costs.plain_s == pytest.approx(0.01, rel=0.01)
    assert costs.of_draft(HALF) == pytest.approx(draft, abs=0.01)
    for width in WIDTHS:
        assert costs.of_verification(width) == pytest.approx(1 + offset + further * (width - 1), rel=0.02)


@pytest.mark.parametrize("factor", [0.4, 2.5, 8.0])
def test_a_machine_that_changes_its_pace_changes_no_ratio(factor):
    machine = Machine(0.7, 0.1, 0.08)
    costs = machine.teach(PassCosts(Double(300, num_layers=6)))
    before = ratios(costs)
    machine.plain_s *= factor
    machine.teach(costs)
    assert costs.plain_s == pytest.approx(0.01 * factor, rel=0.01)
    assert ratios(costs) == pytest.approx(before, rel=0.02)


def test_a_slower_machine_is_noticed_while_only_drafts_are_timed():
    costs = Machine(0.7, 0.1, 0.08).teach(PassCosts(Double(300, num_layers=6)))
    before = ratios(costs)
    for _ in range(40):
        costs.learn(1, HALF, 0.03 * 0.7)
    assert costs.plain_s == pytest.approx(0.03, rel=0.05)
    assert ratios(costs) == before


@pytest.mark.parametrize(("width", "skip_set"), [(1, SkipSet()), (1, HALF), (4, SkipSet()), (17, SkipSet())])
@pytest.mark.parametrize("outlier", [1e-5, 10.0])
def test_one_pass_far_off_moves_little(width, skip_set, outlier):
    machine = Machine(0.7, 0.1, 0.08)
    costs = machine.teach(PassCosts(Double(300, num_layers=6)))
    before, plain_s = ratios(costs), costs.plain_s
    costs.learn(width, skip_set, outlier)
    assert costs.plain_s == pytest.approx(plain_s, rel=0.06)
    assert ratios(costs) == pytest.approx(before, rel=0.15)


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan"), float("inf")])
def test_times_that_are_none_say_nothing(seconds):
    costs = Machine(0.7, 0.1, 0.08).teach(PassCosts(Double(300, num_layers=6)))
    before = ratios(costs), costs.plain_s
    for width in (1, 4):
        costs.learn(width, SkipSet(), seconds)
    assert (ratios(costs), costs.plain_s) == before


def test_costs_that_are_counted_never_change():
    costs = PassCosts(Double(300, num_layers=6), is_measured=False)
    before = ratios(costs), costs.attention, costs.mlp, costs.further, costs.offset, costs.numbers()
    Machine(0.5, 0.4, 0.5).teach(costs)
    assert (ratios(costs), costs.attention, costs.mlp, costs.further, costs.offset, costs.numbers()) == before


def new_search(**others):
    return LayerSearch(NUM_LAYERS, SwiftConfig(skip_ratio=0.5, search=FOR_SPEED), costs=COSTS, **others)


def test_of_two_sets_with_one_matchness_the_cheaper_becomes_the_incumbent():
    search = new_search(start_set=SkipSet((), (1, 2, 3)))
    start = search.propose(20)
    search.record(start, 0.9, 20)
    while True:
        proposal = search.propose(20)
        result = search.record(proposal, 0.9, 20)
        is_cheaper = COSTS.of_draft(proposal.skip_set) < COSTS.of_draft(start.skip_set)
        assert result.is_kept is is_cheaper
        assert result.incumbent_matchness == 0.9
        if is_cheaper:
            break
    assert search.incumbent == proposal.skip_set


def test_sets_of_other_sizes_are_tried_and_the_best_size_is_found():
    # Here MLPs may all be skipped at no loss, and a skipped attention loses more than it saves.
    search = new_search()
    sizes = set()
    for _ in range(300):
        proposal = search.propose(20)
        sizes.add(len(proposal.skip_set))
        search.record(proposal, 0.98 * 0.9 ** len(proposal.skip_set.attention), 20)
    assert len(sizes) > 3
    assert search.incumbent.attention == ()
    assert len(search.incumbent.mlp) >= NUM_LAYERS - 4


@pytest.mark.parametrize("rule", ["fixed", "measured"])
def test_text_stays_that_of_generate_while_the_skip_ratio_is_searched(tiny_target, rule):
    decoder = SwiftDecoder(
        tiny_target, SwiftConfig(threshold_rule=rule, confidence_threshold=0.3, search=FOR_SPEED)
    )
    generation = decoder.generate("Anna draws", max_new_tokens=60)
    assert generation.token_ids == generate_greedily(tiny_target, tiny_target.encode("Anna draws"), 60)
    tried = [event for event in generation.trace.events if isinstance(event, SkipSetTried)]
    assert len({len(event.skip_set) for event in tried}) > 1
