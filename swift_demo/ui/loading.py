"""A model on its way: loaded in a thread of its own, how far it is in words, and what there is to choose."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator
from typing import Generic, NamedTuple, TypedDict, TypeVar

from swift_demo.brief import one_line

TELL_S = 0.25  # how often the page is told how far it is
_DOING = {
    None: "Loading",
    "downloading": "Downloading",
    "reading weights": "Reading the weights of",
    "checking": "Checking with a test run:",
}
T = TypeVar("T")


class Loading(TypedDict):
    """What the page is told while a model loads, and at the end.

    Attributes:
        text: A sentence.
        share: How much has arrived; None if that is not known.
        is_busy: Whether it still goes on.
    """

    text: str
    share: float | None
    is_busy: bool


class HowFar(NamedTuple):
    """A stage, see ``LoadProgress``; None while the loading of another model has to end first."""

    stage: str | None = None
    num_bytes: int | None = None
    total_bytes: int | None = None


class Abandoned(Exception):
    """Nobody waits for the model any more."""


class InThread(Generic[T]):
    """Work in a thread of its own that tells how far it is, and ends early once nobody listens.

    Args:
        work: Gets a function to tell how far it is; what that raises must end it.
    """

    def __init__(self, work: Callable[[Callable[[HowFar], None]], T]):
        self._work = work
        self._told: queue.SimpleQueue[HowFar | None] = queue.SimpleQueue()
        self._is_left = threading.Event()
        self._outcome: Callable[[], T] | None = None

    def watch(self) -> Generator[HowFar, None, T]:
        """The newest of what it tells, a few times a second; returns what the work does, or raises it."""
        threading.Thread(target=self._run, daemon=True).start()
        newest, is_over = HowFar(), False
        try:
            while not is_over:
                yield newest
                newest, is_over = self._newest(newest)
        finally:
            self._is_left.set()
        assert self._outcome is not None
        return self._outcome()

    def _newest(self, before: HowFar) -> tuple[HowFar, bool]:
        """The last of what was told meanwhile, waiting for the first; and whether the work is over."""
        try:
            told = self._told.get(timeout=TELL_S)
            while told is not None and not self._told.empty():
                told = self._told.get()
        except queue.Empty:
            return before, False
        return (before, True) if told is None else (told, False)

    def _run(self) -> None:
        try:
            result = self._work(self._tell)
            self._outcome = lambda: result
        except BaseException as error:
            failure = error

            def fail() -> T:
                raise failure

            self._outcome = fail
        finally:
            self._told.put(None)

    def _tell(self, how_far: HowFar) -> None:
        if self._is_left.is_set():
            raise Abandoned
        self._told.put(how_far)


def shown(name: str, how_far: HowFar) -> Loading:
    """How far the loading of a model is, as the page shows it."""
    stage, num_bytes, total_bytes = how_far
    text, share = f"{_DOING[stage]} {one_line(name, 80)}", None
    if num_bytes is not None and total_bytes:
        share = min(1.0, num_bytes / total_bytes)
        text += f": {size_text(num_bytes)} of {size_text(total_bytes)}"
    elif total_bytes:
        text += f", {size_text(total_bytes)}"
    return Loading(text=f"{text} …", share=share, is_busy=True)


def at_rest(text: str) -> Loading:
    """A message while nothing is loading."""
    return Loading(text=text, share=None, is_busy=False)


def size_text(num_bytes: int) -> str:
    """Like "269 MB" and "16.1 GB"."""
    return f"{num_bytes / 1e9:.1f} GB" if num_bytes >= 1e9 else f"{num_bytes / 1e6:.0f} MB"


class Offer(NamedTuple):
    """A model to choose: what it is loaded by, and what to know of it, in words."""

    source: str
    words: str


def offer(
    source: str, title: str, num_bytes: int, fits: bool, is_here: bool, is_gated: bool, licence: str
) -> Offer:
    """A model of the catalogue as the page lists it; see ``ModelChoice``."""
    needs = [size_text(num_bytes) + " of memory"]
    needs += ["on this machine"] if is_here else ["to be downloaded"]
    needs += [f"after accepting the {licence}"] if is_gated and not is_here else []
    needs += [] if fits else ["more than is free here"]
    return Offer(source, f"{title}: {', '.join(needs)}")
