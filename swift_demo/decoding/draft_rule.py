"""How far a draft goes and how many candidates it has: by thresholds that are given, or by what pays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from swift_demo.config import TreeLevel
from swift_demo.decoding.calibration import Calibration, SiblingRecord


class Step(NamedTuple):
    """What follows from a token's confidence: the draft ends there if it is below the threshold."""

    threshold: float
    num_candidates: int


class DraftRule(Protocol):
    """Decides as a draft grows. Asked once for each token of the chain, in order.

    It may look at confidences, which depend on the tokens before a place, and at earlier rounds; never at the
    token drafted there. So what is drafted at a place is drawn from the draft's distribution whatever the rule,
    and verification leaves the target's unchanged.
    """

    max_tokens: int

    def after(self, confidence: float) -> Step: ...


@dataclass(slots=True)
class ThresholdDrafting:
    """Drafting to a threshold, candidates by level (paper, section 4.2)."""

    max_tokens: int
    threshold: float
    levels: Sequence[TreeLevel]

    def after(self, confidence: float) -> Step:
        return Step(self.threshold, most_candidates(confidence, self.levels))


@dataclass(slots=True)
class PayingDrafting:
    """Drafting while the next token is expected to earn the time it takes.

    Time has a price: ``speedup`` tokens for each token's worth, since that is what decoding earns anyway. One
    more drafted token costs ``token_cost`` of it and ``further_cost`` for being verified; it earns a token if
    all before it are right and so is it. A sibling costs ``further_cost``, and earns a token if all before
    its place are right, and it is where the chain is wrong.

    Attributes:
        max_tokens: Most tokens of the chain.
        levels: Most candidates, by confidence.
        calibration: The chance that a token drafted with a confidence is right.
        siblings: The chance that a sibling is, where the chain is wrong.
        acceptance: The same chance for the next token, whose confidence is not known yet.
        survival: The chance that all tokens of the chain so far are right.
        depth: How many there are.

    Source:
        The optimal stop is a bound on the chance that nothing was rejected so far, not on the last confidence:
        SpecDec++ (arXiv 2405.19715). The bound used here follows from costs.
    """

    max_tokens: int
    levels: Sequence[TreeLevel]
    calibration: Calibration
    siblings: SiblingRecord
    acceptance: float
    speedup: float
    token_cost: float
    further_cost: float
    survival: float = field(default=1.0)
    depth: int = field(default=0)

    def after(self, confidence: float) -> Step:
        price = self.speedup * (self.token_cost + self.further_cost)
        next_right = self.calibration.at_depth(self.acceptance, self.depth + 1)
        needed = price / max(next_right * self.survival, 1e-9)
        threshold = self.calibration.confidence_of(needed, self.depth)
        chance = self.calibration.chance_of(confidence, self.depth)
        self.depth += 1
        wrong_here = self.survival * (1 - chance)
        self.survival *= chance
        most = most_candidates(confidence, self.levels)
        paying = self.siblings.num_worth(self.speedup * self.further_cost / max(wrong_here, 1e-9), most - 1)
        return Step(threshold, 1 + paying)


def most_candidates(confidence: float, levels: Sequence[TreeLevel]) -> int:
    """How many tokens may compete at this confidence; one if no level reaches that high."""
    return next((level.num_candidates for level in levels if confidence <= level.max_confidence), 1)
