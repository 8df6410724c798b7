"""Drills: lists of sums and of translated phrases, which training adds to the five tasks.

A word problem holds a handful of sums among many words, a paragraph a handful of nouns; a drill is
nothing else. They are never measured on.
"""

from __future__ import annotations

import random

from training.tasks.arithmetic.problem import equation, total
from training.tasks.translation.grammar import NOTHING, Thing
from training.tasks.translation.lexicon import lexicon
from training.tasks.translation.scene import Scene

Pair = tuple[str, str]  # what is asked, and what follows from it


def sums(rng: random.Random, count: int = 30) -> list[Pair]:
    """Sums as the word problems write them, each split after its equals sign."""
    pairs = []
    for _ in range(count):
        asked, answer = equation(*_draw_sum(rng)).rsplit(" ", 1)
        pairs.append((f" {asked}", f" {answer}."))
    return [("Sums:", ""), *pairs]


def _draw_sum(rng: random.Random) -> tuple[int, str, int]:
    sign = rng.choice("+-x/")
    if sign == "+":
        return rng.randint(2, 150), sign, rng.randint(2, rng.choice((20, 150)))
    if sign == "-":
        first = rng.randint(4, 200)
        return first, sign, rng.randint(2, min(first, rng.choice((20, 150))))
    first, second = (rng.randint(2, 75), 2) if rng.random() < 0.3 else (rng.randint(2, 12), rng.randint(2, 12))
    return (first, sign, second) if sign == "x" else (total(first, "x", second), sign, second)


def phrases(rng: random.Random, count: int = 20) -> list[Pair]:
    """Noun phrases with their French or German, each split after its equals sign."""
    is_french = rng.random() < 0.5
    scene, words = Scene(rng), lexicon()
    all_nouns = words.nouns + tuple(noun for nouns in words.landmarks.values() for noun in nouns)
    pairs = [(f"English to {'French' if is_french else 'German'}:", "")]
    for _ in range(count):
        noun = rng.choice(all_nouns)
        number, determiner, is_plural = NOTHING, rng.choice(("a", "the")), False
        if noun in words.nouns and noun.german_plural != "-" and rng.random() < 0.3:
            number, is_plural = rng.choice(words.numbers[:9]), True
        phrase = Thing(noun, determiner, is_plural, scene.adjectives(noun), number).said()
        pairs.append((f" {phrase.english} =", f" {phrase.french if is_french else phrase.german}."))
    return pairs


DRILLS = {"sums": sums, "phrases": phrases}
