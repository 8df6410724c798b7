"""Events to numbers; every denominator of a lane is named here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from swift_demo.events import (
    Event,
    GenerationFinished,
    Lane,
    PromptRead,
    RoundVerified,
    SkipSetTried,
    TokenDecoded,
)


@dataclass(slots=True)
class LaneMetrics:
    """Running totals of one lane; feed it events in order.

    Attributes:
        num_tokens: Tokens generated.
        seconds: The lane's clock, prompt included.
        num_rounds: Target forwards that generated tokens.
        num_drafted: Tokens drafted on the verified chain.
        num_accepted: Of these, the accepted ones; corrected, bonus and rescued tokens do not count.
        num_rescued: Accepted siblings, which were drafted beside a rejected token of the chain.
        num_trials: Skip sets scored.
    """

    lane: Lane
    num_tokens: int = 0
    seconds: float = 0.0
    num_rounds: int = 0
    num_drafted: int = 0
    num_accepted: int = 0
    num_rescued: int = 0
    num_trials: int = 0
    prompt_s: float = 0.0
    draft_s: float = 0.0
    verify_s: float = 0.0
    search_s: float = 0.0
    is_finished: bool = False

    def add(self, event: Event) -> None:
        """Take in one event; those of the other lane are ignored."""
        if event.lane != self.lane:
            return
        self.seconds = event.clock_s
        if isinstance(event, TokenDecoded):
            self.num_tokens += 1
            self.num_rounds += 1
        elif isinstance(event, RoundVerified):
            self.num_tokens += len(event.token_ids)
            self.num_rounds += 1
            self.num_drafted += event.num_drafted
            self.num_accepted += event.num_accepted
            self.num_rescued += event.num_rescued
        elif isinstance(event, SkipSetTried):
            self.num_trials += 1
        elif isinstance(event, PromptRead):
            self.prompt_s = event.clock_s
        elif isinstance(event, GenerationFinished):
            self.draft_s, self.verify_s, self.search_s = event.draft_s, event.verify_s, event.search_s
            self.is_finished = True

    @property
    def tokens_per_s(self) -> float | None:
        """Tokens over the lane's seconds, prompt included; None before the first token."""
        return self.num_tokens / self.seconds if self.num_tokens and self.seconds else None

    @property
    def acceptance_rate(self) -> float | None:
        """Accepted over drafted tokens, both of the chain; None if nothing was drafted."""
        return self.num_accepted / self.num_drafted if self.num_drafted else None

    @property
    def mean_tokens_per_round(self) -> float | None:
        """Tokens over rounds, corrected and bonus tokens included (the paper's M)."""
        return self.num_tokens / self.num_rounds if self.num_rounds else None


def lane_metrics(events: Iterable[Event], lane: Lane) -> LaneMetrics:
    """Totals of one lane over a list of events."""
    metrics = LaneMetrics(lane)
    for event in events:
        metrics.add(event)
    return metrics


def speedup(swift: LaneMetrics, vanilla: LaneMetrics) -> float | None:
    """Tokens per second of SWIFT over vanilla's; None until both have tokens."""
    if swift.tokens_per_s is None or vanilla.tokens_per_s is None:
        return None
    return swift.tokens_per_s / vanilla.tokens_per_s


def first_difference(a: tuple[int, ...], b: tuple[int, ...]) -> int | None:
    """Index of the first position where two id sequences differ; None if one begins with the other."""
    for position, (left, right) in enumerate(zip(a, b, strict=False)):
        if left != right:
            return position
    return None
