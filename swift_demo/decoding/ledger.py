"""What SWIFT's lane has spent and what it got for it, in tokens decoded plainly."""

from __future__ import annotations

from dataclasses import dataclass

from swift_demo.decoding.clock import LaneClock, Part
from swift_demo.search.costs import PassCosts
from swift_demo.skip_set import SkipSet

CREDIT = 3.0  # tokens that may be lost before anything is known
_MOST_RISKED = 10.0  # of what was won in other texts
EARNED_BACK_IN = 128.0  # what is lost must be, where drafting goes on; in tokens decoded plainly


@dataclass(slots=True)
class Budget:
    """What was spent on all texts of a decoder, beside reading prompts.

    Attributes:
        searched: By this phase of the search.
        whole: In this phase, by all together.
        lost: How many tokens plain decoding would be ahead by now; below 0 if it would be behind.
    """

    searched: float = 0.0
    whole: float = 0.0
    lost: float = 0.0

    def begin_text(self) -> None:
        """What was won in other texts may be lost in this one only up to a point."""
        self.lost = max(self.lost, -_MOST_RISKED)

    def begin_phase(self) -> None:
        """The search has begun again, with a share of its own."""
        self.searched = self.whole = 0.0


class Ledger:
    """Counts what was spent at what it took, and tells the costs how long passes took.

    Where costs are counted, passes count as that, and nothing else does: no decision then depends on a clock,
    and the same seed gives the same text.
    """

    def __init__(self, costs: PassCosts, clock: LaneClock, budget: Budget):
        self.costs = costs
        self.budget = budget
        self._clock = clock
        self._spent = 0.0  # on this text

    def add(
        self, part: Part, num_tokens: int, skip_set: SkipSet, times: int = 1, is_alone: bool = True
    ) -> None:
        """Count forwards over ``num_tokens`` each, which the clock has just timed.

        Args:
            times: How many.
            is_alone: Whether nothing else was timed with them.
        """
        if is_alone and times:
            self.costs.learn(num_tokens, skip_set, self._clock.last_s / times)
        is_plain = num_tokens == 1 and not skip_set  # the unit, however long it took this time
        if self._unit_s is None or is_plain:
            self._spend(part, times * self.costs.of_pass(num_tokens, skip_set))
        elif is_alone:
            self.add_beside(part)

    def add_beside(self, part: Part) -> None:
        """Count all else that the clock has just timed, with the passes in it, if time counts."""
        if self._unit_s is not None:
            self._spend(part, self._clock.last_s / self._unit_s)

    def _spend(self, part: Part, cost: float) -> None:
        self._spent += cost
        if part != "prompt":
            self.budget.whole += cost
            self.budget.lost += cost
        if part == "search":
            self.budget.searched += cost

    @property
    def _unit_s(self) -> float | None:
        """Seconds of a token decoded plainly; None if passes are counted."""
        return self.costs.plain_s if self.costs.is_measured else None

    def got(self, num_tokens: int) -> None:
        """Count tokens that joined the text."""
        self.budget.lost -= num_tokens

    @property
    def plain_s(self) -> float:
        """Seconds of a token decoded plainly: measured, or else what they must be for all that was spent."""
        return self.costs.plain_s or self._clock.elapsed_s / max(self._spent, 1e-9)

    def has_credit(self, loss_share: float) -> bool:
        """Whether the lane has lost no more than it may, as in ``affords``, though nothing is earned back."""
        return self.budget.lost <= CREDIT + loss_share * self.budget.whole

    def affords(
        self, cost: float, time_share: float, loss_share: float, promised: float, credit: float = CREDIT
    ) -> bool:
        """Whether there is time for a trial of this cost.

        Args:
            time_share: What the search may have taken of the lane's time, beside the first few tokens' worth;
                and what one trial alone may take.
            loss_share: What the lane may have lost of it against plain decoding, beside the same and what it
                will soon have earned back.
            promised: Tokens per time that drafting is expected to give.
            credit: The first few tokens' worth.
        """
        budget = self.budget
        has_share = max(budget.searched, cost) <= credit + time_share * budget.whole
        earned_back = EARNED_BACK_IN * max(0.0, promised - 1)
        return has_share and budget.lost + cost <= credit + loss_share * budget.whole + earned_back
