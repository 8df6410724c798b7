"""Proposals have the right size, and Bayesian ones find what random ones miss."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swift_demo.search.proposers.base import Observation, neighbours, random_sets
from swift_demo.search.proposers.bayesian import BayesianProposer
from swift_demo.search.proposers.fixed import FixedProposer
from swift_demo.search.proposers.random import RandomProposer
from swift_demo.search.proposers.swap import SwapProposer

PROPOSERS = [RandomProposer, BayesianProposer, SwapProposer]


@settings(max_examples=20)
@given(
    bits=st.lists(st.booleans(), min_size=2, max_size=40),
    seed=st.integers(0, 99),
    num_observations=st.integers(0, 6),
    kind=st.sampled_from(PROPOSERS),
)
def test_a_proposal_has_as_many_bits_as_the_incumbent(bits, seed, num_observations, kind):
    incumbent = np.array(bits)
    rng = np.random.default_rng(seed)
    observations = [
        Observation(row, float(rng.random()), 0.5) for row in random_sets(rng, num_observations, incumbent)
    ]
    proposal = kind(rng).propose(observations, incumbent)
    assert proposal.shape == incumbent.shape
    assert proposal.dtype == bool
    assert proposal.sum() == incumbent.sum()


@pytest.mark.parametrize("kind", PROPOSERS)
def test_a_proposal_does_not_change_the_incumbent(kind):
    rng = np.random.default_rng(0)
    incumbent = rng.random(20) < 0.5
    before = incumbent.copy()
    kind(rng).propose([Observation(incumbent, 0.5, 0.5)], incumbent)
    assert (incumbent == before).all()


@pytest.mark.parametrize("kind", PROPOSERS)
def test_proposals_are_determined_by_the_seed(kind):
    incumbent = np.arange(20) % 3 == 0
    observations = [Observation(incumbent, 0.5, 0.5)]
    first, second = (kind(np.random.default_rng(4)).propose(observations, incumbent) for _ in range(2))
    assert (first == second).all()


@given(seed=st.integers(0, 99), num_set=st.integers(1, 19))
def test_neighbours_differ_by_one_to_three_exchanges(seed, num_set):
    centre = np.arange(20) < num_set
    for row in neighbours(np.random.default_rng(seed), 20, centre):
        assert row.sum() == num_set
        assert 1 <= (row & ~centre).sum() <= 3


def test_random_sets_treat_all_sub_layers_alike():
    sets = random_sets(np.random.default_rng(0), 4000, np.arange(12) < 4)
    assert sets.mean(axis=0) == pytest.approx(np.full(12, 1 / 3), abs=0.04)


def best_found(proposer, costs, num_skipped, num_trials):
    """Score of the best set after some trials; a set scores one minus what its sub-layers cost."""

    def score(bits):
        return float(1 - costs[bits].sum())

    incumbent = np.arange(len(costs)) % 2 == 0
    incumbent &= incumbent.cumsum() <= num_skipped
    observations = [Observation(incumbent, score(incumbent), 0.5)]
    for _ in range(num_trials):
        bits = proposer.propose(observations, incumbent)
        observations.append(Observation(bits, score(bits), 0.5))
        if observations[-1].score > score(incumbent):
            incumbent = bits
    return score(incumbent)


def test_bayesian_proposals_find_a_planted_optimum_better_than_random_ones():
    num_bits, num_skipped, gaps = 28, 12, []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        costs = rng.permutation(np.linspace(0.0, 0.06, num_bits))
        optimum = 1 - np.sort(costs)[:num_skipped].sum()
        bayesian = best_found(BayesianProposer(np.random.default_rng(seed)), costs, num_skipped, 40)
        random = best_found(RandomProposer(np.random.default_rng(seed)), costs, num_skipped, 40)
        gaps.append((optimum - bayesian, optimum - random))
    bayesian_gap, random_gap = np.mean(gaps, axis=0)
    assert all(bayesian < random for bayesian, random in gaps)
    assert bayesian_gap < random_gap / 2


def test_given_sets_are_proposed_one_after_the_other_but_never_the_incumbent():
    first, second, third = (np.arange(9) % 3 == i for i in range(3))
    proposer = FixedProposer([first, second, third])
    assert (proposer.propose([], third) == first).all()
    assert proposer.has_more(third)
    assert (proposer.propose([], third) == second).all()
    assert not proposer.has_more(third)
    with pytest.raises(IndexError):
        proposer.propose([], third)


@settings(max_examples=20)
@given(num_bits=st.integers(2, 5), seed=st.integers(0, 99), has_free_size=st.booleans())
def test_a_bayesian_proposal_is_never_the_incumbent_however_good_it_is(num_bits, seed, has_free_size):
    rng = np.random.default_rng(seed)
    incumbent = np.arange(num_bits) == 0
    observations = [Observation(~incumbent, 0.0, 0.0), *[Observation(incumbent, 1.0, 1.0)] * 3]
    proposal = BayesianProposer(rng, has_free_size).propose(observations, incumbent)
    assert (proposal != incumbent).any()
