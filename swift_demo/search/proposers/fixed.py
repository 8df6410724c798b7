"""Proposals that were given beforehand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from swift_demo.events import Proposer as ProposerName
from swift_demo.search.proposers.base import Observation


class FixedProposer:
    """Given sets, one after the other: sets kept from other streams, for instance.

    Args:
        sets: (n,) bool each.
    """

    name: ProposerName = "fixed"

    def __init__(self, sets: Sequence[np.ndarray]):
        self._left = list(sets)

    def has_more(self, incumbent: np.ndarray) -> bool:
        """Whether there is still one that can be proposed."""
        while self._left and np.array_equal(self._left[0], incumbent):
            self._left.pop(0)
        return bool(self._left)

    def propose(self, observations: Sequence[Observation], incumbent: np.ndarray) -> np.ndarray:
        if not self.has_more(incumbent):
            raise IndexError("all given sets have been proposed; ask has_more before")
        return self._left.pop(0)
