"""A run under way: recorded, and folded into the chunks that the viewer draws."""

from __future__ import annotations

from collections.abc import Iterable

from tokenizers import Tokenizer

from swift_demo.events import Event, GenerationFinished
from swift_demo.trace import Entry, TraceHeader, TraceRecorder
from swift_demo.ui.failures import told
from swift_demo.viewer.order import ClockOrder
from swift_demo.viewer.value import RunState
from swift_demo.viewer.view import View

_INVALID = (
    "The model's logits are NaN or infinite, so its text ends here: "
    "its weights are damaged, or do not fit this number format."
)


class LiveRun:
    """Takes in a run's events as they come.

    Attributes:
        trace: All events so far.
        chunks: What the viewer has been sent so far.
    """

    def __init__(self, header: TraceHeader, tokenizer: Tokenizer):
        self._recorder = TraceRecorder(header, tokenizer)
        self._order = ClockOrder()
        self._view = View(header)
        self.trace = self._recorder.trace
        self.chunks: list[str] = []

    def add(self, batch: Iterable[Event]) -> bool:
        """Take in events; returns whether there is a new chunk."""
        for event in batch:
            self._recorder(event)
            for next_one in self._order.add(Entry(event, self.trace.texts[-1])):
                self._view.add(next_one)
        return self._flush()

    def finish(self) -> None:
        """Release what was held back, once no more will come."""
        for next_one in self._order.rest():
            self._view.add(next_one)
        self._view.end()
        self._flush()

    def salvage(self) -> None:
        """Release what can still be shown of a run that failed."""
        try:
            self.finish()
        except BaseException as error:
            told(error, "The end of a run cannot be shown")

    def outcome(self) -> tuple[RunState, str]:
        """State and message of the run, once it is over."""
        ends = [event for event in self.trace.events if isinstance(event, GenerationFinished)]
        if any(end.stop_reason == "invalid logits" for end in ends):
            return "failed", _INVALID
        return "finished" if len(ends) == 2 else "stopped", ""

    def _flush(self) -> bool:
        chunk = self._view.flush()
        if chunk is not None:
            self.chunks.append(chunk)
        return chunk is not None
