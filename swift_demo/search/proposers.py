"""Who suggests the next skip set to try; unless sizes are free, it skips exactly k sub-layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel

from swift_demo.events import Proposer as ProposerName

_MAX_OBSERVATIONS = 128  # that a Gaussian process is fitted to
_NOISE = 0.1  # variance of a score on one window, as a share of the variance between sets


@dataclass(frozen=True, slots=True)
class Observation:
    """A scored set: ``bits`` (n,) bool, and what it got."""

    bits: np.ndarray
    score: float


class Proposer(Protocol):
    """Suggests a set, given what was scored so far and the incumbent."""

    name: ProposerName

    def propose(self, observations: Sequence[Observation], incumbent: np.ndarray) -> np.ndarray:
        """(n,) bool, not the incumbent itself where there is another set."""
        ...


class RandomProposer:
    """Any set of the right size, all alike."""

    name: ProposerName = "random"

    def __init__(self, rng: np.random.Generator):
        self._rng = rng

    def propose(self, observations: Sequence[Observation], incumbent: np.ndarray) -> np.ndarray:
        return random_sets(self._rng, 1, incumbent)[0]


class BayesianProposer:
    """The set with the highest upper confidence bound under a Gaussian process.

    Source:
        Paper, section 4.1, with two deviations: the process is told the very set that was scored,
        and candidates (most of them neighbours of the incumbent) have exactly k bits unless sizes are free.
    """

    name: ProposerName = "bayesian"

    def __init__(
        self,
        rng: np.random.Generator,
        exploration: float = 1.0,
        num_candidates: int = 256,
        has_free_size: bool = False,
    ):
        self._rng = rng
        self._has_free_size = has_free_size
        self._exploration = exploration
        self._num_candidates = num_candidates

    def propose(self, observations: Sequence[Observation], incumbent: np.ndarray) -> np.ndarray:
        if not observations:
            return random_sets(self._rng, 1, incumbent)[0]
        num_random = self._num_candidates // 4
        candidates = np.concatenate(
            [
                random_sets(self._rng, num_random, incumbent),
                neighbours(self._rng, self._num_candidates - num_random, incumbent, self._has_free_size),
            ]
        )
        mean, deviation = _process(observations).predict(candidates.astype(float), return_std=True)
        return candidates[int(np.argmax(mean + self._exploration * deviation))]


def most_promising(observations: Sequence[Observation]) -> np.ndarray:
    """The scored set, (n,) bool, whose expected score is highest when its neighbours' scores count too."""
    tried = np.unique([o.bits for o in observations[-_MAX_OBSERVATIONS:]], axis=0)
    return tried[int(np.argmax(_process(observations).predict(tried.astype(float))))]


def _process(observations: Sequence[Observation]) -> GaussianProcessRegressor:
    """A Gaussian process over the latest scores, which are scaled to the kernel's unit variance."""
    recent = observations[-_MAX_OBSERVATIONS:]
    bits = np.array([o.bits for o in recent], dtype=float)
    scores = np.array([o.score for o in recent])
    kernel = RBF(length_scale=np.sqrt(bits[0].sum() + 1.0)) + WhiteKernel(_NOISE)
    spread = max(float(scores.std()), 0.02)
    return GaussianProcessRegressor(kernel, optimizer=None).fit(bits, (scores - scores.mean()) / spread)


class SwapProposer:
    """The incumbent with one to three skipped sub-layers exchanged for kept ones, or one more or less."""

    name: ProposerName = "swap"

    def __init__(self, rng: np.random.Generator, has_free_size: bool = False):
        self._rng = rng
        self._has_free_size = has_free_size

    def propose(self, observations: Sequence[Observation], incumbent: np.ndarray) -> np.ndarray:
        return neighbours(self._rng, 1, incumbent, self._has_free_size)[0]


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
