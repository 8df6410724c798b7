"""Who and what a paragraph of the translation task speaks of, drawn at random without repetition."""

from __future__ import annotations

import random

from training.tasks.data import men, women
from training.tasks.translation.grammar import NOTHING, Subject, Thing, joined, position, sentence
from training.tasks.translation.lexicon import PAST, PRESENT, Adjective, Noun, Words, lexicon

COLORS = ("color", "fur", "fruit", "green", "bloom")
SHAPES = ("size", "age", "elder", "look")
UP_TO_TEN = ("buy", "sell", "see", "count", "feed", "carry")


class Scene:
    """Three people at one place, in one tense, and what was said of them so far."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.lexicon = lexicon()
        self.tense = rng.choice((PRESENT, PAST))
        places = self.lexicon.places
        self.place = rng.choices(places, [len(place.doings) for place in places])[0]
        self.is_outdoors = self.place.setting != "indoors"
        self.people = rng.sample(women() + men(), 3)
        heroes = 2 if rng.random() < 0.3 else 1
        self.hero = people_of(self.people[:heroes])
        self.others = self.people[heroes:]
        self.family = rng.choice(self.lexicon.family)
        self.lines: list[Words] = []
        self.drawn = [*self.people, self.place.here.english]
        self.used: set[str] = set()
        self.connectives: tuple[Words, ...] = self.lexicon.next
        self.pronoun_fits = False

    def say(self, lead: Words, subject: Subject, verb: Words, tail: Words) -> None:
        self.lines.append(sentence(lead, subject, verb, tail))

    def is_fresh(self, word: str) -> bool:
        """Whether the word is said for the first time; from now on it no longer is."""
        if word in self.used:
            return False
        self.used.add(word)
        return True

    def form(self, verb: str, subject: Subject | Thing | None = None) -> Words:
        """The verb in the tense of the scene, as the subject (where not given, the hero) wants it."""
        return self.lexicon.forms[verb][self.tense + (subject or self.hero).is_plural]

    def phrase(self, name: str, *parts: Words) -> Words:
        """A phrase of the lexicon, filled in."""
        languages = zip(self.lexicon.phrases[name], *parts, strict=True)
        return Words(*(text.format(*words) for text, *words in languages))

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
            self.mention(other in women())
            return people_of([other])
        return self.subject()

    def thing(self, kind: str, verb: str) -> Thing:
        """A thing of this kind that was not mentioned yet, as an object of this verb."""
        rng = self.rng
        of_kind = self.lexicon.kinds[kind]
        nouns = [noun for noun in of_kind if noun.english not in self.used] or list(of_kind)
        noun = rng.choice(nouns)
        self.used.add(noun.english)
        adjectives = self.adjectives(noun)
        limit = 9 if verb in UP_TO_TEN else 3
        number, determiner, is_plural = NOTHING, "a", False
        chance = rng.random()
        if kind in ("drink", "shut"):
            determiner = "the"
        elif verb == "count" or (chance < 0.35 and verb != "wear"):
            number, is_plural = rng.choice(self.lexicon.numbers[:limit]), True
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
            return tuple(rng.choice(self.lexicon.adjectives[rng.choice(groups)]) for groups in (shapes, colors))
        return (rng.choice(self.lexicon.adjectives[rng.choice(noun.traits)]),)

    def predicate(self, group: str) -> Adjective:
        """One of a group that may follow "to be": there, French has another word for "new"."""
        return self.rng.choice([each for each in self.lexicon.adjectives[group] if each.english != "new"])

    def somewhere(self) -> Words:
        """A position next to some landmark of the place."""
        landmarks = self.lexicon.landmarks[self.place.setting]
        noun = self.rng.choice([noun for noun in landmarks if noun.english not in self.used] or landmarks)
        self.used.add(noun.english)
        adjectives = (self.rng.choice(self.lexicon.adjectives[self.rng.choice(noun.traits)]),)
        landmark = Thing(noun, "the", False, adjectives if self.rng.random() < 0.4 else ())
        preposition = self.rng.choice(self.lexicon.prepositions[noun.kinds[0]])
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
    return Subject(words, len(names) > 1, all(name in women() for name in names))


def pronoun_of(subject: Subject) -> Words:
    """The pronoun for these people."""
    if subject.is_plural:
        return Words("they", "elles" if subject.is_woman else "ils", "sie")
    return Words("she", "elle", "sie") if subject.is_woman else Words("he", "il", "er")
