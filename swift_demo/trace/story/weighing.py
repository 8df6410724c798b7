"""What makes a weighing of drafting: numbers in their ranges that follow from each other."""

from __future__ import annotations

import math

from swift_demo.config import SwiftConfig
from swift_demo.events import DraftingWeighed
from swift_demo.trace.story.rounds import require, require_probabilities

_ROUNDING = 1e-6  # of a quotient, relative


def check_weighing(event: DraftingWeighed, config: SwiftConfig, most: int) -> None:
    """Costs, chance and lengths that can be; ``most`` bounds what is counted."""
    for name in ("draft_cost", "verification_cost", "predicted_speedup", "plain_token_s", "drafted_token_s"):
        value = getattr(event, name)
        require(value > 0, f"{name}={value}, which is not above 0")
    require_probabilities("acceptance", [event.acceptance])
    for name in ("num_judged", "pause"):
        number = getattr(event, name)
        require(0 <= number <= most, f"{name}={number}: from 0 to {most} is read")
    longest = config.max_draft_tokens
    require(
        1 <= event.best_length <= longest, f"best_length={event.best_length}, but max_draft_tokens is {longest}"
    )
    require(
        event.num_verified == event.best_length + 1,
        f"num_verified={event.num_verified}, but the best draft and the token before it are "
        f"{event.best_length + 1}",
    )
    require(
        math.isclose(event.drafted_token_s * event.predicted_speedup, event.plain_token_s, rel_tol=_ROUNDING),
        "drafted_token_s is not plain_token_s over predicted_speedup",
    )
    require(
        (event.pause == 0) == event.is_drafting, f"pause={event.pause} with is_drafting={event.is_drafting}"
    )
