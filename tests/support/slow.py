"""Which tests are slow: left out by ``pytest -m "not slow"``, which takes less than a minute."""

from __future__ import annotations

from pathlib import PurePath

# What drives a browser or starts the app.
_FIXTURES = frozenset({"chromium", "app"})
# Modules that take several seconds on two cores, most of them by decoding with many models or settings.
MODULES = frozenset({"tests/bench/test_bench.py", "tests/bench/test_bench_costs.py"})


def is_slow(path: PurePath, fixtures: list[str]) -> bool:
    """Whether a test is slow.

    Args:
        path: Of its module, relative to the repository.
        fixtures: Names of those that it uses, directly or not.
    """
    return path.as_posix() in MODULES or not _FIXTURES.isdisjoint(fixtures)
