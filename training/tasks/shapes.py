"""How the functions of the code task are built: each shape turns a selection of items into a result."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from training.tasks.recipes import Filter, Map, Source, draw_adjective, draw_ending, draw_map, draw_pair

INDENT = "    "
NUMERIC = ("numbers", "prices", "range")
EVERY_KIND = ("numbers", "prices", "range", "words", "letters")
SEQUENCES = ("numbers", "words", "letters")


@dataclass(frozen=True, slots=True)
class Function:
    """One function to write: what the prompt announces and the body that follows from it."""

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
        return " and ".join(each.test.format(x=self.source.item) for each in self.filters)

    def loop(self, *inner: str, head: str = "") -> list[str]:
        """Return the lines of the loop that runs ``inner`` for each selected item."""
        lines = [head or self.source.loop]
        depth = INDENT
        if self.filters:
            lines.append(f"{INDENT}if {self.condition}:")
            depth += INDENT
        return lines + [depth + line for line in inner]

    def function(self, name: str, phrase: str, body: list[str]) -> Function:
        """Return the function over this selection, with the parameters that its filters need."""
        extra = tuple(each.parameter for each in self.filters if each.parameter)
        edges = tuple(edge for each in self.filters for edge in each.edges)
        return Function(name, (self.source.parameter, *extra), phrase, tuple(body), edges)


def select(rng: random.Random, source: Source, least: int = 0) -> Selection:
    """Return a selection with at least ``least`` (0 or 1) filters."""
    wanted = rng.choices(("", "adjective", "ending", "both"), (0 if least else 15, 30, 35, 20))[0]
    adjective = draw_adjective(rng, source) if wanted == "adjective" else None
    ending = draw_ending(rng, source) if wanted == "ending" else None
    if wanted == "both":
        adjective, ending = draw_pair(rng, source)
    return selection_of(source, adjective, ending)


def selection_of(source: Source, adjective: Filter | None, ending: Filter | None) -> Selection:
    """Return the selection by an adjective before the noun and an ending after it."""
    before = f"{adjective.phrase} " if adjective else ""
    after = (f" {ending.phrase}" if ending else "") + source.suffix
    slug = "_".join(
        ([adjective.slug] if adjective else []) + [source.items] + ([ending.slug] if ending else [])
    )
    filters = tuple(each for each in (adjective, ending) if each)
    return Selection(source, filters, f"{before}{source.item}{after}", f"{before}{source.items}{after}", slug)


def _mapped(rng: random.Random, chosen: Selection, number: bool = False) -> tuple[str, str, str]:
    """Return the phrase, the slug and the expression of the selected items after a map, if any."""
    item = chosen.source.item
    must_map = number and chosen.source.kind not in NUMERIC
    if not must_map and rng.random() < 0.35:
        return f"the {chosen.many}", chosen.slug, item
    chosen_map: Map = draw_map(rng, chosen.source)
    while must_map and not chosen_map.is_number:
        chosen_map = draw_map(rng, chosen.source)
    value = chosen_map.value.format(x=item)
    slug = f"{chosen.slug}_{chosen_map.slug}" if chosen_map.tail else f"{chosen_map.slug}_of_{chosen.slug}"
    return f"{chosen_map.many} {chosen.many}{chosen_map.tail}", slug, value


def collect(rng: random.Random, source: Source) -> Function:
    chosen = select(rng, source)
    phrase, slug, value = _mapped(rng, chosen)
    body = ["result = []", *chosen.loop(f"result.append({value})"), "return result"]
    return chosen.function(f"list_{slug}", f"a list of {phrase}", body)


def add_up(rng: random.Random, source: Source) -> Function:
    chosen = select(rng, source)
    phrase, slug, value = _mapped(rng, chosen, number=True)
    body = ["total = 0", *chosen.loop(f"total += {value}"), "return total"]
    return chosen.function(f"sum_{slug}", f"the sum of {phrase}", body)


def average(rng: random.Random, source: Source) -> Function:
    chosen = select(rng, source)
    phrase, slug, value = _mapped(rng, chosen, number=True)
    body = ["total = 0", "count = 0", *chosen.loop(f"total += {value}", "count += 1"),
            "if count == 0:", INDENT + "return 0", "return total / count"]  # fmt: skip
    return chosen.function(f"average_{slug}", f"the average of {phrase}, or 0", body)


def extreme(rng: random.Random, source: Source) -> Function:
    chosen = select(rng, source)
    phrase, slug, value = _mapped(rng, chosen, number=True)
    word, sign = rng.choice((("largest", ">"), ("smallest", "<")))
    kept = ("value", f"value = {value}") if value != source.item else (value,)
    inner = (*kept[1:], f"if best is None or {kept[0]} {sign} best:", f"{INDENT}best = {kept[0]}")
    body = ["best = None", *chosen.loop(*inner), "return best"]
    return chosen.function(f"{word}_{slug}", f"the {word} of {phrase}, or None", body)


def count(rng: random.Random, source: Source) -> Function:
    chosen = select(rng, source, least=1)
    body = ["count = 0", *chosen.loop("count += 1"), "return count"]
    return chosen.function(f"count_{chosen.slug}", f"the number of {chosen.many}", body)


def first(rng: random.Random, source: Source) -> Function:
    chosen = select(rng, source, least=1)
    body = [*chosen.loop(f"return {source.item}"), "return None"]
    return chosen.function(f"first_{chosen.slug}", f"the first of the {chosen.many}, or None", body)


def last(rng: random.Random, source: Source) -> Function:
    chosen = select(rng, source, least=1)
    body = ["found = None", *chosen.loop(f"found = {source.item}"), "return found"]
    return chosen.function(f"last_{chosen.slug}", f"the last of the {chosen.many}, or None", body)


def positions(rng: random.Random, source: Source) -> Function:
    chosen = select(rng, source, least=1)
    head = f"for position, {source.item} in enumerate({source.parameter}):"
    body = ["result = []", *chosen.loop("result.append(position)", head=head), "return result"]
    return chosen.function(f"positions_of_{chosen.slug}", f"the positions of the {chosen.many}", body)


def any_or_all(rng: random.Random, source: Source) -> Function:
    adjective = draw_adjective(rng, source) if rng.random() < 0.4 else None
    ending = None if adjective else draw_ending(rng, source)
    chosen = selection_of(source, adjective, ending)
    (check,) = chosen.filters
    word = rng.choice(("any", "only"))
    test = (check.test if word == "any" else check.opposite).format(x=source.item)
    body = [source.loop, f"{INDENT}if {test}:", f"{INDENT * 2}return {word == 'any'}",
            f"return {word == 'only'}"]  # fmt: skip
    article = "an" if chosen.one[0] in "aeiou" else "a"
    phrase = f"there is {article} {chosen.one}" if word == "any" else f"there are only {chosen.many}"
    return chosen.function(f"{word}_{chosen.slug}", f"whether {phrase}", body)


def split(rng: random.Random, source: Source) -> Function:
    chosen = select(rng, source, least=1)
    body = ["chosen = []", "others = []", *chosen.loop(f"chosen.append({source.item})"),
            f"{INDENT}else:", f"{INDENT * 2}others.append({source.item})",
            "return chosen, others"]  # fmt: skip
    return chosen.function(f"split_{chosen.slug}", f"two lists, the {chosen.many} and the others", body)


def unique(rng: random.Random, source: Source) -> Function:
    chosen = select(rng, source)
    item = source.item
    inner = (f"if {item} not in result:", f"{INDENT}result.append({item})")
    body = ["result = []", *chosen.loop(*inner), "return result"]
    return chosen.function(f"unique_{chosen.slug}", f"the {chosen.many}, without repeats", body)


def tally(rng: random.Random, source: Source) -> Function:
    chosen = select(rng, source)
    phrase, slug, value = _mapped(rng, chosen)
    kept = ("key", f"key = {value}") if value != source.item else (value,)
    inner = (*kept[1:], f"counts[{kept[0]}] = counts.get({kept[0]}, 0) + 1")
    body = ["counts = {}", *chosen.loop(*inner), "return counts"]
    return chosen.function(f"tally_{slug}", f"the counts of {phrase}", body)


def longest_run(rng: random.Random, source: Source) -> Function:
    chosen = select(rng, source, least=1)
    body = ["best = 0", "run = 0", *chosen.loop("run += 1", "best = max(best, run)"),
            f"{INDENT}else:", f"{INDENT * 2}run = 0", "return best"]  # fmt: skip
    return chosen.function(f"run_of_{chosen.slug}", f"the length of the longest run of {chosen.many}", body)


def replace(rng: random.Random, source: Source) -> Function:
    chosen = select(rng, source, least=1)
    new = str(rng.randint(0, 9)) if source.kind in NUMERIC else rng.choice(('"-"', '"x"', '"*"', '"none"'))
    body = ["result = []", *chosen.loop(f"result.append({new})"),
            f"{INDENT}else:", f"{INDENT * 2}result.append({source.item})", "return result"]  # fmt: skip
    shown = new.replace('"', "'")
    name = f"replace_{chosen.slug}"
    return chosen.function(name, f"a copy with {shown} in place of the {chosen.many}", body)


def before_first(rng: random.Random, source: Source) -> Function:
    chosen = select(rng, source, least=1)
    loop = chosen.loop("return result")
    body = ["result = []", *loop, f"{INDENT}result.append({source.item})", "return result"]
    phrase = f"all {source.items} before the first of the {chosen.many}"
    return chosen.function(f"before_{chosen.slug}", phrase, body)


def first_few(rng: random.Random, source: Source) -> Function:
    chosen = select(rng, source, least=1)
    few = rng.randint(2, 5)
    inner = (f"result.append({source.item})", f"if len(result) == {few}:", f"{INDENT}break")
    body = ["result = []", *chosen.loop(*inner), "return result"]
    return chosen.function(f"first_{few}_{chosen.slug}", f"the first {few} of the {chosen.many}", body)


Shape = Callable[[random.Random, Source], Function]
GENERAL: tuple[tuple[Shape, tuple[str, ...]], ...] = (
    (collect, EVERY_KIND), (add_up, (*NUMERIC, "words")), (average, (*NUMERIC, "words")),
    (extreme, (*NUMERIC, "words")), (count, EVERY_KIND), (first, EVERY_KIND), (last, EVERY_KIND),
    (positions, SEQUENCES), (any_or_all, EVERY_KIND), (split, EVERY_KIND), (unique, SEQUENCES),
    (tally, SEQUENCES), (longest_run, EVERY_KIND), (replace, EVERY_KIND), (before_first, EVERY_KIND),
    (first_few, EVERY_KIND),
)  # fmt: skip
