"""Short stories for children: an opening names the hero, the place and the wish; the rest follows."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import cache

from training.document import Document
from training.tasks.data import alternatives, men, table, women

SHARE_OF_BARE_PROMPTS = 0.1
BARE_PROMPT = "Once upon a time"


@dataclass(frozen=True, slots=True)
class Plot:
    """What happens in a story: words for its object, and its text as wordings of sentences.

    Attributes:
        wishes: Wordings of what belongs to the opening.
        paragraphs: The rest, by paragraph and sentence.
    """

    adjectives: list[str]
    nouns: list[str]
    wishes: tuple[str, ...]
    paragraphs: tuple[tuple[tuple[str, ...], ...], ...]


@cache
def plots() -> tuple[Plot, ...]:
    """All plots, in the order that counts for the held-out split."""
    return tuple(
        Plot(
            arc["adjectives"].split(),
            arc["nouns"].split(),
            alternatives(arc["wish"])[0],
            tuple(alternatives(block) for block in arc["plot"].split("\n\n")),
        )
        for arc in table("story/arcs.toml").values()
    )


def sample(rng: random.Random) -> Document:
    """One story; everything is drawn from ``rng``."""
    number = rng.randrange(len(plots()))
    plot = plots()[number]
    words = {**_cast(rng), **_scene(rng, plot)}
    is_bare = rng.random() < SHARE_OF_BARE_PROMPTS
    begins_with_once = is_bare or rng.random() < 0.5
    opening = rng.choice(_words("openings_with_once" if begins_with_once else "openings"))
    start = f"{opening} {rng.choice(plot.wishes)}".format(**words)
    friend = rng.choice(_words("friends")).format(**words)
    paragraphs = [" ".join(rng.choice(line) for line in lines).format(**words) for lines in plot.paragraphs]

    names_friend = rng.random() < 0.5
    prompt = f"{start} {friend}" if names_friend else start
    rest = "\n\n".join(["" if names_friend else f" {friend}", *paragraphs])
    if is_bare:
        prompt, rest = BARE_PROMPT, prompt.removeprefix(BARE_PROMPT) + rest
    drawn = ("hero", "a_kind", "place", "thing", "helper", "a_role", "day")
    binding = " ".join((str(number), *(words[key] for key in drawn)))
    return Document("story", prompt, rest, binding, () if is_bare else (words["hero"], words["noun"]))


def is_right(document: Document, completion: str) -> bool:
    """Whether the continuation stays with its hero and object and comes to an end.

    A prompt that names nobody lets the model choose its hero: then any of the known names will do.
    """
    text = completion.strip()
    if not text.endswith((".", "!", '"')):
        return False
    if not document.facts:
        return any(_says(text, name) for name in women() + men())
    return all(_says(text, fact) for fact in document.facts)


def _says(text: str, word: str) -> bool:
    return re.search(rf"\b{re.escape(word)}\b", text) is not None


def _words(name: str) -> list[str]:
    return table("story/words.toml")[name]


def _cast(rng: random.Random) -> dict[str, str]:
    is_girl = rng.random() < 0.5
    hero = rng.choice(women() if is_girl else men())
    helper = rng.choice([name for name in women() + men() if name != hero])
    is_animal = rng.random() < 0.5
    if is_animal:
        kind = rng.choice(("little ", "young ", "")) + rng.choice(_words("hero_animals"))
    else:
        kind = rng.choice(("little ", "young ")) + ("girl" if is_girl else "boy")
    role = rng.choice(_words("helper_animals" if is_animal else "helper_people"))
    he, him, his = ("she", "her", "her") if is_girl else ("he", "him", "his")
    return {
        "hero": hero,
        "helper": helper,
        "role": role,
        "hand": "paw" if is_animal else "hand",
        "a_kind": _with_article(f"{rng.choice(_words('hero_traits'))} {kind}"),
        "a_role": _with_article(f"{rng.choice(_words('helper_traits'))} {role}"),
        "he": he,
        "He": he.capitalize(),
        "him": him,
        "his": his,
        "His": his.capitalize(),
    }


def _scene(rng: random.Random, plot: Plot) -> dict[str, str]:
    noun = rng.choice(plot.nouns)
    thing = f"{rng.choice(plot.adjectives)} {noun}"
    place = rng.choice(_words("places"))
    day = f"{rng.choice(_words('weathers'))} {rng.choice(table('names.toml')['weekdays'])}"
    return {
        "noun": noun,
        "thing": thing,
        "a_thing": _with_article(thing),
        "place": place,
        "Place": place[0].upper() + place[1:],
        "day": f"{day} morning",
        "evening": f"{day} evening",
    }


def _with_article(words: str) -> str:
    return ("an " if words[0] in "aeiou" else "a ") + words
