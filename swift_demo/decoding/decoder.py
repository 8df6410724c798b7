"""What both ways of decoding offer: a stream of events, or the same run to its end."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterable, Sequence

from swift_demo.config import SamplingConfig
from swift_demo.decoding.generation import Generation, run_to_end
from swift_demo.decoding.request import Hooks, Request
from swift_demo.events import Callback, Event
from swift_demo.model.target import Target


class Decoder(ABC):
    """Turns requests on one target into events.

    How a token is chosen is what ``sampling`` says. Whatever else the model's own generation config says about
    logits holds as in transformers' ``generate``, or is refused by name (see ``model_processors``). A model
    that has changed since it was checked is checked again before the first event (see ``Target``).
    """

    target: Target

    def stream(
        self,
        prompt: str | Sequence[int],
        max_new_tokens: int = 150,
        sampling: SamplingConfig | None = None,
        stop: str | Sequence[str] = (),
        cancel: threading.Event | None = None,
        hooks: Hooks | None = None,
        wants_alternatives: bool = False,
    ) -> Generator[Event, None, None]:
        """Generate, one event at a time; closing the iterator at any point leaves everything usable.

        Args:
            prompt: Text or token ids.
            max_new_tokens: The text ends there at the latest.
            sampling: Greedy where not given.
            stop: The text ends with the token that completes one of these strings, counted from the
                end of the prompt; special tokens, which are not shown, may be in them by name.
            cancel: Once set, from any thread, the text ends after the round under way.
            hooks: Functions that process logits and end the text.
            wants_alternatives: Whether verified rounds also name the likeliest other tokens, for the round
                inspector; it costs the lane's clock nothing.

        Raises:
            PromptError: At the first event, if the prompt cannot be continued.
            UnsupportedModelError: At the first event, if the model has changed and cannot be run any more.
            ValueError: If a stop string is empty; at the first event, if the model's generation config asks for
                something that cannot be followed.
        """
        strings = (stop,) if isinstance(stop, str) else tuple(stop)
        sampling = sampling or SamplingConfig()
        return self._decode(
            Request(prompt, max_new_tokens, sampling, strings, cancel, hooks or Hooks(), wants_alternatives)
        )

    def generate(
        self,
        prompt: str | Sequence[int],
        max_new_tokens: int = 150,
        sampling: SamplingConfig | None = None,
        callbacks: Iterable[Callback] = (),
        stop: str | Sequence[str] = (),
        cancel: threading.Event | None = None,
        wants_alternatives: bool = False,
    ) -> Generation:
        """Generate to the end, or to where it is cancelled; ``callbacks`` receive every event as it happens.

        The other arguments are those of ``stream``.
        """
        events = self.stream(
            prompt, max_new_tokens, sampling, stop, cancel, wants_alternatives=wants_alternatives
        )
        return run_to_end(self.target, prompt, events, callbacks)

    @abstractmethod
    def _decode(self, request: Request) -> Generator[Event, None, None]:
        """The events of one generation."""
