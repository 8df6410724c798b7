"""Word problems, worked step by step in the order of the story."""

from __future__ import annotations

import random
import re

from training.document import Document
from training.tasks.arithmetic.ledgers import tell_ledger
from training.tasks.arithmetic.plans import PLANS
from training.tasks.arithmetic.problem import Person, total
from training.tasks.data import men, table, women

# A scene would clash with a story that names a time itself.
TIME = re.compile(r"\b(In|On|Early|One|spring|days|years|morning)\b")
LEDGER_SHARE = 0.6
EQUATION = re.compile(r"(\d+) ([-+x/]) (\d+) = (\d+)")
ANSWER = re.compile(r"The answer is (\d+)\.")


def sample(rng: random.Random) -> Document:
    """A word problem with its worked steps; everything is drawn from ``rng``."""
    who, friend = (_person(name) for name in rng.sample(women() + men(), 2))
    tell = tell_ledger if rng.random() < LEDGER_SHARE else rng.choice(PLANS)
    problem = tell(rng, who, friend)
    story = " ".join(problem.story)
    scene = "" if TIME.search(story) else rng.choice(table("arithmetic/words.toml")["scenes"])
    told = " ".join(filter(None, (scene, story, problem.question)))
    worked = " ".join(("", *problem.steps, f"The answer is {problem.answer}."))
    return Document("arithmetic", f"Question: {told}\nAnswer:", worked, story, (str(problem.answer),))


def is_right(document: Document, completion: str) -> bool:
    """Whether the last stated answer is the right one and every equation on the way holds."""
    answers = ANSWER.findall(completion)
    if not answers or answers[-1] != document.facts[0]:
        return False
    return all(_holds(*parts) for parts in EQUATION.findall(completion))


def _holds(first: str, sign: str, second: str, result: str) -> bool:
    a, b, c = int(first), int(second), int(result)
    if sign == "/":
        return b > 0 and b * c == a
    return total(a, sign, b) == c


def _person(name: str) -> Person:
    return Person(name, "she", "her", "her") if name in women() else Person(name, "he", "his", "him")
