"""How well a model knows the text that it is given."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from swift_demo.model.target import Target
from swift_demo.skip_set import SkipSet

# The embedded model finds held-out prompts of its tasks below 0.2, and texts about anything else above 0.9.
FOREIGN = 0.75
_NUM_TOKENS = 64  # that are looked at; the logits of more would be large


@torch.inference_mode()
def surprise(target: Target, prompt_ids: Sequence[int]) -> float | None:
    """How unlikely a model finds a prompt's own tokens, from 0; 1 is as unlikely as picked at random.

    Their mean negative log-probability over that of a uniform choice. None if there is only one.
    """
    ids = torch.tensor(prompt_ids[:_NUM_TOKENS], device=target.device)
    if len(ids) < 2:
        return None
    logits = target.forward(ids, target.new_cache(len(ids)), 0, SkipSet())
    found = torch.nn.functional.cross_entropy(logits[:-1].float(), ids[1:].to(logits.device))
    return float(found) / math.log(target.vocab_size)
