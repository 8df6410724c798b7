"""Shapes of the code task that make sense for one kind of source only."""

from __future__ import annotations

import random
from dataclasses import replace

from training.tasks.recipes import Source
from training.tasks.shapes import INDENT, NUMERIC, Function, Shape, select

LABELS = (("high", "middle", "low"), ("big", "medium", "small"), ("gold", "silver", "bronze"),
          ("green", "yellow", "red"), ("top", "fair", "poor"), ("late", "on time", "early"))  # fmt: skip


def grade(rng: random.Random, source: Source) -> Function:
    item = source.item
    upper, middle, lower = rng.choice(LABELS)
    low = rng.randint(2, 12)
    high = low + rng.randint(2, 12)
    word, sign = rng.choice((("above", ">"), ("of at least", ">=")))
    phrase = f"'{upper}' for a {item} {word} {high}, '{middle}' for one {word} {low}, else '{lower}'"
    if item[0] in "aeiou":
        phrase = phrase.replace(" a ", " an ", 1)
    body = (f"if {item} {sign} {high}:", f'{INDENT}return "{upper}"', f"if {item} {sign} {low}:",
            f'{INDENT}return "{middle}"', f'return "{lower}"')  # fmt: skip
    name = rng.choice((f"grade_{item}", f"label_{item}", f"rate_{item}", f"name_{item}"))
    return Function(name, (item,), phrase, body, (low - 1, low, low + 1, high - 1, high, high + 1))


def running(rng: random.Random, source: Source) -> Function:
    chosen = select(rng, source)
    inner = (f"total += {source.item}", "result.append(total)")
    body = ["total = 0", "result = []", *chosen.loop(*inner), "return result"]
    return chosen.function(f"running_{chosen.slug}", f"the running totals of the {chosen.many}", body)


def product(rng: random.Random, source: Source) -> Function:
    chosen = select(rng, source)
    body = ["product = 1", *chosen.loop(f"product *= {source.item}"), "return product"]
    function = chosen.function(f"product_of_{chosen.slug}", f"the product of the {chosen.many}", body)
    return replace(function, longest_test=4)


def steps(rng: random.Random, source: Source) -> Function:
    items = source.items
    gap = rng.randint(2, 12)
    word, sign = rng.choice((("more", ">"), ("less", "<")))
    body = ("count = 0", f"for position in range(1, len({items})):",
            f"{INDENT}step = abs({items}[position] - {items}[position - 1])",
            f"{INDENT}if step {sign} {gap}:", f"{INDENT * 2}count += 1", "return count")  # fmt: skip
    phrase = f"the number of steps between neighbors that are {word} than {gap}"
    return Function(f"count_steps_{word}_than_{gap}", (source.parameter,), phrase, body)


def keys_where(rng: random.Random, source: Source) -> Function:
    chosen = select(rng, source, least=1)
    head = f"for {source.key}, {source.item} in {source.parameter}.items():"
    body = ["result = []", *chosen.loop(f"result.append({source.key})", head=head), "return result"]
    return chosen.function(f"{source.keys}_with_{chosen.slug}", f"the {source.keys} with {chosen.many}", body)


def smaller_dictionary(rng: random.Random, source: Source) -> Function:
    chosen = select(rng, source, least=1)
    head = f"for {source.key}, {source.item} in {source.parameter}.items():"
    body = ["result = {}", *chosen.loop(f"result[{source.key}] = {source.item}", head=head), "return result"]
    return chosen.function(f"keep_{chosen.slug}", f"a dictionary with only the {chosen.many}", body)


def best_key(rng: random.Random, source: Source) -> Function:
    chosen = select(rng, source)
    word, sign = rng.choice((("largest", ">"), ("smallest", "<")))
    head = f"for {source.key}, {source.item} in {source.parameter}.items():"
    inner = (f"if best is None or {source.item} {sign} {source.parameter}[best]:",
             f"{INDENT}best = {source.key}")  # fmt: skip
    body = ["best = None", *chosen.loop(*inner, head=head), "return best"]
    phrase = f"the {source.key} with the {word} of the {chosen.many}, or None"
    return chosen.function(f"{source.key}_with_{word}_of_{chosen.slug}", phrase, body)


def join(rng: random.Random, source: Source) -> Function:
    chosen = select(rng, source)
    word, glue = rng.choice((("dashes", "-"), ("commas", ", "), ("spaces", " "),
                              ("stars", "*"), ("dots", ".")))  # fmt: skip
    body = ["result = []", *chosen.loop(f"result.append({source.item})"), f'return "{glue}".join(result)']
    return chosen.function(f"join_{chosen.slug}", f"the {chosen.many}, joined with {word}", body)


def group(rng: random.Random, source: Source) -> Function:
    chosen = select(rng, source)
    item = source.item
    word, value = rng.choice((("length", f"len({item})"), ("first letter", f"{item}[0]"),
                              ("last letter", f"{item}[-1]")))  # fmt: skip
    inner = (f"key = {value}", "if key not in groups:", f"{INDENT}groups[key] = []",
             f"groups[key].append({item})")  # fmt: skip
    body = ["groups = {}", *chosen.loop(*inner), "return groups"]
    return chosen.function(f"group_{chosen.slug}", f"the {chosen.many}, grouped by {word}", body)


def longest(rng: random.Random, source: Source) -> Function:
    chosen = select(rng, source)
    word, sign = rng.choice((("longest", ">"), ("shortest", "<")))
    inner = (f"if best is None or len({source.item}) {sign} len(best):", f"{INDENT}best = {source.item}")
    body = ["best = None", *chosen.loop(*inner), "return best"]
    return chosen.function(f"{word}_of_{chosen.slug}", f"the {word} of the {chosen.many}, or None", body)


def spell(rng: random.Random, source: Source) -> Function:
    chosen = select(rng, source, least=1)
    front = rng.random() < 0.4
    line = f"result = {source.item} + result" if front else f"result += {source.item}"
    body = ['result = ""', *chosen.loop(line), "return result"]
    order = "a string of the " + chosen.many + (", in reverse order" if front else "")
    return chosen.function(f"{'reverse' if front else 'keep'}_{chosen.slug}", order, body)


SPECIAL: tuple[tuple[Shape, tuple[str, ...]], ...] = (
    (grade, NUMERIC), (running, NUMERIC), (product, ("numbers", "prices")), (steps, ("numbers",)),
    (keys_where, ("prices",)), (smaller_dictionary, ("prices",)), (best_key, ("prices",)),
    (join, ("words",)), (group, ("words",)), (longest, ("words",)), (spell, ("letters",)),
    (join, ("letters",)),
)  # fmt: skip
