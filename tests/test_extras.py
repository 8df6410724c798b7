"""What is not installed is said in a sentence; what comes with the code is found."""

from __future__ import annotations

import pytest

from swift_demo.assets import assets
from swift_demo.extras import MissingExtra, require


def test_what_is_there_is_not_spoken_of():
    require("app", "json", "torch")


def test_what_is_missing_is_named_with_the_extra_that_brings_it():
    with pytest.raises(MissingExtra, match=r"^no_such, nor_such not found; .* 'swift-demo\[app\]' "):
        require("app", "json", "no_such", "nor_such")


def test_it_is_an_import_error_so_that_who_asks_for_one_is_served():
    assert issubclass(MissingExtra, ImportError)


def test_the_files_that_come_with_the_code_are_found():
    assert (assets() / "demo_model" / "config.json").is_file()
