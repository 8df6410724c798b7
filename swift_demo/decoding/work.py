"""What a lane has computed, counted: a clock that a busy machine cannot slow."""

from __future__ import annotations

from collections import defaultdict

from swift_demo.decoding.clock import Part
from swift_demo.model.target import Target
from swift_demo.search.costs import cost_of_pass
from swift_demo.skip_set import SkipSet


class Work:
    """Forwards by what they were for; the unit is one of the whole target over one token.

    Decisions based on it are reproducible, so the same seed gives the same text.
    """

    def __init__(self, target: Target):
        self._target = target
        self._done: defaultdict[Part, float] = defaultdict(float)

    def add(self, part: Part, num_tokens: int, skip_set: SkipSet, times: int = 1) -> None:
        """Count ``times`` forwards over ``num_tokens`` each."""
        self._done[part] += times * cost_of_pass(num_tokens, skip_set, self._target)

    def share(self, part: Part) -> float:
        """One part's share of all work so far; 0 at the start."""
        whole = sum(self._done.values())
        return self._done[part] / whole if whole else 0.0
