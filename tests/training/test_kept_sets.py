"""The sets that are kept are the fastest the search finds, of the size that the ratio says."""

from __future__ import annotations

from support.doubles import GivenCosts, eager_config, eager_search

from swift_demo.skip_set import SkipSet
from training.kept_sets import fastest_set

CONFIG = eager_config(skip_ratio=0.4, search=eager_search(max_trials=80, tolerance=80, max_score=1.0))


def test_where_all_match_alike_the_dearer_sub_layers_are_skipped():
    found = fastest_set(12, lambda skip_set: 0.9, GivenCosts(0.05, 0.01, further=0.03), CONFIG)
    assert len(found) == len(SkipSet.uniform(12, 0.4))
    assert len(found.attention) > len(found.mlp) + 3


def test_what_must_not_be_skipped_is_kept():
    found = fastest_set(
        12,
        lambda skip_set: 0.95 - 0.1 * len({2, 3, 5} & set(skip_set.attention)),
        GivenCosts(0.03, 0.03, further=0.03),
        CONFIG,
    )
    assert not {2, 3, 5} & set(found.attention)
