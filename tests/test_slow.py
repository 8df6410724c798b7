"""What the quick subset leaves out."""

from __future__ import annotations

from pathlib import Path, PurePath

from support.slow import MODULES, is_slow

ROOT = Path(__file__).parent.parent


def test_every_slow_module_is_there():
    assert [name for name in MODULES if not (ROOT / name).is_file()] == []


def test_a_browser_or_a_listed_module_makes_a_test_slow():
    quick = PurePath("tests/test_config.py")
    assert not is_slow(quick, ["tmp_path", "tokenizer"])
    assert is_slow(quick, ["tmp_path", "chromium"])
    assert is_slow(PurePath(min(MODULES)), [])


def test_tests_are_marked(request):
    assert request.node.get_closest_marker("slow") is None
    marked = {
        item.path.relative_to(ROOT).as_posix()
        for item in request.session.items
        if item.get_closest_marker("slow")
    }
    here = {item.path.relative_to(ROOT).as_posix() for item in request.session.items}
    assert marked >= MODULES & here
