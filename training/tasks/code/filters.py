"""Which items of a source a function takes, and what it computes from each."""

from __future__ import annotations

import random
from dataclasses import dataclass

from training.tasks.code.sources import NUMERIC, Source
from training.tasks.data import table


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on an item, with its opposite for checks that look for a counterexample.

    Attributes:
        edges: Numbers at which it changes.
        parameter: Of the function, that the condition needs.
    """

    phrase: str
    slug: str
    test: str
    opposite: str
    edges: tuple[int, ...] = ()
    parameter: str = ""


@dataclass(frozen=True, slots=True)
class Selection:
    """The items of a source that pass up to two filters."""

    source: Source
    filters: tuple[Filter, ...]
    one: str
    many: str
    slug: str

    @property
    def condition(self) -> str:
        return " and ".join(each.test for each in self.filters)


@dataclass(frozen=True, slots=True)
class Value:
    """What is computed from each selected item: how the docstring and the name say it, and the expression."""

    phrase: str
    slug: str
    expression: str


def draw_selection(rng: random.Random, source: Source, is_filtered: bool) -> Selection:
    """A selection, with at least one filter where ``is_filtered`` says so."""
    wanted = rng.choices(("", "adjective", "ending", "both"), (0 if is_filtered else 15, 30, 35, 20))[0]
    if wanted == "both":
        return selection_of(source, *_draw_pair(rng, source))
    adjective = draw_adjective(rng, source) if wanted == "adjective" else None
    ending = draw_ending(rng, source) if wanted == "ending" else None
    return selection_of(source, adjective, ending)


def selection_of(source: Source, adjective: Filter | None = None, ending: Filter | None = None) -> Selection:
    """The selection by an adjective before the noun and an ending after it."""
    before = f"{adjective.phrase} " if adjective else ""
    after = (f" {ending.phrase}" if ending else "") + source.suffix
    slugs = (adjective.slug if adjective else "", source.items, ending.slug if ending else "")
    return Selection(
        source,
        tuple(each for each in (adjective, ending) if each),
        f"{before}{source.item}{after}",
        f"{before}{source.items}{after}",
        "_".join(filter(None, slugs)),
    )


def draw_adjective(rng: random.Random, source: Source) -> Filter:
    """A filter that stands before the noun."""
    adjectives = table("code/filters.toml")["adjectives"]
    if source.kind not in NUMERIC:
        return _filter(rng.choice(adjectives["text"]), source)
    return _filter(rng.choice(adjectives["numbers"][: None if source.may_be_negative else 2]), source)


def draw_ending(rng: random.Random, source: Source) -> Filter:
    """A filter that stands after the noun."""
    letters = table("code/sources.toml")["letters"]
    endings = table("code/filters.toml")["endings"]
    if source.kind == "words":
        n, letter = rng.randint(2, 9), rng.choice(letters)
        return _filter(rng.choice(endings["words"]), source, n=n, letter=letter)
    if source.kind == "letters":
        letter = rng.choice(letters)
        some = "".join(sorted(rng.sample([each for each in letters if each not in "aeiou"], 3)))
        return _filter(rng.choice(endings["letters"]), source, letter=letter, some=some)
    n, small, gap = rng.randint(2, 20), rng.randint(3, 9), rng.randint(2, 10)
    words = {"n": n, "above": n + 1, "below": n - 1, "high": n + gap, "small": small, "double": 2 * small}
    return _filter(rng.choice(endings["numbers"]), source, **words)


def _filter(row: list[str], source: Source, **words: object) -> Filter:
    phrase, slug, test, opposite, *rest = (field.format(x=source.item, **words) for field in row)
    edges, parameter = (*rest, "", "")[:2]
    return Filter(phrase, slug, test, opposite, tuple(map(int, edges.split())), parameter)


def _draw_pair(rng: random.Random, source: Source) -> tuple[Filter, Filter]:
    """An adjective and an ending that neither repeat nor exclude each other."""
    while True:
        adjective, ending = draw_adjective(rng, source), draw_ending(rng, source)
        if _go_together(adjective.slug, ending.slug):
            return adjective, ending


def _go_together(adjective: str, ending: str) -> bool:
    if adjective in ("positive", "negative"):
        return "divisible" in ending
    if adjective in ("even", "odd"):
        return "divisible" not in ending or ending[-1] in "3579"
    if adjective == "upper":
        return ending.startswith(("over_", "under_", "of_"))
    return "among" not in ending


def draw_value(rng: random.Random, chosen: Selection, is_number: bool) -> Value:
    """The items themselves or something computed from each, a number where ``is_number`` says so."""
    source = chosen.source
    must_compute = is_number and source.kind not in NUMERIC
    if not must_compute and rng.random() < 0.35:
        return Value(f"the {chosen.many}", chosen.slug, source.item)
    maps = table("code/filters.toml")["maps"]
    if source.kind in NUMERIC:
        if rng.random() >= 0.6:
            return _draw_sum(rng, chosen)
        rows = maps["numbers"][: None if source.may_be_negative else 5]
    else:
        rows = maps[source.kind]
    row = rng.choice(rows)
    while must_compute and "number" not in row:
        row = rng.choice(rows)
    noun, slug, expression = row[:3]
    return Value(
        f"the {noun} of the {chosen.many}", f"{slug}_of_{chosen.slug}", expression.format(x=source.item)
    )


def _draw_sum(rng: random.Random, chosen: Selection) -> Value:
    """The item plus, minus or times a number."""
    amount = rng.randint(2, 12)
    word, sign = rng.choice((("plus", "+"), ("minus", "-"), ("times", "*")))
    phrase = f"the {chosen.many}, each {word} {amount}"
    return Value(phrase, f"{chosen.slug}_{word}_{amount}", f"{chosen.source.item} {sign} {amount}")
