"""What the folds share: how a number and a set of layers are written in a row."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import overload


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
