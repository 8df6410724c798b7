"""Stories for the arithmetic task with a fixed plan: shopping, reading, things in rows, trips and ages."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

GOODS = (
    ("pen", "pens"), ("book", "books"), ("ball", "balls"), ("cake", "cakes"),
    ("card", "cards"), ("cup", "cups"),
    ("lamp", "lamps"), ("ticket", "tickets"), ("plant", "plants"), ("hat", "hats"), ("map", "maps"),
    ("brush", "brushes"), ("candle", "candles"), ("pie", "pies"), ("box of nuts", "boxes of nuts"),
)  # fmt: skip
PLACES = ("the market", "the corner shop", "a small shop in town", "the station shop", "the school fair")
BLOCKS = (
    ("hall", "long rows", "short rows", "chairs"), ("cafe", "big tables", "small tables", "chairs"),
    ("classroom", "long tables", "short tables", "chairs"), ("garden", "long rows", "short rows", "plants"),
    ("shop", "big boxes", "small boxes", "candles"), ("kitchen", "big trays", "small trays", "rolls"),
    ("cellar", "long shelves", "short shelves", "bottles"),
    ("library", "long shelves", "short shelves", "books"),
    ("barn", "big baskets", "small baskets", "eggs"), ("office", "big boxes", "small boxes", "letters"),
)  # fmt: skip
TRAVEL = (("walks", "walk"), ("rides", "ride"), ("runs", "run"), ("drives", "drive"), ("sails", "sail"))
STOPS = ("the lake", "the old mill", "the village", "the bridge", "the farm",
         "the castle", "the forest", "the sea")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """A first name with the pronouns that go with it."""

    name: str
    she: str
    her: str
    object: str

    @property
    def She(self) -> str:
        return self.she.capitalize()


@dataclass(frozen=True, slots=True)
class Problem:
    """A story with its question, the worked steps and the answer."""

    story: tuple[str, ...]
    question: str
    steps: tuple[str, ...]
    answer: int


def total(first: int, sign: str, second: int) -> int:
    """Return the result of one step; divisions are exact."""
    if sign == "+":
        return first + second
    if sign == "-":
        return first - second
    return first * second if sign == "x" else first // second


def equation(first: int, sign: str, second: int) -> str:
    """Return the step written out, such as "12 + 7 = 19"."""
    return f"{first} {sign} {second} = {total(first, sign, second)}"


def shopping(rng: random.Random, who: Person, friend: Person) -> Problem:
    """Return a problem about two or three purchases and the change."""
    money = rng.choice(("dollars", "euros"))
    goods = rng.sample(GOODS, rng.randint(2, 3))
    many = [(rng.randint(2, 6), rng.randint(2, 9)) for _ in goods]
    place = rng.choice(PLACES)
    phrases = [f"{count} {name[1]} for {price} {money} each"
               for name, (count, price) in zip(goods, many, strict=True)]  # fmt: skip
    listed = ", ".join(phrases[:-1]) + " and " + phrases[-1]
    steps = [f"The {name[1]} cost {equation(count, 'x', price)} {money}."
             for name, (count, price) in zip(goods, many, strict=True)]  # fmt: skip
    paid = many[0][0] * many[0][1]
    for index, (count, price) in enumerate(many[1:], 1):
        together = "Together they" if index == 1 else "With the last ones they"
        steps.append(f"{together} cost {equation(paid, '+', count * price)} {money}.")
        paid += count * price
    story = [rng.choice((f"{who.name} goes to {place} and buys {listed}.",
                         f"At {place} {who.name} buys {listed}.",
                         f"{friend.name} sends {who.name} to {place} to buy {listed}."))]  # fmt: skip
    if rng.random() < 0.7:
        note = 100 if paid <= 100 else 200
        story.append(f"{who.She} pays with {note} {money}.")
        question = rng.choice((f"How many {money} does {who.she} get back?", f"How many {money} are left?",
                               f"How much change does {who.she} get?"))  # fmt: skip
        steps.append(f"From {note} {money} {who.she} gets back {equation(note, '-', paid)} {money}.")
        return Problem(tuple(story), question, tuple(steps), note - paid)
    coupon = rng.randint(2, 9)
    story.append(f"{who.She} has a coupon for {coupon} {money} off.")
    steps.append(f"With the coupon {who.she} pays {equation(paid, '-', coupon)} {money}.")
    question = rng.choice((f"How many {money} does {who.she} pay?", f"How much does {who.name} pay in all?"))
    return Problem(tuple(story), question, tuple(steps), paid - coupon)


def reading(rng: random.Random, who: Person, friend: Person) -> Problem:
    """Return a problem about pages read on several days and the pages that are left."""
    things, verb, verbs, what = rng.choice((
        ("pages", "read", "reads", "a book"), ("cards", "write", "writes", "a stack"),
        ("lines", "learn", "learns", "a play"), ("words", "learn", "learns", "a list"),
        ("pieces", "place", "places", "a puzzle"),
    ))  # fmt: skip
    days, each = rng.randint(2, 9), rng.randint(3, 12)
    done = days * each
    more = rng.randint(2, 20)
    by_friend = rng.randint(2, 20)
    whole = done + more + rng.choice((0, by_friend)) + rng.randint(5, 40)
    day = rng.choice(("on the next day", "on the last day", "at the weekend", "one evening"))
    daily = f"For {days} days {who.she} {verbs} {each} {things} a day"
    story = [
        f"{who.name} has {what} with {whole} {things}.",
        f"{daily}, and {day} {who.she} {verbs} {more} more.",
    ]
    steps = [f"In {days} days {who.she} {verbs} {equation(days, 'x', each)} {things}.",
             f"With the {more} more that makes {equation(done, '+', more)} {things}."]  # fmt: skip
    done += more
    if whole - done > by_friend and rng.random() < 0.5:
        story.append(f"{friend.name} helps {who.object} with {by_friend} {things}.")
        steps.append(f"With the help of {friend.name} it is {equation(done, '+', by_friend)} {things}.")
        done += by_friend
    steps.append(f"Of {whole} {things} there are {equation(whole, '-', done)} {things} left.")
    question = rng.choice((f"How many {things} are left?",
                           f"How many {things} does {who.she} still have to {verb}?"))  # fmt: skip
    return Problem(tuple(story), question, tuple(steps), whole - done)


def blocks(rng: random.Random, who: Person, friend: Person) -> Problem:
    """Return a problem about things in two kinds of rows, some of which are taken away or added."""
    place, large, small, things = rng.choice(BLOCKS)
    first, second = [(rng.randint(2, 12), rng.randint(2, 12)) for _ in range(2)]
    left, right = first[0] * first[1], second[0] * second[1]
    counted = " and ".join((
        f"{first[0]} {large} with {first[1]} {things} each",
        f"{second[0]} {small} with {second[1]} {things} each",
    ))  # fmt: skip
    story = [f"In the {place} {who.name} counts {counted}."]
    steps = [
        f"The {large} have {equation(first[0], 'x', first[1])} {things}.",
        f"The {small} have {equation(second[0], 'x', second[1])} {things}.",
        f"Together that is {equation(left, '+', right)} {things}.",
    ]
    now = left + right
    changes = [(friend, "takes {n} away"), (who, "brings {n} more"), (friend, "brings {n} new ones")]
    for person, phrase in rng.sample(changes, 2):
        n = rng.randint(2, max(2, min(20, now - 2)))
        sign = "-" if "away" in phrase else "+"
        told = f"{person.name} {phrase.format(n=n)}"
        story.append(f"Then {told}.")
        steps.append(f"{told}, so there are {equation(now, sign, n)} {things}.")
        now = total(now, sign, n)
    question = rng.choice((f"How many {things} are there now?",
                           f"How many {things} are in the {place} in the end?"))  # fmt: skip
    return Problem(tuple(story), question, tuple(steps), now)


def trip(rng: random.Random, who: Person, friend: Person) -> Problem:
    """Return a problem about the stages of a trip, perhaps there and back or on several days."""
    verbs, verb = rng.choice(TRAVEL)
    unit = rng.choice(("miles", "kilometers"))
    stops = rng.sample(STOPS, rng.randint(3, 5))
    legs = [rng.randint(2, 20) for _ in stops]
    stages = [f"{leg} {unit} to {stop}" for leg, stop in zip(legs, stops, strict=True)]
    time = rng.choice(("On Saturday", "In the holidays", "On a warm day", "Early in the morning"))
    story = [f"{time} {who.name} {verbs} {', then '.join(stages)}."]
    done, steps = legs[0], [f"The way to {stops[0]} is {legs[0]} {unit}."]
    for leg, stop in zip(legs[1:], stops[1:], strict=True):
        steps.append(f"At {stop} it is {equation(done, '+', leg)} {unit}.")
        done += leg
    ending = rng.randrange(3)
    if ending == 0:
        story.append(f"{who.She} comes back the same way.")
        steps.append(f"There and back it is {equation(done, 'x', 2)} {unit}.")
        question, answer = f"How many {unit} does {who.she} {verb} in all?", done * 2
    elif ending == 1:
        whole = done + rng.randint(2, 30)
        story.append(f"The whole trip to the house of {friend.name} is {whole} {unit} long.")
        steps.append(f"Of {whole} {unit} there are {equation(whole, '-', done)} {unit} left.")
        question, answer = f"How many {unit} are left?", whole - done
    else:
        other = rng.randint(2, min(20, done - 1))
        story.append(f"{friend.name} {verbs} {other} {unit} less.")
        steps.append(f"{friend.name} {verbs} {equation(done, '-', other)} {unit}.")
        question, answer = f"How many {unit} does {friend.name} {verb}?", done - other
    return Problem(tuple(story), question, tuple(steps), answer)


def ages(rng: random.Random, who: Person, friend: Person) -> Problem:
    """Return a problem about the ages of two children, a relative of one and a grown-up."""
    own, older = rng.randint(4, 9), rng.randint(2, 9)
    second = own + older
    younger = rng.randint(1, second - 4)
    third = second - younger
    times = rng.choice([n for n in range(2, 13) if 26 <= third * n <= 75])
    fourth = third * times
    child = rng.choice(("cousin", "brother", "sister"))
    grown = rng.choice(("aunt", "uncle", "teacher", "neighbor"))
    years = rng.randint(2, 12)
    plural = "year" if younger == 1 else "years"
    story = (
        f"{who.name} is {own} years old, and {friend.name} is {older} years older.",
        f"The {child} of {friend.name} is {younger} {plural} younger than {friend.name}.",
        f"The {grown} of the {child} is {times} times as old as the {child}.",
    )
    steps = [
        f"{friend.name} is {equation(own, '+', older)} years old.",
        f"The {child} is {equation(second, '-', younger)} years old.",
        f"The {grown} is {equation(third, 'x', times)} years old.",
    ]
    if rng.random() < 0.5:
        steps.append(f"In {years} years the {grown} will be {equation(fourth, '+', years)} years old.")
        return Problem(story, f"How old will the {grown} be in {years} years?", tuple(steps), fourth + years)
    steps.append(f"The {grown} is {equation(fourth, '-', own)} years older than {who.name}.")
    question = f"How many years older than {who.name} is the {grown}?"
    return Problem(story, question, tuple(steps), fourth - own)


Plan = Callable[[random.Random, Person, Person], Problem]
PLANS: tuple[Plan, ...] = (shopping, reading, blocks, trip, ages)
