"""Settings, checked on construction, so that a wrong one is refused before anything runs."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from swift_demo.brief import brief

ThresholdRule = Literal["measured", "fixed", "adaptive"]
Objective = Literal["speed", "matchness"]

RULES: tuple[ThresholdRule, ...] = ("measured", "fixed", "adaptive")
_LARGEST_SEED = 2**64 - 1  # that torch takes
_LARGEST_COUNT = 2**31 - 1


def _check(config: object, name: str, is_allowed: Callable[[Any], bool], allowed: str) -> None:
    """Refuse a value by name and range."""
    value = getattr(config, name)
    if not is_allowed(value):
        raise ValueError(f"{name}={brief(value)}: must be {allowed}")


def _check_number(config: object, name: str, is_allowed: Callable[[float], bool], allowed: str) -> None:
    """The same for a number, which is kept as a float; NaN is in no range."""
    _check(config, name, lambda value: _is_a(numbers.Real, value) and is_allowed(_as_float(value)), allowed)
    object.__setattr__(config, name, float(getattr(config, name)))


def _check_count(config: object, name: str, low: int, high: int, allowed: str = "") -> None:
    """The same for a whole number, which is kept as an int."""
    allowed = allowed or f"a whole number from {low} to {high}"
    _check(config, name, lambda value: _is_a(numbers.Integral, value) and low <= value <= high, allowed)
    object.__setattr__(config, name, int(getattr(config, name)))


def _as_float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _is_a(kind: type, value: object) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


@dataclass(frozen=True, slots=True)
class SamplingConfig:
    """How a token is chosen from the target's distribution; temperature 0 is greedy.

    Attributes:
        temperature: Divides the logits; 0 takes the most probable token.
        top_p: Keep the smallest set of tokens whose probabilities reach this sum.
        top_k: Keep this many most probable tokens; 0 keeps all.
        seed: Of the random draws; each lane has its own stream. The same seed gives the same text; in SWIFT's
            lane, if the decoder has learned the same.
    """

    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        _check_number(
            self,
            "temperature",
            lambda temperature: 0 <= temperature < math.inf,
            "0 (greedy) or a finite positive number",
        )
        _check_number(self, "top_p", lambda p: 0 < p <= 1, "above 0 and at most 1")
        _check_count(
            self, "top_k", 0, _LARGEST_COUNT, f"a whole number from 0 (all tokens) to {_LARGEST_COUNT}"
        )
        _check_count(self, "seed", 0, _LARGEST_SEED)

    @property
    def is_greedy(self) -> bool:
        return self.temperature == 0


@dataclass(frozen=True, slots=True)
class SearchConfig:
    """How the skip set is looked for while text is generated (paper, section 4.1).

    Attributes:
        is_enabled: Off keeps the start set (or the given one) for good.
        objective: "speed": the tokens per second that follow from matchness and what passes cost, with sets of
            any size; or "matchness" at the given skip ratio, as in SWIFT. Costs are measured in greedy
            decoding and counted in sampling, whose text must not depend on a clock.
        max_trials: S: the search ends after this many trials.
        tolerance: It ends after this many trials in a row without improvement.
        max_score: It ends once the incumbent's matchness reaches this, on average over ``min_scores`` or more
            scores, the last of them on a whole window.
        min_scores: A single window may be an easy one, and the best of many sets is also the luckiest.
        context_window: Gamma: trials are scored on this many of the latest generated tokens.
        min_context: No trial before this many tokens were generated for the prompt.
        bayesian_interval: Beta: one proposal in this many is Bayesian.
        random_interval: One proposal in this many is random; the others are local swaps.
        hidden_states_interval: One proposal in this many, from the first after the start set on, is the set
            whose hidden states stay closest to the target's (beyond the paper); 0 is never.
        trial_interval: At most one trial in this many rounds.
        contribution_interval: One proposal in this many, before the others, skips the sub-layers that changed
            the hidden states least while the prompt was read (beyond the paper); 0 is never.
        max_time_share: No trial while the search has taken more than this share of the lane's time.
        fading_trials: The share fades, since ever less is to be found: after this many trials of a phase it is
            half, after twice as many a third, and so on; 0 leaves it.
        max_loss_share: No trial and no test of a draft while the lane has lost more than this share of its time
            against plain decoding, but for the first few tokens' worth.
        restart_margin: The search begins again when acceptance falls: when rounds of the accelerating phase
            keep accepting a share this much smaller than the phase has so far; at 1 it never does.
        seed: Of the random proposals.
    """

    is_enabled: bool = True
    objective: Objective = "speed"
    max_trials: int = 200
    tolerance: int = 50
    max_score: float = 0.98
    min_scores: int = 3
    context_window: int = 50
    min_context: int = 16
    bayesian_interval: int = 4
    random_interval: int = 10
    hidden_states_interval: int = 4
    contribution_interval: int = 4
    trial_interval: int = 1
    max_time_share: float = 0.1
    fading_trials: int = 4
    max_loss_share: float = 0.01
    restart_margin: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        _check(self, "is_enabled", lambda value: isinstance(value, bool), "True or False")
        _check(self, "objective", lambda value: value in ("matchness", "speed"), "'matchness' or 'speed'")
        for name in (
            "max_trials",
            "tolerance",
            "min_scores",
            "bayesian_interval",
            "random_interval",
            "trial_interval",
        ):
            _check_count(self, name, 1, _LARGEST_COUNT)
        _check_count(self, "context_window", 1, 2048)  # the cache has as many slots to spare
        _check_count(
            self,
            "min_context",
            1,
            self.context_window,
            f"a whole number from 1 to context_window ({self.context_window})",
        )
        for name in ("hidden_states_interval", "contribution_interval", "fading_trials"):
            _check_count(self, name, 0, _LARGEST_COUNT, f"a whole number from 0 (never) to {_LARGEST_COUNT}")
        _check_number(self, "max_score", lambda score: 0 < score <= 1, "above 0 and at most 1")
        for name in ("max_time_share", "max_loss_share"):
            _check_number(self, name, lambda share: 0 <= share <= 1, "from 0 to 1")
        _check_number(self, "restart_margin", lambda margin: 0 < margin <= 1, "above 0 and at most 1")
        _check_count(self, "seed", 0, _LARGEST_SEED)


PAPER_SEARCH = SearchConfig(
    objective="matchness",
    max_trials=1000,
    tolerance=300,
    max_score=0.95,
    min_scores=1,
    context_window=32,
    bayesian_interval=25,
    random_interval=1,
    hidden_states_interval=0,
    contribution_interval=0,
    max_time_share=1.0,
    fading_trials=0,
    max_loss_share=1.0,
    restart_margin=1.0,
)


@dataclass(frozen=True, slots=True)
class TreeLevel:
    """Up to this confidence of the draft, this many candidates for the token are verified."""

    max_confidence: float
    num_candidates: int

    def __post_init__(self) -> None:
        _check_number(self, "max_confidence", lambda bound: 0 < bound <= 1, "above 0 and at most 1")
        _check_count(self, "num_candidates", 1, 64)


PAPER_TREE = (TreeLevel(0.5, 10), TreeLevel(0.8, 5), TreeLevel(0.95, 3), TreeLevel(1.0, 1))


@dataclass(frozen=True, slots=True)
class SwiftConfig:
    """Settings of SWIFT decoding.

    Attributes:
        skip_ratio: r: share of the 2 (L - 2) skippable sub-layers that the draft leaves out; if the objective
            is speed, the search begins with it and changes it.
        threshold_rule: What decides about drafting: "measured": each round drafts as far, and verifies as many
            candidates, as pays by what passes have cost and how often drafts have been right; nothing where
            nothing pays. "fixed" as in SWIFT: each round drafts, up to a token with too little confidence.
            "adaptive": the same with a threshold that moves, as in Draft & Verify (arXiv 2309.08168).
        confidence_threshold: Epsilon: drafting stops after a token whose confidence is below this; not used if
            the rule is "measured".
        max_draft_tokens: Drafting stops at this length at the latest.
        tree_levels: How many candidates there are for a token, at most, by the draft's confidence, in ascending
            order (paper, section 4.2, dynamic verification); none leaves the draft a chain.
        target_acceptance_rate: Alpha, the goal of the adaptive rule.
        search: How the skip set is looked for.
    """

    skip_ratio: float = 0.5
    threshold_rule: ThresholdRule = "measured"
    confidence_threshold: float = 0.8
    max_draft_tokens: int = 25
    tree_levels: tuple[TreeLevel, ...] = PAPER_TREE
    target_acceptance_rate: float = 0.9
    search: SearchConfig = field(default_factory=SearchConfig)

    def __post_init__(self) -> None:
        _check_number(self, "skip_ratio", lambda ratio: 0 <= ratio <= 0.9, "from 0 to 0.9")
        _check_number(self, "confidence_threshold", lambda epsilon: 0 <= epsilon <= 1, "from 0 to 1")
        _check(self, "threshold_rule", lambda rule: rule in RULES, "'measured', 'fixed' or 'adaptive'")
        _check_count(self, "max_draft_tokens", 1, 100)
        _check(self, "tree_levels", _are_levels, "TreeLevels with max_confidence in ascending order")
        object.__setattr__(self, "tree_levels", tuple(self.tree_levels))
        _check_number(self, "target_acceptance_rate", lambda rate: 0 < rate < 1, "between 0 and 1")
        _check(self, "search", lambda search: isinstance(search, SearchConfig), "a SearchConfig")

    @classmethod
    def paper(cls) -> SwiftConfig:
        """SWIFT as published: matchness at a fixed ratio, random and Bayesian proposals, a draft in each round.

        Source:
            The defaults of the authors' released program; scores follow the text here (see ``matchness``).
        """
        return cls(skip_ratio=0.45, threshold_rule="fixed", search=PAPER_SEARCH)


def _are_levels(levels: Any) -> bool:
    """Whether these are levels of a tree, in ascending order."""
    if not isinstance(levels, tuple | list) or not all(isinstance(level, TreeLevel) for level in levels):
        return False
    bounds = [level.max_confidence for level in levels]
    return bounds == sorted(set(bounds))
