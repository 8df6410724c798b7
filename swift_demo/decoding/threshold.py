"""The confidence threshold: fixed, or moving towards a goal for the acceptance rate."""

from __future__ import annotations

from swift_demo.config import SwiftConfig

_STEP = 0.01  # delta
_ACCEPTANCE_MEMORY = 0.5  # beta 1
_THRESHOLD_MEMORY = 0.9  # beta 2


class Threshold:
    """Epsilon, below which drafting stops.

    Source:
        SWIFT keeps it fixed (paper, section 4.2); the adaptive rule is Draft & Verify's (arXiv
        2309.08168, section 3.3): smoothed acceptance at or above the goal lowers it, below raises it.
    """

    def __init__(self, config: SwiftConfig):
        self.value = config.confidence_threshold
        self.acceptance_rate = config.target_acceptance_rate
        self._is_adaptive = config.threshold_rule == "adaptive"
        self._goal = config.target_acceptance_rate

    def update(self, num_accepted: int, num_drafted: int) -> bool:
        """Take in a round; returns whether the threshold moved."""
        if not self._is_adaptive or num_drafted == 0:
            return False
        rate = num_accepted / num_drafted
        memory = _ACCEPTANCE_MEMORY
        self.acceptance_rate = memory * self.acceptance_rate + (1 - memory) * rate
        wanted = self.value - _STEP if self.acceptance_rate >= self._goal else self.value + _STEP
        old = self.value
        moved = _THRESHOLD_MEMORY * self.value + (1 - _THRESHOLD_MEMORY) * wanted
        self.value = min(1.0, max(0.0, moved))
        return self.value != old
