"""Sets chosen by predicted speed: the formula, the measurement, and a search whose skip ratio is found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.models import generate_greedily

from swift_demo.config import SearchConfig, SwiftConfig
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.events import SkipSetTried
from swift_demo.search.costs import SublayerCosts, measure_costs, predicted_speedup
from swift_demo.search.layer_search import LayerSearch
from swift_demo.skip_set import SkipSet

NUM_LAYERS = 12
COSTS = SublayerCosts(attention=0.03, mlp=0.04, verification=1.1)
FOR_SPEED = SearchConfig(objective="speed", max_time_share=1.0, min_context=3, context_window=8)


@given(
    matchness=st.floats(0, 1),
    draft_cost=st.floats(0.05, 1),
    verification_cost=st.floats(1, 3),
    length=st.integers(1, 25),
)
def test_no_draft_length_is_predicted_to_be_faster(matchness, draft_cost, verification_cost, length):
    expected = sum(matchness**i for i in range(length + 1))
    at_this_length = expected / (length * draft_cost + verification_cost)
    assert predicted_speedup(matchness, draft_cost, verification_cost, 25) >= at_this_length - 1e-12


def test_a_perfect_draft_that_costs_half_nearly_doubles_the_speed():
    assert predicted_speedup(1.0, 0.5, 1.0, 25) == pytest.approx(26 / 13.5)
    assert predicted_speedup(0.0, 0.5, 1.0, 25) == pytest.approx(1 / 1.5)


def test_costs_are_shares_of_a_vanilla_token(tiny_target):
    costs = measure_costs(tiny_target)
    num_inner = tiny_target.num_layers - 2
    assert costs.attention >= 0
    assert costs.mlp >= 0
    assert costs.verification > 0
    assert costs.of_draft(SkipSet()) == 1
    inner = tuple(range(1, num_inner + 1))
    assert costs.of_draft(SkipSet(inner, inner)) == pytest.approx(1 - num_inner * (costs.attention + costs.mlp))


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


def test_text_stays_that_of_generate_while_the_skip_ratio_is_searched(tiny_target):
    decoder = SwiftDecoder(tiny_target, SwiftConfig(confidence_threshold=0.3, search=FOR_SPEED))
    generation = decoder.generate("Anna draws", max_new_tokens=60)
    assert generation.token_ids == generate_greedily(tiny_target, tiny_target.encode("Anna draws"), 60)
    tried = [event for event in generation.trace.events if isinstance(event, SkipSetTried)]
    assert len({len(event.skip_set) for event in tried}) > 1
