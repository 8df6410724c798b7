"""``python -m swift_demo.bench page``: what the page costs the decoder.

The same race runs through the page with one browser attached and drawing, and through the page while eight more
sessions wait in the queue, turn by turn; before and after each such race it runs headless, so that a machine
that slows down or speeds up favours neither. Each race that counts follows another one at once, in the same
process: after a rest even headless starts slower. Needs the development requirements and a Chromium.
"""

from __future__ import annotations

import socket
import statistics
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tqdm.auto import tqdm

from swift_demo.bench.arguments import add_model, circumstances, load, parser_of, write_json
from swift_demo.bench.browser import chromium
from swift_demo.bench.sessions import TIMEOUT_S, Sessions
from swift_demo.config import SearchConfig, SwiftConfig
from swift_demo.decoding.race import Race
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.events import Lane
from swift_demo.known_sets import ALL_TASKS
from swift_demo.metrics import lane_metrics
from swift_demo.model.target import Target
from swift_demo.model.threads import leave_a_core_free

LANES: tuple[Lane, Lane] = ("vanilla", "swift")
HEADLESS, PAGE, QUEUE = "headless", "page", "page, eight queued"
NUM_QUEUED = 8
NUM_TOKENS = 200  # the page's default
_QUEUED_TOKENS = 16  # of each waiting run
POLL_MS = 250  # how often the page is asked; asked at every frame, it would have to paint each
_STATE = "document.querySelector('.swift-viewer').dataset.state"

Speeds = dict[str, float]  # by lane


def headless(target: Target, prompt: str) -> Speeds:
    """Tokens per second of both lanes of a race as the page runs it first, without any page or search."""
    config = SwiftConfig(search=SearchConfig(is_enabled=False))
    race = Race(VanillaDecoder(target), SwiftDecoder(target, config, target.known_sets.get(ALL_TASKS)))
    for _ in range(2):  # the first one warms up
        events = list(race.stream(prompt, max_new_tokens=NUM_TOKENS))
    return {lane: lane_metrics(events, lane).tokens_per_s or 0.0 for lane in LANES}


@contextmanager
def running_app(*arguments: str) -> Iterator[str]:
    """The real app in its own process; yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        _, port = free.getsockname()
    app = subprocess.Popen(
        [sys.executable, "-m", "swift_demo.ui.start", "--port", str(port), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert app.stdout is not None
        said = []
        for line in app.stdout:
            said.append(line)
            if "Running on local URL" in line:
                break
        else:
            sys.exit("the app did not start: " + (said[-1].strip() if said else "it said nothing"))
        url = f"http://127.0.0.1:{port}"
        urllib.request.urlopen(url, timeout=20).close()
        yield url
    finally:
        app.terminate()
        app.wait()


class _Visitor:
    """A browser on the page, set to show the same race as ``headless`` in real time."""

    def __init__(self, page: Any, url: str):
        self._page = page
        self._sessions = Sessions(url)
        page.goto(url)
        page.locator("#run").wait_for()
        self.prompt: str = page.locator("#prompt textarea").input_value()
        page.locator("#open-settings").click()
        page.get_by_label("Search", exact=True).uncheck()
        page.get_by_label("real time").check()

    def race(self, num_queued: int) -> Speeds:
        """Press Run while another session's run is under way, and read the page's final figures.

        Args:
            num_queued: Sessions that join the queue behind this one before its run begins.
        """
        self._sessions.queue(max_new_tokens=NUM_TOKENS).wait_for("process_starts")
        self._page.locator("#run").click()
        self._page.locator("#stop:enabled").wait_for()  # the run is queued
        queued = [self._sessions.queue(max_new_tokens=_QUEUED_TOKENS) for _ in range(num_queued)]
        for session in queued:
            session.wait_for("estimation")
        self._wait_for("running")
        self._wait_for("finished")
        speeds: Speeds = {
            lane: float(self._page.locator(f"[data-key='{lane}.tokens_per_s']").inner_text()) for lane in LANES
        }
        for session in queued:
            session.wait_for("process_completed")
        return speeds

    def _wait_for(self, state: str) -> None:
        self._page.wait_for_function(f"{_STATE} === '{state}'", timeout=1000 * TIMEOUT_S, polling=POLL_MS)


def measure(target: Target, arguments: list[str], repeat: int) -> list[dict[str, Any]]:
    """Each race in order, as ``{"way", "turn", "vanilla", "swift"}``; the last two in tokens per second.

    Every second one is headless, so that each of the others is between two.
    """
    races: list[dict[str, Any]] = []
    with running_app(*arguments) as url, chromium() as browser:
        visitor = _Visitor(browser.new_page(viewport={"width": 1440, "height": 900}), url)
        for turn in tqdm(range(repeat + 1), unit="turn"):
            if turn == 1:  # the turn before warmed up
                races = races[-1:]
            for way, num_queued in ((PAGE, 0), (QUEUE, NUM_QUEUED)):
                races.append({"way": way, "turn": turn, **visitor.race(num_queued)})
                races.append({"way": HEADLESS, "turn": turn, **headless(target, visitor.prompt)})
    return races


def summary(races: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Medians of each way, as they are and over the mean of headless just before and after."""
    over_headless: dict[str, list[Speeds]] = {HEADLESS: [dict.fromkeys(LANES, 1.0)], PAGE: [], QUEUE: []}
    for before, race, after in zip(races[::2], races[1::2], races[2::2], strict=False):
        over_headless[race["way"]].append(
            {lane: race[lane] / statistics.fmean((before[lane], after[lane])) for lane in LANES}
        )

    def medians(rows: list[Any]) -> Speeds:
        return {lane: statistics.median(row[lane] for row in rows) for lane in LANES}

    return {
        way: {
            "tokens_per_s": medians([race for race in races if race["way"] == way]),
            "over_headless": medians(ratios),
        }
        for way, ratios in over_headless.items()
    }


def main(argv: list[str]) -> None:
    parser = parser_of("page", __doc__, repeat=7)
    add_model(parser)
    args = parser.parse_args(argv)
    target = load(args)
    leave_a_core_free()  # as the app does
    arguments = ["--model", args.model, "--device", args.device, "--dtype", args.dtype]
    races = measure(target, arguments, args.repeat)
    figures = summary(races)
    print(f"{'':<22}{'vanilla':>10}{'SWIFT':>10}{'vanilla':>12}{'SWIFT':>10}")
    for way, row in figures.items():
        speeds, ratios = row["tokens_per_s"], row["over_headless"]
        print(
            f"{way:<22}{speeds['vanilla']:>10.1f}{speeds['swift']:>10.1f}"
            f"{ratios['vanilla']:>11.2f}×{ratios['swift']:>9.2f}×"
        )
    print("Tokens per second (medians); over the mean of headless just before and after.")
    write_json(
        args.json, circumstances(target, args) | {"num_tokens": NUM_TOKENS, "summary": figures, "runs": races}
    )
