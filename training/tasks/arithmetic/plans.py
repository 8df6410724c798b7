"""Word problems with a fixed plan: shopping, reading, things in rows, trips and ages."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from training.tasks.arithmetic.problem import Person, Problem, equation, total
from training.tasks.data import table


def _draw(rng: random.Random, name: str) -> Any:
    """One entry of a word list."""
    return rng.choice(table("arithmetic/words.toml")[name])


def _one_of(rng: random.Random, *wordings: str) -> str:
    return rng.choice(wordings)


def shopping(rng: random.Random, who: Person, friend: Person) -> Problem:
    """A problem about two or three purchases and the change."""
    money = _one_of(rng, "dollars", "euros")
    goods = rng.sample(table("arithmetic/words.toml")["goods"], rng.randint(2, 3))
    many = [(rng.randint(2, 6), rng.randint(2, 9)) for _ in goods]
    place = _draw(rng, "shops")
    bought = [(name, count, price) for name, (count, price) in zip(goods, many, strict=True)]
    *phrases, last = [f"{count} {name} for {price} {money} each" for name, count, price in bought]
    listed = f"{', '.join(phrases)} and {last}"
    steps = [f"The {name} cost {equation(count, 'x', price)} {money}." for name, count, price in bought]
    paid = many[0][0] * many[0][1]
    for index, (count, price) in enumerate(many[1:], 1):
        together = "Together they" if index == 1 else "With the last ones they"
        steps.append(f"{together} cost {equation(paid, '+', count * price)} {money}.")
        paid += count * price
    story = [
        _one_of(
            rng,
            f"{who.name} goes to {place} and buys {listed}.",
            f"At {place} {who.name} buys {listed}.",
            f"{friend.name} sends {who.name} to {place} to buy {listed}.",
        )
    ]
    if rng.random() < 0.7:
        note = 100 if paid <= 100 else 200
        story.append(f"{who.She} pays with {note} {money}.")
        question = _one_of(
            rng,
            f"How many {money} does {who.she} get back?",
            f"How many {money} are left?",
            f"How much change does {who.she} get?",
        )
        steps.append(f"From {note} {money} {who.she} gets back {equation(note, '-', paid)} {money}.")
        return Problem(tuple(story), question, tuple(steps), note - paid)
    coupon = rng.randint(2, 9)
    story.append(f"{who.She} has a coupon for {coupon} {money} off.")
    steps.append(f"With the coupon {who.she} pays {equation(paid, '-', coupon)} {money}.")
    question = _one_of(rng, f"How many {money} does {who.she} pay?", f"How much does {who.name} pay in all?")
    return Problem(tuple(story), question, tuple(steps), paid - coupon)


def reading(rng: random.Random, who: Person, friend: Person) -> Problem:
    """A problem about pages read on several days and the pages that are left."""
    things, verb, verbs, what = _draw(rng, "works")
    days, each = rng.randint(2, 9), rng.randint(3, 12)
    done = days * each
    more = rng.randint(2, 20)
    by_friend = rng.randint(2, 20)
    whole = done + more + rng.choice((0, by_friend)) + rng.randint(5, 40)
    day = _one_of(rng, "on the next day", "on the last day", "at the weekend", "one evening")
    daily = f"For {days} days {who.she} {verbs} {each} {things} a day"
    story = [
        f"{who.name} has {what} with {whole} {things}.",
        f"{daily}, and {day} {who.she} {verbs} {more} more.",
    ]
    steps = [
        f"In {days} days {who.she} {verbs} {equation(days, 'x', each)} {things}.",
        f"With the {more} more that makes {equation(done, '+', more)} {things}.",
    ]
    done += more
    if whole - done > by_friend and rng.random() < 0.5:
        story.append(f"{friend.name} helps {who.object} with {by_friend} {things}.")
        steps.append(f"With the help of {friend.name} it is {equation(done, '+', by_friend)} {things}.")
        done += by_friend
    steps.append(f"Of {whole} {things} there are {equation(whole, '-', done)} {things} left.")
    question = _one_of(
        rng, f"How many {things} are left?", f"How many {things} does {who.she} still have to {verb}?"
    )
    return Problem(tuple(story), question, tuple(steps), whole - done)


def blocks(rng: random.Random, who: Person, friend: Person) -> Problem:
    """A problem about things in two kinds of rows, some of which are taken away or added."""
    place, large, small, things = _draw(rng, "blocks")
    first, second = [(rng.randint(2, 12), rng.randint(2, 12)) for _ in range(2)]
    left, right = first[0] * first[1], second[0] * second[1]
    rows = (f"{first[0]} {large} with {first[1]}", f"{second[0]} {small} with {second[1]}")
    story = [f"In the {place} {who.name} counts {rows[0]} {things} each and {rows[1]} {things} each."]
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
    question = _one_of(
        rng, f"How many {things} are there now?", f"How many {things} are in the {place} in the end?"
    )
    return Problem(tuple(story), question, tuple(steps), now)


def trip(rng: random.Random, who: Person, friend: Person) -> Problem:
    """A problem about the stages of a trip, perhaps there and back or on several days."""
    verbs, verb = _draw(rng, "travel")
    unit = _one_of(rng, "miles", "kilometers")
    stops = rng.sample(table("arithmetic/words.toml")["stops"], rng.randint(3, 5))
    legs = [rng.randint(2, 20) for _ in stops]
    stages = [f"{leg} {unit} to {stop}" for leg, stop in zip(legs, stops, strict=True)]
    time = _one_of(rng, "On Saturday", "In the holidays", "On a warm day", "Early in the morning")
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
    """A problem about the ages of two children, a relative of one and a grown-up."""
    own, older = rng.randint(4, 9), rng.randint(2, 9)
    second = own + older
    younger = rng.randint(1, second - 4)
    third = second - younger
    times = rng.choice([n for n in range(2, 13) if 26 <= third * n <= 75])
    fourth = third * times
    child = _one_of(rng, "cousin", "brother", "sister")
    grown = _one_of(rng, "aunt", "uncle", "teacher", "neighbor")
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
