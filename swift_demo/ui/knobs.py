"""The settings of a run as the page shows them: each with its name there, its range and its default.

What a visitor or a program sends may be anything, so ``checked`` turns it into a value that the engine can
take, or refuses it in a sentence. What was left empty is the default.
"""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from swift_demo.config import SwiftConfig

PACES: dict[str, float | None] = {"real time": None, "1/4": 0.25, "1/10": 0.1, "1/40": 0.025}
"""Seconds of lane clock shown per second on screen; None shows events as they come."""


class WrongField(ValueError):
    """A field holds what it cannot; the message is a sentence that names it and what it takes."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a range; whole if its step is."""

    name: str
    least: float
    most: float
    default: float
    step: float
    info: str

    def checked(self, value: Any) -> float:
        """The number."""
        if value is None or value == "":
            return self.default
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and self.least <= value <= self.most and (not self.is_whole or value == int(value)):
            return value
        kind = "a whole number" if self.is_whole else "a number"
        allowed = f"{kind} from {self.least:,} to {self.most:,}"
        raise WrongField(f"{self.name} is {_shown(value)}; it must be {allowed}.")

    def whole(self, value: object) -> int:
        """The number, of a field that takes whole ones only."""
        assert self.is_whole
        return int(self.checked(value))

    @property
    def is_whole(self) -> bool:
        return isinstance(self.step, int)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    name: str
    choices: tuple[str, ...]
    default: str
    info: str

    def checked(self, value: object) -> str:
        """The word."""
        if value is None:
            return self.default
        if value not in self.choices:
            raise WrongField(f"{self.name} is {_shown(value)}; it must be one of: {', '.join(self.choices)}.")
        return str(value)


@dataclass(frozen=True, slots=True)
class Switch:
    """On or off."""

    name: str
    default: bool
    info: str

    def checked(self, value: object) -> bool:
        """Whether it is on."""
        if value is None:
            return self.default
        if not isinstance(value, bool):
            raise WrongField(f"{self.name} is {_shown(value)}; it must be on or off (true or false).")
        return value


@dataclass(frozen=True, slots=True)
class Text:
    """Text that can be encoded, of at most so many characters."""

    name: str
    most: int

    def checked(self, value: object) -> str:
        """The text as it is; nothing is an empty one."""
        if value is None:
            return ""
        if not isinstance(value, str):
            raise WrongField(f"{self.name} is {_shown(value)}; it must be text.")
        if len(value) > self.most:
            raise WrongField(f"{self.name} has {len(value):,} characters; it must have at most {self.most:,}.")
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise WrongField(
                f"{self.name} holds half a character at place {error.start + 1:,}; take it away."
            ) from None
        return value


PROMPT = Text("The prompt", 1_000_000)
MODEL_NAME = Text("The model's name", 1_000)
MAX_NEW_TOKENS = Number("Maximum tokens", 16, 400, 200, 1, "The text ends there at the latest.")
PACE = Choice("Shown speed", tuple(PACES), "1/4", "Slows the picture, never the figures.")
TEMPERATURE = Number("Temperature", 0, 1.5, 0, 0.05, "0 is greedy: both texts are the same.")
TOP_P = Number("Top-p", 0.05, 1, 1, 0.05, "Keep the likeliest tokens up to here.")
TOP_K = Number("Top-k", 0, 100, 0, 1, "Keep this many tokens; 0 keeps all.")
SEED = Number("Seed", 0, 2**32 - 1, 0, 1, "Repeats a sampled text; SWIFT's too, if it has learned the same.")
SKIP_RATIO = Number("Skip ratio", 0, 0.9, 0.5, 0.05, "Share of sub-layers that the draft leaves out.")
START = Choice(
    "First skip set",
    ("learned earlier", "uniform"),
    "learned earlier",
    "What your first run begins with; from the uniform one, the search has all to find.",
)
THRESHOLD = Number(
    "Confidence threshold", 0, 1, SwiftConfig().confidence_threshold, 0.05, "Drafting stops below it."
)
IS_ADAPTIVE = Switch("Threshold moves", False, "Towards 90 % acceptance (Draft & Verify).")
HAS_TREE = Switch("Token tree", True, "Where unsure, check further candidates.")
IS_SEARCHING = Switch("Search", True, "Look for better sub-layers to skip while writing.")
LOOKS_INSIDE = Switch("Hidden states", True, "Also propose what they speak for; beyond the paper.")
MAX_TRIALS = Number("Trials", 10, 400, 200, 10, "The search ends after so many.")


def texts(given: object, *names: str) -> tuple[str, ...]:
    """The texts of these names in what the page's own scripts sent; empty where there is none."""
    found: Mapping[str, object] = given if isinstance(given, Mapping) else {}
    values = (found.get(name) for name in names)
    return tuple(value.encode(errors="replace").decode() if isinstance(value, str) else "" for value in values)


def _shown(value: object) -> str:
    """A value as a sentence can name it, short and fit to be sent."""
    is_huge = isinstance(value, int) and value.bit_length() > 128
    return "far too large" if is_huge else reprlib.repr(value)
