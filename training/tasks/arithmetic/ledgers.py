"""Word problems in which one amount goes up and down."""

from __future__ import annotations

import random
from typing import Any

from training.tasks.arithmetic.problem import Person, Problem, equation, total
from training.tasks.data import table

LARGEST = 150


def tell_ledger(rng: random.Random, who: Person, friend: Person) -> Problem:
    """A story in which an amount goes up and down, with one step for each event."""
    ledger = rng.choice(table("arithmetic/ledgers.toml")["ledger"])
    words = {
        "things": rng.choice(ledger["things"]),
        "P": who.name,
        "w": who.she,
        "p": who.her,
        "o": who.object,
        "F": friend.name,
    }
    amount = rng.randint(10, 60)
    story = [rng.choice(ledger["openings"]).format(n=amount, **words)]
    steps = [ledger["start"].format(n=amount, **words)]
    is_about_friend = False
    for event, sign, n in _draw_events(rng, ledger, amount):
        told = event.format(n=n, W=who.name if is_about_friend else who.She, **words)
        is_about_friend = not event.startswith("{W}")
        state = ledger["state"].format(equation=equation(amount, sign, n), **words)
        story.append(f"{told}.")
        steps.append(f"{told}, so {state}.")
        amount = total(amount, sign, n)
    divisors = [n for n in range(2, 11) if amount % n == 0 and 2 <= amount // n <= 12]
    if divisors and rng.random() < 0.6:
        n = rng.choice(divisors)
        told, question, step = ledger["share"]
        story.append(told.format(n=n, **words))
        steps.append(step.format(n=n, equation=equation(amount, "/", n), **words))
        return Problem(tuple(story), question.format(**words), tuple(steps), amount // n)
    return Problem(tuple(story), rng.choice(ledger["questions"]).format(**words), tuple(steps), amount)


def _draw_events(rng: random.Random, ledger: dict[str, Any], amount: int) -> list[tuple[str, str, int]]:
    """What happens, each event with its operation and its number."""
    more, fewer = list(ledger["more"]), list(ledger["fewer"])
    rng.shuffle(more)
    rng.shuffle(fewer)
    special = [(ledger[name], sign) for name, sign in (("double", "x"), ("halve", "/")) if name in ledger]
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
