"""Short Python functions: the docstring says what to return, the body follows."""

from __future__ import annotations

import random

from training.document import Document
from training.tasks.code.sandbox import results
from training.tasks.code.shapes import Function, draw_function, shapes_of
from training.tasks.code.sources import Source, draw_source
from training.tasks.data import table

LENGTH_LIMIT = 1000
CALLS_PER_FUNCTION = 5
NAME_LIMIT = 44
LINE_LIMIT = 110


def sample(rng: random.Random) -> Document:
    """A document whose prompt announces one to three functions and whose completion writes them."""
    while True:
        source = draw_source(rng)
        functions = _draw_functions(rng, source, rng.choices((1, 2, 3), (15, 55, 30))[0])
        document = _write(rng, source, functions)
        if len(document.text) <= LENGTH_LIMIT:
            return document


def is_right(document: Document, completion: str) -> bool:
    """Whether the functions that ``completion`` finishes give the same results as the reference."""
    if not completion.strip():
        return False
    expected = results(document.text, document.facts)
    return expected is not None and results(document.prompt + completion.rstrip(), document.facts) == expected


def _draw_functions(rng: random.Random, source: Source, how_many: int) -> list[Function]:
    functions: list[Function] = []
    for shape in rng.sample(shapes_of(source.kind), how_many):
        function = draw_function(rng, source, shape)
        while len(function.name) > NAME_LIMIT or len(function.name + function.phrase) > LINE_LIMIT:
            function = draw_function(rng, source, shape)
        functions.append(function)
    over_all = all(each.parameters[0] == source.parameter for each in functions)
    if how_many == 2 and over_all and rng.random() < 0.4:
        functions.append(_summary(rng, functions))
    return functions


def _summary(rng: random.Random, functions: list[Function]) -> Function:
    """A function that puts the results of the others together."""
    parameters = tuple(dict.fromkeys(name for each in functions for name in each.parameters))
    calls = [f"{each.name}({', '.join(each.parameters)})" for each in functions]
    names = [f"{letter} = {call}" for letter, call in zip(("first", "second"), calls, strict=True)]
    ways = (
        ("a list", "[first, second]"),
        ("a pair", "first, second"),
        ("a dictionary", '{"first": first, "second": second}'),
    )
    word, ending = rng.choice(ways)
    edges = tuple(edge for each in functions for edge in each.edges)
    name = rng.choice(("summary", "report", "results", "overview"))
    longest = min(each.longest_test for each in functions)
    body = (*names, f"return {ending}")
    return Function(name, parameters, f"{word} of both results", body, edges, longest)


def _write(rng: random.Random, source: Source, functions: list[Function]) -> Document:
    opening = ""
    # The head alone does not tell a list from a dictionary; the module's title does.
    if len(functions) > 1 or source.kind == "prices" or rng.random() < 0.5:
        listed = "".join(f"\n{each.name}: {each.phrase}" for each in functions)
        opening = f'"""{source.title}\n{listed}\n"""\n\n\n'
    first, *others = functions
    completion = first.code + "".join(f"\n\n\n{each.head}{each.code}" for each in others)
    calls = tuple(call for each in functions for call in _calls(rng, source, each))
    binding = "|".join((source.item, source.parameter, *(f"{each.name}:{each.phrase}" for each in functions)))
    return Document("code", opening + first.head, completion, binding, calls)


def _calls(rng: random.Random, source: Source, function: Function) -> list[str]:
    """Test calls: one without items and some with, or both sides of each bound of a single item."""
    if function.parameters == (source.item,):
        return [f"{function.name}({value})" for value in (0, *function.edges, 40)]
    sizes = [0, *(rng.randint(3, function.longest_test) for _ in range(CALLS_PER_FUNCTION - 1))]
    return [_call(rng, source, function, size) for size in sizes]


def _call(rng: random.Random, source: Source, function: Function, size: int) -> str:
    values = (_argument(rng, source, name, function.edges, size) for name in function.parameters)
    arguments = ", ".join(map(repr, values))
    return f"{function.name}({arguments})"


def _argument(rng: random.Random, source: Source, name: str, edges: tuple[int, ...], size: int) -> object:
    words = table("code/sources.toml")
    if name == "limit":
        return rng.randint(2, 7)
    if source.kind == "range":
        return rng.randint(size, 5 * size)
    if source.kind == "letters":
        return "".join(rng.choices(words["letters"] + "uAEST ", k=2 * size))
    if source.kind == "words":
        return rng.choices(words["test_words"], k=2 * size)
    numbers = [rng.choice((*edges, rng.randint(-9, 25), rng.randint(1, 12))) for _ in range(size)]
    if source.kind == "prices":
        return dict(zip(rng.sample(words["test_words"], len(numbers)), numbers, strict=True))
    return numbers
