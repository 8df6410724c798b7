"""What was learned goes on under other settings, as far as they can use it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swift_demo.config import PAPER_TREE, SearchConfig, SwiftConfig
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.events import GenerationStarted, SkipSetTried
from swift_demo.skip_set import SkipSet

EAGER = SearchConfig(max_time_share=1.0, max_loss_share=1.0, min_context=3, context_window=8)
BEFORE = SwiftConfig(search=EAGER)
FOUND = SkipSet((1, 2, 4), (3, 5))


@pytest.fixture
def taught(tiny_target):
    """A decoder that has tried sets and found one of a size of its own."""
    decoder = SwiftDecoder(tiny_target, BEFORE)
    decoder.generate("Anna draws the longer", max_new_tokens=24)
    assert decoder.learned.search.num_trials > 0
    decoder.learned.search.incumbent = FOUND
    return decoder


def carried(taught, config, **others):
    decoder = SwiftDecoder(taught.target, config, **others)
    decoder.go_on_from(taught.learned, BEFORE)
    return decoder


def test_the_same_settings_change_nothing(taught):
    assert carried(taught, BEFORE).learned is taught.learned


def test_costs_and_calibration_go_on_under_any_settings(taught):
    for config in (SwiftConfig.paper(), replace(BEFORE, max_draft_tokens=3), replace(BEFORE, skip_ratio=0.2)):
        learned = carried(taught, config).learned
        assert learned.costs is taught.learned.costs
        assert learned.worth.calibration is taught.learned.worth.calibration


def test_without_a_search_the_learned_set_is_frozen(taught):
    decoder = carried(taught, replace(BEFORE, search=replace(EAGER, is_enabled=False)))
    events = list(decoder.stream("Anna draws", max_new_tokens=16))
    assert decoder.skip_set == FOUND and events[0].skip_set == FOUND
    assert not any(isinstance(event, SkipSetTried) for event in events)
    assert decoder.learned.worth is taught.learned.worth


def test_a_search_goes_on_with_its_scores_and_the_number_of_its_trials(taught):
    decoder = carried(taught, replace(BEFORE, search=replace(EAGER, max_trials=90)))
    old, new = taught.learned.search, decoder.learned.search
    assert (new.incumbent, new.num_trials, len(new.observations)) == (
        FOUND,
        old.num_trials,
        len(old.observations),
    )
    trials = [e for e in decoder.stream("Anna draws", max_new_tokens=24) if isinstance(e, SkipSetTried)]
    assert trials[0].trial == old.num_trials + 1


def test_a_search_for_matchness_keeps_to_its_size_and_leaves_a_set_of_another(taught):
    config = replace(BEFORE, search=replace(EAGER, objective="matchness"))
    asked = SkipSet.uniform(taught.target.num_layers, BEFORE.skip_ratio)
    assert len(asked) != len(FOUND)
    assert carried(taught, config).skip_set == asked
    start = SkipSet((1, 2, 3), (4, 5, 6))
    assert carried(taught, config, skip_set=start).skip_set == start
    taught.learned.search.incumbent = start
    assert carried(taught, config).skip_set == start
    assert carried(taught, config).learned.search.observations == []  # scores of another kind


@pytest.mark.parametrize(("is_enabled", "is_used"), [(True, True), (False, False)])
def test_another_ratio_is_only_a_start_for_a_search_for_speed(taught, is_enabled, is_used):
    search = replace(EAGER, is_enabled=is_enabled)
    decoder = carried(taught, replace(BEFORE, skip_ratio=0.2, search=search))
    assert (decoder.skip_set == FOUND) == is_used
    if not is_used:
        assert decoder.skip_set == SkipSet.uniform(taught.target.num_layers, 0.2)


def test_a_moved_threshold_stays_unless_it_is_set_anew(tiny_target):
    before = SwiftConfig(threshold_rule="adaptive", search=EAGER)
    decoder = SwiftDecoder(tiny_target, before)
    decoder.learned.threshold.value = 0.61
    kept = decoder.learned.carried_to(replace(before, max_draft_tokens=5), before)
    assert kept.threshold.value == 0.61
    assert decoder.learned.carried_to(replace(before, confidence_threshold=0.5), before).threshold.value == 0.5


@pytest.mark.parametrize("config", [SwiftConfig.paper(), replace(BEFORE, tree_levels=PAPER_TREE[:2])])
def test_the_text_stays_the_targets_own(taught, config):
    events = list(carried(taught, config).stream("Anna draws", max_new_tokens=16))
    assert isinstance(events[0], GenerationStarted)
    fresh = SwiftDecoder(taught.target, config).generate("Anna draws", max_new_tokens=16)
    again = carried(taught, config).generate("Anna draws", max_new_tokens=16)
    assert again.token_ids == fresh.token_ids
