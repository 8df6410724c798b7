"""Local proposals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from swift_demo.events import Proposer as ProposerName
from swift_demo.search.proposers.base import Observation, neighbours


class SwapProposer:
    """The incumbent with one to three skipped sub-layers exchanged for kept ones, or one more or less."""

    name: ProposerName = "swap"

    def __init__(self, rng: np.random.Generator, has_free_size: bool = False):
        self._rng = rng
        self._has_free_size = has_free_size

    def propose(self, observations: Sequence[Observation], incumbent: np.ndarray) -> np.ndarray:
        return neighbours(self._rng, 1, incumbent, self._has_free_size)[0]
