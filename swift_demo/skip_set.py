"""Which sub-layers of the target the draft leaves out."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass

import numpy as np

from swift_demo.brief import brief

MAX_LAYERS = 1024  # of any model; a file that names more is wrong


def num_skippable(num_layers: int) -> int:
    """Number of sub-layers that a search may skip: attention and MLP of every layer but the first and last."""
    return max(0, 2 * (num_layers - 2))


def num_skipped(num_layers: int, skip_ratio: float) -> int:
    """k, the number of sub-layers that a draft skips: ``int(2 (L - 2) r)`` (paper, section 4.1)."""
    return int(num_skippable(num_layers) * skip_ratio)


@dataclass(frozen=True, slots=True)
class SkipSet:
    """Sub-layers to skip, by 0-based layer index; sorted, without repeats.

    Attributes:
        attention: Layers whose attention is skipped.
        mlp: Layers whose MLP is skipped.

    Raises:
        ValueError: For an index that is negative or not a whole number.
    """

    attention: tuple[int, ...] = ()
    mlp: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for name in ("attention", "mlp"):
            indices = tuple(getattr(self, name))
            if any(not isinstance(i, int | np.integer) or i < 0 for i in indices):
                raise ValueError(f"{name}={indices!r}: layer indices are whole numbers from 0")
            object.__setattr__(self, name, tuple(sorted({int(i) for i in indices})))

    def __len__(self) -> int:
        return len(self.attention) + len(self.mlp)

    def __or__(self, other: SkipSet) -> SkipSet:
        """What either of them skips."""
        return SkipSet(self.attention + other.attention, self.mlp + other.mlp)

    def inner(self, num_layers: int) -> SkipSet:
        """What it skips of the layers that a search may skip: all but the first and the last."""
        return self._within(range(1, num_layers - 1))

    def outer(self, num_layers: int) -> SkipSet:
        """What it skips of the first and the last layer, which only a set given by hand does."""
        return self._within((0, num_layers - 1))

    def _within(self, layers: Container[int]) -> SkipSet:
        return SkipSet(
            tuple(i for i in self.attention if i in layers), tuple(i for i in self.mlp if i in layers)
        )

    @classmethod
    def uniform(cls, num_layers: int, skip_ratio: float) -> SkipSet:
        """The start set: exactly k sub-layers, whole layers first, spread evenly over the depth.

        Source: paper, section 4.1 (every second layer). The reference skips about half whatever the ratio says;
        here the spacing follows from k, and an odd k skips one more attention.
        """
        k = num_skipped(num_layers, skip_ratio)
        inner = num_layers - 2
        pairs, rest = divmod(k, 2)
        spread = np.linspace(0, inner - 1, pairs + rest).round().astype(int) + 1 if k else np.array([], int)
        layers = [int(i) for i in spread]
        odd = layers[len(layers) // 2] if rest else None
        return cls(tuple(layers), tuple(i for i in layers if i != odd))

    @classmethod
    def from_bits(cls, bits: Iterable[int | bool], num_layers: int) -> SkipSet:
        """The set whose skippable sub-layers are marked in ``bits``; the inverse of ``to_bits``."""
        flags = [bool(b) for b in bits]
        if len(flags) != num_skippable(num_layers):
            raise ValueError(
                f"{len(flags)} bits for {num_layers} layers: expected {num_skippable(num_layers)}, "
                "attention then MLP of every layer but the first and last"
            )
        half = len(flags) // 2
        return cls(
            tuple(i + 1 for i in range(half) if flags[i]), tuple(i + 1 for i in range(half) if flags[half + i])
        )

    def to_bits(self, num_layers: int) -> np.ndarray:
        """One bit per sub-layer of a search, (2 (L - 2),) bool: attention of layers 1..L-2, then MLP.

        Raises:
            ValueError: If it skips something of the first or last layer, for which there is no bit.
        """
        self._check(num_layers, 1, num_layers - 2, "searched")
        bits = np.zeros(num_skippable(num_layers), dtype=bool)
        bits[[i - 1 for i in self.attention]] = True
        bits[[num_layers - 3 + i for i in self.mlp]] = True
        return bits

    def check(self, num_layers: int) -> None:
        """Raise ValueError unless every index names a layer of a model of ``num_layers``."""
        self._check(num_layers, 0, num_layers - 1, "skipped")

    def _check(self, num_layers: int, first: int, last: int, what: str) -> None:
        for name in ("attention", "mlp"):
            wrong = [i for i in getattr(self, name) if not first <= i <= last]
            if wrong:
                raise ValueError(
                    f"{name} layers {brief(wrong)} cannot be {what}: with {num_layers} layers only {first} to "
                    f"{last} can"
                )
