"""Values and texts cut short, so that they fit on a line or into a sentence."""

from __future__ import annotations

import dataclasses
import reprlib
from typing import Any

_MOST_BITS = 128  # of a number that is written out
_MOST_CHARACTERS = 80  # of a value


class _Brief(reprlib.Repr):
    def __init__(self) -> None:
        super().__init__()
        self.maxtuple = self.maxlist = self.maxdict = 3
        self.maxstring = self.maxother = 60

    def repr_instance(self, x: object, level: int) -> str:
        if isinstance(x, float | bool | None):
            return repr(x)
        return super().repr_instance(x, level) if level == self.maxlevel else f"{type(x).__name__}(...)"

    def repr_int(self, x: int, level: int) -> str:
        return repr(x) if x.bit_length() <= _MOST_BITS else f"<a number of {x.bit_length()} bits>"


_brief = _Brief()


def brief(value: object) -> str:
    """A value's ``repr``, long sequences, strings and numbers cut short."""
    return shortened(_brief.repr(value), _MOST_CHARACTERS)


def shortened(text: str, length: int = 250) -> str:
    """A text, without its middle if it is longer than that."""
    if len(text) <= length:
        return text
    end = length // 3
    return f"{text[: length - end - 3]} … {text[len(text) - end :]}"


def one_line(text: str, length: int = 300) -> str:
    """A text on one line, cut off if it is longer; half a character becomes a question mark."""
    line = " ".join(text.encode(errors="replace").decode().split())
    return line if len(line) <= length else f"{line[: length - 1]}…"


def size(num_bytes: int) -> str:
    """A number of bytes in words, ``16.1 GB`` or ``540 MB``."""
    return f"{num_bytes / 1e9:.1f} GB" if num_bytes >= 1e9 else f"{max(1, round(num_bytes / 1e6))} MB"


class BriefRepr:
    """Gives a dataclass declared with ``repr=False`` a ``repr`` of one line, with each value brief."""

    __slots__ = ()

    def __repr__(self) -> str:
        fields: Any = dataclasses.fields(self)  # type: ignore[arg-type]
        values = ", ".join(f"{field.name}={brief(getattr(self, field.name))}" for field in fields)
        return f"{type(self).__name__}({values})"
