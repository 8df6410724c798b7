"""How a search for speed uses looks at hidden states and contributions: it learns what they are worth here."""

from __future__ import annotations

import numpy as np
import pytest
from support.doubles import GivenCosts

from swift_demo.config import SearchConfig, SwiftConfig
from swift_demo.search.contributions import FEWEST_TOKENS
from swift_demo.search.hidden_states import ATTENTION_WEIGHTS, CloseDraft
from swift_demo.search.layer_search import LayerSearch
from swift_demo.skip_set import SkipSet

NUM_LAYERS = 10
LIGHTER, ALIKE = ATTENTION_WEIGHTS


def searching(start_set=None, **search):
    config = SwiftConfig(search=SearchConfig(hidden_states_interval=1, **search))
    return LayerSearch(NUM_LAYERS, config, start_set, costs=GivenCosts(0.03, 0.03))


def run(search, right, num_trials=8):
    """Trials, with looks whose drafts are right as often as ``right`` says by the weight of attention.

    Returns:
        The weights that were looked with, in order.
    """
    weights = []

    def look(num_skipped, is_judged, attention_weight):
        weights.append(attention_weight)
        hits = round(8 * right[attention_weight])
        layer = 1 + len(weights) % 8
        return [CloseDraft(SkipSet((layer,), ()), 0.1, (True,) * hits + (False,) * (8 - hits))]

    for number in range(num_trials):
        proposal = search.propose(20 + number, look)
        search.record(proposal, 0.5, 20 + number, speed=1.0 + number / 100)
    return weights


@pytest.mark.parametrize(
    ("right", "settled"),
    [
        ({LIGHTER: 0.5, ALIKE: 1.0}, ALIKE),
        ({LIGHTER: 1.0, ALIKE: 0.5}, LIGHTER),
        ({LIGHTER: 0.75, ALIKE: 0.75}, LIGHTER),
    ],
)
def test_attention_is_weighed_as_the_second_look_shows_to_be_right(right, settled):
    first, *both_and_rest = run(searching(contribution_interval=0), right)
    assert first == LIGHTER and both_and_rest[:2] == [LIGHTER, ALIKE]
    assert len(both_and_rest) > 2 and set(both_and_rest[2:]) == {settled}


def test_a_search_for_matchness_lets_trials_tell_and_takes_turns():
    weights = run(
        searching(objective="matchness", contribution_interval=0), dict.fromkeys(ATTENTION_WEIGHTS, 0.5)
    )
    assert len(weights) > 3 and weights == [ATTENTION_WEIGHTS[i % 2] for i in range(len(weights))]


@pytest.mark.parametrize("matchness", [0.05, 1.0])
def test_contributions_are_tried_only_while_they_promise_more_than_there_is(matchness):
    """Bad trials lower what they promise, good ones raise what there is."""
    search = searching(SkipSet((4, 5), (4, 5)), contribution_interval=1)
    search.contributions.add(np.linspace(0.001, 0.05, 2 * NUM_LAYERS), FEWEST_TOKENS)
    proposers = []
    for number in range(12):
        proposal = search.propose(20 + number)
        proposers.append(proposal.proposer)
        is_own = proposal.proposer == "contribution"
        speed = 0.5 + 0.8 * matchness if is_own else 1.02
        search.record(proposal, matchness if is_own else 0.9, 20 + number, speed=speed)
    assert 1 <= proposers.count("contribution") <= 3
