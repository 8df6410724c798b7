"""What one update of the page costs, by the length of the trace so far."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from tqdm.auto import tqdm

from swift_demo.bench.browser import chromium
from swift_demo.config import SamplingConfig, SearchConfig, SwiftConfig
from swift_demo.events import (
    GenerationStarted,
    PhaseChanged,
    RoundVerified,
    SkipSetTried,
    TokenDecoded,
    TokensDrafted,
)
from swift_demo.skip_set import SkipSet
from swift_demo.trace import Entry, Trace, TraceHeader
from swift_demo.viewer.export import html_page
from swift_demo.viewer.view import View

LENGTHS = (100, 300, 1000, 3000, 5000)
_NUM_LAYERS = 24
_ROUNDS_PER_UPDATE = 2
_UPDATES = 10  # timed at each length
_INTERVAL_MS = 120  # between two updates: more often than the page sends them
_TRIALS = SearchConfig().max_trials  # then the search is over
_ACCEPTED, _DRAFTED, _SECONDS = 4, 5, 0.03  # of one round
_ROUNDS_PER_PARAGRAPH = 20  # a hundred words
_HEADER = TraceHeader("Once upon a time", "made up", "cpu", "float32", "", "2026-01-01T00:00:00+00:00", {})
_GROW = """async ({ chunks, intervalMs }) => {
  const viewer = document.getElementById('viewer').swiftViewer;
  window.grown = window.grown || { id: 'growth', chunks: [], state: 'running', message: '' };
  for (const chunk of chunks) {
    window.grown.chunks.push(chunk);
    if (!intervalMs) continue;
    viewer.show(window.grown);
    await new Promise((done) => setTimeout(done, intervalMs));
  }
  viewer.show(window.grown);
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""


class Update(NamedTuple):
    """An update of the page: its chunk, milliseconds to make it, tokens of both lanes so far."""

    chunk: str
    ms: float
    num_tokens: int


def race_entries() -> Iterator[Entry]:
    """A race without end, both lanes level, in paragraphs of a hundred words."""
    skip_set = SkipSet.uniform(_NUM_LAYERS, 0.45)
    size = ((0,), 10**6, _NUM_LAYERS, SamplingConfig())
    yield Entry(GenerationStarted("vanilla", 0, 0.0, *size, None, SkipSet()), ())
    yield Entry(GenerationStarted("swift", 0, 0.0, *size, SwiftConfig(), skip_set), ())
    yield Entry(PhaseChanged("swift", 0, 0.0, "optimising", "start"), ())
    number = 0
    while True:
        number += 1
        clock = number * _SECONDS
        words = (" word",) * _ACCEPTED + (" word" if number % _ROUNDS_PER_PARAGRAPH else " end.\n",)
        for step, word in enumerate(words):
            count = (number - 1) * (_ACCEPTED + 1) + step + 1
            yield Entry(TokenDecoded("vanilla", count, clock, 5, 0.9), (word,))
        if number <= _TRIALS:
            yield Entry(SkipSetTried("swift", number, clock, number, "swap", skip_set, 0.8, 50, False, 0.9), ())
        elif number == _TRIALS + 1:
            yield Entry(PhaseChanged("swift", number, clock, "accelerating", "trials used up"), ())
        yield Entry(
            TokensDrafted(
                "swift",
                number,
                clock,
                (5,) * _DRAFTED,
                tuple(range(-1, _DRAFTED - 1)),
                (0.9,) * _DRAFTED,
                (1.0,) * _DRAFTED,
                0.8,
                "low confidence",
                skip_set,
            ),
            (" word",) * _DRAFTED,
        )
        yield Entry(
            RoundVerified(
                "swift",
                number,
                clock,
                _DRAFTED,
                tuple(range(_ACCEPTED)),
                (0.9,) * _DRAFTED,
                5,
                "corrected",
                0.9,
                (5,) * (_ACCEPTED + 1),
            ),
            words,
        )


def updates() -> Iterator[Update]:
    """The updates of a run without end."""
    view, entries, num_tokens = View(_HEADER), race_entries(), 0
    while True:
        batch: list[Entry] = []
        while sum(isinstance(entry.event, RoundVerified) for entry in batch) < _ROUNDS_PER_UPDATE:
            batch.append(next(entries))
        start = time.perf_counter()
        for entry in batch:
            view.add(entry)
        chunk = view.flush()
        ms = 1000 * (time.perf_counter() - start)
        num_tokens += 2 * _ROUNDS_PER_UPDATE * (_ACCEPTED + 1)
        assert chunk is not None
        yield Update(chunk, ms, num_tokens)


def measure_page(lengths: tuple[int, ...] = LENGTHS, has_browser: bool = True) -> list[dict[str, Any]]:
    """Bytes and milliseconds of one update at each length of the trace; medians, but the browser's mean."""
    stream = updates()
    rows: list[dict[str, Any]] = []
    parts: list[tuple[list[str], list[str]]] = []
    num_tokens = 0
    for length in lengths:
        before: list[str] = []
        while num_tokens < length:
            update = next(stream)
            num_tokens = update.num_tokens
            before.append(update.chunk)
        timed = list(islice(stream, _UPDATES))
        num_tokens = timed[-1].num_tokens
        parts.append((before, [update.chunk for update in timed]))
        rows.append(
            {
                "num_tokens": length,
                "bytes": round(statistics.median(len(update.chunk.encode()) for update in timed)),
                "server_ms": statistics.median(update.ms for update in timed),
                "browser_ms": None,
            }
        )
    if has_browser:
        for row, ms in zip(rows, _browser_ms(parts), strict=True):
            row["browser_ms"] = ms
    return rows


def _browser_ms(parts: list[tuple[list[str], list[str]]]) -> Iterator[float]:
    """Milliseconds of the browser's main thread for each update, text and plots drawn."""
    entries = list(islice(race_entries(), 20))
    page_trace = Trace(_HEADER, [entry.event for entry in entries], [tuple(entry.pieces) for entry in entries])
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        path = Path(folder) / "page.html"
        path.write_text(html_page(page_trace), encoding="utf-8")
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(path.as_uri())
        devtools = page.context.new_cdp_session(page)
        devtools.send("Performance.enable")
        for before, timed in tqdm(parts, unit="length"):
            page.evaluate(_GROW, {"chunks": before, "intervalMs": 0})
            page.evaluate(_GROW, {"chunks": [], "intervalMs": _INTERVAL_MS})
            start = _busy_ms(devtools)
            page.evaluate(_GROW, {"chunks": timed, "intervalMs": _INTERVAL_MS})
            yield (_busy_ms(devtools) - start) / len(timed)


def _busy_ms(devtools: Any) -> float:
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    return 1000 * next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")
