"""A run as a list of events, with the text that each brought: recorded, saved as JSON lines, loaded."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from swift_demo.events import (
    EVENT_TYPES,
    Event,
    GenerationFinished,
    GenerationStarted,
    Lane,
    RoundVerified,
    TokenDecoded,
    TokensDrafted,
)
from swift_demo.text import TextStream, TokenNames

FORMAT = "swift_demo trace"
VERSION = 1


class TraceError(ValueError):
    """A file is not a trace that this version reads; the message names the line and the reason."""


@dataclass(frozen=True, slots=True)
class TraceHeader:
    """Where a run happened. Settings are in the run's ``GenerationStarted`` events."""

    prompt: str
    model: str
    device: str
    dtype: str
    hardware: str
    created: str
    versions: dict[str, str]


@dataclass(slots=True)
class Trace:
    """Events in the order they happened; ``texts[i]`` holds the pieces of text of ``events[i]``.

    For drafted tokens a piece each (as if accepted), for verified rounds and vanilla tokens a piece
    for each token that joined the text, for all others nothing. Where a verified round names alternatives,
    a piece for each of their tokens follows. The end of a lane brings a piece only if its last character
    is not whole.
    """

    header: TraceHeader
    events: list[Event] = field(default_factory=list)
    texts: list[tuple[str, ...]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.events)

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
        yield json.dumps({"format": FORMAT, "version": VERSION, **dataclasses.asdict(self.header)})
        for event, pieces in zip(self.events, self.texts, strict=True):
            line: dict[str, Any] = {"event": type(event).__name__, **dataclasses.asdict(event)}
            if pieces:
                line["texts"] = pieces
            yield json.dumps(line)

    def save(self, path: str | Path) -> None:
        """Write the trace to a file of JSON lines."""
        Path(path).write_text("\n".join(self.to_lines()) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> Trace:
        """Read a trace back, equal to what was saved.

        Raises:
            TraceError: If the file is broken, foreign, or of a newer version; it names the line.
        """
        return cls.from_bytes(Path(path).read_bytes())

    @classmethod
    def from_bytes(cls, data: bytes) -> Trace:
        """Parse what a file holds; see ``load``."""
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            raise TraceError(f"line {line}: not UTF-8 text") from None
        return cls.from_lines(text.splitlines())

    @classmethod
    def from_lines(cls, lines: list[str]) -> Trace:
        """Parse JSON lines; see ``load``."""
        if not lines:
            raise TraceError("line 1: the file is empty")
        head = _parse(1, lines[0])
        if head.pop("format", None) != FORMAT:
            raise TraceError(f"line 1: not a {FORMAT}")
        if (version := head.pop("version", None)) != VERSION:
            raise TraceError(f"line 1: version {version!r}, but this program reads version {VERSION}")
        trace = cls(_build(1, TraceHeader, head))
        for number, line in enumerate(lines[1:], start=2):
            values = _parse(number, line)
            name = values.pop("event", None)
            if not isinstance(name, str) or name not in EVENT_TYPES:
                raise TraceError(f"line {number}: unknown event {name!r}")
            texts = values.pop("texts", [])
            if not isinstance(texts, list) or not all(isinstance(piece, str) for piece in texts):
                raise TraceError(f"line {number}: texts must be a list of strings")
            trace.texts.append(tuple(texts))
            trace.events.append(_build(number, EVENT_TYPES[name], values))
        return trace


class TraceRecorder:
    """A callback that records a run, adding to each event the text it brought."""

    def __init__(self, header: TraceHeader, tokenizer: Tokenizer):
        self.trace = Trace(header)
        self._tokenizer = tokenizer
        self._streams: dict[Lane, TextStream] = {}
        self._names = TokenNames(tokenizer)

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


def _parse(number: int, line: str) -> dict[str, Any]:
    try:
        values = json.loads(line)
    except json.JSONDecodeError as error:
        raise TraceError(f"line {number}: not JSON ({error.msg} at column {error.colno})") from None
    if not isinstance(values, dict):
        raise TraceError(f"line {number}: expected a JSON object, found {type(values).__name__}")
    return values


def _build(number: int, cls: type, values: dict[str, Any]) -> Any:
    """An instance of a dataclass from parsed JSON, its fields checked against their annotations."""
    hints = typing.get_type_hints(cls)
    fields = dataclasses.fields(cls)
    if unknown := set(values) - {f.name for f in fields}:
        raise TraceError(f"line {number}: {cls.__name__} has no field {min(unknown)!r}")
    # A field with a default may be younger than the file.
    if missing := [f.name for f in fields if f.name not in values and not _has_default(f)]:
        raise TraceError(f"line {number}: {cls.__name__} lacks the field {missing[0]!r}")
    try:
        return cls(**{name: _value(number, hints[name], value, name) for name, value in values.items()})
    except TraceError:
        raise
    except ValueError as error:
        raise TraceError(f"line {number}: {error}") from None


def _has_default(field: dataclasses.Field) -> bool:
    return not (field.default is field.default_factory is dataclasses.MISSING)


def _value(number: int, hint: Any, value: Any, name: str) -> Any:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    wrong = TraceError(f"line {number}: {name}={value!r} is not {hint}")
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        if not isinstance(value, dict):
            raise wrong
        return _build(number, hint, value)
    if origin is tuple:
        if not isinstance(value, list):
            raise wrong
        return tuple(_value(number, args[0], item, name) for item in value)
    if origin in (types.UnionType, typing.Union):
        if value is None and type(None) in args:
            return None
        return _value(number, next(a for a in args if a is not type(None)), value, name)
    if origin is typing.Literal:
        if value not in args:
            raise wrong
        return value
    if origin is dict:
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            raise wrong
        return value
    if hint is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        raise wrong
    return value
