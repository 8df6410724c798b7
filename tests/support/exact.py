"""Models small enough that the probability of every text is known, and how far honest draws may be from it."""

from __future__ import annotations

import math

import torch

from swift_demo.skip_set import SkipSet

VOCAB_SIZE = 5
NUM_POSITIONS = 3
PROMPT = (2,)
DRAFT_SET = SkipSet((1,))


def tables(seed=0):
    """Target and draft that agree a little, as in life."""
    generator = torch.Generator().manual_seed(seed)
    shape = (NUM_POSITIONS, VOCAB_SIZE, VOCAB_SIZE)
    target = 1.5 * torch.randn(shape, generator=generator)
    return target, 0.5 * target + 1.6 * torch.randn(shape, generator=generator)


def total_variation(counts, probs):
    num = sum(counts.values())
    return sum(abs(counts[text] / num - prob) for text, prob in probs.items()) / 2


def noise_bound(probs, num_draws, risk=1e-4):
    """What the total variation of honest draws exceeds with probability ``risk`` at most.

    Its mean is at most half the sum of the standard deviations of the shares; one draw moves it by at
    most 1 / num_draws, so McDiarmid's inequality bounds the rest.
    """
    mean = sum(math.sqrt(p * (1 - p) / num_draws) for p in probs.values()) / 2
    return mean + math.sqrt(math.log(1 / risk) / (2 * num_draws))
