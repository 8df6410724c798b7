"""What a draft's confidence is worth: learned from which drafted tokens were right."""

from __future__ import annotations

import math
from collections import deque
from itertools import islice, takewhile

import numpy as np

_MEMORY = 256  # judged tokens that are remembered
# In judged tokens or so: a target that is itself unsure, and a draft that is like it, soon show that confidence
# says little.
_PRIOR = (1.0, 0.0, 0.0)  # slope, offset and what depth adds
_PRIOR_PRECISION = np.array([4.0, 1.0, 4.0])
_LEAST = 1e-4  # confidences nearer to 0 or 1 count as this near
_STEPS = 1  # of Newton's method after a round; the next round goes on from there
_SUPPOSED_RANKS = (0.35, 0.15, 0.1, 0.06, 0.04)  # siblings right where the chain is wrong, by rank, at first
_PRIOR_JUDGED = 6.0


class Calibration:
    """The chance that a token with a given confidence at a given depth is right: logistic, in three numbers.

    Depth is the number of tokens before it that were right. Where one was wrong the next is likelier to be
    wrong too, so a draft's first tokens say too little of those that follow, and short drafts would stay short.

    It starts from taking confidence at its word, and is refitted after each round to the latest tokens judged.

    Source:
        Two numbers refitted while decoding: adaptive verification in vLLM. There they are applied to the gap
        between the largest logits; here to the confidence, as log-odds, which every draft has at hand.
    """

    def __init__(self) -> None:
        self._judged: deque[tuple[float, float, bool]] = deque(maxlen=_MEMORY)
        self._weights = _PRIOR
        self._mean_depth = 0.0

    def chance_of(self, confidence: float, depth: int = 0) -> float:
        """The chance of being right."""
        slope, offset, deeper = self._weights
        return _logistic(slope * _log_odds(confidence) + offset + deeper * math.log1p(depth))

    def confidence_of(self, chance: float, depth: int = 0) -> float:
        """The confidence that promises this chance; 1 if none does, 0 if any does."""
        if not 0 < chance < 1:
            return float(chance >= 1)
        slope, offset, deeper = self._weights
        return _logistic((_log_odds(chance, 0.0) - offset - deeper * math.log1p(depth)) / slope)

    def at_depth(self, chance: float, depth: int) -> float:
        """What becomes of a chance that holds over all tokens judged, at this depth."""
        return _logistic(_log_odds(chance) + self._weights[2] * (math.log1p(depth) - self._mean_depth))

    def add(self, confidence: float, is_right: bool, depth: int = 0) -> None:
        """Take in a judged token; ``refit`` after the last of a round."""
        self._judged.append((_log_odds(confidence), math.log1p(depth), is_right))

    def refit(self) -> None:
        """Fit to the tokens remembered: a maximum of the posterior, around taking confidence at its word."""
        if not self._judged:
            return
        odds, depths, right = np.array(self._judged, dtype=float).T
        self._mean_depth = float(depths.mean())
        inputs = np.stack([odds, np.ones_like(odds), depths])
        weights, prior = np.array(self._weights), np.array(_PRIOR)
        for _ in range(_STEPS):
            chances = 1 / (1 + np.exp(-np.clip(weights @ inputs, -30, 30)))
            gradient = inputs @ (right - chances) - _PRIOR_PRECISION * (weights - prior)
            curvature = (inputs * (chances * (1 - chances))) @ inputs.T + np.diag(_PRIOR_PRECISION)
            weights = weights + np.linalg.solve(curvature, gradient)
            weights[0] = max(weights[0], 0.1)  # more confidence is never worth less
        slope, offset, deeper = weights.tolist()
        self._weights = slope, offset, deeper


class SiblingRecord:
    """How often a sibling is right where the chain is wrong, by its rank beside the chain's token."""

    def __init__(self) -> None:
        self._right = [chance * _PRIOR_JUDGED for chance in _SUPPOSED_RANKS]
        self._judged = [_PRIOR_JUDGED] * len(_SUPPOSED_RANKS)

    def add(self, num_judged: int, right: int | None) -> None:
        """Take in a place where the chain was wrong: how many siblings stood there, and which was right."""
        for rank in range(min(num_judged, len(self._judged))):
            self._judged[rank] += 1
            self._right[rank] += rank == right

    def num_worth(self, least_chance: float, most: int) -> int:
        """How many siblings, the likeliest first, have at least this chance."""
        chances = (right / judged for right, judged in zip(self._right, self._judged, strict=True))
        return sum(1 for _ in takewhile(lambda chance: chance >= least_chance, islice(chances, max(0, most))))


def _log_odds(chance: float, least: float = _LEAST) -> float:
    chance = min(max(chance, least), 1 - least)
    return math.log(chance / (1 - chance))


def _logistic(odds: float) -> float:
    return 1 / (1 + math.exp(-min(max(odds, -30.0), 30.0)))
