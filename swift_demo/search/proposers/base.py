"""What a proposer is, and the moves that several of them make."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from swift_demo.events import Proposer as ProposerName

_SUPPOSED_LOSS = 2.0  # of the logarithm of matchness, for a whole cosine distance: before any trial
_SUPPOSED_WRONG = 1.0  # positions that this counts for, in wrong ones
_LEAST_MATCHNESS = 0.02


@dataclass(frozen=True, slots=True)
class Observation:
    """A scored set: ``bits`` (n,) bool, what it got, and the matchness behind it."""

    bits: np.ndarray
    score: float
    matchness: float


class Proposer(Protocol):
    """Suggests a set, given the scores so far and the incumbent."""

    name: ProposerName

    def propose(self, observations: Sequence[Observation], incumbent: np.ndarray) -> np.ndarray:
        """(n,) bool, as many bits set as in the incumbent unless sizes are free. Never the incumbent itself,
        unless no other set exists."""
        ...


def loss_per_distance(distances: Sequence[float], matchness: Sequence[float], num_positions: float) -> float:
    """What each distance that a set puts between draft and target costs of the logarithm of matchness.

    What all sets lost, over all their distances: a distance is supposed to cost the same in any set, so that
    scores of few positions, together, say how much.

    Args:
        distances: (n,) of sets that were scored.
        matchness: (n,) what they got.
        num_positions: What each was scored on.
    """
    lost = sum(-math.log(max(value, _LEAST_MATCHNESS)) for value in matchness)
    exposure = _SUPPOSED_WRONG / _SUPPOSED_LOSS + num_positions * sum(distances)
    return (_SUPPOSED_WRONG + num_positions * lost) / exposure


def random_sets(rng: np.random.Generator, count: int, like: np.ndarray) -> np.ndarray:
    """(count, n) bool, each row with as many bits set as ``like``."""
    return rng.permuted(np.tile(like, (count, 1)), axis=1)


def neighbours(
    rng: np.random.Generator, count: int, centre: np.ndarray, has_free_size: bool = False
) -> np.ndarray:
    """(count, n) bool: ``centre`` with one to three set bits exchanged for unset ones.

    Args:
        has_free_size: Half of them have one bit more or less instead.
    """
    sets = np.tile(centre, (count, 1))
    skipped, kept = np.flatnonzero(centre), np.flatnonzero(~centre)
    most = min(3, len(skipped), len(kept))
    for row in sets:
        if has_free_size and (most == 0 or rng.random() < 0.5):
            row[rng.integers(len(row))] ^= True
        elif most:
            swaps = int(rng.integers(1, most + 1))
            row[rng.choice(skipped, swaps, replace=False)] = False
            row[rng.choice(kept, swaps, replace=False)] = True
    return sets
