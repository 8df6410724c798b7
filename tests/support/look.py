"""``python -m support.look OUT``: pictures of the page, to be looked at before and after a change.

At three widths, light and dark: as the page opens, during a run, and after it. Run it from the repository with
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
SOME_FRAMES = """() => new Promise((resolve) => {
  const wait = (number) => (number ? requestAnimationFrame(() => wait(number - 1)) : resolve());
  wait(20);
})"""
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def look(browser: Browser, url: str, folder: Path, width: int, scheme: str) -> None:
    """Three pictures: the whole page opening and finished, and between them the screen during a run."""
    context = browser.new_context(viewport={"width": width, "height": SIZES[width]}, color_scheme=scheme)
    context.set_default_timeout(TIMEOUT_MS)
    visit = Visit(context.new_page())
    visit.open(url)
    picture_whole(visit, folder / f"{width}-{scheme}-opening.png")
    visit.set(pace="real time")
    visit.start()
    visit.wait_until_there_is_something()
    visit.page.screenshot(path=folder / f"{width}-{scheme}-running.png")
    visit.wait_for("finished")
    picture_whole(visit, folder / f"{width}-{scheme}-finished.png")
    context.close()
    for problem in visit.problems:
        print(f"{width}, {scheme}: {problem}")


def picture_whole(visit: Visit, path: Path) -> None:
    """A picture of the whole page, also of what is drawn and painted only once it is in sight."""
    visit.page.add_style_tag(content="* { content-visibility: visible !important; }")
    for panel in visit.page.locator(".sv-plot, [data-testid=inspector]").all():
        panel.scroll_into_view_if_needed()
        visit.page.evaluate(SOME_FRAMES)
    visit.page.evaluate("scrollTo(0, 0)")
    visit.page.screenshot(path=path, full_page=True)


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
