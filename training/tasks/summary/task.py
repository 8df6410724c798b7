"""News from invented towns with summaries: an article tells it freely, its summary in a fixed wording."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import cache

from training.document import Document
from training.tasks.data import alternatives, men, table, women

FEWEST_WORDS = 110
MOST_WORDS = 135


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of article (``kinds.toml`` says what the parts are), its text as wordings of sentences."""

    n1: list[int]
    n2: list[int]
    a: list[str]
    b: list[str]
    lead: tuple[str, ...]
    body: tuple[tuple[str, ...], ...]
    padding: tuple[str, ...]
    summary: str


@cache
def kinds() -> tuple[Kind, ...]:
    """All kinds, in the order that counts for the held-out split."""
    return tuple(_read_kind(**kind) for kind in table("summary/kinds.toml").values())


def _read_kind(lead: str, body: str, padding: str, summary: str, **others: list) -> Kind:
    (leads,) = alternatives(lead)
    sentences = tuple(sentence for (sentence,) in alternatives(padding))
    ((whole,),) = alternatives(summary)
    return Kind(lead=leads, body=alternatives(body), padding=sentences, summary=whole, **others)


def sample(rng: random.Random) -> Document:
    """One article with its summary; everything is drawn from ``rng``."""
    number = rng.randrange(len(kinds()))
    kind = kinds()[number]
    words = _draw_words(rng, kind)
    prompt = f"Article: {_article(rng, kind, words)}\n\nSummary:"
    facts = tuple(words[key] for key in ("town", "day", "first", "second", "n1", "n2", "a", "b"))
    binding = " / ".join((str(number), *facts))
    return Document("summary", prompt, f" {kind.summary.format(**words)}", binding, facts)


def is_right(document: Document, completion: str) -> bool:
    """Whether every fact is there, nobody is invented, and the last sentence is finished."""
    text = completion.strip()
    if not text.endswith("."):
        return False
    invented = set(re.findall(r"\w+", text)) & {*women(), *men()} - set(re.findall(r"\w+", document.prompt))
    return not invented and all(_says(text, fact) for fact in document.facts)


def _says(text: str, phrase: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text, re.IGNORECASE) is not None


def _draw_words(rng: random.Random, kind: Kind) -> dict[str, str]:
    common = table("summary/words.toml")
    first_name, second_name = rng.sample(women() + men(), 2)
    first_surname, second_surname = rng.sample(common["surnames"], 2)
    town, other = rng.sample([start + end for start in common["town_starts"] for end in common["town_ends"]], 2)
    weekday = rng.choice(table("names.toml")["weekdays"])
    return {
        "first": f"{first_name} {first_surname}",
        "second": f"{second_name} {second_surname}",
        "she1": "she" if first_name in women() else "he",
        "town": town,
        "other": other,
        "weekday": weekday,
        "day": f"{weekday} {rng.randint(1, 30)} {rng.choice(common['months'])}",
        "n1": _number(rng, *kind.n1),
        "n2": _number(rng, *kind.n2),
        "a": rng.choice(kind.a),
        "b": rng.choice(kind.b),
    }


def _number(rng: random.Random, lowest: int, highest: int, step: int) -> str:
    return str(rng.randrange(lowest, highest + 1, step))


def _article(rng: random.Random, kind: Kind, words: dict[str, str]) -> str:
    """The lead, then the facts in any order with padding strewn between them."""
    sentences = [rng.choice(line).format(**words) for line in kind.body]
    rng.shuffle(sentences)
    lead = rng.choice(kind.lead).format(**words)
    anything = table("summary/words.toml")["padding"]
    padding = rng.sample(kind.padding, len(kind.padding)) + rng.sample(anything, len(anything))
    # The first two always belong to the subject; after them comes whatever is left, until it is long enough.
    rest = padding[2:]
    rng.shuffle(rest)
    length = rng.randint(FEWEST_WORDS, MOST_WORDS)
    for sentence in padding[:2] + rest:
        if len(" ".join([lead, *sentences]).split()) >= length:
            break
        sentences.insert(rng.randint(0, len(sentences)), sentence.format(**words))
    return " ".join([lead, *sentences])
