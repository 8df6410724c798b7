"""The words of the translation task: English with its one French and one German counterpart.

The data files say how their rows are written.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from training.tasks.data import rows, table

PRESENT, PAST = 0, 2  # offsets into the forms of a verb; one further is the plural


class Words(NamedTuple):
    """The same words in the three languages."""

    english: str
    french: str
    german: str


@dataclass(frozen=True, slots=True)
class Noun:
    """A noun; ``traits`` names the adjective groups that suit it, ``kinds`` what one does with it."""

    english: str
    english_plural: str
    french: str
    french_plural: str
    french_gender: str
    german: str
    german_plural: str
    german_gender: str
    traits: tuple[str, ...]
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Adjective:
    """An adjective; the French forms are masculine, feminine and masculine before a vowel."""

    english: str
    french: str
    french_feminine: str
    french_before_vowel: str
    precedes_in_french: bool
    german: str
    german_stem: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a paragraph plays: being there, going there, its setting, and what there is to do (verb:kind)."""

    here: Words
    there: Words
    setting: str
    doings: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All words of the task.

    Attributes:
        adjectives: By group.
        kinds: Nouns by what one does with them.
        infinitives: By English infinitive.
        forms: By English infinitive: present singular, plural, past singular, plural.
        landmarks: By setting.
        prepositions: By kind of landmark.
        moments: By tense.
        family: Each with whether it is a woman.
    """

    nouns: tuple[Noun, ...]
    kinds: dict[str, tuple[Noun, ...]]
    adjectives: dict[str, tuple[Adjective, ...]]
    infinitives: dict[str, Words]
    forms: dict[str, tuple[Words, ...]]
    places: tuple[Place, ...]
    landmarks: dict[str, tuple[Noun, ...]]
    prepositions: dict[str, tuple[Words, ...]]
    phrases: dict[str, Words]
    moments: dict[int, tuple[Words, ...]]
    next: tuple[Words, ...]
    after_lunch: Words
    end: tuple[Words, ...]
    numbers: tuple[Words, ...]
    cities: tuple[Words, ...]
    family: tuple[tuple[Words, bool], ...]


@cache
def lexicon() -> Lexicon:
    """The lexicon, read once."""
    words = table("translation/words.toml")
    nouns = tuple(map(_read_noun, rows("translation/nouns.txt")))
    kinds = dict.fromkeys(kind for noun in nouns for kind in noun.kinds)
    verbs = tuple(map(_read_verb, rows("translation/verbs.txt")))
    forms = {infinitive.english: four for infinitive, four in verbs}
    special = {infinitive: _read_words(four) for infinitive, four in words["verbs"].items()}
    family = [row.rsplit(" / ", 1) for row in words["family"]]
    return Lexicon(
        nouns=nouns,
        kinds={kind: tuple(noun for noun in nouns if kind in noun.kinds) for kind in kinds},
        adjectives={group: tuple(map(_read_adjective, each)) for group, each in words["adjectives"].items()},
        infinitives={infinitive.english: infinitive for infinitive, _ in verbs},
        forms=forms | special,
        places=tuple(map(_read_place, rows("translation/places.txt"))),
        landmarks={setting: tuple(map(_read_noun, each)) for setting, each in words["landmarks"].items()},
        prepositions={kind: _read_words(each) for kind, each in words["prepositions"].items()},
        phrases={name: _words(row) for name, row in words["phrases"].items()},
        moments={
            PRESENT: _read_words(words["moments"]["present"]),
            PAST: _read_words(words["moments"]["past"]),
        },
        next=_read_words(words["next"]),
        after_lunch=_words(words["after_lunch"]),
        end=_read_words(words["end"]),
        numbers=_read_words(words["numbers"]),
        cities=_read_words(words["cities"]),
        family=tuple((_words(row), sex == "woman") for row, sex in family),
    )


def _words(row: str) -> Words:
    return Words(*_fields(row))


def _read_words(lines: list[str]) -> tuple[Words, ...]:
    return tuple(map(_words, lines))


def french_plural(word: str) -> str:
    """The plural of a French noun or adjective of the lexicon."""
    if word.endswith(("s", "x")):
        return word
    if word.endswith("eau"):
        return word + "x"
    if word.endswith("al"):
        return word[:-2] + "aux"
    return word + "s"


def _fields(row: str) -> list[str]:
    return [field.strip() for field in row.split("/")]


def _plain(words: str) -> list[str]:
    return [word.replace("_", " ") for word in words.split()]


def _read_noun(row: str) -> Noun:
    """The noun of a row."""
    english, french, german, traits, kinds = _fields(row)
    singular, *plural = english.split()
    french_word, french_gender = french.split()
    german_word, german_plural, german_gender = german.split()
    return Noun(
        singular,
        plural[0] if plural else singular + "s",
        french_word,
        french_plural(french_word),
        french_gender,
        german_word,
        german_plural,
        german_gender,
        tuple(traits.split()),
        tuple(kinds.split()),
    )


def _read_adjective(row: str) -> Adjective:
    """The adjective of a row."""
    english, french, german = _fields(row)
    forms = french.lstrip("*").split()
    base, *stem = german.split()
    before_vowel = forms[2] if len(forms) > 2 else forms[0]
    return Adjective(
        english, forms[0], forms[1], before_vowel, french.startswith("*"), base, stem[0] if stem else base
    )


def _read_verb(row: str) -> tuple[Words, tuple[Words, ...]]:
    """The infinitives and the forms of a row, regular plurals included."""
    english, french, german = (_plain(field) for field in _fields(row))
    if french[3].endswith("ait"):
        french_past = (french[3], french[3][:-3] + "aient")
    else:
        french_past = ("a " + french[3], "ont " + french[3])
    german_past_plural = german[2] + ("n" if german[2].endswith("e") else "en")
    forms = (
        Words(english[1], french[1], german[1]),
        Words(english[0], french[2], german[0]),
        Words(english[2], french_past[0], german[2]),
        Words(english[2], french_past[1], german_past_plural),
    )
    return Words(english[0], french[0], german[0]), forms


def _read_place(row: str) -> Place:
    """The place of a row."""
    *names, setting, doings = _fields(row)
    here, there = zip(*(name.split(", ") for name in names), strict=True)
    pairs = [doing.replace("_", " ").split(":") for doing in doings.split()]
    return Place(Words(*here), Words(*there), setting, tuple((verb, kind) for verb, kind in pairs))
