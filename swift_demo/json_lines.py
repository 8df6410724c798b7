"""JSON lines from other programs: anything that is not JSON is refused in a few words."""

from __future__ import annotations

import codecs
import json
from collections import Counter
from typing import Any

from swift_demo.brief import brief, shortened

_MAX_DIGITS = 20  # of a whole number: about the largest that a computer counts with


class LineError(ValueError):
    """A line is not what it should be; the message names it and the reason."""

    def __init__(self, number: int, reason: object):
        super().__init__(f"line {number}: {shortened(str(reason))}")


def lines_of(data: bytes) -> list[str]:
    r"""The lines of a UTF-8 file, which end with "\n" or "\r\n" and nothing else.

    ``str.splitlines`` would also split within a text, at U+2028 for one. A byte order mark and trailing blank
    lines are ignored.

    Raises:
        LineError: If a line is not UTF-8.
    """
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        raise LineError(error.object.count(b"\n", 0, error.start) + 1, "not UTF-8 text") from None
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def parse_object(text: str) -> dict[str, Any]:
    """The JSON object that a text holds.

    Raises:
        ValueError: If it holds none; the message says why in a few words.
    """
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, " if error.lineno > 1 else ""
        raise ValueError(f"not JSON ({error.msg} at {where}column {error.colno})") from None
    except RecursionError:
        raise ValueError("its brackets are nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError(f"expected a JSON object, found {type(value).__name__}")
    return value


def is_whole(text: str) -> bool:
    """Whether UTF-8 can hold a text: a lone surrogate is half a character, and no reply may hold it."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _whole_number(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise ValueError(f"a number has {len(digits)} digits; at most {_MAX_DIGITS} are read")
    return int(digits)


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is not a number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        raise ValueError(f"the field {brief(counts.most_common(1)[0][0])} appears twice")
    return values


_DECODER = json.JSONDecoder(parse_int=_whole_number, parse_constant=_no_number, object_pairs_hook=_object)
