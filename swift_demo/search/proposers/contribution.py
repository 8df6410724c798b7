"""Proposals from what sub-layers contribute, at the size that promises most speed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from swift_demo.search.proposers import base as B

from swift_demo.events import Proposer as ProposerName
from swift_demo.search.contributions import Contributions
from swift_demo.search.costs import PassCosts
from swift_demo.search.proposers.base import Observation, loss_per_distance
from swift_demo.skip_set import SkipSet

_NUM_POSITIONS = 16.0  # that a trial is taken to have been scored on


class ContributionProposer:
    """The sub-layers that contribute least for the time they take, as many as promise most speed.

    Each distance that a set takes away is supposed to cost the same share of matchness; which, is learned from
    the trials of such sets.
    """

    name: ProposerName = "contribution"

    def __init__(
        self, num_layers: int, contributions: Contributions, speed_of: Callable[[float, SkipSet], float]
    ):
        self._num_layers = num_layers
        self._contributions = contributions
        self._speed_of = speed_of
        self.costs: PassCosts | None = None

    def has_more(self, observations: Sequence[Observation]) -> bool:
        """Whether there is a set to propose that was not tried."""
        return self._contributions.are_known and self._best(observations) is not None

    def propose(self, observations: Sequence[Observation], incumbent: np.ndarray) -> np.ndarray:
        best = self._best(observations)
        assert best is not None
        return best.to_bits(self._num_layers)

    def _best(self, observations: Sequence[Observation]) -> SkipSet | None:
        assert self.costs is not None
        tried = {s for s, _ in self._sets(observations)}
        sets = self._contributions.sets(self.costs)
        like_these = {s: o.matchness for s, o in self._sets(observations) if s in sets}
        distances = [self._contributions.of(s) for s in like_these]
        loss = loss_per_distance(distances, list(like_these.values()), _NUM_POSITIONS)
        expected = {
            s: self._speed_of(float(np.exp(-loss * self._contributions.of(s)**B.P)), s)
            for s in sets
            if s not in tried
        }
        return max(expected, key=lambda s: expected[s], default=None)

    def _sets(self, observations: Sequence[Observation]) -> list[tuple[SkipSet, Observation]]:
        return [(SkipSet.from_bits(o.bits, self._num_layers), o) for o in observations]
