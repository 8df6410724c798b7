"""Who and what a paragraph of the translation task speaks of, drawn at random without repetition."""

from __future__ import annotations

import random

from training.tasks import lexicon, scenery
from training.tasks.grammar import (
    NOTHING,
    Subject,
    Thing,
    joined,
    position,
    read_adjective,
    read_noun,
    read_place,
    read_verb,
    sentence,
)
from training.tasks.lexicon import FEMALE, MALE, PAST, PRESENT, Adjective, Noun, Words

ADJECTIVES = {
    group: tuple(read_adjective(row) for row in rows) for group, rows in lexicon.ADJECTIVE_ROWS.items()
}
# "New" after "to be" would need another French word than before a noun
PREDICATES = {
    group: tuple(adjective for adjective in adjectives if adjective.english != "new")
    for group, adjectives in ADJECTIVES.items()
}
NOUNS = tuple(read_noun(row) for row in lexicon.NOUN_ROWS.strip().splitlines())
KINDS = {kind: tuple(n for n in NOUNS if kind in n.kinds) for noun in NOUNS for kind in noun.kinds}
VERBS = {verb.infinitive.english: verb for verb in map(read_verb, lexicon.VERB_ROWS.strip().splitlines())}
PLACES = tuple(read_place(row) for row in scenery.PLACE_ROWS.strip().replace("\n ", " ").splitlines())
PLACE_WEIGHTS = tuple(len(place.doings) for place in PLACES)
LANDMARKS = {
    setting: tuple(read_noun(row) for row in rows.strip().splitlines())
    for setting, rows in scenery.LANDMARK_ROWS.items()
}
PREPOSITIONS = {
    kind: tuple(
        Words(*(word.strip().replace("_", " ") for word in row.split("/")[:3]))
        for row in scenery.PREPOSITION_ROWS.strip().splitlines()
        if kind in row.split("/")[3].split()
    )
    for kind in ("flat", "tall", "solid", "bridge")
}

COLORS = ("color", "fur", "fruit", "green", "bloom")
SHAPES = ("size", "age", "elder", "look")
UP_TO_TEN = ("buy", "sell", "see", "count", "feed", "carry")


class Scene:
    """Three people at one place, in one tense, and what was said of them so far."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.tense = rng.choice((PRESENT, PAST))
        self.place = rng.choices(PLACES, PLACE_WEIGHTS)[0]
        self.is_outdoors = self.place.setting != "indoors"
        self.people = rng.sample(FEMALE + MALE, 3)
        heroes = 2 if rng.random() < 0.3 else 1
        self.hero = people_of(self.people[:heroes])
        self.others = self.people[heroes:]
        self.family = rng.choice(scenery.FAMILY)
        self.lines: list[Words] = []
        self.drawn = [*self.people, self.place.here.english]
        self.used: set[str] = set()
        self.connectives: tuple[Words, ...] = scenery.NEXT
        self.pronoun_fits = False

    def say(self, lead: Words, subject: Subject, verb: Words, tail: Words) -> None:
        self.lines.append(sentence(lead, subject, verb, tail))

    def is_fresh(self, word: str) -> bool:
        """Whether the word is said for the first time; from now on it no longer is."""
        if word in self.used:
            return False
        self.used.add(word)
        return True

    def form(self, forms: tuple[Words, ...], subject: Subject | None = None) -> Words:
        return forms[self.tense + (subject or self.hero).is_plural]

    def lead(self) -> Words:
        choice = self.rng.choice(self.connectives)
        return choice if self.rng.random() < 0.35 and self.is_fresh(choice.english) else NOTHING

    def subject(self) -> Subject:
        """The hero, by pronoun where it is clear who is meant."""
        fits, self.pronoun_fits = self.pronoun_fits, True
        if not fits or self.rng.random() < 0.2:
            return self.hero
        return Subject(pronoun_of(self.hero), self.hero.is_plural, self.hero.is_woman)

    def mention(self, is_woman: bool) -> None:
        """Someone other than the hero is spoken of, so that a pronoun might mean that person."""
        self.pronoun_fits = self.hero.is_plural or self.hero.is_woman != is_woman

    def mention_thing(self, thing: Thing) -> None:
        """Things are spoken of, so that "they" might mean those."""
        if thing.is_plural and self.hero.is_plural:
            self.pronoun_fits = False

    def actor(self, only_one: bool = False) -> Subject:
        """Who acts next: mostly the hero, sometimes someone else."""
        if self.rng.random() < 0.25 or (only_one and self.hero.is_plural):
            other = self.rng.choice(self.others)
            self.mention(other in FEMALE)
            return people_of([other])
        return self.subject()

    def thing(self, kind: str, verb: str) -> Thing:
        """A thing of this kind that was not mentioned yet, as an object of this verb."""
        rng = self.rng
        nouns = [noun for noun in KINDS[kind] if noun.english not in self.used] or list(KINDS[kind])
        noun = rng.choice(nouns)
        self.used.add(noun.english)
        adjectives = self.adjectives(noun)
        limit = 9 if verb in UP_TO_TEN else 3
        number, determiner, is_plural = NOTHING, "a", False
        chance = rng.random()
        if kind in ("drink", "shut"):
            determiner = "the"
        elif verb == "count" or (chance < 0.35 and verb != "wear"):
            number, is_plural = rng.choice(scenery.NUMBERS[:limit]), True
        elif chance > 0.8 and verb not in ("wear", "give", "stand"):
            determiner, is_plural = "the", kind in ("food", "dish") and rng.random() < 0.5
        thing = Thing(noun, determiner, is_plural, adjectives, number)
        self.drawn += [number.english, *(adjective.english for adjective in adjectives), noun.english]
        return thing

    def adjectives(self, noun: Noun) -> tuple[Adjective, ...]:
        rng, chance = self.rng, self.rng.random()
        if chance < 0.3:
            return ()
        shapes = [group for group in noun.traits if group in SHAPES]
        colors = [group for group in noun.traits if group in COLORS]
        if chance > 0.85 and shapes and colors:
            return tuple(rng.choice(ADJECTIVES[rng.choice(groups)]) for groups in (shapes, colors))
        return (rng.choice(ADJECTIVES[rng.choice(noun.traits)]),)

    def somewhere(self) -> Words:
        """A position next to some landmark of the place."""
        landmarks = LANDMARKS[self.place.setting]
        noun = self.rng.choice([noun for noun in landmarks if noun.english not in self.used] or landmarks)
        self.used.add(noun.english)
        adjectives = (self.rng.choice(ADJECTIVES[self.rng.choice(noun.traits)]),)
        landmark = Thing(noun, "the", False, adjectives if self.rng.random() < 0.4 else ())
        preposition = self.rng.choice(PREPOSITIONS[noun.kinds[0]])
        self.drawn += [preposition.english, noun.english]
        return position(preposition, landmark)

    def relative(self, preposition: Words) -> Words:
        """A relative of the hero, dative in German."""
        relative, is_woman = self.family
        self.drawn.append(relative.english)
        self.mention(is_woman)
        ending = "er" if is_woman else "em"
        if self.hero.is_plural:
            owner = Words("their", "leur", "ihr" + ending)
        else:
            english, german = ("her", "ihr") if self.hero.is_woman else ("his", "sein")
            owner = Words(english, "sa" if is_woman else "son", german + ending)
        return joined(preposition, owner, relative)

    @staticmethod
    def with_place(company: Words, place: Words) -> Words:
        return Words(
            " ".join(filter(None, (place.english, company.english))),
            " ".join(filter(None, (place.french, company.french))),
            " ".join(filter(None, (company.german, place.german))),
        )


def people_of(names: list[str]) -> Subject:
    """The named people as a subject."""
    words = Words(" and ".join(names), " et ".join(names), " und ".join(names))
    return Subject(words, len(names) > 1, all(name in FEMALE for name in names))


def pronoun_of(subject: Subject) -> Words:
    """The pronoun for these people."""
    if subject.is_plural:
        return Words("they", "elles" if subject.is_woman else "ils", "sie")
    return Words("she", "elle", "sie") if subject.is_woman else Words("he", "il", "er")
