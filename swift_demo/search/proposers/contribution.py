"""Proposals from what sub-layers contribute, at the size that promises most speed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from swift_demo.events import Proposer as ProposerName
from swift_demo.search.contributions import Contributions
from swift_demo.search.costs import PassCosts
from swift_demo.search.proposers.base import Observation, loss_per_distance
from swift_demo.skip_set import SkipSet

_NUM_POSITIONS = 16.0  # that a trial is taken to have been scored on


class ContributionProposer:
    """The sub-layers that contribute least for the time they take, as many as promise most speed.

    What a set takes away in all is supposed to cost matchness by its square, since the first sub-layers left
    out cost little and the last ones much; how much, is learned from the trials of such sets.
    """

    name: ProposerName = "contribution"

    def __init__(
        self, num_layers: int, contributions: Contributions, speed_of: Callable[[float, SkipSet], float]
    ):
        self._num_layers = num_layers
        self._contributions = contributions
        self._speed_of = speed_of
        self._proposed: set[SkipSet] = set()
        self.costs: PassCosts | None = None

    def propose_faster(self, observations: Sequence[Observation], least_speed: float) -> np.ndarray | None:
        """(n,) bool, the set that promises most of those that were not tried; None unless more than this."""
        if not self._contributions.are_known:
            return None
        expected = self._expected(observations)
        best = max(expected, key=lambda s: expected[s], default=None)
        if best is None or expected[best] <= least_speed:
            return None
        self._proposed.add(best)
        return best.to_bits(self._num_layers)

    def _expected(self, observations: Sequence[Observation]) -> dict[SkipSet, float]:
        """Speeds of the sets that were not tried, by what came of those that were proposed before."""
        assert self.costs is not None
        tried = [(SkipSet.from_bits(o.bits, self._num_layers), o.matchness) for o in observations]
        own = [(self._taken_from(s), matchness) for s, matchness in tried if s in self._proposed]
        loss = loss_per_distance([d for d, _ in own], [matchness for _, matchness in own], _NUM_POSITIONS)
        known = {s for s, _ in tried}
        untried = [s for s in self._contributions.sets(self.costs) if s not in known]
        return {s: self._speed_of(math.exp(-loss * self._taken_from(s)), s) for s in untried}

    def _taken_from(self, skip_set: SkipSet) -> float:
        return self._contributions.of(skip_set) ** 2
