"""The view: a run folded into append-only chunks that the browser joins and draws."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from swift_demo.events import GenerationStarted
from swift_demo.trace import Entry, Trace, TraceHeader
from swift_demo.viewer.figures import figure_specs
from swift_demo.viewer.figures.parts import LEGEND_ROOM
from swift_demo.viewer.fold import all_folds
from swift_demo.viewer.fold.parts import EndingFold
from swift_demo.viewer.order import ClockOrder
from swift_demo.viewer.value import Chunk, Run, Table

_ENTRIES_PER_CHUNK = 64


class View:
    """Folds a run's entries as they come into chunks of JSON, see ``value.Chunk``.

    Args:
        header: Where the run happens.
    """

    def __init__(self, header: TraceHeader):
        self._header = header
        self._num_events = 0
        self._is_begun = False
        self._folds = all_folds()
        self._chunk: Chunk = {}

    def add(self, entry: Entry) -> None:
        """Take in the next entry of the run."""
        index, event = self._num_events, entry.event
        self._num_events += 1
        if isinstance(event, GenerationStarted) and not self._is_begun:
            self._is_begun = True
            self._chunk["run"] = self._run(event)
            self._chunk["figures"] = figure_specs(event.num_layers)
            self._chunk["legend_room"] = LEGEND_ROOM
        self._chunk.setdefault("clocks", []).append(round(event.clock_s, 5))
        self._chunk.setdefault("tables", {})
        for fold in self._folds:
            self._append(fold.add(entry, index))

    def end(self) -> None:
        """Add what can be said only once no more will come: which lanes were cut short."""
        for fold in self._folds:
            if self._num_events and isinstance(fold, EndingFold):
                self._append(fold.end(self._num_events - 1))

    def _append(self, rows: Iterable[tuple[Table, Any]]) -> None:
        for table, row in rows:
            self._chunk.setdefault("tables", {}).setdefault(table, []).append(row)

    def flush(self) -> str | None:
        """What was appended since the last flush, as compact JSON; None if nothing was."""
        if not self._chunk or not self._is_begun:
            return None
        text = json.dumps(self._chunk, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        self._chunk = {}
        return text

    def _run(self, event: GenerationStarted) -> Run:
        return Run(
            label=label_of(self._header), is_greedy=event.sampling.is_greedy, num_layers=event.num_layers
        )


def label_of(header: TraceHeader) -> str:
    """Where and when a run was made, and with which model."""
    return " · ".join(filter(None, (header.model, header.hardware, header.created[:10])))


def view_of(trace: Trace) -> list[str]:
    """The chunks of a whole run, its entries by their clocks."""
    view, order = View(trace.header), ClockOrder()
    chunks = []
    for number, entry in enumerate(trace.entries(), start=1):
        for told in order.add(entry):
            view.add(told)
        if number % _ENTRIES_PER_CHUNK == 0:
            chunks.append(view.flush())
    for told in order.rest():
        view.add(told)
    view.end()
    return [chunk for chunk in (*chunks, view.flush()) if chunk is not None]
