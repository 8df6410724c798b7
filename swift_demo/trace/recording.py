"""Records a run as it happens, with the text that each event brings."""

from __future__ import annotations

from tokenizers import Tokenizer

from swift_demo.events import (
    Event,
    GenerationFinished,
    GenerationStarted,
    Lane,
    RoundVerified,
    TokenDecoded,
    TokensDrafted,
)
from swift_demo.text import TextStream, TokenNames
from swift_demo.trace.run import Trace, TraceHeader


class TraceRecorder:
    """A callback that records a run, adding to each event the text it brought."""

    def __init__(self, header: TraceHeader, tokenizer: Tokenizer):
        self.trace = Trace(header)
        self._tokenizer = tokenizer
        self._streams: dict[Lane, TextStream] = {}
        self._names = TokenNames(tokenizer)

    def __repr__(self) -> str:
        return f"TraceRecorder({self.trace})"

    def __call__(self, event: Event) -> None:
        pieces: tuple[str, ...] = ()
        if isinstance(event, GenerationStarted):
            self._streams[event.lane] = TextStream(self._tokenizer, event.prompt_ids)
        elif isinstance(event, TokensDrafted):
            pieces = self._streams[event.lane].preview(event.token_ids, event.parents)
        elif isinstance(event, TokenDecoded):
            pieces = self._streams[event.lane].append([event.token_id])
        elif isinstance(event, RoundVerified):
            pieces = self._streams[event.lane].append(event.token_ids)
            pieces += tuple(self._names[i] for places in event.alternatives for i in places.token_ids)
        elif isinstance(event, GenerationFinished) and (rest := self._streams[event.lane].finish()):
            pieces = (rest,)
        self.trace.events.append(event)
        self.trace.texts.append(pieces)
