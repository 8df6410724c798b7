"""Which tests are slow: left out by ``pytest -m "not slow"``, which takes less than a minute."""

from __future__ import annotations

from pathlib import PurePath

# Folders whose tests decode with many models and settings, drive a browser or make texts, and single modules.
SLOW = (
    "tests/bench",
    "tests/browser",
    "tests/decoding",
    "tests/gpu",
    "tests/model",
    "tests/offline",
    "tests/training",
    "tests/search/test_costs.py",
    "tests/search/test_hidden_states.py",
    "tests/search/test_matchness.py",
    "tests/test_app.py",
    "tests/test_quiet.py",
    "tests/test_trace_fuzz.py",
    "tests/test_trace_story.py",
    "tests/ui/test_failures.py",
    "tests/ui/test_handlers.py",
    "tests/ui/test_presets.py",
    "tests/ui/test_service.py",
)
# Modules in these folders that are quick all the same.
QUICK = (
    "tests/bench/test_tables.py",
    "tests/decoding/test_event_lists.py",
    "tests/model/test_prompts.py",
    "tests/model/test_threads.py",
)


def is_slow(module: PurePath, fixtures: list[str]) -> bool:
    """Whether a test is slow.

    Args:
        module: Where it is, relative to the repository.
        fixtures: Names of those that it uses, directly or not; what needs a browser is slow.
    """
    if "chromium" in fixtures:
        return True
    return any(module.is_relative_to(each) for each in SLOW) and module.as_posix() not in QUICK
