"""What the functions of the code task talk about: sources to loop over, filters and maps."""

from __future__ import annotations

import random
from dataclasses import dataclass

NUMBER_NOUNS = (
    ("score", "scores"), ("price", "prices"), ("mark", "marks"), ("age", "ages"), ("number", "numbers"),
    ("point", "points"), ("weight", "weights"), ("height", "heights"), ("length", "lengths"),
    ("size", "sizes"), ("cost", "costs"), ("page", "pages"), ("value", "values"), ("amount", "amounts"),
    ("distance", "distances"), ("level", "levels"),
)  # fmt: skip
WORD_NOUNS = (
    ("word", "words"), ("name", "names"), ("city", "cities"), ("color", "colors"), ("fruit", "fruits"),
    ("animal", "animals"), ("title", "titles"), ("tag", "tags"), ("song", "songs"), ("town", "towns"),
    ("plant", "plants"), ("book", "books"), ("flower", "flowers"), ("game", "games"),
)  # fmt: skip
PRICED = (
    ("fruit", "fruits", "price", "prices"), ("name", "names", "score", "scores"),
    ("name", "names", "age", "ages"), ("city", "cities", "distance", "distances"),
    ("book", "books", "price", "prices"), ("animal", "animals", "weight", "weights"),
    ("game", "games", "level", "levels"), ("word", "words", "count", "counts"),
    ("plant", "plants", "height", "heights"), ("town", "towns", "size", "sizes"),
)  # fmt: skip
RANGE_ENDS = ("last", "end", "top", "size")
LETTERS = "abcdeghilmnoprst"
CONSONANTS = "bcdghlmnprst"
TEST_WORDS = (
    "apple", "Rome", "a", "stone", "LAKE", "tiger", "egg", "noon", "garden", "BEE", "plum", "river", "oak",
    "lemon", "house", "Anna", "boat", "mirror", "cat", "dance", "island", "go", "planet", "rain",
    "TREE", "SUN", "CASTLE", "MOON", "GARDENS", "OX",
)  # fmt: skip


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


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on an item, with its opposite for checks that look for a counterexample."""

    phrase: str
    slug: str
    test: str
    opposite: str
    edges: tuple[int, ...] = ()
    parameter: str = ""


@dataclass(frozen=True, slots=True)
class Map:
    """What is computed from an item; ``tail`` follows the items where there is no noun for the result."""

    many: str
    one: str
    slug: str
    value: str
    is_number: bool
    tail: str = ""


NUMBER_ADJECTIVES = (
    Filter("even", "even", "{x} % 2 == 0", "{x} % 2 != 0"),
    Filter("odd", "odd", "{x} % 2 == 1", "{x} % 2 != 1"),
    Filter("positive", "positive", "{x} > 0", "{x} <= 0", (0,)),
    Filter("negative", "negative", "{x} < 0", "{x} >= 0", (0,)),
)
TEXT_ADJECTIVES = (
    Filter("upper-case", "upper", "{x}.isupper()", "not {x}.isupper()"),
    Filter("lower-case", "lower", "{x}.islower()", "not {x}.islower()"),
)
NUMBER_NOUN_MAPS = (
    Map("the squares of the", "the square of the", "squares", "{x} * {x}", True),
    Map("the doubles of the", "the double of the", "doubles", "{x} * 2", True),
    Map("the triples of the", "the triple of the", "triples", "{x} * 3", True),
    Map("the halves of the", "the half of the", "halves", "{x} // 2", True),
    Map("the last digits of the", "the last digit of the", "last_digits", "abs({x}) % 10", True),
    Map("the absolute values of the", "the absolute value of the", "absolute", "abs({x})", True),
    Map("the negatives of the", "the negative of the", "negatives", "-{x}", True),
)
WORD_MAPS = (
    Map("the lengths of the", "the length of the", "lengths", "len({x})", True),
    Map("the first letters of the", "the first letter of the", "first_letters", "{x}[0]", False),
    Map("the last letters of the", "the last letter of the", "last_letters", "{x}[-1]", False),
    Map("the upper-case forms of the", "the upper-case form of the", "upper_forms", "{x}.upper()", False),
    Map("the lower-case forms of the", "the lower-case form of the", "lower_forms", "{x}.lower()", False),
    Map("the reversed forms of the", "the reversed form of the", "reversed", "{x}[::-1]", False),
)
LETTER_MAPS = (
    Map("the upper-case forms of the", "the upper-case form of the", "upper_forms", "{x}.upper()", False),
    Map("the lower-case forms of the", "the lower-case form of the", "lower_forms", "{x}.lower()", False),
    Map("the doubles of the", "the double of the", "doubles", "{x} + {x}", False),
)


def draw_source(rng: random.Random) -> Source:
    """Return something to loop over: a list, a dictionary, a range or a text."""
    kind = rng.choices(("numbers", "words", "prices", "range", "letters"), (34, 28, 16, 12, 10))[0]
    opening = rng.choice(("Tools", "Helpers", "Functions", "Small tools", "Short functions"))
    if kind in ("numbers", "words"):
        item, items = rng.choice(NUMBER_NOUNS if kind == "numbers" else WORD_NOUNS)
        title = f"{opening} for {rng.choice(('lists', 'a list'))} of {items}."
        return Source(kind, item, items, items, f"for {item} in {items}:", title)
    if kind == "prices":
        key, keys, item, items = rng.choice(PRICED)
        title = f"{opening} for a dictionary of {items} by {key}."
        return Source(kind, item, items, items, f"for {item} in {items}.values():", title, "", key, keys)
    if kind == "range":
        end = rng.choice(RANGE_ENDS)
        title = f"{opening} for the numbers from 1 up to {end}."
        return Source(kind, "number", "numbers", end, f"for number in range(1, {end} + 1):", title,
                      f" up to {end}")  # fmt: skip
    text = rng.choice(("text", "line", "message", "word"))
    title = f"{opening} for the letters of a {text}."
    return Source(kind, "letter", "letters", text, f"for letter in {text}:", title, f" in {text}")


def draw_adjective(rng: random.Random, source: Source) -> Filter:
    """Return a filter that stands before the noun."""
    if source.kind in ("words", "letters"):
        return rng.choice(TEXT_ADJECTIVES)
    return rng.choice(NUMBER_ADJECTIVES if _may_be_negative(source) else NUMBER_ADJECTIVES[:2])


def draw_pair(rng: random.Random, source: Source) -> tuple[Filter, Filter]:
    """Return an adjective and an ending that neither repeat nor exclude each other."""
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


def _may_be_negative(source: Source) -> bool:
    return source.kind != "range" and source.item in ("number", "value", "amount", "score", "point", "level")


def draw_ending(rng: random.Random, source: Source) -> Filter:
    """Return a filter that stands after the noun."""
    if source.kind == "words":
        return _word_ending(rng)
    if source.kind == "letters":
        return _letter_ending(rng)
    return _number_ending(rng)


def draw_map(rng: random.Random, source: Source) -> Map:
    """Return something to compute from each item."""
    if source.kind == "words":
        return rng.choice(WORD_MAPS)
    if source.kind == "letters":
        return rng.choice(LETTER_MAPS)
    if rng.random() < 0.6:
        return rng.choice(NUMBER_NOUN_MAPS if _may_be_negative(source) else NUMBER_NOUN_MAPS[:5])
    amount = rng.randint(2, 12)
    word, sign = rng.choice((("plus", "+"), ("minus", "-"), ("times", "*")))
    slug = f"{word}_{amount}"
    return Map("the", "the", slug, f"{{x}} {sign} {amount}", True, f", each {word} {amount}")


def _number_ending(rng: random.Random) -> Filter:
    n = rng.randint(2, 20)
    small = rng.randint(3, 9)
    high = n + rng.randint(2, 10)
    return rng.choice((
        Filter(f"above {n}", f"above_{n}", f"{{x}} > {n}", f"{{x}} <= {n}", (n, n + 1)),
        Filter(f"below {n}", f"below_{n}", f"{{x}} < {n}", f"{{x}} >= {n}", (n, n - 1)),
        Filter(f"of at least {n}", f"from_{n}", f"{{x}} >= {n}", f"{{x}} < {n}", (n, n - 1)),
        Filter(f"of at most {n}", f"up_to_{n}", f"{{x}} <= {n}", f"{{x}} > {n}", (n, n + 1)),
        Filter(f"between {n} and {high}", f"between_{n}_and_{high}", f"{n} <= {{x}} <= {high}",
               f"not {n} <= {{x}} <= {high}", (n, high)),
        Filter(f"divisible by {small}", f"divisible_by_{small}", f"{{x}} % {small} == 0",
               f"{{x}} % {small} != 0", (small, 2 * small)),
        Filter(f"not divisible by {small}", f"not_divisible_by_{small}", f"{{x}} % {small} != 0",
               f"{{x}} % {small} == 0", (small, 2 * small)),
        Filter(f"other than {n}", f"other_than_{n}", f"{{x}} != {n}", f"{{x}} == {n}", (n,)),
        Filter("above limit", "above_limit", "{x} > limit", "{x} <= limit", (5, 6), "limit"),
        Filter("below limit", "below_limit", "{x} < limit", "{x} >= limit", (5, 4), "limit"),
    ))  # fmt: skip


def _word_ending(rng: random.Random) -> Filter:
    n = rng.randint(2, 9)
    letter = rng.choice(LETTERS)
    return rng.choice((
        Filter(f"with more than {n} letters", f"over_{n}", f"len({{x}}) > {n}", f"len({{x}}) <= {n}"),
        Filter(f"with fewer than {n} letters", f"under_{n}", f"len({{x}}) < {n}", f"len({{x}}) >= {n}"),
        Filter(f"with exactly {n} letters", f"of_{n}", f"len({{x}}) == {n}", f"len({{x}}) != {n}"),
        Filter(f"starting with '{letter}'", f"starting_with_{letter}", f'{{x}}.startswith("{letter}")',
               f'not {{x}}.startswith("{letter}")'),
        Filter(f"ending in '{letter}'", f"ending_in_{letter}", f'{{x}}.endswith("{letter}")',
               f'not {{x}}.endswith("{letter}")'),
        Filter(f"containing '{letter}'", f"with_{letter}",
        f'"{letter}" in {{x}}', f'"{letter}" not in {{x}}'),
        Filter(f"without '{letter}'", f"without_{letter}",
        f'"{letter}" not in {{x}}', f'"{letter}" in {{x}}'),
        Filter("longer than limit", "over_limit", "len({x}) > limit", "len({x}) <= limit", (), "limit"),
    ))  # fmt: skip


def _letter_ending(rng: random.Random) -> Filter:
    letter = rng.choice(LETTERS)
    some = "".join(sorted(rng.sample(CONSONANTS, 3)))
    return rng.choice((
        Filter(f"after '{letter}'", f"after_{letter}", f'{{x}} > "{letter}"', f'{{x}} <= "{letter}"'),
        Filter(f"before '{letter}'", f"before_{letter}", f'{{x}} < "{letter}"', f'{{x}} >= "{letter}"'),
        Filter(f"other than '{letter}'", f"other_than_{letter}",
        f'{{x}} != "{letter}"', f'{{x}} == "{letter}"'),
        Filter(f"among '{some}'", f"among_{some}", f'{{x}} in "{some}"', f'{{x}} not in "{some}"'),
        Filter(f"not among '{some}'", f"not_among_{some}", f'{{x}} not in "{some}"', f'{{x}} in "{some}"'),
        Filter("among 'aeiou'", "among_aeiou", '{x} in "aeiou"', '{x} not in "aeiou"'),
    ))  # fmt: skip
