"""Word problems, worked step by step in the order of the story."""

from __future__ import annotations

import random
import re

from training.document import Document
from training.tasks.ledgers import LEDGERS, Ledger
from training.tasks.plans import PLANS, Person, Problem, equation, total

WOMEN = ("Anna", "Clara", "Emma", "Grace", "Ida", "Kate", "Mia", "Olga", "Rosa", "Tina", "Alice", "Nina",
         "Lucy", "Sara", "Julia", "Eva")  # fmt: skip
MEN = ("Ben", "David", "Felix", "Hugo", "Jack", "Leo", "Noah", "Paul", "Sam", "Victor", "Max", "Oscar", "Tom",
       "Peter", "Martin", "Simon")  # fmt: skip
SCENES = ("", "", "", "It is a warm day in May.", "It is Saturday.",
          "The sun is out.", "It is a cold morning.",
          "It rains all day.", "The holidays have begun.", "It is early in the morning.")  # fmt: skip
LARGEST = 150
# A scene would clash with a story that names a time itself.
TIME = re.compile(r"\b(In|On|Early|One|spring|days|years|morning)\b")
LEDGER_SHARE = 0.6
EQUATION = re.compile(r"(\d+) ([-+x/]) (\d+) = (\d+)")
ANSWER = re.compile(r"The answer is (\d+)\.")


def sample(rng: random.Random) -> Document:
    """Return a word problem with its worked steps."""
    who, friend = _draw_people(rng)
    if rng.random() < LEDGER_SHARE:
        problem = _tell(rng, rng.choice(LEDGERS), who, friend)
    else:
        problem = rng.choice(PLANS)(rng, who, friend)
    scene = "" if TIME.search(" ".join(problem.story)) else rng.choice(SCENES)
    told = " ".join(part for part in (scene, *problem.story, problem.question) if part)
    completion = " " + " ".join((*problem.steps, f"The answer is {problem.answer}."))
    return Document("arithmetic", f"Question: {told}\nAnswer:", completion, " ".join(problem.story),
                    (str(problem.answer),))  # fmt: skip


def is_right(document: Document, completion: str) -> bool:
    """Return whether the last stated answer is the right one and every equation on the way holds."""
    answers = ANSWER.findall(completion)
    if not answers or answers[-1] != document.facts[0]:
        return False
    return all(_holds(*parts) for parts in EQUATION.findall(completion))


def _holds(first: str, sign: str, second: str, result: str) -> bool:
    a, b, c = int(first), int(second), int(result)
    if sign == "/":
        return b > 0 and b * c == a
    return total(a, sign, b) == c


def _draw_people(rng: random.Random) -> tuple[Person, Person]:
    first, second = rng.sample(WOMEN + MEN, 2)
    return _person(first), _person(second)


def _person(name: str) -> Person:
    return Person(name, "she", "her", "her") if name in WOMEN else Person(name, "he", "his", "him")


def _tell(rng: random.Random, ledger: Ledger, who: Person, friend: Person) -> Problem:
    """Return a story in which an amount goes up and down, with one step for each event."""
    words = {
        "things": rng.choice(ledger.things), "P": who.name, "w": who.she, "W": who.She, "p": who.her,
        "o": who.object, "f": friend.name, "F": friend.name,
    }  # fmt: skip
    amount = rng.randint(10, 60)
    story = [rng.choice(ledger.openings).format(n=amount, **words)]
    steps = [ledger.start.format(n=amount, **words)]
    is_about_friend = False
    for event, sign, n in _draw_events(rng, ledger, amount):
        words["W"] = who.name if is_about_friend else who.She
        is_about_friend = not event.startswith("{W}")
        told = event.format(n=n, **words)
        state = ledger.state.format(equation=equation(amount, sign, n), **words)
        story.append(f"{told}.")
        steps.append(f"{told}, so {state}.")
        amount = total(amount, sign, n)
    divisors = [n for n in range(2, 11) if amount % n == 0 and 2 <= amount // n <= 12]
    if ledger.share and divisors and rng.random() < 0.6:
        n = rng.choice(divisors)
        told, question, step = ledger.share
        story.append(told.format(n=n, **words))
        steps.append(step.format(n=n, equation=equation(amount, "/", n), **words))
        return Problem(tuple(story), question.format(**words), tuple(steps), amount // n)
    return Problem(tuple(story), rng.choice(ledger.questions).format(**words), tuple(steps), amount)


def _draw_events(rng: random.Random, ledger: Ledger, amount: int) -> list[tuple[str, str, int]]:
    """Return what happens, each event with its operation and its number."""
    more, fewer = list(ledger.more), list(ledger.fewer)
    rng.shuffle(more)
    rng.shuffle(fewer)
    special = [choice for choice in ((ledger.double, "x"), (ledger.halve, "/")) if choice[0]]
    events: list[tuple[str, str, int]] = []
    for _ in range(rng.randint(4, 5)):
        fits = {"x": amount <= 50, "/": amount % 2 == 0}
        fitting = [(text, sign) for text, sign in special if fits[sign]]
        if fitting and rng.random() < 0.2:
            text, sign = rng.choice(fitting)
            n = 2
            special = []
        elif fewer and amount > 22 and (amount > LARGEST - 25 or not more or rng.random() < 0.5):
            text, sign, n = fewer.pop(), "-", rng.randint(2, 20)
        elif more:
            text, sign, n = more.pop(), "+", rng.randint(2, 20)
        else:
            break
        events.append((text, sign, n))
        amount = total(amount, sign, n)
    return events
