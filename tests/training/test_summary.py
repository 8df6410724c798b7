"""Summaries: determined by the seed, varied, and built only from what the article says."""

from __future__ import annotations

import random
import re

import pytest

from training.document import Document
from training.tasks.data import women
from training.tasks.summary import task as summary


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    rng = random.Random(7)
    return [summary.sample(rng) for _ in range(2000)]


def test_seed_decides_the_article() -> None:
    assert summary.sample(random.Random(3)) == summary.sample(random.Random(3))
    assert summary.sample(random.Random(3)) != summary.sample(random.Random(4))


def test_own_completion_is_right(documents: list[Document]) -> None:
    assert all(summary.is_right(document, document.completion) for document in documents)


def test_each_fact_is_in_article_and_needed_in_summary(documents: list[Document]) -> None:
    for document in documents:
        for fact in document.facts:
            assert fact in document.prompt
            damaged = re.sub(rf"(?<!\w){re.escape(fact)}(?!\w)", "something", document.completion)
            assert not summary.is_right(document, damaged), fact


def test_invented_person_or_missing_end_is_wrong(documents: list[Document]) -> None:
    for document in documents:
        stranger = next(name for name in women() if name not in document.prompt)
        assert not summary.is_right(document, f"{document.completion} {stranger} was there.")
        assert not summary.is_right(document, document.completion[:-1])


def test_articles_differ(documents: list[Document]) -> None:
    assert len({document.prompt for document in documents}) >= 1995
    assert len({document.binding for document in documents}) >= 1995


def test_lengths(documents: list[Document]) -> None:
    for document in documents:
        assert 100 <= len(document.prompt.split()) <= 170
        assert 40 <= len(document.completion.split()) <= 90


def test_every_article_of_a_kind_states_all_numbers_and_people() -> None:
    """Whichever wording is chosen, a fact must never go missing."""
    for kind in summary.kinds():
        for sentence in (kind.lead, *kind.body):
            slots = [set(re.findall(r"{(town|day|first|second|n1|n2|a|b)}", wording)) for wording in sentence]
            missing = set.union(*slots) - set.intersection(*slots)
            others = str([other for other in (kind.lead, *kind.body) if other is not sentence])
            assert all(f"{{{slot}}}" in others for slot in missing)


def test_text_is_filled_in_and_clean(documents: list[Document]) -> None:
    for document in documents:
        assert not re.search(r"[{}|\\]|  | \n", document.text)
        assert document.text.count('"') % 2 == 0
        assert document.prompt.startswith("Article: ") and document.prompt.endswith("\n\nSummary:")
