"""A search for speed is free in size, and so goes on from any set."""

from __future__ import annotations

import pytest
from support.doubles import GivenCosts

from swift_demo.config import SwiftConfig
from swift_demo.search.layer_search import LayerSearch
from swift_demo.skip_set import SkipSet

NUM_LAYERS = 6
INNER = tuple(range(1, NUM_LAYERS - 1))


@pytest.mark.parametrize("start_set", [SkipSet(), SkipSet(INNER, INNER)])
def test_it_leaves_a_set_that_skips_all_or_nothing(start_set):
    search = LayerSearch(NUM_LAYERS, SwiftConfig(), start_set, costs=GivenCosts(0.05, 0.05))
    assert search.phase == "optimising"
    for speed in (0.5, *[0.9] * 8):
        proposal = search.propose(20)
        search.record(proposal, 0.5, 20, speed=speed)
        assert proposal.proposer in ("start", "swap", "contribution", "bayesian")
    assert search.incumbent != start_set
