"""What a lane has computed, counted: a clock that no busy machine can slow."""

from __future__ import annotations

from collections import defaultdict

from swift_demo.decoding.clock import Part
from swift_demo.model.target import Target
from swift_demo.search.costs import cost_of_pass
from swift_demo.skip_set import SkipSet


class Work:
    """Forwards by what they were for; the unit is one of the whole target over one token.

    What is decided by it is decided alike at every time, so that a seed gives one text.
    """

    def __init__(self, target: Target):
        self._target = target
        self._done: defaultdict[Part, float] = defaultdict(float)

    def add(self, part: Part, num_tokens: int, skip_set: SkipSet, times: int = 1) -> None:
        """Count so many forwards over ``num_tokens`` each."""
        self._done[part] += times * cost_of_pass(num_tokens, skip_set, self._target)

    def share(self, part: Part) -> float:
        """Of all work so far, what one part was; 0 at the start."""
        whole = sum(self._done.values())
        return self._done[part] / whole if whole else 0.0
