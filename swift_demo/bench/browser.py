"""A Chromium for the benchmarks and pictures that need one."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")


@contextmanager
def chromium() -> Iterator[Any]:
    """A headless browser, an installed one or Playwright's own; without any, the program ends in one line."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        sys.exit("this needs Playwright: pip install -r requirements-dev.txt")
    installed = next(filter(None, map(shutil.which, NAMES)), None)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=installed, args=["--no-sandbox", "--disable-gpu"]
            )
        except Error as error:
            sys.exit(f"no Chromium could be started: {str(error).splitlines()[0]}")
        try:
            yield browser
        finally:
            browser.close()
