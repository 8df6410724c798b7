"""Settings are refused when they are made, by name, value and range."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction

import numpy as np
import pytest

from swift_demo.config import SamplingConfig, SearchConfig, SwiftConfig, TreeLevel

NO_NUMBERS = [math.nan, math.inf, -math.inf, True, "1", None, (1,), 1j, 10**400]
NUMBERS = {
    SamplingConfig: ["temperature", "top_p", "top_k", "seed"],
    SearchConfig: [
        "max_trials",
        "tolerance",
        "max_score",
        "min_scores",
        "context_window",
        "min_context",
        "bayesian_interval",
        "random_interval",
        "hidden_states_interval",
        "trial_interval",
        "max_time_share",
        "restart_margin",
        "seed",
    ],
    SwiftConfig: ["skip_ratio", "confidence_threshold", "max_draft_tokens", "target_acceptance_rate"],
}
WRONG = [
    *((config, name, NO_NUMBERS) for config, names in NUMBERS.items() for name in names),
    (SamplingConfig, "temperature", [-0.1, -1e-40]),
    (SamplingConfig, "top_p", [0, 1.01, -1]),
    (SamplingConfig, "top_k", [-1, 1.5]),
    (SamplingConfig, "seed", [-1, 2**64, 10**30, 0.5]),
    (SearchConfig, "seed", [-1, 10**30]),
    (SearchConfig, "is_enabled", [1, None, "no"]),
    (SearchConfig, "hidden_states_interval", [-1, 0.5]),
    (SwiftConfig, "tree_levels", [None, 3, "1", (1,), (TreeLevel(0.5, 2), TreeLevel(0.5, 3))]),
    (SwiftConfig, "search", [None, {}, SwiftConfig]),
    (SearchConfig, "max_trials", [0, -1]),
    (SearchConfig, "tolerance", [0]),
    (SearchConfig, "max_score", [0, 1.1, math.nan]),
    (SearchConfig, "context_window", [0, 2049]),
    (SearchConfig, "random_interval", [0]),
    (SearchConfig, "objective", ["", "fast"]),
    (SearchConfig, "max_time_share", [-0.1, 1.1, math.nan]),
    (SearchConfig, "min_context", [0, 51]),
    (SearchConfig, "bayesian_interval", [0]),
    (SearchConfig, "trial_interval", [0]),
    (SearchConfig, "restart_margin", [0, 1.5]),
    (SwiftConfig, "skip_ratio", [-0.01, 0.91, math.nan]),
    (SwiftConfig, "confidence_threshold", [-0.1, 1.1]),
    (SwiftConfig, "threshold_rule", ["", "moving"]),
    (SwiftConfig, "max_draft_tokens", [0, 101, 2.0]),
    (SwiftConfig, "target_acceptance_rate", [0, 1]),
]


@pytest.mark.parametrize(
    ("config", "name", "value"), [(config, name, value) for config, name, values in WRONG for value in values]
)
def test_a_wrong_value_is_refused_by_name_and_range(config, name, value):
    with pytest.raises(ValueError, match=rf"^{name}=.*must be") as error:
        config(**{name: value})
    assert len(str(error.value)) < 200


@pytest.mark.parametrize("value", [*NO_NUMBERS, 0, -1, 2])
def test_a_wrong_level_of_the_tree_is_refused(value):
    with pytest.raises(ValueError, match=r"^max_confidence=.*above 0 and at most 1"):
        TreeLevel(value, 3)
    with pytest.raises(ValueError, match=r"^num_candidates=.*from 1 to 64"):
        TreeLevel(0.5, 65 if value == 2 else value)


@pytest.mark.parametrize(
    ("config", "settings"),
    [
        (SamplingConfig, {"temperature": 0}),
        (SamplingConfig, {"temperature": 10, "top_p": 1, "top_k": 0}),
        (SamplingConfig, {"temperature": 1e300, "top_p": 1e-9, "top_k": 2**31 - 1, "seed": 2**64 - 1}),
        (SamplingConfig, {"temperature": 5e-324, "seed": 0}),
        (SearchConfig, {"max_score": 1, "min_context": 50, "context_window": 50}),
        (SwiftConfig, {"skip_ratio": 0}),
        (SwiftConfig, {"skip_ratio": 0.9, "confidence_threshold": 0, "max_draft_tokens": 1}),
        (SwiftConfig, {"confidence_threshold": 1, "max_draft_tokens": 100, "threshold_rule": "adaptive"}),
    ],
)
def test_the_ends_of_a_range_are_allowed(config, settings):
    made = config(**settings)
    assert all(getattr(made, name) == value for name, value in settings.items())


def test_only_temperature_zero_is_greedy():
    assert SamplingConfig().is_greedy
    assert not SamplingConfig(temperature=0.01).is_greedy


def test_numbers_of_other_kinds_become_pythons_own():
    sampling = SamplingConfig(np.float32(0.5), Fraction(1, 2), np.int64(3), np.uint8(7))
    assert sampling == SamplingConfig(0.5, 0.5, 3, 7)
    assert [type(value) for value in dataclasses.astuple(sampling)] == [float, float, int, int]


def test_levels_may_come_as_a_list():
    config = SwiftConfig(tree_levels=[TreeLevel(0.5, 2)])
    assert config == SwiftConfig(tree_levels=(TreeLevel(0.5, 2),))
    assert hash(config) == hash(SwiftConfig(tree_levels=(TreeLevel(0.5, 2),)))
