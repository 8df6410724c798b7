"""What scored sets say about others: a Gaussian process over bits."""

from __future__ import annotations

import numpy as np

_JITTER = 1e-10  # on the diagonal, as scikit-learn adds it


class GaussianProcess:
    """Regression with a fixed kernel: squared exponential of unit variance, and white noise.

    Args:
        bits: (N, n) where the scores were observed.
        scores: (N,) on the scale of the kernel: mean zero, variance about one.
        length_scale: Distance over which scores are alike.
        noise: Variance of a score that is observed again.

    Source:
        Rasmussen and Williams, Gaussian Processes for Machine Learning (2006), algorithm 2.1.
    """

    def __init__(self, bits: np.ndarray, scores: np.ndarray, length_scale: float, noise: float):
        self._bits = bits
        self._length_scale = length_scale
        self._noise = noise
        covariance = self._kernel(bits)
        covariance[np.diag_indices_from(covariance)] += noise + _JITTER
        self._inverse = np.linalg.inv(np.linalg.cholesky(covariance))  # of the lower triangle
        self._weights = self._inverse.T @ (self._inverse @ scores)

    def mean(self, bits: np.ndarray) -> np.ndarray:
        """(M,) expected scores of (M, n) sets."""
        return self._kernel(bits) @ self._weights

    def mean_and_deviation(self, bits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(M,) expected scores of (M, n) sets, and how far an observed score may be from each."""
        kernel = self._kernel(bits)
        variance = 1 + self._noise - np.square(kernel @ self._inverse.T).sum(axis=1)
        return kernel @ self._weights, np.sqrt(variance.clip(min=0))

    def _kernel(self, bits: np.ndarray) -> np.ndarray:
        """(M, N) covariance of (M, n) sets with those that were scored, by the number of bits that differ."""
        own = self._bits
        distances = bits.sum(axis=1)[:, None] + own.sum(axis=1) - 2 * bits @ own.T
        return np.exp(-0.5 * distances / self._length_scale**2)
