"""What the functions of the code task loop over."""

from __future__ import annotations

import random
from dataclasses import dataclass

from training.tasks.data import table

NUMERIC = ("numbers", "prices", "range")


@dataclass(frozen=True, slots=True)
class Source:
    """What a function loops over, and how its docstring speaks of it."""

    kind: str
    item: str
    items: str
    parameter: str
    loop: str
    title: str
    suffix: str = ""
    key: str = ""
    keys: str = ""

    @property
    def may_be_negative(self) -> bool:
        return self.kind != "range" and self.item in ("number", "value", "amount", "score", "point", "level")


def draw_source(rng: random.Random) -> Source:
    """Something to loop over: a list, a dictionary, a range or a text."""
    words = table("code/sources.toml")
    kind = rng.choices(("numbers", "words", "prices", "range", "letters"), (34, 28, 16, 12, 10))[0]
    opening = rng.choice(("Tools", "Helpers", "Functions", "Small tools", "Short functions"))
    if kind in ("numbers", "words"):
        item, items = rng.choice(words[kind]).split()
        title = f"{opening} for {rng.choice(('lists', 'a list'))} of {items}."
        return Source(kind, item, items, items, f"for {item} in {items}:", title)
    if kind == "prices":
        key, keys, item, items = rng.choice(words["priced"]).split()
        title = f"{opening} for a dictionary of {items} by {key}."
        return Source(kind, item, items, items, f"for {item} in {items}.values():", title, "", key, keys)
    if kind == "range":
        end = rng.choice(words["range_ends"])
        title = f"{opening} for the numbers from 1 up to {end}."
        loop = f"for number in range(1, {end} + 1):"
        return Source(kind, "number", "numbers", end, loop, title, f" up to {end}")
    text = rng.choice(("text", "line", "message", "word"))
    title = f"{opening} for the letters of a {text}."
    return Source(kind, "letter", "letters", text, f"for letter in {text}:", title, f" in {text}")
