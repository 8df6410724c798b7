"""A target and a draft over a vocabulary so small that every text's probability can be counted out."""

from __future__ import annotations

import itertools
import math

import pytest
import torch

from swift_demo.decoding.sampling import process
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


def exact_probabilities(table, sampling, num_tokens):
    """Probability of every text of ``num_tokens`` tokens after the prompt."""
    rows = [process(logits, sampling).double() for logits in table]
    probs = {}
    for text in itertools.product(range(VOCAB_SIZE), repeat=num_tokens):
        prob, last = 1.0, PROMPT[-1]
        for place, token in enumerate(text):
            prob *= float(rows[(len(PROMPT) - 1 + place) % len(rows)][last, token])
            last = token
        probs[text] = prob
    assert sum(probs.values()) == pytest.approx(1)
    return probs


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
