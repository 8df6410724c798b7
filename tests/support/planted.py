"""Small random models with planted layers, in which the right skip set is known."""

from __future__ import annotations

from typing import Any

from support.models import random_model
from swift_demo.model.target import Target
from swift_demo.offline.planted import plant
from swift_demo.skip_set import SkipSet

PLANTED_BEHIND = range(1, 7)  # layers of the random model


def planted_at(epsilon: float, tokenizer: Any, config: Any = None, seed: int = 0) -> tuple[Target, SkipSet]:
    """A random model with layers planted behind all of its inner ones, and the set of them."""
    planted = plant(random_model(config, seed), epsilon, PLANTED_BEHIND)
    target = Target(planted.model, tokenizer, f"planted {epsilon:g}")
    target.probe()
    return target, planted.skip_set
