"""Just enough grammar to say a noun phrase and a clause in English, French and German alike."""

from __future__ import annotations

from dataclasses import dataclass

from training.tasks.translation.lexicon import PAST, Adjective, Noun, Words, french_plural

NOTHING = Words("", "", "")
FRENCH_VOWELS = tuple("aeiouéèêàœh")  # every h of the lexicon is mute

NOMINATIVE, ACCUSATIVE, DATIVE = range(3)
# One row per case; the columns are masculine, feminine, neuter
GERMAN_THE = (("der", "die", "das"), ("den", "die", "das"), ("dem", "der", "dem"))
GERMAN_A = (("ein", "eine", "ein"), ("einen", "eine", "ein"), ("einem", "einer", "einem"))
ENDING_AFTER_THE = (("e", "e", "e"), ("en", "e", "e"), ("en", "en", "en"))
ENDING_AFTER_A = (("er", "e", "es"), ("en", "e", "es"), ("en", "en", "en"))


@dataclass(frozen=True, slots=True)
class Subject:
    """Who or what a clause is about; ``is_woman`` holds if French agrees in the feminine."""

    words: Words
    is_plural: bool
    is_woman: bool


@dataclass(frozen=True, slots=True)
class Thing:
    """A noun with its determiner ("a", "the" or a number) and adjectives.

    In French, an adjective that precedes the noun must come first here too.
    """

    noun: Noun
    determiner: str
    is_plural: bool
    adjectives: tuple[Adjective, ...] = ()
    number: Words = NOTHING

    def said(self, case: int = ACCUSATIVE) -> Words:
        """The phrase in the three languages, with the German one in ``case`` (no dative plural)."""
        return Words(self._english(), self._french(), self._german(case))

    def _english(self) -> str:
        noun = self.noun.english_plural if self.is_plural else self.noun.english
        words = [adjective.english for adjective in self.adjectives] + [noun]
        determiner = self.number.english or self.determiner
        if determiner == "a" and words[0][0] in "aeiou":
            determiner = "an"
        return " ".join([determiner, *words])

    def _french(self) -> str:
        noun = self.noun.french_plural if self.is_plural else self.noun.french
        is_feminine = self.noun.french_gender == "f"
        before, after = [], []
        for adjective in self.adjectives:
            form = french_agreement(adjective, is_feminine, self.is_plural)
            if not adjective.precedes_in_french:
                after.append(form)
            elif self.is_plural or is_feminine or not noun.startswith(FRENCH_VOWELS):
                before.append(form)
            else:
                before.append(adjective.french_before_vowel)
        words = [*before, noun, *after]
        if self.number.french:
            return " ".join([self.number.french, *words])
        if self.determiner == "a":
            return " ".join(["une" if is_feminine else "un", *words])
        if self.is_plural:
            return " ".join(["les", *words])
        if words[0].startswith(FRENCH_VOWELS):
            return "l'" + " ".join(words)
        return " ".join(["la" if is_feminine else "le", *words])

    def _german(self, case: int) -> str:
        gender = "mfn".index(self.noun.german_gender)
        if self.number.german:
            determiner, ending = self.number.german, "e"
        elif self.is_plural:
            determiner, ending = "die", "en"
        elif self.determiner == "a":
            determiner, ending = GERMAN_A[case][gender], ENDING_AFTER_A[case][gender]
        else:
            determiner, ending = GERMAN_THE[case][gender], ENDING_AFTER_THE[case][gender]
        noun = self.noun.german_plural if self.is_plural else self.noun.german
        words = [adjective.german_stem + ending for adjective in self.adjectives]
        return " ".join([determiner, *words, noun])


def french_agreement(adjective: Adjective, is_feminine: bool, is_plural: bool) -> str:
    """The French adjective as it agrees with a noun of this gender and number."""
    form = adjective.french_feminine if is_feminine else adjective.french
    return french_plural(form) if is_plural else form


def predicate(adjective: Adjective, is_feminine: bool, is_plural: bool) -> Words:
    """The adjective as it stands after "to be"."""
    return Words(adjective.english, french_agreement(adjective, is_feminine, is_plural), adjective.german)


def position(preposition: Words, landmark: Thing) -> Words:
    """Where something is: the preposition with a landmark, which is dative in German."""
    spoken = landmark.said(DATIVE)
    french = f"{preposition.french} {spoken.french}".replace("de le ", "du ")
    return Words(f"{preposition.english} {spoken.english}", french, f"{preposition.german} {spoken.german}")


def joined(*parts: Words) -> Words:
    """The parts one after the other in every language."""
    return Words(*(" ".join(filter(None, words)) for words in zip(*parts, strict=True)))


def sentence(lead: Words, subject: Subject, verb: Words, tail: Words) -> Words:
    """A main clause; German puts the verb second, so before the subject after a leading phrase."""
    english = _finished(lead.english, subject.words.english, verb.english, tail.english)
    french = _finished(lead.french, subject.words.french, verb.french, tail.french)
    if lead.german:
        german = _finished(lead.german, verb.german, subject.words.german, tail.german)
    else:
        german = _finished(subject.words.german, verb.german, tail.german)
    return Words(english, french, german)


def _finished(*parts: str) -> str:
    text = " ".join(filter(None, parts))
    return text[0].upper() + text[1:] + "."


def moved(verb: tuple[Words, ...], form: int, subject: Subject) -> Words:
    """A form of a French verb with "être", whose past participle agrees with the subject."""
    english, french, german = verb[form + subject.is_plural]
    if form == PAST and subject.is_woman:
        french = french[:-1] + "es" if subject.is_plural else french + "e"
    return Words(english, french, german)
