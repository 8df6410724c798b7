"""Settings, checked when they are made, so that a wrong one is refused before anything runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

ThresholdRule = Literal["fixed", "adaptive"]
Objective = Literal["matchness", "speed"]


def _require(condition: bool, name: str, value: object, allowed: str) -> None:
    if not condition:
        raise ValueError(f"{name}={value!r}: must be {allowed}")


@dataclass(frozen=True, slots=True)
class SamplingConfig:
    """How a token is chosen from the target's distribution; temperature 0 is greedy.

    Attributes:
        temperature: Divides the logits; 0 takes the most probable token.
        top_p: Keep the smallest set of tokens whose probabilities reach this sum.
        top_k: Keep this many most probable tokens; 0 keeps all.
        seed: Of the random draws; each lane has a stream of its own.
    """

    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        _require(0 <= self.temperature <= 10, "temperature", self.temperature, "from 0 (greedy) to 10")
        _require(0 < self.top_p <= 1, "top_p", self.top_p, "above 0 and at most 1")
        _require(self.top_k >= 0, "top_k", self.top_k, "0 (all tokens) or a positive number")

    @property
    def is_greedy(self) -> bool:
        return self.temperature == 0


@dataclass(frozen=True, slots=True)
class SearchConfig:
    """How the skip set is looked for while text is generated (paper, section 4.1).

    Attributes:
        is_enabled: Off keeps the start set (or the given one) for good.
        objective: "matchness" at the given skip ratio, as in SWIFT, or "speed": the tokens per second that
            follow from matchness and measured sub-layer costs, with sets of any size.
        max_trials: S: the search ends after this many trials.
        tolerance: It ends after this many trials in a row without improvement.
        max_score: It ends once the incumbent's matchness reaches this, on average over ``min_scores`` or more
            scores, the last of them on a whole window.
        min_scores: A single window may be an easy one, and the best of many sets is also the luckiest.
        context_window: Gamma: trials are scored on this many most recent generated tokens.
        min_context: No trial before this many tokens were generated for the prompt.
        bayesian_interval: Beta: every so many trials the proposal is Bayesian.
        random_interval: Every so many trials the proposal is random; the others are local swaps.
        hidden_states_interval: Every so many trials, from the first after the start set on, the proposal is the
            set whose hidden states stay closest to the target's (beyond the paper); 0 is never.
        trial_interval: One trial every so many rounds at most.
        max_time_share: No trial while the search has taken more than this share of the lane's time.
        restart_margin: The search begins again when acceptance falls: when rounds of the accelerating phase
            keep accepting a share this much smaller than the phase has so far; at 1 it never does.
        seed: Of the random proposals.
    """

    is_enabled: bool = True
    objective: Objective = "matchness"
    max_trials: int = 200
    tolerance: int = 50
    max_score: float = 0.98
    min_scores: int = 3
    context_window: int = 50
    min_context: int = 16
    bayesian_interval: int = 4
    random_interval: int = 10
    hidden_states_interval: int = 4
    trial_interval: int = 1
    max_time_share: float = 0.1
    restart_margin: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        _require(self.objective in ("matchness", "speed"), "objective", self.objective,
                 "'matchness' or 'speed'")
        for name in ("max_trials", "tolerance", "min_scores", "context_window", "min_context",
                     "bayesian_interval", "random_interval", "trial_interval"):
            _require(getattr(self, name) >= 1, name, getattr(self, name), "at least 1")
        _require(self.hidden_states_interval >= 0, "hidden_states_interval", self.hidden_states_interval,
                 "0 (never) or a positive number")
        _require(0 < self.max_score <= 1, "max_score", self.max_score, "above 0 and at most 1")
        _require(0 <= self.max_time_share <= 1, "max_time_share", self.max_time_share, "from 0 to 1")
        _require(0 < self.restart_margin <= 1, "restart_margin", self.restart_margin, "above 0 and at most 1")
        _require(
            self.min_context <= self.context_window, "min_context", self.min_context,
            f"at most context_window ({self.context_window})",
        )


@dataclass(frozen=True, slots=True)
class TreeLevel:
    """Up to this confidence of the draft, so many candidates for the token are verified."""

    max_confidence: float
    num_candidates: int

    def __post_init__(self) -> None:
        _require(0 < self.max_confidence <= 1, "max_confidence", self.max_confidence, "above 0 and at most 1")
        _require(1 <= self.num_candidates <= 64, "num_candidates", self.num_candidates, "from 1 to 64")


PAPER_TREE = (TreeLevel(0.5, 10), TreeLevel(0.8, 5), TreeLevel(0.95, 3), TreeLevel(1.0, 1))


@dataclass(frozen=True, slots=True)
class SwiftConfig:
    """Settings of SWIFT decoding.

    Attributes:
        skip_ratio: r: share of the 2 (L - 2) skippable sub-layers that the draft leaves out. The paper has
            0.45; on the embedded model 0.5 promises more speed.
        confidence_threshold: Epsilon: drafting stops after a token whose confidence is below this.
        threshold_rule: "fixed" as in SWIFT, or "adaptive" as in Draft & Verify (arXiv 2309.08168).
        max_draft_tokens: Drafting stops at this length at the latest.
        tree_levels: How many candidates there are for a token, by the draft's confidence, in ascending
            order (paper, section 4.2, dynamic verification); none leaves the draft a chain.
        target_acceptance_rate: Alpha, the goal of the adaptive rule.
        search: How the skip set is looked for.
    """

    skip_ratio: float = 0.5
    confidence_threshold: float = 0.8
    threshold_rule: ThresholdRule = "fixed"
    max_draft_tokens: int = 25
    tree_levels: tuple[TreeLevel, ...] = PAPER_TREE
    target_acceptance_rate: float = 0.9
    search: SearchConfig = field(default_factory=SearchConfig)

    def __post_init__(self) -> None:
        _require(0 <= self.skip_ratio <= 0.9, "skip_ratio", self.skip_ratio, "from 0 to 0.9")
        _require(0 <= self.confidence_threshold <= 1, "confidence_threshold", self.confidence_threshold,
                 "from 0 to 1")
        _require(self.threshold_rule in ("fixed", "adaptive"), "threshold_rule", self.threshold_rule,
                 "'fixed' or 'adaptive'")
        _require(1 <= self.max_draft_tokens <= 100, "max_draft_tokens", self.max_draft_tokens, "from 1 to 100")
        bounds = [level.max_confidence for level in self.tree_levels]
        _require(bounds == sorted(set(bounds)), "tree_levels", self.tree_levels, "in ascending order")
        _require(0 < self.target_acceptance_rate < 1, "target_acceptance_rate", self.target_acceptance_rate,
                 "between 0 and 1")
