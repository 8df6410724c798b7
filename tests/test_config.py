"""Settings are refused when they are made, by name, value and range."""

from __future__ import annotations

import math

import pytest

from swift_demo.config import SamplingConfig, SearchConfig, SwiftConfig

WRONG = [
    (SamplingConfig, "temperature", [-0.1, 10.1, math.nan]),
    (SamplingConfig, "top_p", [0, 1.01, -1, math.nan]),
    (SamplingConfig, "top_k", [-1]),
    (SearchConfig, "max_trials", [0, -1]),
    (SearchConfig, "tolerance", [0]),
    (SearchConfig, "max_score", [0, 1.1, math.nan]),
    (SearchConfig, "context_window", [0]),
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
    (SwiftConfig, "max_draft_tokens", [0, 101]),
    (SwiftConfig, "target_acceptance_rate", [0, 1]),
]


@pytest.mark.parametrize(
    ("config", "name", "value"), [(config, name, value) for config, name, values in WRONG for value in values]
)
def test_a_wrong_value_is_refused_by_name_and_range(config, name, value):
    with pytest.raises(ValueError, match=rf"^{name}=.*must be"):
        config(**{name: value})


@pytest.mark.parametrize(
    ("config", "settings"),
    [
        (SamplingConfig, {"temperature": 0}),
        (SamplingConfig, {"temperature": 10, "top_p": 1, "top_k": 0}),
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
