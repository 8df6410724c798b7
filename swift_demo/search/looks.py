"""When a search looks at hidden states, what it asks for, and which of the sets found there it tries."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Container, Sequence

from swift_demo.search.hidden_states import ATTENTION_WEIGHTS, CloseDraft
from swift_demo.search.proposers.base import loss_per_distance
from swift_demo.skip_set import SkipSet

# A look: sets up to this size, whether their drafts are judged, and how much missing attention weighs.
Look = Callable[[int, bool, float], list[CloseDraft]]
_ALIKE = 0.25  # sets of one look are much alike, so that each says little beside the others
_CLEARLY = 0.05  # more of the judged tokens right, so that attention is weighed like the rest


class Looks:
    """The looks of one search.

    The sets of a look depend on how much missing attention weighs beside a missing MLP, which differs between
    models. Where drafts are judged, the second look tells, by doing both; elsewhere the weights take turns, and
    trials tell.

    Args:
        interval: Trials from one look to the next; 0 for none.
    """

    def __init__(self, interval: int):
        self._interval = interval
        self._last_trial: int | None = None
        self._count = 0
        self._attention_weight = ATTENTION_WEIGHTS[0]

    def begin_phase(self) -> None:
        """The search begins again, and its trials are counted afresh."""
        self._last_trial = None

    def is_due(self, trial: int) -> bool:
        """Whether to look at this trial of the phase, which then counts as looked at."""
        if not self._interval or (self._last_trial is not None and trial - self._last_trial < self._interval):
            return False
        self._last_trial = trial
        return True

    def largest(self, look: Look, size: int) -> SkipSet:
        """The set of ``size`` sub-layers, or of as many as there was room for."""
        self._count += 1
        *_, largest = look(size, False, ATTENTION_WEIGHTS[(self._count - 1) % 2])
        return largest.skip_set

    def fastest(
        self, look: Look, most: int, speed_of: Callable[[float, SkipSet], float], tried: Container[SkipSet]
    ) -> SkipSet | None:
        """The set of up to ``most`` sub-layers that promises most speed; None if all were tried before.

        Args:
            speed_of: What follows from matchness for a set.
        """
        self._count += 1
        drafts = self._judged(look, most)
        judged = [draft for draft in drafts if draft.is_right]
        matchness = [sum(draft.is_right) / len(draft.is_right) for draft in judged]
        loss = loss_per_distance(
            [draft.distance for draft in judged], matchness, _ALIKE * len(judged[0].is_right)
        )
        expected = {
            draft.skip_set: speed_of(math.exp(-loss * draft.distance), draft.skip_set)
            for draft in drafts
            if draft.skip_set not in tried
        }
        return max(expected, key=lambda skip_set: expected[skip_set], default=None)

    def _judged(self, look: Look, most: int) -> list[CloseDraft]:
        """Sets of all sizes, attention weighed as suits the model."""
        if self._count != 2:  # the first may be the last, so it is not doubled
            return look(most, True, self._attention_weight)
        lighter, alike = ATTENTION_WEIGHTS
        found = {weight: look(most, True, weight) for weight in (lighter, alike)}
        right = {weight: _share_right(drafts) for weight, drafts in found.items()}
        self._attention_weight = alike if right[alike] > right[lighter] + _CLEARLY else lighter
        return found[self._attention_weight]


def _share_right(drafts: Sequence[CloseDraft]) -> float:
    """Of all tokens that a look has judged."""
    return statistics.fmean(is_right for draft in drafts for is_right in draft.is_right)
