"""How the functions of the code task are built: each shape turns a selection of items into a result."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from training.tasks.code.filters import (
    Selection,
    draw_adjective,
    draw_ending,
    draw_selection,
    draw_value,
    selection_of,
)
from training.tasks.code.sources import Source
from training.tasks.data import table

INDENT = "    "


@dataclass(frozen=True, slots=True)
class Function:
    """One function to write: what the prompt announces and the body that follows from it.

    Attributes:
        edges: Numbers that test calls should hold.
        longest_test: Items in a test call at most.
    """

    name: str
    parameters: tuple[str, ...]
    phrase: str
    body: tuple[str, ...]
    edges: tuple[int, ...] = ()
    longest_test: int = 8

    @property
    def head(self) -> str:
        signature = ", ".join(self.parameters)
        return f'def {self.name}({signature}):\n{INDENT}"""Return {self.phrase}."""'

    @property
    def code(self) -> str:
        return "".join(f"\n{INDENT}{line}" for line in self.body)


def shapes_of(kind: str) -> list[str]:
    """Names of the shapes that suit a kind of source, in the order that drawing relies on."""
    return [name for name, shape in table("code/shapes.toml").items() if kind in shape["kinds"].split()]


def draw_function(rng: random.Random, source: Source, name: str) -> Function:
    """A function of the named shape."""
    shape = table("code/shapes.toml")[name]
    if "body" not in shape:
        return WRITTEN[name](rng, source)
    if shape["select"] == "no":
        chosen = selection_of(source)
    else:
        chosen = draw_selection(rng, source, is_filtered=shape["select"] == "some")
    words = _words_of(chosen)
    if "value" in shape:
        value = draw_value(rng, chosen, is_number=shape["value"] == "number")
        words |= {
            "values": value.phrase,
            "slug": value.slug,
            "value": value.expression,
            "kept": value.expression,
        }
        if "keep" in shape and value.expression != source.item:
            words |= {"keep": f"{shape['keep']} = {value.expression}", "kept": shape["keep"]}
    for choice in shape.get("draw", ()):
        words |= _draw_words(rng, choice, words)
    name, phrase = shape["name"].format(**words), shape["phrase"].format(**words)
    return _function(chosen, name, phrase, _lines(shape["body"], words), shape.get("longest_test", 8))


def _words_of(chosen: Selection) -> dict[str, Any]:
    words = {"many": chosen.many, "slug": chosen.slug, "if": chosen.condition and f"if {chosen.condition}:"}
    return asdict(chosen.source) | words


def _draw_words(rng: random.Random, choice: Any, words: Mapping[str, Any]) -> dict[str, Any]:
    """One of several sets of words, or for each name a number between two."""
    if isinstance(choice, dict):
        return {name: rng.randint(*bounds) for name, bounds in choice.items()}
    return {name: text.format(**words) for name, text in rng.choice(choice).items()}


def _function(chosen: Selection, name: str, phrase: str, body: list[str], longest_test: int = 8) -> Function:
    """The function over a selection, with the parameters that its filters need."""
    extra = tuple(each.parameter for each in chosen.filters if each.parameter)
    edges = tuple(edge for each in chosen.filters for edge in each.edges)
    return Function(name, (chosen.source.parameter, *extra), phrase, tuple(body), edges, longest_test)


def _lines(body: str, words: Mapping[str, Any]) -> list[str]:
    """The lines of a body filled in.

    ``{if}`` falls away where there is no condition, and what is indented below it moves out; ``{keep}`` falls
    away where there is nothing to keep.
    """
    lines: list[str] = []
    fallen: int | None = None  # indentation of the condition that fell away
    for line in body.rstrip().splitlines():
        code = line.lstrip()
        depth = len(line) - len(code)
        if fallen is not None and depth <= fallen:
            fallen = None
        if code == "{if}" and not words["if"]:
            fallen = depth
        elif code != "{keep}" or "keep" in words:
            lines.append((line if fallen is None else line.removeprefix(INDENT)).format(**words))
    return lines


def any_or_all(rng: random.Random, source: Source) -> Function:
    """Whether some item passes a filter, or all do."""
    adjective = draw_adjective(rng, source) if rng.random() < 0.4 else None
    chosen = selection_of(source, adjective, None if adjective else draw_ending(rng, source))
    (check,) = chosen.filters
    word = rng.choice(("any", "only"))
    test = check.test if word == "any" else check.opposite
    body = [
        source.loop,
        f"{INDENT}if {test}:",
        f"{INDENT * 2}return {word == 'any'}",
        f"return {word == 'only'}",
    ]
    article = "an" if chosen.one[0] in "aeiou" else "a"
    phrase = f"there is {article} {chosen.one}" if word == "any" else f"there are only {chosen.many}"
    return _function(chosen, f"{word}_{chosen.slug}", f"whether {phrase}", body)


def grade(rng: random.Random, source: Source) -> Function:
    """A label for one item, by two bounds."""
    item = source.item
    upper, middle, lower = rng.choice(table("code/sources.toml")["labels"]).split(", ")
    low = rng.randint(2, 12)
    high = low + rng.randint(2, 12)
    word, sign = rng.choice((("above", ">"), ("of at least", ">=")))
    article = "an" if item[0] in "aeiou" else "a"
    phrase = f"'{upper}' for {article} {item} {word} {high}, '{middle}' for one {word} {low}, else '{lower}'"
    body = (
        f"if {item} {sign} {high}:",
        f'{INDENT}return "{upper}"',
        f"if {item} {sign} {low}:",
        f'{INDENT}return "{middle}"',
        f'return "{lower}"',
    )
    name = rng.choice((f"grade_{item}", f"label_{item}", f"rate_{item}", f"name_{item}"))
    return Function(name, (item,), phrase, body, (low - 1, low, low + 1, high - 1, high, high + 1))


def spell(rng: random.Random, source: Source) -> Function:
    """The selected letters as a text, perhaps in reverse order."""
    chosen = draw_selection(rng, source, is_filtered=True)
    is_reversed = rng.random() < 0.4
    line = "result = {item} + result" if is_reversed else "result += {item}"
    body = _lines(f'result = ""\n{{loop}}\n    {{if}}\n        {line}\nreturn result', _words_of(chosen))
    phrase = f"a string of the {chosen.many}" + (", in reverse order" if is_reversed else "")
    return _function(chosen, f"{'reverse' if is_reversed else 'keep'}_{chosen.slug}", phrase, body)


# The shapes that take more than words to fill in
WRITTEN: dict[str, Callable[[random.Random, Source], Function]] = {
    "any_or_all": any_or_all,
    "grade": grade,
    "spell": spell,
}
