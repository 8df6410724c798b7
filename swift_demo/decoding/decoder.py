"""What both ways of decoding offer: a stream of events, or the same run to its end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterable
from contextlib import closing
from typing import Unpack

from swift_demo.decoding.generation import Generation, trace_header
from swift_demo.decoding.request import Prompt, Request, RequestOptions, as_request
from swift_demo.events import Callback, Event
from swift_demo.model.target import Target
from swift_demo.trace import TraceRecorder


class Decoder(ABC):
    """Turns requests on one target into events.

    How a token is chosen is what ``sampling`` says. Whatever else the model's own generation config says about
    logits works as in transformers' ``generate``, or is refused by name (see ``model_processors``). A model
    that has changed since it was checked is checked again before the first event (see ``Target``).
    """

    target: Target

    def stream(
        self, request: Request | Prompt | None = None, **options: Unpack[RequestOptions]
    ) -> Generator[Event, None, None]:
        """Generate, one event at a time; closing the iterator at any point leaves everything usable.

        Args:
            request: A prompt, as text or token ids, or a ``Request``; left out if there are messages.
            options: The other fields of a ``Request``, such as ``max_new_tokens=150`` or
                ``messages=[{"role": "user", "content": "…"}]``.

        Raises:
            PromptError: At the first event, if the prompt cannot be continued.
            UnsupportedModelError: At the first event, if the model has changed and can no longer be run.
            ValueError: If the request is not valid, see ``Request``; at the first event, if the model's
                generation config asks for something that cannot be followed.
        """
        return self._decode(as_request(request, options))

    def generate(
        self,
        request: Request | Prompt | None = None,
        *,
        callbacks: Iterable[Callback] = (),
        **options: Unpack[RequestOptions],
    ) -> Generation:
        """Generate to the end, or to where it is cancelled; ``callbacks`` receive every event as it happens.

        The other arguments are those of ``stream``.
        """
        request = as_request(request, options)
        recorder = TraceRecorder(trace_header(self.target, request), self.target.text_tokenizer)
        callbacks = (recorder, *callbacks)
        with closing(self._decode(request)) as events:
            for event in events:
                for callback in callbacks:
                    callback(event)
        return Generation.of(recorder.trace)

    @abstractmethod
    def _decode(self, request: Request) -> Generator[Event, None, None]:
        """The events of one generation."""
