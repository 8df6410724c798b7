"""A run as a list of events, with the text that each brought; saved as JSON lines, loaded."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from swift_demo.brief import BriefRepr, brief
from swift_demo.events import Event, GenerationFinished, Lane, RoundVerified, TokenDecoded
from swift_demo.files import replace_file
from swift_demo.json_lines import LineError, lines_of, parse_object
from swift_demo.messages import Message, SentPart
from swift_demo.trace.fields import build, event_of, event_values, json_line
from swift_demo.trace.story import Story

FORMAT = "swift_demo trace"
VERSION = 2  # from 2 on a trace may hold messages and the text as sent
MAX_BYTES = 48 * 2**20  # of a file; a run of a thousand tokens takes half a megabyte


class TraceError(ValueError):
    """A file is not a trace that this version reads; the message names the line and the reason."""


@dataclass(frozen=True, slots=True, repr=False)
class TraceHeader(BriefRepr):
    """Where a run happened, and what it was asked. Settings are in the run's ``GenerationStarted`` events.

    Attributes:
        prompt: The text to be continued; of a conversation the last message.
        messages: The conversation that was to be answered; empty if a text was to be continued.
        sent: The text as the model was sent it, in which special tokens are told from their names; empty in
            traces from before it was recorded.
    """

    prompt: str
    model: str
    device: str
    dtype: str
    hardware: str
    created: str
    versions: dict[str, str]
    messages: tuple[Message, ...] = ()
    sent: tuple[SentPart, ...] = ()


class Entry(NamedTuple):
    """An event with its pieces of text, see ``Trace``."""

    event: Event
    pieces: Sequence[str]


@dataclass(slots=True, repr=False)
class Trace:
    """Events in the order they happened; ``texts[i]`` holds the pieces of text of ``events[i]``.

    Drafted tokens have a piece each (as if accepted), verified rounds and vanilla tokens a piece for each token
    that joined the text, all others nothing. If a verified round names alternatives, a piece for each of their
    tokens follows. The end of a lane brings a piece only if its last character is not whole.
    """

    header: TraceHeader
    events: list[Event] = field(default_factory=list)
    texts: list[tuple[str, ...]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.events)

    def __repr__(self) -> str:
        model, prompt = brief(self.header.model), brief(self.header.prompt)
        return f"Trace({len(self)} events, model={model}, prompt={prompt})"

    def entries(self) -> Iterator[Entry]:
        """Each event with its pieces."""
        return map(Entry, self.events, self.texts)

    def text(self, lane: Lane) -> str:
        """The text that a lane has generated so far."""
        parts: list[str] = []
        for event, pieces in zip(self.events, self.texts, strict=True):
            if event.lane == lane and isinstance(event, TokenDecoded | GenerationFinished):
                parts.extend(pieces)
            elif event.lane == lane and isinstance(event, RoundVerified):
                parts.extend(pieces[: len(event.token_ids)])
        return "".join(parts)

    def token_ids(self, lane: Lane) -> tuple[int, ...]:
        """The ids that a lane has generated so far."""
        ids: list[int] = []
        for event in self.events:
            if event.lane == lane and isinstance(event, RoundVerified):
                ids.extend(event.token_ids)
            elif event.lane == lane and isinstance(event, TokenDecoded):
                ids.append(event.token_id)
        return tuple(ids)

    def to_lines(self) -> Iterator[str]:
        """The trace as JSON lines, header first."""
        yield json_line({"format": FORMAT, "version": VERSION, **dataclasses.asdict(self.header)})
        for event, pieces in zip(self.events, self.texts, strict=True):
            yield json_line(event_values(event, pieces))

    def save(self, path: str | Path) -> None:
        """Write the trace to a file of JSON lines.

        Raises:
            OSError: If it cannot be written; a file that was there stays.
        """
        replace_file(path, "\n".join(self.to_lines()) + "\n")

    @classmethod
    def load(cls, path: str | Path) -> Trace:
        """Read a trace back, equal to what was saved.

        Raises:
            TraceError: If the file is broken, foreign, of a newer version, or its events are not a run; it
                names the line.
            OSError: If there is no such file, or it cannot be read.
        """
        with open(path, "rb") as file:
            return cls.from_bytes(file.read(MAX_BYTES + 1))

    @classmethod
    def from_bytes(cls, data: bytes) -> Trace:
        """Parse what a file holds; see ``load``."""
        if len(data) > MAX_BYTES:
            raise TraceError(f"it is larger than {MAX_BYTES // 2**20} MB")
        try:
            lines = lines_of(data)
        except LineError as error:
            raise TraceError(str(error)) from None
        return cls.from_lines(lines)

    @classmethod
    def from_lines(cls, lines: Sequence[str]) -> Trace:
        """Parse JSON lines; see ``load``."""
        try:
            trace, story = cls(_header_of(lines[0] if lines else "")), Story()
        except ValueError as error:
            raise TraceError(str(LineError(1, error))) from None
        for number, line in enumerate(lines[1:], start=2):
            try:
                event, pieces = event_of(parse_object(line))
                story.add(event, pieces)
            except ValueError as error:
                raise TraceError(str(LineError(number, error))) from None
            trace.events.append(event)
            trace.texts.append(pieces)
        return trace


def _header_of(line: str) -> TraceHeader:
    if not line.strip():
        raise ValueError("the file is empty")
    values = parse_object(line)
    if values.pop("format", None) != FORMAT:
        raise ValueError(f"not a {FORMAT}")
    version = values.pop("version", None)
    if type(version) is not int or not 1 <= version <= VERSION:
        raise ValueError(f"version {brief(version)}, but this program reads version {VERSION} and before")
    return build(TraceHeader, values)
