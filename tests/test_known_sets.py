"""Sets kept beside a model come back as they were, and only if they fit it."""

from __future__ import annotations

import pytest

from swift_demo.known_sets import KnownSetsError, load_known_sets, save_known_sets
from swift_demo.skip_set import SkipSet


def test_saved_sets_come_back(tmp_path):
    sets = {"story": SkipSet((1, 3), (2,)), "code": SkipSet((), (4, 5))}
    save_known_sets(tmp_path / "sets.json", sets)
    assert load_known_sets(tmp_path / "sets.json", num_layers=8) == sets


def test_no_file_is_no_sets(tmp_path):
    assert load_known_sets(tmp_path / "none.json", num_layers=8) == {}


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[1, 2]",
        '{"story": {"attention": [1]}}',
        '{"story": {"attention": ["a"], "mlp": []}}',
        '{"story": {"attention": [0], "mlp": []}}',
        '{"story": {"attention": [7], "mlp": []}}',
    ],
)
def test_a_file_that_does_not_fit_is_refused(tmp_path, text):
    path = tmp_path / "sets.json"
    path.write_text(text)
    with pytest.raises(KnownSetsError, match=r"sets\.json"):
        load_known_sets(path, num_layers=8)
