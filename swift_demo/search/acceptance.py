"""Whether acceptance has fallen, or merely varies."""

from __future__ import annotations

_SETTLING_ROUNDS = 20  # until the level to hold is known
_MOST_SHORTFALL = 2.0  # in rounds whose whole draft is rejected


class AcceptanceWatch:
    """Follows the acceptance rate, round by round, and notices when it has fallen.

    Rounds differ widely, and a smoothed rate wanders far below its own best without any change in the stream.
    So what counts is the summed shortfall of rounds below the level, with good rounds making up for bad ones
    (Page's cumulative sum test).

    Args:
        margin: How far a round may fall short of the level without counting; at 1, nothing is ever noticed.
    """

    def __init__(self, margin: float):
        self._margin = margin
        self._num_rounds = 0
        self._num_drafted = 0
        self._num_accepted = 0
        self._shortfall = 0.0

    def has_fallen(self, num_accepted: int, num_drafted: int) -> bool:
        """Take in a round; returns whether the acceptance rate is now known to be lower than before."""
        if num_drafted == 0:
            return False
        if self._num_rounds >= _SETTLING_ROUNDS:
            least = self._num_accepted / self._num_drafted - self._margin
            self._shortfall = max(0.0, self._shortfall + least - num_accepted / num_drafted)
        self._num_rounds += 1
        self._num_drafted += num_drafted
        self._num_accepted += num_accepted
        return self._shortfall > _MOST_SHORTFALL
