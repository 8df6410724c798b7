"""Random proposals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from swift_demo.events import Proposer as ProposerName
from swift_demo.search.proposers.base import Observation, random_sets


class RandomProposer:
    """Any set of the right size, all equally likely."""

    name: ProposerName = "random"

    def __init__(self, rng: np.random.Generator):
        self._rng = rng

    def propose(self, observations: Sequence[Observation], incumbent: np.ndarray) -> np.ndarray:
        return random_sets(self._rng, 1, incumbent)[0]
