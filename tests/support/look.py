"""``python -m support.look OUT``: pictures of the page, to be looked at before and after a change.

At three widths, light and dark: as the page opens, and after a run. Run it from the repository with
``PYTHONPATH=.:tests``, or as ``just look OUT``.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from support.running_app import RunningApp
from support.visits import Visit

SIZES = {1440: 900, 1366: 768, 390: 844}
SCHEMES = ("light", "dark")
TIMEOUT_MS = 120_000
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def look(browser: Browser, url: str, folder: Path, width: int, scheme: str) -> None:
    """Two pictures of the whole page: opening and finished."""
    context = browser.new_context(viewport={"width": width, "height": SIZES[width]}, color_scheme=scheme)
    context.set_default_timeout(TIMEOUT_MS)
    visit = Visit(context.new_page())
    visit.open(url)
    visit.page.screenshot(path=folder / f"{width}-{scheme}-opening.png", full_page=True)
    visit.set(pace="real time")
    visit.finish()
    visit.page.screenshot(path=folder / f"{width}-{scheme}-finished.png", full_page=True)
    context.close()
    for problem in visit.problems:
        print(f"{width}, {scheme}: {problem}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m support.look", description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, help="folder for the pictures")
    folder = parser.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=TIMEOUT_MS)
    with (
        tempfile.TemporaryDirectory() as scratch,
        RunningApp(Path(scratch)) as app,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for width in SIZES:
            for scheme in SCHEMES:
                look(browser, app.url, folder, width, scheme)
        browser.close()
    print(f"{len(os.listdir(folder))} pictures in {folder}")


if __name__ == "__main__":
    main()
