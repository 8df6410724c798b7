"""English paragraphs with their French or German translation, which the English text determines."""

from __future__ import annotations

import random

from training.document import Document
from training.tasks.data import women
from training.tasks.translation.grammar import NOMINATIVE, NOTHING, Subject, Thing, joined, moved, predicate
from training.tasks.translation.lexicon import PRESENT, Words
from training.tasks.translation.scene import COLORS, Scene, people_of, pronoun_of

MIDDLE_SENTENCES = (5, 6)
DEGREES = (Words("very", "très", "sehr"), Words("not", "", "nicht"))
WITH = Words("with", "avec", "mit")
INDOOR_ACTIVITIES = ("work", "laugh", "wait")
OUTDOOR_ACTIVITIES = ("play", "sing", "dance", "laugh", "wait")
SPOTTING = ("find", "see", "hide")
WISHES = ("buy", "draw", "read", "find", "eat", "drink")
SLEEPING_PLACES = ("kitchen", "garden", "hotel")
WEIGHTS = {"do": 8, "exchange": 2, "want": 1.5, "stand": 1, "watch": 1, "spend time": 1.5, "help": 0.7}


def sample(rng: random.Random) -> Document:
    """One paragraph to translate into French or German; everything is drawn from ``rng``."""
    story = Story(rng)
    story.tell()
    is_french = rng.random() < 0.5
    language = "French" if is_french else "German"
    english = " ".join(line.english for line in story.lines)
    reference = " ".join(line.french if is_french else line.german for line in story.lines)
    return Document(
        task="translation",
        prompt=f"Translate English to {language}.\nEnglish: {english}\n{language}:",
        completion=" " + reference,
        binding=" ".join([language, *story.drawn]),
        facts=(reference,),
    )


def is_right(document: Document, completion: str) -> bool:
    """Whether the completion is the reference translation, letter for letter."""
    return completion.strip() == document.facts[0]


class Story(Scene):
    """A paragraph in the making: an opening, a few things that happen, and how it ends."""

    def tell(self) -> None:
        """Fills ``lines`` from the opening to the closing sentence."""
        self.open()
        tell_one = {
            "do": self.do,
            "exchange": self.exchange,
            "want": self.want,
            "stand": self.stand,
            "watch": self.watch,
            "spend time": self.spend_time,
            "help": self.help_family,
        }
        wanted = len(self.lines) + self.rng.choice(MIDDLE_SENTENCES)
        while len(self.lines) < wanted:
            kind = self.rng.choices(tuple(WEIGHTS), tuple(WEIGHTS.values()))[0]
            if kind == "do" or self.is_fresh(f"sentence {kind}"):
                tell_one[kind]()
        self.close()

    def open(self) -> None:
        rng, tail = self.rng, NOTHING
        self.pronoun_fits = True
        if self.tense == PRESENT and not self.hero.is_plural and rng.random() < 0.4:
            self.introduce()
        if rng.random() < 0.5:
            tail = self.relative(WITH)
        moment = rng.choice(self.lexicon.moments[self.tense])
        self.drawn.append(moment.english)
        if not any(word in moment.english for word in ("evening", "afternoon", "Last")):
            self.connectives = (*self.lexicon.next, self.lexicon.after_lunch)
        if rng.random() < 0.5:
            self.say(moment, self.hero, self.form("be"), self.with_place(tail, self.place.here))
        else:
            verb = moved(self.lexicon.forms["go"], self.tense, self.hero)
            self.say(moment, self.hero, verb, self.with_place(tail, self.place.there))

    def introduce(self) -> None:
        age, city = self.rng.choice(self.lexicon.numbers[4:]), self.rng.choice(self.lexicon.cities)
        self.drawn += [age.english, city.english]
        self.say(NOTHING, self.hero, Words("is", "a", "ist"), self.phrase("lives_in", age, city))

    def do(self) -> None:
        """Someone does something with a thing; the next sentence may say what the thing is like."""
        verb, kind = self.rng.choice(self.place.doings)
        if not self.is_fresh(verb):
            return
        thing = self.thing(kind, verb)
        subject = self.actor(only_one=verb == "wear")
        lead = NOTHING if verb == "wear" else self.lead()
        tail = thing.said()
        if verb in SPOTTING and self.rng.random() < 0.6:
            tail = joined(tail, self.somewhere())
        self.say(lead, subject, self.form(verb, subject), tail)
        if self.rng.random() < 0.35:
            self.describe(thing)

    def describe(self, thing: Thing) -> None:
        rng = self.rng
        groups = [
            group for group in thing.noun.traits if not {*self.lexicon.adjectives[group]} & {*thing.adjectives}
        ]
        if not groups:
            return
        definite = Thing(thing.noun, "the", thing.is_plural)
        is_feminine = thing.noun.french_gender == "f"
        subject = Subject(definite.said(NOMINATIVE), thing.is_plural, is_feminine)
        group, *more = rng.sample(groups, min(2, len(groups)))
        quality = predicate(self.predicate(group), is_feminine, thing.is_plural)
        verb = self.form("be", subject)
        if more and rng.random() < 0.5:
            other = predicate(self.predicate(more[0]), is_feminine, thing.is_plural)
            quality = self.phrase("and", quality, other)
        elif group not in (*COLORS, "round") and rng.random() < 0.6:
            degree = rng.choice(DEGREES)
            quality = joined(degree, quality)
            if degree.english == "not":
                french = f"n'{verb.french} pas" if verb.french[0] in "eé" else f"ne {verb.french} pas"
                verb = Words(verb.english, french, verb.german)
        self.say(NOTHING, subject, verb, quality)
        self.mention_thing(thing)

    def exchange(self) -> None:
        """Someone gives, shows or brings a thing to someone, who may say thanks."""
        other = self.rng.choice(self.others)
        verb = self.rng.choice(("give", "show", "bring"))
        if not self.is_fresh(verb):
            return
        thing, receiver = self.thing("gift", verb), people_of([other])
        tail = self.phrase("to", thing.said(), receiver.words)
        subject = self.subject()
        self.say(self.lead(), subject, self.form(verb, subject), tail)
        self.mention(receiver.is_woman)
        if verb != "show" and self.rng.random() < 0.6:
            known = Thing(thing.noun, "the", thing.is_plural, thing.adjectives).said()
            tail = self.phrase("thanks_for", self.hero.words, known)
            self.say(NOTHING, receiver, self.form("thank", receiver), tail)

    def want(self) -> None:
        verb, kind = self.rng.choice([doing for doing in self.place.doings if doing[0] in WISHES])
        if not self.is_fresh(verb):
            return
        subject = self.actor()
        tail = self.phrase("to_do", self.lexicon.infinitives[verb], self.thing(kind, verb).said())
        self.say(NOTHING, subject, self.form("want", subject), tail)

    def stand(self) -> None:
        """There is a thing somewhere: in German, it simply "is" there."""
        thing, where = self.thing(self.bystanders(), "stand"), self.somewhere()
        nominative = thing.said(NOMINATIVE)
        english, _, german = self.form("be", thing)
        french = "Il y a" if self.tense == PRESENT else "Il y avait"
        text = Words(
            f"There {english} {nominative.english} {where.english}.",
            f"{french} {nominative.french} {where.french}.",
            f"{where.german[0].upper()}{where.german[1:]} {german} {nominative.german}.",
        )
        self.lines.append(text)
        self.mention_thing(thing)

    def watch(self) -> None:
        """An animal does something nearby."""
        if not self.is_outdoors:
            return
        thing = self.thing(self.bystanders(), "stand")
        subject = Subject(thing.said(NOMINATIVE), thing.is_plural, False)
        verb = "sing" if thing.noun.english == "bird" else self.rng.choice(("sleep", "wait"))
        self.say(NOTHING, subject, self.form(verb, subject), self.somewhere())
        self.mention_thing(thing)

    def bystanders(self) -> str:
        return {"indoors": "stood", "outdoors": "street", "wild": "pet"}[self.place.setting]

    def spend_time(self) -> None:
        rng = self.rng
        verb = rng.choice(OUTDOOR_ACTIVITIES if self.is_outdoors else INDOOR_ACTIVITIES)
        other, is_alone = rng.choice(self.others), verb != "laugh" and rng.random() < 0.5
        if verb == "wait":
            is_alone |= any(other in line.english for line in self.lines)
        if is_alone:
            hours = rng.choice(self.lexicon.numbers[:3])
            self.drawn.append(hours.english)
            tail = self.phrase("for_hours", hours)
        else:
            tail = self.phrase("wait_for" if verb == "wait" else "with", people_of([other]).words)
        subject = self.subject()
        self.say(self.lead(), subject, self.form(verb, subject), tail)
        if not is_alone:
            self.mention(other in women())

    def help_family(self) -> None:
        subject = self.subject()
        self.say(self.lead(), subject, self.form("help", subject), self.relative(NOTHING))

    def close(self) -> None:
        rng, hero = self.rng, self.hero
        end = rng.choice([words for words in self.lexicon.end if words.english not in self.used])
        adjectives = self.lexicon.adjectives
        glad, low = rng.choice(adjectives["glad"]), rng.choices(adjectives["low"], (4, 1, 1))[0]
        good = predicate(glad, hero.is_woman, hero.is_plural)
        bad = predicate(low, hero.is_woman, hero.is_plural)
        self.drawn += [good.english, bad.english]
        if rng.random() < 0.5:
            quality = self.phrase("but", bad, good) if low.english == "tired" and rng.random() < 0.5 else good
            self.say(end, hero, self.form("be"), quality)
            return
        is_near_bed = self.place.here.english.split()[-1] in SLEEPING_PLACES
        way = self.lexicon.forms["go" if is_near_bed else "return"]
        why = self.phrase(
            "to_bed_because" if is_near_bed else "home_because", pronoun_of(hero), self.form("be"), bad
        )
        self.say(end, hero, moved(way, self.tense, hero), why)
