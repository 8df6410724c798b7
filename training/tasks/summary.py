"""News from invented towns with summaries: an article tells it freely, its summary in a fixed wording."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from training.document import Document
from training.tasks import summary_kinds, summary_more_kinds
from training.tasks.first_names import MEN, WOMEN
from training.tasks.summary_kinds import Kind

SURNAMES = (
    "Miller",
    "Baker",
    "Hill",
    "Wood",
    "Stone",
    "Cook",
    "King",
    "Young",
    "Turner",
    "Moore",
    "Potter",
    "Field",
    "Marsh",
    "Reed",
    "Bell",
    "Cole",
    "Fox",
    "Hart",
    "Lane",
    "Park",
    "Price",
    "West",
    "Winter",
    "Walker",
)
TOWN_STARTS = ("Oak", "Mill", "Green", "Ash", "Stone", "West", "Red", "Lake")
TOWN_ENDS = ("ford", "brook", "field", "wood")
TOWNS = tuple(start + end for start in TOWN_STARTS for end in TOWN_ENDS)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("March", "April", "May", "June", "July", "August", "September", "October")

PADDING = (
    "The next issue of this newspaper will tell more about the people of {town}.",
    "People in {town} were still talking about it the next morning.",
    "Pictures of the day can be seen in the window of our office.",
    "A reporter from {other} was there as well.",
    "The local radio had the story in its evening news.",
    "Readers may send us their own pictures until the end of the month.",
    "Few people in {town} will forget this {weekday}.",
    "The newspaper in {other} wrote about it too.",
)
FEWEST_WORDS = 110
MOST_WORDS = 135


@dataclass(frozen=True, slots=True)
class Pattern:
    """A kind of article with its text cut into sentences and their alternatives."""

    kind: Kind
    lead: tuple[str, ...]
    body: tuple[tuple[str, ...], ...]
    padding: tuple[str, ...]


def _alternatives(block: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(sentence.split("\n| ")) for sentence in re.split(r"\n(?!\| )", block))


def _pattern(kind: Kind) -> Pattern:
    padding = tuple(kind.padding.split("\n"))
    return Pattern(kind, _alternatives(kind.lead)[0], _alternatives(kind.body), padding)


PATTERNS = tuple(_pattern(kind) for kind in summary_kinds.KINDS + summary_more_kinds.KINDS)


def _draw_words(rng: random.Random, kind: Kind) -> dict[str, str]:
    first_name, second_name = rng.sample(WOMEN + MEN, 2)
    first_surname, second_surname = rng.sample(SURNAMES, 2)
    town, other = rng.sample(TOWNS, 2)
    weekday = rng.choice(WEEKDAYS)
    return {
        "first": f"{first_name} {first_surname}",
        "second": f"{second_name} {second_surname}",
        "she1": "she" if first_name in WOMEN else "he",
        "town": town,
        "other": other,
        "weekday": weekday,
        "day": f"{weekday} {rng.randint(1, 30)} {rng.choice(MONTHS)}",
        "n1": _number(rng, kind.n1),
        "n2": _number(rng, kind.n2),
        "a": rng.choice(kind.a.split("; ")),
        "b": rng.choice(kind.b.split("; ")),
    }


def _number(rng: random.Random, bounds: tuple[int, int, int]) -> str:
    lowest, highest, step = bounds
    return str(rng.randrange(lowest, highest + 1, step))


def _article(rng: random.Random, pattern: Pattern, words: dict[str, str]) -> str:
    """Returns the lead, then the facts in any order with padding strewn between them."""
    sentences = [rng.choice(line).format(**words) for line in pattern.body]
    rng.shuffle(sentences)
    lead = rng.choice(pattern.lead).format(**words)
    padding = rng.sample(pattern.padding, len(pattern.padding)) + rng.sample(PADDING, len(PADDING))
    # The first two always belong to the subject; after them comes whatever is left, until it is long enough.
    rest = padding[2:]
    rng.shuffle(rest)
    length = rng.randint(FEWEST_WORDS, MOST_WORDS)
    for sentence in padding[:2] + rest:
        if len(" ".join([lead, *sentences]).split()) >= length:
            break
        sentences.insert(rng.randint(0, len(sentences)), sentence.format(**words))
    return " ".join([lead, *sentences])


def sample(rng: random.Random) -> Document:
    """Returns one article with its summary.

    Args:
        rng: Decides everything about both.
    """
    number = rng.randrange(len(PATTERNS))
    pattern = PATTERNS[number]
    words = _draw_words(rng, pattern.kind)
    prompt = f"Article: {_article(rng, pattern, words)}\n\nSummary:"
    keys = ("town", "day", "first", "second", "n1", "n2", "a", "b")
    binding = " / ".join((str(number), *(words[key] for key in keys)))
    summary = pattern.kind.summary.format(**words)
    return Document("summary", prompt, f" {summary}", binding, tuple(words[key] for key in keys))


def _says(text: str, phrase: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text, re.IGNORECASE) is not None


def is_right(document: Document, completion: str) -> bool:
    """Returns whether every fact is there, nobody is invented, and the last sentence is finished."""
    text = completion.strip()
    if not text.endswith("."):
        return False
    invented = set(re.findall(r"\w+", text)) & set(WOMEN + MEN) - set(re.findall(r"\w+", document.prompt))
    return not invented and all(_says(text, fact) for fact in document.facts)
