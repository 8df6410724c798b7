"""Short stories for children: an opening names the hero, the place and the wish; the rest follows."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from training.document import Document
from training.tasks import story_arcs, story_last_arcs, story_more_arcs
from training.tasks.first_names import MEN, WOMEN
from training.tasks.story_arcs import Arc

ARCS = story_arcs.ARCS + story_more_arcs.ARCS + story_last_arcs.ARCS

HERO_ANIMALS = ("fox", "rabbit", "bear", "mouse", "hedgehog", "squirrel", "cat", "badger", "hare", "raccoon")
HELPER_ANIMALS = ("beaver", "otter", "turtle", "mole", "goat", "sheep", "donkey", "toad")
HELPER_PEOPLE = ("baker", "gardener", "farmer", "teacher", "sailor", "miller", "painter", "tailor", "shepherd")
HERO_TRAITS = (
    "cheerful",
    "curious",
    "clever",
    "lively",
    "quiet",
    "playful",
    "gentle",
    "funny",
    "shy",
    "friendly",
)
HELPER_TRAITS = ("wise", "old", "kind", "patient", "cheerful")

PLACES = (
    "in a small village by the sea",
    "on a little farm",
    "at the edge of a deep forest",
    "in a green valley",
    "near an old mill",
    "beside a quiet lake",
    "at the foot of a high hill",
    "in a stone house by the river",
    "behind a wide meadow",
    "in a house under a tall oak tree",
    "in a cottage with a red roof",
    "at the end of a long lane",
    "close to an old bridge",
    "in a house full of books",
    "on the sunny side of a mountain",
    "next to a big orchard",
)

OPENINGS_WITH_ONCE = (
    "Once upon a time, there was {a_kind} named {hero} who lived {place}.",
    "Once upon a time, {a_kind} called {hero} lived {place}.",
    "Once upon a time, {place}, there lived {a_kind} named {hero}.",
)
OPENINGS = (
    "{hero} was {a_kind} who lived {place}.",
    "{Place} lived {a_kind} called {hero}.",
    "There once was {a_kind} named {hero} who lived {place}.",
    "Long ago, {a_kind} named {hero} lived {place}.",
)
FRIENDS = (
    "{His} good friend was {a_role} named {helper}.",
    "Next door lived {a_role} called {helper}.",
    "{He} often talked to {helper}, {a_role} who lived nearby.",
)

WEATHERS = ("sunny", "windy", "cloudy", "bright", "cool", "warm", "fine", "grey")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

SHARE_OF_BARE_PROMPTS = 0.1
BARE_PROMPT = "Once upon a time"


@dataclass(frozen=True, slots=True)
class Plot:
    """An arc with its text cut into paragraphs, sentences and their alternatives."""

    adjectives: tuple[str, ...]
    nouns: tuple[str, ...]
    wishes: tuple[str, ...]
    paragraphs: tuple[tuple[tuple[str, ...], ...], ...]


def _alternatives(block: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(sentence.split("\n| ")) for sentence in re.split(r"\n(?!\| )", block))


def _plot(arc: Arc) -> Plot:
    paragraphs = tuple(_alternatives(block) for block in arc.plot.split("\n\n"))
    wishes = _alternatives(arc.wish)[0]
    return Plot(tuple(arc.adjectives.split()), tuple(arc.nouns.split()), wishes, paragraphs)


PLOTS = tuple(_plot(arc) for arc in ARCS)


def _with_article(words: str) -> str:
    return ("an " if words[0] in "aeiou" else "a ") + words


def _pronouns(is_girl: bool) -> dict[str, str]:
    if is_girl:
        return {"he": "she", "He": "She", "him": "her", "his": "her", "His": "Her", "him_self": "herself"}
    return {"he": "he", "He": "He", "him": "him", "his": "his", "His": "His", "him_self": "himself"}


def _cast(rng: random.Random) -> dict[str, str]:
    is_girl = rng.random() < 0.5
    hero = rng.choice(WOMEN if is_girl else MEN)
    helper = rng.choice([name for name in WOMEN + MEN if name != hero])
    is_animal = rng.random() < 0.5
    if not is_animal:
        kind = rng.choice(("little ", "young ")) + ("girl" if is_girl else "boy")
        role = rng.choice(HELPER_PEOPLE)
    else:
        kind = rng.choice(("little ", "young ", "")) + rng.choice(HERO_ANIMALS)
        role = rng.choice(HELPER_ANIMALS)
    return {
        "hero": hero,
        "helper": helper,
        "role": role,
        "hand": "paw" if is_animal else "hand",
        "a_kind": _with_article(f"{rng.choice(HERO_TRAITS)} {kind}"),
        "a_role": _with_article(f"{rng.choice(HELPER_TRAITS)} {role}"),
        **_pronouns(is_girl),
    }


def _scene(rng: random.Random, plot: Plot) -> dict[str, str]:
    noun = rng.choice(plot.nouns)
    thing = f"{rng.choice(plot.adjectives)} {noun}"
    place = rng.choice(PLACES)
    day = f"{rng.choice(WEATHERS)} {rng.choice(WEEKDAYS)}"
    return {
        "noun": noun,
        "thing": thing,
        "a_thing": _with_article(thing),
        "place": place,
        "Place": place[0].upper() + place[1:],
        "day": f"{day} morning",
        "evening": f"{day} evening",
    }


def sample(rng: random.Random) -> Document:
    """Returns one story.

    Args:
        rng: Decides everything about the story.
    """
    plot_number = rng.randrange(len(PLOTS))
    plot = PLOTS[plot_number]
    words = {**_cast(rng), **_scene(rng, plot)}
    is_bare = rng.random() < SHARE_OF_BARE_PROMPTS
    begins_with_once = is_bare or rng.random() < 0.5
    opening = rng.choice(OPENINGS_WITH_ONCE if begins_with_once else OPENINGS)
    start = f"{opening} {rng.choice(plot.wishes)}".format(**words)
    friend = rng.choice(FRIENDS).format(**words)
    paragraphs = [" ".join(rng.choice(line) for line in lines).format(**words) for lines in plot.paragraphs]

    names_friend = rng.random() < 0.5
    prompt = f"{start} {friend}" if names_friend else start
    rest = "\n\n" + "\n\n".join(paragraphs) if names_friend else f" {friend}\n\n" + "\n\n".join(paragraphs)
    if is_bare:
        prompt, rest = BARE_PROMPT, prompt.removeprefix(BARE_PROMPT) + rest
    binding = " ".join((str(plot_number), *(words[key] for key in ("hero", "a_kind", "place", "thing"))))
    binding += " ".join(("", words["helper"], words["a_role"], words["day"]))
    facts = () if is_bare else (words["hero"], words["noun"])
    return Document("story", prompt, rest, binding, facts)


def _says(text: str, word: str) -> bool:
    return re.search(rf"\b{re.escape(word)}\b", text) is not None


def is_right(document: Document, completion: str) -> bool:
    """Returns whether the continuation stays with its hero and object and comes to an end.

    A prompt that names nobody lets the model choose its hero: then any of the known names will do.
    """
    text = completion.strip()
    if not text.endswith((".", "!", '"')):
        return False
    if not document.facts:
        return any(_says(text, name) for name in WOMEN + MEN)
    return all(_says(text, fact) for fact in document.facts)
