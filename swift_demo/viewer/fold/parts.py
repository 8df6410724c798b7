"""What the folds share: what a fold is, and how numbers, layers and names are written in a row."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import Any, Protocol, overload, runtime_checkable

from swift_demo.events import Proposer
from swift_demo.trace import Entry
from swift_demo.viewer.value import Table

PROPOSER_NAMES: dict[Proposer, str] = {
    "start": "start set",
    "incumbent": "re-scored",
    "fixed": "kept set",
    "random": "random",
    "bayesian": "Bayesian",
    "swap": "swap",
    "hidden states": "hidden states",
    "contribution": "contribution",
}
"""What a proposer's trials are called on screen."""


class Fold(Protocol):
    """Turns a run's entries, in order, into rows of tables."""

    def add(self, entry: Entry, index: int) -> Iterable[tuple[Table, Any]]:
        """The rows that an entry brings, each with its table; ``index`` is the event's in the run."""


@runtime_checkable
class EndingFold(Fold, Protocol):
    """A fold that has something to say about lanes that were cut short."""

    def end(self, index: int) -> Iterable[tuple[Table, Any]]:
        """The rows that the run's end brings; ``index`` is that of its last event."""


@overload
def rounded(value: float) -> float: ...
@overload
def rounded(value: None) -> None: ...
@overload
def rounded(value: float | None) -> float | None: ...
def rounded(value: float | None) -> float | None:
    """Four decimals: enough for any screen, and a third of the bytes."""
    return None if value is None else round(value, 4)


def bits_text(layers: Container[int], num_layers: int) -> str:
    """A character for each layer of the model: 1 for those given, 0 for the others."""
    return "".join("1" if i in layers else "0" for i in range(num_layers))


def listed(layers: Iterable[int]) -> str:
    """Layers in words, like "2, 5"."""
    return ", ".join(map(str, layers)) or "none"


def piece_at(pieces: Sequence[str], position: int) -> str:
    """A piece of text; empty if the event brought fewer."""
    return pieces[position] if 0 <= position < len(pieces) else ""
