"""What the quick tests leave out."""

from __future__ import annotations

from pathlib import Path, PurePath

import pytest
from support.slow import QUICK, SLOW, is_slow

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("name", [*SLOW, *QUICK])
def test_every_folder_and_module_that_is_named_exists(name):
    assert (ROOT / name).exists()


def test_a_browser_or_a_slow_folder_makes_a_test_slow():
    assert is_slow(PurePath("tests/test_config.py"), ["tmp_path", "chromium"])
    assert not is_slow(PurePath("tests/test_config.py"), ["tmp_path", "tokenizer"])
    assert is_slow(PurePath("tests/decoding/test_lossless.py"), [])
    assert not is_slow(PurePath(QUICK[0]), [])


def test_the_mark_is_set(request):
    marked = {item for item in request.session.items if item.get_closest_marker("slow")}
    assert marked == {
        item
        for item in request.session.items
        if is_slow(item.path.relative_to(ROOT), getattr(item, "fixturenames", []))
    }
