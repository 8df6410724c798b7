"""Stories: determined by the seed, varied, of readable length, and checked for hero and object."""

from __future__ import annotations

import random
import re

import pytest

from training.document import Document
from training.tasks.story import task as story


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    rng = random.Random(7)
    return [story.sample(rng) for _ in range(2000)]


def test_seed_decides_the_story() -> None:
    assert story.sample(random.Random(3)) == story.sample(random.Random(3))
    assert story.sample(random.Random(3)) != story.sample(random.Random(4))


def test_own_completion_is_right(documents: list[Document]) -> None:
    assert all(story.is_right(document, document.completion) for document in documents)


def test_damaged_completions_are_wrong(documents: list[Document]) -> None:
    for document in documents:
        assert not story.is_right(document, document.completion.rstrip('.!"'))
        if document.facts:
            hero, thing = document.facts
            assert not story.is_right(document, document.completion.replace(hero, "Nobody"))
            assert not story.is_right(document, document.completion.replace(thing, "nothing"))


def test_stories_differ(documents: list[Document]) -> None:
    named = [document.prompt for document in documents if document.prompt != story.BARE_PROMPT]
    assert 1700 <= len(named) <= 1900
    assert len(set(named)) >= 0.99 * len(named)
    assert len({document.text for document in documents}) == len(documents)
    assert len({document.binding for document in documents}) >= 1995


def test_lengths(documents: list[Document]) -> None:
    for document in documents:
        assert 180 <= len(document.text.split()) <= 320


def test_text_is_filled_in_and_clean(documents: list[Document]) -> None:
    for document in documents:
        assert not re.search(r"[{}|\\]|  | \n|\n\n\n", document.text)
        assert document.text.count('"') % 2 == 0
        assert not document.prompt[-1].isspace()
        assert document.completion[0] in " \n,"


def test_plots_leave_the_gender_of_the_hero_open() -> None:
    for plot in story.plots():
        for sentences in plot.paragraphs:
            assert not re.search(r"\b(himself|herself)\b", str(sentences))
