"""The view: a run folded into append-only chunks that the browser puts one after another and draws."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from swift_demo.events import Event, GenerationFinished, GenerationStarted, PhaseChanged
from swift_demo.trace import Trace, TraceHeader
from swift_demo.viewer.figures import figure_specs
from swift_demo.viewer.numbers import NumberBoard
from swift_demo.viewer.order import ClockOrder
from swift_demo.viewer.points import PointFolder
from swift_demo.viewer.rounds import RoundFolder
from swift_demo.viewer.spans import SpanFolder
from swift_demo.viewer.spoken import SpokenPlots

_EVENTS_PER_CHUNK = 64


class View:
    """Folds events as they happen into chunks of JSON.

    A chunk holds what was appended since the one before; merging is concatenation per key::

        {"run": {...}, "figures": {...},                       once, in the first chunk
         "tokens": {lane: [[event_index, text, state, round, confidence, target_prob, node], ...]},
         "points": {series: [[event_index, ...], ...]},        columns: figures.series
         "rounds": [[event_index, round, facts], ...],         see ``RoundFolder``
         "numbers": [[event_index, key, text], ...],           the last text of a key counts
         "status": [[event_index, lane, text], ...],
         "phases": [[event_index, phase], ...],                SWIFT's; "" from its end on
         "times": [clock_s, ...]}                              one for each event

    Rows are stamped with the index of their event, so any moment of the run is a prefix of each list.

    Args:
        header: Where the run happens.
        is_recorded: Whether the run is a recording and not happening now.
    """

    def __init__(self, header: TraceHeader, is_recorded: bool = False):
        self._header = header
        self._is_recorded = is_recorded
        self._num_events = 0
        self._is_begun = False
        self._spans = SpanFolder()
        self._points = PointFolder()
        self._rounds = RoundFolder()
        self._numbers = NumberBoard()
        self._spoken = SpokenPlots()
        self._chunk: dict[str, Any] = {}

    def add(self, event: Event, pieces: Sequence[str]) -> None:
        """Take in the next event of the run, with its pieces of text as in ``Trace.texts``."""
        index = self._num_events
        self._num_events += 1
        self._chunk.setdefault("times", []).append(round(event.clock_s, 5))
        if isinstance(event, GenerationStarted) and not self._is_begun:
            self._is_begun = True
            self._chunk["run"] = self._run(event)
            self._chunk["figures"] = figure_specs(event.num_layers)
        if isinstance(event, PhaseChanged):
            self._chunk.setdefault("phases", []).append([index, event.phase])
        elif isinstance(event, GenerationFinished) and event.lane == "swift":
            self._chunk.setdefault("phases", []).append([index, ""])
        spans = self._spans.add(event, pieces)
        for span in spans:
            self._rows("tokens", event.lane).append(span.to_row(index))
        points = self._points.add(index, event, spans)
        for series, row in points:
            self._rows("points", series).append(row)
        for row in self._rounds.add(index, event, pieces):
            self._chunk.setdefault("rounds", []).append(row)
        for key, text in (*self._numbers.add(event), *self._spoken.add(event, points)):
            lane, _, name = key.partition(".")
            if name == "status":
                self._chunk.setdefault("status", []).append([index, lane, text])
            else:
                self._chunk.setdefault("numbers", []).append([index, key, text])

    def flush(self) -> str | None:
        """What was appended since the last flush, as compact JSON; None if nothing was."""
        if not self._chunk or not self._is_begun:
            return None
        text = json.dumps(self._chunk, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        self._chunk = {}
        return text

    def _rows(self, part: str, name: str) -> list:
        return self._chunk.setdefault(part, {}).setdefault(name, [])

    def _run(self, event: GenerationStarted) -> dict[str, Any]:
        header = self._header
        return {
            "prompt": header.prompt,
            "model": header.model,
            "device": header.device,
            "dtype": header.dtype,
            "hardware": header.hardware,
            "created": header.created,
            "is_recorded": self._is_recorded,
            "label": " · ".join(filter(None, (header.model, header.hardware, header.created[:10]))),
            "num_layers": event.num_layers,
            "max_new_tokens": event.max_new_tokens,
            "is_greedy": event.sampling.is_greedy,
        }


def view_of(trace: Trace, is_recorded: bool = True) -> list[str]:
    """The chunks of a whole run, its events by their clocks."""
    view, order = View(trace.header, is_recorded), ClockOrder()
    chunks = []
    for number, (event, pieces) in enumerate(zip(trace.events, trace.texts, strict=True), start=1):
        for told in order.add(event, pieces):
            view.add(*told)
        if number % _EVENTS_PER_CHUNK == 0:
            chunks.append(view.flush())
    for told in order.rest():
        view.add(*told)
    return [chunk for chunk in (*chunks, view.flush()) if chunk is not None]
