"""Every setting of a run, once: its name on the page, its range, its default, and what it sets.

What a visitor or a program sends may be anything, so ``checked`` turns it into a value that the engine can
take, or refuses it in a sentence. What was left empty is the default, the engine's own where it has one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from swift_demo.brief import brief
from swift_demo.config import PAPER_TREE, SamplingConfig, SearchConfig, SwiftConfig
from swift_demo.ui.service import PromptError, Request, RunRequest

_DEFAULTS = {
    "request": SimpleNamespace(max_new_tokens=200),
    "sampling": SamplingConfig(),
    "swift": SwiftConfig(),
    "search": SearchConfig(),
    "page": SimpleNamespace(pace=0.25, starts_known=True),
}


class WrongField(ValueError):
    """A field holds what it cannot; the message is a sentence that names it and what it takes."""


@dataclass(frozen=True, slots=True)
class Knob(ABC):
    """A setting.

    Attributes:
        key: What programs call it.
        name: What the page calls it.
        info: The sentence below it.
        sets: What it sets: a part of the run and a field there.
        group: The fold that it stands in; empty is none.
    """

    key: str
    name: str
    info: str
    sets: str
    group: str = ""

    @property
    def untouched(self) -> Any:
        """What is set where the field is left alone."""
        part, _, field = self.sets.partition(".")
        return getattr(_DEFAULTS[part], field)

    @property
    def default(self) -> Any:
        """What the field shows at first."""
        return self.untouched

    @abstractmethod
    def checked(self, value: object) -> Any:
        """What the field sets if it holds this value.

        Raises:
            WrongField: If it is none that the field takes.
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
    """Text that can be encoded, of at most so many characters."""

    name: str
    most: int

    def checked(self, value: object) -> str:
        """The text as it is; nothing is an empty one.

        Raises:
            WrongField: If it is no such text.
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
                f"{self.name} holds half a character at place {error.start + 1:,}; take it away."
            ) from None
        return value


PROMPT = Text("The prompt", 1_000_000)
MODEL_NAME = Text("The model's name", 1_000)

# In the order of the page.
KNOBS: tuple[Knob, ...] = (
    Number(
        "max_new_tokens",
        "Maximum tokens",
        "The text ends there at the latest.",
        "request.max_new_tokens",
        least=16,
        most=400,
        step=1,
    ),
    Choice(
        "pace",
        "Shown speed",
        "Slows the picture, never the figures.",
        "page.pace",  # seconds of lane clock shown per second on screen; None shows events as they come
        choices={"real time": None, "1/4": 0.25, "1/10": 0.1, "1/40": 0.025},
    ),
    Number(
        "temperature",
        "Temperature",
        "0 is greedy: both texts are the same.",
        "sampling.temperature",
        least=0,
        most=1.5,
        step=0.05,
    ),
    Number(
        "top_p",
        "Top-p",
        "Keep the likeliest tokens up to here.",
        "sampling.top_p",
        "Sampling",
        least=0.05,
        most=1,
        step=0.05,
    ),
    Number(
        "top_k",
        "Top-k",
        "Keep this many tokens; 0 keeps all.",
        "sampling.top_k",
        "Sampling",
        least=0,
        most=100,
        step=1,
    ),
    Number(
        "seed",
        "Seed",
        "Repeats a sampled text; SWIFT's too, if it has learned the same.",
        "sampling.seed",
        "Sampling",
        least=0,
        most=2**32 - 1,
        step=1,
        is_slider=False,
    ),
    Number(
        "skip_ratio",
        "Skip ratio",
        "Share of sub-layers that the draft leaves out.",
        "swift.skip_ratio",
        least=0,
        most=0.9,
        step=0.05,
    ),
    Choice(
        "start",
        "First skip set",
        "What your first run begins with; from the uniform one, the search has all to find.",
        "page.starts_known",
        choices={"learned earlier": True, "uniform": False},
    ),
    Number(
        "threshold",
        "Confidence threshold",
        "Drafting stops below it.",
        "swift.confidence_threshold",
        least=0,
        most=1,
        step=0.05,
    ),
    Switch(
        "is_adaptive",
        "Threshold moves",
        "Towards 90 % acceptance (Draft & Verify).",
        "swift.threshold_rule",
        on="adaptive",
        off="fixed",
    ),
    Switch(
        "has_tree",
        "Token tree",
        "Where unsure, check further candidates.",
        "swift.tree_levels",
        on=PAPER_TREE,
        off=(),
    ),
    Switch("is_searching", "Search", "Look for better sub-layers to skip while writing.", "search.is_enabled"),
    Switch(
        "looks_inside",
        "Hidden states",
        "Also propose what they speak for; beyond the paper.",
        "search.hidden_states_interval",
        on=SearchConfig().hidden_states_interval,
        off=0,
    ),
    Number(
        "max_trials",
        "Trials",
        "The search ends after so many.",
        "search.max_trials",
        least=10,
        most=400,
        step=10,
    ),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """All fields of the page, checked.

    Attributes:
        prompt: The text to be continued.
        run: What the engine is asked for.
        pace: See the knob of this key.
    """

    prompt: str
    run: RunRequest
    pace: float | None


def settings_of(sent: Mapping[str, object]) -> Settings:
    """What was sent, by the knobs' keys, with the text to be continued as ``prompt``.

    Raises:
        WrongField: If a field holds what it cannot.
        PromptError: If there is no text to be continued.
    """
    prompt = PROMPT.checked(sent.get("prompt"))
    if not prompt.strip():
        raise PromptError("the prompt is empty; type some text or choose one of the five tasks")
    parts: dict[str, dict[str, Any]] = defaultdict(dict)
    for knob in KNOBS:
        part, _, field = knob.sets.partition(".")
        parts[part][field] = knob.checked(sent.get(knob.key))
    sampling, search = SamplingConfig(**parts["sampling"]), SearchConfig(**parts["search"])
    request = Request(prompt, **parts["request"], sampling=sampling, wants_alternatives=True)
    swift = SwiftConfig(**parts["swift"], search=search)
    run = RunRequest(request, swift, parts["page"]["starts_known"])
    return Settings(prompt, run, parts["page"]["pace"])


def texts(given: object, *names: str) -> tuple[str, ...]:
    """The texts of these names in what the page's own scripts sent; empty where there is none."""
    found: Mapping[str, object] = given if isinstance(given, Mapping) else {}
    values = (found.get(name) for name in names)
    return tuple(value.encode(errors="replace").decode() if isinstance(value, str) else "" for value in values)
