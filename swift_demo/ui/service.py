"""What the page can ask for: models and races.

The one place of the page that touches the engine. It knows nothing of Gradio.
"""

from __future__ import annotations

import gc
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass

import spaces

from swift_demo.brief import one_line
from swift_demo.config import SwiftConfig
from swift_demo.decoding.generation import sent_parts, trace_header
from swift_demo.decoding.learned import Learned
from swift_demo.decoding.race import Race
from swift_demo.decoding.request import Request, as_asked
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.events import Event
from swift_demo.known_sets import first_sets
from swift_demo.messages import SentPart
from swift_demo.model.catalogue import model_choices
from swift_demo.model.devices import Dtype
from swift_demo.model.load_errors import NoRoomError
from swift_demo.model.load_progress import Progress
from swift_demo.model.loading import ModelLoadError, load_target
from swift_demo.model.prompts import PromptError
from swift_demo.model.surprise import FOREIGN, surprise
from swift_demo.model.target import Target
from swift_demo.skip_set import num_skipped
from swift_demo.trace import TraceHeader
from swift_demo.ui.carried import left_behind
from swift_demo.ui.loading import HowFar, InThread, Offer, offer
from swift_demo.ui.visitors import Conditions, Known, Visitors

__all__ = ["ModelLoadError", "PromptError", "Request", "RunRequest", "Service", "Target", "race_on"]

MAX_MODELS = 2  # kept in memory beside the one the page started with
BATCH_S = 0.2  # how often events are handed to the page
MAX_GPU_S = 120  # of one run, if GPU time is lent per run


@dataclass(frozen=True, slots=True)
class RunRequest:
    """One press of Run.

    Attributes:
        request: What both lanes are asked for, with the prompt as it was typed.
        swift: SWIFT's settings.
        starts_known: Whether SWIFT's first run starts from the set for all tasks kept beside the model and
            tries the other sets kept there, only those of its skip ratio if that is fixed; or starts from the
            uniform set.
        uses_template: Whether a model that has a chat template gets the prompt as a message.
    """

    request: Request
    swift: SwiftConfig
    starts_known: bool
    uses_template: bool = True

    @property
    def conditions(self) -> Conditions:
        """The settings under which something is learned."""
        return self.swift, self.starts_known

    def request_on(self, target: Target) -> Request:
        """What the lanes are asked for on this model: the prompt as a message, or as it is."""
        return as_asked(target, self.request) if self.uses_template else self.request


def race_on(target: Target, swift: SwiftConfig, starts_known: bool) -> Race:
    """Both lanes on one model; the arguments are those of ``RunRequest``."""
    is_size_free = swift.search.is_enabled and swift.search.objective == "speed"
    wanted = None if is_size_free else num_skipped(target.num_layers, swift.skip_ratio)
    known = first_sets(target.known_sets if starts_known else {}, wanted)
    return Race(VanillaDecoder(target), SwiftDecoder(target, swift, *known))


def expectation(target: Target, request: Request) -> str:
    """A sentence on a prompt unlike anything that the model was trained on; nothing if it may know such texts.

    Only for models without a chat template: those that have one were trained on requests of all kinds.

    Raises:
        PromptError: If the prompt cannot be read.
    """
    if target.has_chat_template:
        return ""
    found = surprise(target, request.ids_on(target))
    if found is None or not found >= FOREIGN:
        return ""
    return (
        f"{one_line(target.name, 80)} knows little of texts like this prompt, whose words surprise "
        "it almost as much as random ones would, so its text may make little sense."
    )


class Service:
    """Models by name, each loaded once, and races on them.

    Args:
        target: The model to start with; it stays loaded for good.
        load: Loads another model by name, and tells how far it is; see ``load_target``.
        dtype: The setting for its number format.

    Attributes:
        visitors: What is kept for each visitor.
    """

    def __init__(self, target: Target, load: Callable[..., Target] = load_target, dtype: Dtype = "auto"):
        self.visitors = Visitors()
        self._default = target
        self._load_target = load
        self._dtype = dtype
        self._others: OrderedDict[str, Target] = OrderedDict()
        self._lock = threading.Lock()
        self._loading = threading.Lock()
        self._race_on_device = spaces.GPU(duration=_gpu_seconds)(self._race)

    def target_of(self, visitor: str) -> Target:
        """The model that a visitor's next run uses."""
        return self.target(self.visitors.model_of(visitor))

    def loaded_for(self, visitor: str) -> Target:
        """The visitor's model while it is in memory, else the first one; nothing is loaded."""
        with self._lock:
            return self._others.get(self.visitors.model_of(visitor), self._default)

    def offers(self) -> list[Offer]:
        """Models to choose from on this machine, the smallest first."""
        return [
            offer(
                "" if choice.entry.name == self._default.name else choice.source,
                choice.entry.title,
                choice.num_bytes,
                choice.fits,
                choice.is_here,
                choice.entry.is_gated,
                choice.entry.licence,
            )
            for choice in model_choices(self._default.device, self._dtype)
        ]

    def choose_model(self, visitor: str, name: str) -> Generator[HowFar, None, Target]:
        """Load a model for one visitor, telling how far that is; everybody else keeps theirs.

        Runs go on meanwhile, those of this visitor with the model they began with. A generator that is closed
        early ends the loading.

        Raises:
            ModelLoadError: The visitor keeps the model that was there.
        """
        name = name.strip()
        name = "" if name == self._default.name else name

        def load(tell: Callable[[HowFar], None]) -> Target:
            return self.target(name, lambda now: tell(HowFar(now.stage, now.num_bytes, now.total_bytes)))

        target = yield from InThread(load).watch()
        self.visitors.choose(visitor, name)
        return target

    def header(self, model: str, run: RunRequest) -> TraceHeader:
        """Where a run with this model happens, and what is sent; the name as in ``Visitors.model_of``.

        Raises:
            PromptError: If the prompt cannot be read.
        """
        target = self.target(model)
        return trace_header(target, run.request_on(target))

    def sent(self, visitor: str, run: RunRequest) -> tuple[SentPart, ...]:
        """The prompt as the visitor's model would be sent it, while that is in memory.

        Raises:
            PromptError: If the prompt cannot be read.
        """
        target = self.loaded_for(visitor)
        return sent_parts(target.text_tokenizer, run.request_on(target).ids_on(target))

    def race(
        self,
        visitor: str,
        run: RunRequest,
        tell: Callable[[str], object] = lambda notice: None,
        model: str | None = None,
    ) -> Iterator[list[Event]]:
        """The events of a run in batches, a few times a second; closing the iterator stops it.

        What SWIFT learned is kept for the visitor's next run, however this one ends.

        Args:
            tell: Called with what to expect of the text, and what of earlier runs is not used, if there is
                anything to say, before the first batch.
            model: Name of the model, as in ``Visitors.model_of``; that of the visitor now if not given.

        Raises:
            PromptError: If the prompt cannot be continued.
        """
        start = self.visitors.start(visitor, model)
        try:
            with closing(self._race_on_device(start.model, run, start.known)) as batches:
                for batch, learned, notice in batches:
                    if notice:
                        tell(notice)
                    self.visitors.learn(visitor, start, run.conditions, learned)
                    yield batch
                    if start.stop_wish.is_set():
                        return
        finally:
            self.visitors.end(visitor)
            self.visitors.drop_wish(visitor, start.stop_wish)

    def _race(
        self, model: str, run: RunRequest, known: Known | None
    ) -> Iterator[tuple[list[Event], Learned, str]]:
        """Run a race and hand out its events in batches, with what was learned so far.

        With the first one comes a sentence or two on what to expect, if there is anything to say.

        If GPU time is lent per run, this happens in a forked process: arguments and yields are copied, the
        models are there already, and nothing but what is yielded comes back.
        """
        target = self.target(model)
        request = run.request_on(target)
        race = race_on(target, run.swift, run.starts_known)
        notices = [expectation(target, request)]
        if known is not None:
            notices.append(_carry(known, run, race.swift))
        notice = " ".join(filter(None, notices))
        batch: list[Event] = []
        last = time.monotonic()
        with closing(race.stream(request)) as events:
            for event in events:
                batch.append(event)
                if time.monotonic() - last >= BATCH_S:
                    yield batch, race.swift.learned, notice
                    batch, last, notice = [], time.monotonic(), ""
        yield batch, race.swift.learned, notice

    def target(self, name: str, progress: Progress | None = None) -> Target:
        """The model of this name, as in ``Visitors.model_of``; it is loaded if it is not in memory."""
        if not name:
            return self._default
        if target := self._in_memory(name):
            return target
        with self._loading:
            if target := self._in_memory(name):  # somebody else has loaded it meanwhile
                return target
            try:
                target = self._load_target(name, progress=progress)
            except NoRoomError:
                if not self._forget_others():
                    raise
                target = self._load_target(name, progress=progress)
            with self._lock:
                self._others[name] = target
                while len(self._others) > MAX_MODELS:
                    self._others.popitem(last=False)
            return target

    def _forget_others(self) -> bool:
        """Free the memory of models that are only kept for later; whether there were any."""
        with self._lock:
            had_any = bool(self._others)
            self._others.clear()
        gc.collect()
        return had_any

    def _in_memory(self, name: str) -> Target | None:
        with self._lock:
            if name in self._others:
                self._others.move_to_end(name)
            return self._others.get(name)


def _carry(known: Known, run: RunRequest, decoder: SwiftDecoder) -> str:
    """Let a decoder go on from what was learned, as far as its settings can use it; says what they cannot."""
    (before, _), learned = known.conditions, known.learned
    if learned.search.num_layers != decoder.target.num_layers:
        return ""
    old_set = learned.search.incumbent
    decoder.go_on_from(learned, before)
    return left_behind(known.conditions, run.conditions, old_set, decoder.skip_set)


def _gpu_seconds(model: str, run: RunRequest, known: Known | None) -> int:
    """How long a GPU is asked for: generously, since a run that is cut off loses its end."""
    return min(MAX_GPU_S, 30 + run.request.max_new_tokens // 5)
