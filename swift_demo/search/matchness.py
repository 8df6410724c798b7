"""How well a skip set's draft agrees with what the target has just generated."""

from __future__ import annotations

import torch

from swift_demo.model.kv_cache import KVCache
from swift_demo.model.target import Target
from swift_demo.skip_set import SkipSet


def matchness(target: Target, cache: KVCache, recent_ids: torch.Tensor, slot: int, skip_set: SkipSet) -> float:
    """Share of the most recent tokens that the draft would have chosen, from one parallel forward.

    The tokens are run again, with sub-layers skipped, in cache slots past the text. They see the
    prompt and text before them as the target cached them, and each other as the draft computes them;
    the slots where the target cached these same tokens are masked.

    Args:
        recent_ids: (n + 1,) the last n + 1 tokens of the text; the last n are scored.
        slot: Slot of the last token of the text, the first one free to be written.
        skip_set: The draft to score.

    Returns:
        A number in [0, 1], a multiple of 1 / n.

    Source:
        Paper, section 4.1 (matchness). The paper scores the first tokens of the answer; here they are the most
        recent ones, so that the score follows the text.
    """
    num_scored = len(recent_ids) - 1
    first = slot - num_scored
    logits = target.forward(
        recent_ids[:-1], cache, slot, skip_set, position=first, hidden_slots=slice(first, slot)
    )
    return float((logits.argmax(-1) == recent_ids[1:]).float().mean())
