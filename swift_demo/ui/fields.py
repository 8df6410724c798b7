"""The kinds of fields on the page, and what each takes.

What a visitor or a program sends may be anything, so ``checked`` turns it into a value that the engine can
take, or refuses it in a sentence. An empty field means the default, the engine's own if it has one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from swift_demo.brief import brief
from swift_demo.config import SamplingConfig, SearchConfig, SwiftConfig

MAX_NEW_TOKENS = 200
DEFAULTS = {
    "request": SimpleNamespace(max_new_tokens=MAX_NEW_TOKENS),
    "sampling": SamplingConfig(),
    "swift": SwiftConfig(),
    "search": SearchConfig(),
    "page": SimpleNamespace(pace="readable", starts_known=True, uses_template=True, is_paper=False),
}


class WrongField(ValueError):
    """A field holds a value it cannot take; the message is a sentence that names it and what it takes."""


@dataclass(frozen=True, slots=True)
class Knob(ABC):
    """A setting.

    Attributes:
        key: What programs call it.
        name: What the page calls it.
        info: The sentence below it.
        sets: What it sets: a part of the run and a field there.
        group: The accordion that it is in; empty is none.
    """

    key: str
    name: str
    info: str
    sets: str
    group: str = ""

    @property
    def untouched(self) -> Any:
        """What is set if the field is left alone."""
        part, _, field = self.sets.partition(".")
        return getattr(DEFAULTS[part], field)

    @property
    def default(self) -> Any:
        """What the field shows at first."""
        return self.untouched

    @abstractmethod
    def checked(self, value: object) -> Any:
        """What the field sets if it holds this value.

        Raises:
            WrongField: If the field cannot take it.
        """

    def refusal(self, value: object, allowed: str) -> WrongField:
        """The sentence against a value."""
        return WrongField(f"{self.name} is {brief(value)}; it must be {allowed}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Knob):
    """A number in a range; whole if its step is."""

    least: float
    most: float
    step: float
    is_slider: bool = True

    @property
    def is_whole(self) -> bool:
        return isinstance(self.step, int)

    def checked(self, value: Any) -> float:
        if value is None or value == "":
            return self.untouched
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and self.least <= value <= self.most and (not self.is_whole or value == int(value)):
            return int(value) if self.is_whole else value
        kind = "a whole number" if self.is_whole else "a number"
        raise self.refusal(value, f"{kind} from {self.least:,} to {self.most:,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Knob):
    """One of a few words, each with what it sets."""

    choices: Mapping[str, Any]

    @property
    def default(self) -> str:
        return next(word for word, value in self.choices.items() if value == self.untouched)

    def checked(self, value: object) -> Any:
        if value is None:
            return self.untouched
        if not isinstance(value, str) or value not in self.choices:
            raise self.refusal(value, f"one of: {', '.join(self.choices)}")
        return self.choices[value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch(Knob):
    """On or off, each with what it sets."""

    on: Any = True
    off: Any = False

    @property
    def default(self) -> bool:
        return self.untouched == self.on

    def checked(self, value: object) -> Any:
        if value is None:
            return self.untouched
        if not isinstance(value, bool):
            raise self.refusal(value, "on or off (true or false)")
        return self.on if value else self.off


@dataclass(frozen=True, slots=True)
class Text:
    """Text that can be encoded, with at most ``most`` characters."""

    name: str
    most: int

    def checked(self, value: object) -> str:
        """The text as it is; nothing becomes empty text.

        Raises:
            WrongField: If it is not such a text.
        """
        if value is None:
            return ""
        if not isinstance(value, str):
            raise WrongField(f"{self.name} is {brief(value)}; it must be text.")
        if len(value) > self.most:
            raise WrongField(f"{self.name} has {len(value):,} characters; it must have at most {self.most:,}.")
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise WrongField(
                f"{self.name} holds half a character at position {error.start + 1:,}; delete it."
            ) from None
        return value


def texts(given: object, *names: str) -> tuple[str, ...]:
    """The texts of these names in what the page's own scripts sent; empty if there is none."""
    found: Mapping[str, object] = given if isinstance(given, Mapping) else {}
    values = (found.get(name) for name in names)
    return tuple(value.encode(errors="replace").decode() if isinstance(value, str) else "" for value in values)
