"""How well a skip set's draft agrees with what the target has just generated."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from swift_demo.model.kv_cache import KVCache
from swift_demo.model.target import Target
from swift_demo.skip_set import SkipSet


@dataclass(frozen=True, slots=True)
class ScoredDraft:
    """What a draft would have done at the latest tokens of a text, had each been drafted after the right ones.

    Attributes:
        is_right: (n,) whether its choice is the token of the text.
        confidences: (n,) its top-1 probability.
    """

    is_right: tuple[bool, ...]
    confidences: tuple[float, ...]

    @property
    def matchness(self) -> float:
        """The share of tokens that it would have chosen; a multiple of 1 / n."""
        return sum(self.is_right) / len(self.is_right)


def score_draft(
    target: Target, cache: KVCache, recent_ids: torch.Tensor, slot: int, skip_set: SkipSet
) -> ScoredDraft:
    """Compare the most recent tokens with what the draft would have chosen, in one parallel forward.

    The tokens are run again, with sub-layers skipped, in cache slots past the text. They see the
    prompt and text before them as the target cached them, and each other as the draft computes them;
    the slots where the target cached these same tokens are masked.

    Args:
        recent_ids: (n + 1,) the last n + 1 tokens of the text; the last n are scored.
        slot: Slot of the last token of the text, the first one free to be written.
        skip_set: The draft to score.

    Source:
        Paper, section 4.1 (matchness). The paper scores the first tokens of the answer; here they are the most
        recent ones, so that the score follows the text.
    """
    num_scored = len(recent_ids) - 1
    first = slot - num_scored
    logits = target.forward(
        recent_ids[:-1], cache, slot, skip_set, position=first, hidden_slots=slice(first, slot)
    )
    confidences, choices = logits.float().softmax(-1).nan_to_num(nan=0.0).max(-1)
    return ScoredDraft(tuple((choices == recent_ids[1:]).tolist()), tuple(confidences.tolist()))
