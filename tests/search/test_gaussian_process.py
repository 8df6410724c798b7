"""The Gaussian process gives scikit-learn's figures, which were noted down once."""

from __future__ import annotations

import numpy as np
import pytest

from swift_demo.search.gaussian_process import GaussianProcess

NUM_BITS, LENGTH_SCALE, NOISE = 28, 3.7, 0.1
# By the number of observations, for five other sets: means and deviations of
# GaussianProcessRegressor(RBF(3.7) + WhiteKernel(0.1), optimizer=None), scikit-learn 1.9.1.
KNOWN = {
    1: (
        [-0.7884469028985822, -0.706622117874654, -0.706622117874654, -0.7884469028985822, -0.7601699717080145],
        [0.8922348045163976, 0.9251435205735957, 0.9251435205735957, 0.8922348045163976, 0.9041523410151127],
    ),
    24: (
        [-0.23671330263926937, -0.42511178902944136, 0.8531122454776991, 0.524002398386159, 0.4025824427431881],
        [0.6083787871199255, 0.6144647348795501, 0.5104386404597155, 0.547540939610189, 0.6100838634443874],
    ),
    128: (
        [
            -0.46895285775017204,
            0.0011246437445464608,
            0.7101168671490843,
            0.0895386542524026,
            -0.5307338472614909,
        ],
        [0.49002315341256814, 0.40605784829499797, 0.4471547067753652, 0.4454656850030542, 0.4689364499757056],
    ),
}


def made_bits(first, count):
    """(count, NUM_BITS) of no pattern."""
    i, j = np.arange(first, first + count)[:, None], np.arange(NUM_BITS)
    return ((i * i * 7 + i * j * 13 + j * j * 3) % 257 < 115).astype(float)


def made_scores(count):
    return np.array([(i * 37 % 51) / 51 - 0.5 for i in range(count)]) * 3


def process(count):
    return GaussianProcess(made_bits(0, count), made_scores(count), LENGTH_SCALE, NOISE)


@pytest.mark.parametrize("count", KNOWN)
def test_it_gives_scikit_learns_figures(count):
    mean, deviation = process(count).mean_and_deviation(made_bits(500, 5))
    known_mean, known_deviation = KNOWN[count]
    assert np.abs(mean - known_mean).max() < 1e-9
    assert np.abs(deviation - known_deviation).max() < 1e-9


def test_the_mean_alone_is_the_same():
    bits = made_bits(500, 5)
    assert process(24).mean(bits).tolist() == process(24).mean_and_deviation(bits)[0].tolist()


def test_what_was_scored_often_is_known_to_the_noise_and_what_is_far_is_not_known():
    bits = np.repeat(made_bits(3, 1), 100, axis=0)
    often = GaussianProcess(bits, np.full(100, 1.5), LENGTH_SCALE, NOISE)
    mean, deviation = often.mean_and_deviation(np.stack([bits[0], 1 - bits[0]]))
    assert mean[0] == pytest.approx(1.5, abs=0.01) and abs(mean[1]) < 0.6
    assert deviation[0] == pytest.approx(NOISE**0.5, rel=0.01) and deviation[1] > 0.9
