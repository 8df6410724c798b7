"""What the page can ask for: models, races, and what each visitor's decoder has learned.

The one place of the page that touches the engine. It knows nothing of Gradio.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass

import spaces

from swift_demo.config import SamplingConfig, SwiftConfig
from swift_demo.decoding.generation import trace_header
from swift_demo.decoding.race import Race
from swift_demo.decoding.request import Request
from swift_demo.decoding.swift import Learned, SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.events import Event
from swift_demo.known_sets import first_sets
from swift_demo.model.loading import ModelLoadError, load_target
from swift_demo.model.prompts import PromptError
from swift_demo.model.target import Target
from swift_demo.skip_set import num_skipped
from swift_demo.trace import TraceHeader

__all__ = ["ModelLoadError", "PromptError", "RunRequest", "Service", "Target"]

MAX_MODELS = 2  # kept in memory besides the one the page started with
MAX_VISITORS = 200  # whose learned sets are remembered
BATCH_S = 0.2  # how often events are handed to the page
MAX_GPU_S = 120  # of one run, where GPU time is lent by the run


@dataclass(frozen=True, slots=True)
class RunRequest:
    """One press of Run.

    Attributes:
        visitor: Whose learned skip set goes on.
        starts_known: Whether SWIFT's first run starts from the set for all tasks that is kept beside the
            model and tries the others that are kept there, as far as they have this skip ratio, or starts
            from the uniform set.
    """

    visitor: str
    prompt: str
    max_new_tokens: int
    sampling: SamplingConfig
    swift: SwiftConfig
    starts_known: bool = True

    @property
    def learning(self) -> tuple[SwiftConfig, bool]:
        """The settings under which what was learned may be used again."""
        return self.swift, self.starts_known


class Service:
    """Models by name, each loaded once, and what visitors' decoders have learned on them.

    Args:
        target: The model to start with; it stays loaded for good.
        load: Loads another model by name.
    """

    def __init__(self, target: Target, load: Callable[[str], Target] = load_target):
        self._default = target
        self._load_target = load
        self._others: OrderedDict[str, Target] = OrderedDict()
        self._chosen: OrderedDict[str, str] = OrderedDict()
        self._learned: OrderedDict[tuple[str, str], tuple[tuple[SwiftConfig, bool], Learned]] = OrderedDict()
        self._stop_wishes: dict[str, threading.Event] = {}
        self._epochs: Counter[str] = Counter()  # how often a visitor asked to forget
        self._lock = threading.Lock()
        self._loading = threading.Lock()
        self._race_on_device = spaces.GPU(duration=_gpu_seconds)(self._race)

    def target_of(self, visitor: str) -> Target:
        """The model that a visitor's next run uses."""
        with self._lock:
            name = self._chosen.get(visitor)
            if name is None:
                return self._default
            if name in self._others:
                self._others.move_to_end(name)
                return self._others[name]
        return self._load(name)

    def loaded_for(self, visitor: str) -> Target:
        """The visitor's model while it is in memory, else the first one; nothing is loaded."""
        with self._lock:
            return self._others.get(self._chosen.get(visitor, ""), self._default)

    def choose_model(self, visitor: str, name: str) -> Target:
        """Load a model for one visitor; everybody else keeps theirs.

        Raises:
            ModelLoadError: The visitor keeps the model that was there.
        """
        name = name.strip()
        target = self._default if name in ("", self._default.name) else self._load(name)
        with self._lock:
            self._chosen.pop(visitor, None)
            if target is not self._default:
                self._chosen[visitor] = name
            _shrink(self._chosen, MAX_VISITORS)
        return target

    def header(self, request: RunRequest) -> TraceHeader:
        """Where this visitor's run happens."""
        return trace_header(self.target_of(request.visitor), request.prompt)

    def race(self, request: RunRequest) -> Iterator[list[Event]]:
        """The events of a run in batches, a few times a second; closing the iterator stops it.

        What SWIFT learned is kept for the visitor's next run, however this one ends.

        Raises:
            PromptError: If the prompt cannot be continued.
        """
        wish = self.begin(request.visitor)
        epoch = self._epochs[request.visitor]
        key = (request.visitor, self._chosen.get(request.visitor, ""))
        learned = self._learned_for(key, request.learning)
        try:
            with closing(self._race_on_device(request, learned)) as batches:
                for batch, learned in batches:
                    if epoch == self._epochs[request.visitor]:
                        self._remember(key, request.learning, learned)
                    yield batch
                    if wish.is_set():
                        return
        finally:
            self.end(request.visitor)

    def begin(self, visitor: str) -> threading.Event:
        """Note that a run is about to start, so that a stop is heard from now on; gives the wish to stop."""
        return self._stop_wishes.setdefault(visitor, threading.Event())

    def stop(self, visitor: str) -> None:
        """Ask the visitor's run to end after the batch under way."""
        if wish := self._stop_wishes.get(visitor):
            wish.set()

    def end(self, visitor: str) -> None:
        """Note that the visitor's run is over."""
        self._stop_wishes.pop(visitor, None)

    def is_running(self, visitor: str) -> bool:
        return visitor in self._stop_wishes

    def forget(self, visitor: str) -> None:
        """Drop what the visitor's decoders have learned, and will learn in a run under way."""
        with self._lock:
            self._epochs[visitor] += 1
            for key in [key for key in self._learned if key[0] == visitor]:
                del self._learned[key]

    def _race(self, request: RunRequest, learned: Learned | None) -> Iterator[tuple[list[Event], Learned]]:
        """Run a race and hand out its events in batches, with what was learned so far.

        Where GPU time is lent by the run, this happens in a forked process: arguments and yields are
        copied, the models are there already, and nothing but what is yielded comes back.
        """
        target = self.target_of(request.visitor)
        wanted = num_skipped(target.num_layers, request.swift.skip_ratio)
        known = first_sets(target.known_sets if request.starts_known else {}, wanted)
        swift = SwiftDecoder(target, request.swift, *known)
        if learned is not None:
            swift.learned = learned
        race = Race(VanillaDecoder(target), swift)
        batch: list[Event] = []
        last = time.monotonic()
        asked = Request(request.prompt, request.max_new_tokens, request.sampling, wants_alternatives=True)
        with closing(race.stream(asked)) as events:
            for event in events:
                batch.append(event)
                if time.monotonic() - last >= BATCH_S:
                    yield batch, swift.learned
                    batch, last = [], time.monotonic()
        yield batch, swift.learned

    def _load(self, name: str) -> Target:
        with self._loading:
            with self._lock:
                if name in self._others:
                    return self._others[name]
            target = self._load_target(name)
            with self._lock:
                self._others[name] = target
                _shrink(self._others, MAX_MODELS)
            return target

    def _learned_for(self, key: tuple[str, str], learning: tuple[SwiftConfig, bool]) -> Learned | None:
        """What is known from earlier runs, if it was learned with the same settings."""
        with self._lock:
            known = self._learned.get(key)
        return known[1] if known and known[0] == learning else None

    def _remember(self, key: tuple[str, str], learning: tuple[SwiftConfig, bool], learned: Learned) -> None:
        with self._lock:
            self._learned[key] = (learning, learned)
            self._learned.move_to_end(key)
            _shrink(self._learned, MAX_VISITORS)


def _gpu_seconds(request: RunRequest, learned: Learned | None) -> int:
    """How long a GPU is asked for: generous, since a run that is cut off loses its end."""
    return min(MAX_GPU_S, 30 + request.max_new_tokens // 5)


def _shrink(table: OrderedDict, most: int) -> None:
    while len(table) > most:
        table.popitem(last=False)
