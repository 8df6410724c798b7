"""The ways of searching that are judged; the one place that knows how each is driven.

Each is given a problem and a number of trials, and names the set that it likes best. Who judges them sees
nothing else of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from swift_demo.config import SearchConfig, SwiftConfig
from swift_demo.search.costs import PassCosts
from swift_demo.search.layer_search import LayerSearch
from swift_demo.search.looks import Look
from swift_demo.search.proposers.base import Observation, Proposer
from swift_demo.search.proposers.bayesian import BayesianProposer
from swift_demo.search.proposers.random import RandomProposer
from swift_demo.search.proposers.swap import SwapProposer
from swift_demo.skip_set import SkipSet, num_skippable


@dataclass(frozen=True, slots=True)
class Problem:
    """What a search is given.

    Attributes:
        num_layers: L of the target.
        num_skipped: How many sub-layers a search that is told the size shall skip.
        score: A set's matchness; one call is one trial.
        look: The set of a size that the hidden states favour; one call is one look.
        costs: Of the target's sub-layers.
        seed: Of all that is random.
    """

    num_layers: int
    num_skipped: int
    score: Callable[[SkipSet], float]
    look: Look
    costs: PassCosts
    seed: int

    @property
    def skip_ratio(self) -> float:
        """A ratio that gives exactly this size, whatever is rounded."""
        return (self.num_skipped + 0.5) / num_skippable(self.num_layers)


Searcher = Callable[[Problem, int], SkipSet]


def uniform(problem: Problem, num_trials: int) -> SkipSet:
    """The start set, without a search."""
    return SkipSet.uniform(problem.num_layers, problem.skip_ratio)


def hidden_states(problem: Problem, num_trials: int) -> SkipSet:
    """One look, whose answer is taken as it is."""
    *_, largest = problem.look(problem.num_skipped, False, 1.0)
    return largest.skip_set


def alone(proposer_of: Callable[[np.random.Generator], Proposer]) -> Searcher:
    """One proposer from the start set on; whatever scores better becomes the incumbent."""

    def search(problem: Problem, num_trials: int) -> SkipSet:
        proposer = proposer_of(np.random.default_rng(problem.seed))
        incumbent = uniform(problem, num_trials).to_bits(problem.num_layers)
        observations: list[Observation] = []
        best = -1.0
        for trial in range(num_trials):
            bits = proposer.propose(observations, incumbent) if trial else incumbent
            score = problem.score(SkipSet.from_bits(bits, problem.num_layers))
            observations.append(Observation(bits, score, score))
            if score > best:
                incumbent, best = bits, score
        return SkipSet.from_bits(incumbent, problem.num_layers)

    return search


def whole_of_size(problem: Problem, num_trials: int) -> SkipSet:
    """The project's search, told the size: the best matchness among sets that skip as much as was planted."""
    search = SearchConfig(objective="matchness", seed=problem.seed)
    return _layer_search(problem, num_trials, SwiftConfig(skip_ratio=problem.skip_ratio, search=search))


def whole_for_speed(problem: Problem, num_trials: int) -> SkipSet:
    """The same, told nothing: sets of any size, for speed."""
    search = SearchConfig(objective="speed", seed=problem.seed)
    return _layer_search(problem, num_trials, SwiftConfig(search=search))


def _layer_search(problem: Problem, num_trials: int, config: SwiftConfig) -> SkipSet:
    """As many trials as are given, one after the other, all in one context."""
    search = LayerSearch(problem.num_layers, config, costs=problem.costs)
    for _ in range(num_trials):
        proposal = search.propose(0, problem.look)
        search.record(proposal, problem.score(proposal.skip_set), 0)
    return search.incumbent


SEARCHERS: dict[str, Searcher] = {
    "uniform set": uniform,
    "random": alone(RandomProposer),
    "bayesian": alone(BayesianProposer),
    "swap": alone(SwapProposer),
    "hidden states": hidden_states,
    "whole search, size given": whole_of_size,
    "whole search, for speed": whole_for_speed,
}
