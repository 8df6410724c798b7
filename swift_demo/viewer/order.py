"""Events of both lanes by their clocks, so that any moment of a run is a moment on one time axis."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator
from typing import NamedTuple

from swift_demo.events import GenerationFinished, Lane
from swift_demo.trace import Entry


class _Held(NamedTuple):
    """An entry held back; those of one clock stay in the order in which they came."""

    clock_s: float
    number: int
    entry: Entry


class ClockOrder:
    """Holds an event back until no lane can bring an earlier one.

    A race lets the lane whose clock is behind move next, and its step may end far ahead of the other
    lane: in the order of computation, one lane would stand still and then jump ahead.
    """

    def __init__(self) -> None:
        self._clocks: dict[Lane, float] = {}
        self._held: list[_Held] = []
        self._num_added = 0

    def add(self, entry: Entry) -> Iterator[Entry]:
        """The entries that may be released now; none or several."""
        event = entry.event
        heapq.heappush(self._held, _Held(event.clock_s, self._num_added, entry))
        self._num_added += 1
        self._clocks[event.lane] = math.inf if isinstance(event, GenerationFinished) else event.clock_s
        return self._released(min(self._clocks.values()))

    def rest(self) -> Iterator[Entry]:
        """The entries still held back, once no more will come."""
        return self._released(math.inf)

    def _released(self, clock_s: float) -> Iterator[Entry]:
        while self._held and self._held[0].clock_s <= clock_s:
            yield heapq.heappop(self._held).entry
