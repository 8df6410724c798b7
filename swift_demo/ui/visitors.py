"""What the service keeps for each visitor, and for how many."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from swift_demo.config import SwiftConfig

MAX_VISITORS = 200
MAX_LEARNED = 4  # models of one visitor whose learned sets are kept

Conditions = tuple[SwiftConfig, bool]
"""The settings under which something was learned: SWIFT's own, and whether it began with the known sets."""

Learned = Any
"""What a decoder has learned; opaque here."""


class Known(NamedTuple):
    """What was learned, and under which settings."""

    conditions: Conditions
    learned: Learned


@dataclass(slots=True)
class Visitor:
    """What is kept for a visitor.

    Attributes:
        model: Name of the model chosen; empty is the one that the page started with.
        learned: By model, what was learned last, and under which settings.
        num_forgotten: How often the visitor asked to forget; what a run under way still learns is not kept.
        stop_wish: Set once the run shall end that is under way or waits for its turn; None without one.
        num_running: Runs under way. One that only waits may never come: its page may be gone.
    """

    model: str = ""
    learned: OrderedDict[str, Known] = field(default_factory=OrderedDict)
    num_forgotten: int = 0
    stop_wish: threading.Event | None = None
    num_running: int = 0


@dataclass(frozen=True, slots=True)
class Start:
    """What a run starts from.

    Attributes:
        model: Name of the model, as in ``Visitor``.
        known: What was learned in earlier runs with this model, and under which settings last.
        stop_wish: Set once the run should end.
        num_forgotten: As in ``Visitor``, when the run started.
    """

    model: str
    known: Known | None
    stop_wish: threading.Event
    num_forgotten: int


class Visitors:
    """The visitors seen last, by name; safe to use from several threads.

    Args:
        most: How many are kept. The one not seen for longest is dropped, but never one whose run is under way.
    """

    def __init__(self, most: int = MAX_VISITORS):
        self._most = most
        self._visitors: OrderedDict[str, Visitor] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._visitors)

    def model_of(self, name: str) -> str:
        """Name of the model that the visitor chose; empty if none."""
        with self._lock:
            return self._visitors.get(name, Visitor()).model

    def choose(self, name: str, model: str) -> None:
        """Note which model the visitor's next run uses; empty is the first one."""
        with self._lock:
            self._seen(name).model = model

    def ask(self, name: str) -> None:
        """Note that a run was asked for, so that a stop is heard from now on.

        One before it that was stopped, and has not ended yet, keeps its own wish.
        """
        with self._lock:
            visitor = self._seen(name)
            if visitor.stop_wish is None or visitor.stop_wish.is_set():
                visitor.stop_wish = threading.Event()

    def begin(self, name: str) -> threading.Event:
        """Note that a run has its turn; gives the wish to stop, which may be set already."""
        with self._lock:
            return self._wish(self._seen(name))

    def start(self, name: str, model: str | None = None) -> Start:
        """Note that a run starts, and say from what.

        Args:
            model: The one that it began with, if another may have been chosen since.
        """
        with self._lock:
            visitor = self._seen(name)
            visitor.num_running += 1
            model = visitor.model if model is None else model
            known = visitor.learned.get(model)
            return Start(model, known, self._wish(visitor), visitor.num_forgotten)

    def learn(self, name: str, start: Start, conditions: Conditions, learned: Learned) -> None:
        """Keep what a run has learned so far, unless the visitor asked to forget since its start."""
        with self._lock:
            visitor = self._visitors.get(name)
            if visitor is None or visitor.num_forgotten != start.num_forgotten:
                return
            visitor.learned[start.model] = Known(conditions, learned)
            visitor.learned.move_to_end(start.model)
            while len(visitor.learned) > MAX_LEARNED:
                visitor.learned.popitem(last=False)

    def stop(self, name: str) -> None:
        """Ask the visitor's run to end after the batch under way; nothing if none is."""
        with self._lock:
            if (visitor := self._visitors.get(name)) and visitor.stop_wish:
                visitor.stop_wish.set()

    def end(self, name: str) -> None:
        """Note that a run is over that had started."""
        with self._lock:
            self._visitors[name].num_running -= 1

    def drop_wish(self, name: str, stop_wish: threading.Event) -> None:
        """Note that nothing will heed this wish any more; that of a run asked for since stays."""
        with self._lock:
            visitor = self._visitors.get(name)
            if visitor and visitor.stop_wish is stop_wish:
                visitor.stop_wish = None

    def is_running(self, name: str) -> bool:
        """Whether a run of the visitor is under way, or waits for its turn."""
        with self._lock:
            return self._visitors.get(name, Visitor()).stop_wish is not None

    def forget(self, name: str) -> None:
        """Drop what the visitor's runs have learned, and what one under way will learn."""
        with self._lock:
            if visitor := self._visitors.get(name):
                visitor.num_forgotten += 1
                visitor.learned.clear()

    @staticmethod
    def _wish(visitor: Visitor) -> threading.Event:
        if visitor.stop_wish is None:
            visitor.stop_wish = threading.Event()
        return visitor.stop_wish

    def _seen(self, name: str) -> Visitor:
        """The visitor, now the one seen last."""
        visitor = self._visitors.setdefault(name, Visitor())
        self._visitors.move_to_end(name)
        idle = [other for other, kept in self._visitors.items() if not kept.num_running and other != name]
        for other in idle[: max(0, len(self._visitors) - self._most)]:
            del self._visitors[other]
        return visitor
