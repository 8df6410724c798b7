"""``python -m swift_demo.bench.page``: what the page costs the decoder.

The same race runs headless and through the page, with one browser attached and drawing, turn by turn; the
lanes' tokens per second are compared. Needs the development requirements and a Chromium.
"""

from __future__ import annotations

import argparse
import json
import shutil
import socket
import statistics
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tqdm.auto import tqdm

from swift_demo.config import SearchConfig, SwiftConfig
from swift_demo.decoding.generation import trace_header
from swift_demo.decoding.race import Race
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.events import Lane
from swift_demo.known_sets import ALL_TASKS
from swift_demo.metrics import lane_metrics
from swift_demo.target.loading import load_target
from swift_demo.target.model import Target
from swift_demo.target.threads import leave_a_core_free

LANES: tuple[Lane, Lane] = ("vanilla", "swift")
NUM_TOKENS = 200  # what the page asks for to begin with
PAGE_TIMEOUT_MS = 120_000


def headless(target: Target, prompt: str) -> dict[str, float]:
    """Tokens per second of both lanes of a race as the page runs it first, without any page or search."""
    config = SwiftConfig(search=SearchConfig(is_enabled=False))
    race = Race(VanillaDecoder(target), SwiftDecoder(target, config, target.known_sets.get(ALL_TASKS)))
    events = list(race.stream(prompt, NUM_TOKENS))
    return {lane: lane_metrics(events, lane).tokens_per_s or 0.0 for lane in LANES}


@contextmanager
def running_app(model: str) -> Iterator[str]:
    """The real app in a process of its own; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = subprocess.Popen(
        [sys.executable, "app.py", "--model", model, "--port", str(port)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    try:
        assert app.stdout is not None
        for line in app.stdout:
            if "Running on local URL" in line:
                break
        else:
            raise RuntimeError("the app did not start")
        url = f"http://127.0.0.1:{port}"
        urllib.request.urlopen(url, timeout=20).close()
        yield url
    finally:
        app.terminate()
        app.wait()


def measure(model: str, repeat: int) -> dict[str, object]:
    """Both ways, interleaved; medians of the lanes' tokens per second and page over headless."""
    from playwright.sync_api import sync_playwright

    leave_a_core_free()  # as the app does
    target = load_target(model)
    runs: dict[str, list[dict[str, float]]] = {"headless": [], "page": []}
    with running_app(model) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(url)
        page.get_by_test_id("run").wait_for()
        prompt = page.locator("#prompt textarea").input_value()
        headless(target, prompt)
        page.locator("#settings button").first.click()
        page.get_by_label("Search", exact=True).uncheck()
        page.get_by_label("real time").check()
        for turn in tqdm(range(repeat + 1), unit="turn"):
            page.get_by_test_id("run").click()
            page.wait_for_function("document.querySelector('.swift-viewer').dataset.state === 'running'")
            page.wait_for_function(
                "document.querySelector('.swift-viewer').dataset.state === 'finished'", timeout=PAGE_TIMEOUT_MS
            )
            through_page: dict[str, float] = {
                lane: float(page.locator(f"[data-key='{lane}.tokens_per_s']").inner_text()) for lane in LANES
            }
            if turn:  # the first warms up
                runs["page"].append(through_page)
                runs["headless"].append(headless(target, prompt))
        browser.close()
    medians = {
        way: {lane: statistics.median(run[lane] for run in of_way) for lane in LANES}
        for way, of_way in runs.items()
    }
    header = trace_header(target, prompt)
    return {
        "hardware": header.hardware, "versions": header.versions, "model": header.model, "repeat": repeat,
        "tokens": NUM_TOKENS, "tokens_per_s": medians, "runs": runs,
        "page_over_headless": {lane: medians["page"][lane] / medians["headless"][lane] for lane in LANES},
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m swift_demo.bench.page", description=__doc__)
    parser.add_argument("--model", default="assets/demo_model")
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--json", type=Path, help="file for the raw results")
    args = parser.parse_args()
    results = measure(args.model, args.repeat)
    print(json.dumps({k: v for k, v in results.items() if k != "runs"}, indent=1))
    if args.json:
        args.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
