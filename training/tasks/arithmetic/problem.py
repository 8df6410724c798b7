"""What every word problem has: its people, its steps, its answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """A first name with the pronouns that go with it."""

    name: str
    she: str
    her: str
    object: str

    @property
    def She(self) -> str:
        return self.she.capitalize()


@dataclass(frozen=True, slots=True)
class Problem:
    """A story with its question, the worked steps and the answer."""

    story: tuple[str, ...]
    question: str
    steps: tuple[str, ...]
    answer: int


def total(first: int, sign: str, second: int) -> int:
    """The result of one step; divisions are exact."""
    if sign == "+":
        return first + second
    if sign == "-":
        return first - second
    return first * second if sign == "x" else first // second


def equation(first: int, sign: str, second: int) -> str:
    """The step written out, such as "12 + 7 = 19"."""
    return f"{first} {sign} {second} = {total(first, sign, second)}"
