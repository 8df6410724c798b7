"""A Chromium for the benchmarks and pictures that need one."""

from __future__ import annotations

import base64
import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import plotly.graph_objects as go

from swift_demo.files import replace_file
from swift_demo.viewer.plotly_js import plotly_js

NAMES = ("chromium", "chromium-browser", "google-chrome")
_DRAW = """([figure, format, width, height]) =>
  Plotly.toImage(figure, { format, width, height, scale: format === 'png' ? 2 : 1 })"""


@contextmanager
def chromium() -> Iterator[Any]:
    """A headless browser, an installed one or Playwright's own; without any, the program ends with one line."""
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


def save_picture(figure: go.Figure, path: Path) -> None:
    """Draw a figure with plotly's own code in a browser: SVG or PNG, by the file's name."""
    kind = path.suffix.removeprefix(".")
    if kind not in ("svg", "png"):
        sys.exit(f"{path.name}: the picture must end in .svg or .png")
    with chromium() as browser:
        page = browser.new_page()
        page.set_content(f"<script>{plotly_js()}</script>")
        size = figure.layout.width, figure.layout.height
        url = page.evaluate(_DRAW, [json.loads(figure.to_json()), kind, *size])
        if kind == "svg":  # as the browser serialises it, which is well-formed XML
            text = page.evaluate("url => decodeURIComponent(url.slice(url.indexOf(',') + 1))", url)
            replace_file(path, text + "\n")
        else:
            _, _, content = url.partition(",")
            replace_file(path, base64.b64decode(content))
