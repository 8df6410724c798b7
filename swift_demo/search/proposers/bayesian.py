"""Bayesian proposals, and what all scores together say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from swift_demo.events import Proposer as ProposerName
from swift_demo.search.gaussian_process import GaussianProcess
from swift_demo.search.proposers.base import Observation, neighbours, random_sets

_MAX_OBSERVATIONS = 128  # that a Gaussian process is fitted to
_NUM_CANDIDATES = 256
_EXPLORATION = 1.0  # how many standard deviations above its mean a set is hoped to be
_NOISE = 0.1  # variance of a score on one window, as a share of the variance between sets


class BayesianProposer:
    """The set with the highest upper confidence bound under a Gaussian process.

    Source:
        Paper, section 4.1, with two deviations: the process is given exactly the set that was scored, and
        candidates (most of them neighbours of the incumbent) have exactly k bits unless sizes are free.
    """

    name: ProposerName = "bayesian"

    def __init__(self, rng: np.random.Generator, has_free_size: bool = False):
        self._rng = rng
        self._has_free_size = has_free_size

    def propose(self, observations: Sequence[Observation], incumbent: np.ndarray) -> np.ndarray:
        if not observations:
            return random_sets(self._rng, 1, incumbent)[0]
        num_random = _NUM_CANDIDATES // 4
        candidates = np.concatenate(
            [
                random_sets(self._rng, num_random, incumbent),
                neighbours(self._rng, _NUM_CANDIDATES - num_random, incumbent, self._has_free_size),
            ]
        )
        others = candidates[(candidates != incumbent).any(axis=1)]
        candidates = others if len(others) else candidates
        mean, deviation = _process(observations).mean_and_deviation(candidates.astype(float))
        return candidates[int(np.argmax(mean + _EXPLORATION * deviation))]


def most_promising(observations: Sequence[Observation]) -> np.ndarray:
    """The scored set, (n,) bool, whose expected score is highest when its neighbours' scores count too."""
    tried = np.unique([o.bits for o in observations[-_MAX_OBSERVATIONS:]], axis=0)
    return tried[int(np.argmax(_process(observations).mean(tried.astype(float))))]


def _process(observations: Sequence[Observation]) -> GaussianProcess:
    """A Gaussian process over the latest scores, which are scaled to the kernel's unit variance."""
    recent = observations[-_MAX_OBSERVATIONS:]
    bits = np.array([o.bits for o in recent], dtype=float)
    scores = np.array([o.score for o in recent])
    spread = max(float(scores.std()), 0.02)
    length_scale = float(np.sqrt(bits[0].sum() + 1.0))
    return GaussianProcess(bits, (scores - scores.mean()) / spread, length_scale, _NOISE)
