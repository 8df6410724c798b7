"""What the translation task promises, and the grammar that a picky reader would check first."""

from __future__ import annotations

import random

import pytest

from training.tasks.translation.grammar import DATIVE, NOMINATIVE, Thing
from training.tasks.translation.lexicon import lexicon
from training.tasks.translation.task import is_right, sample

NOUN = {noun.english: noun for noun in lexicon().nouns}
ADJECTIVE = {adjective.english: adjective for group in lexicon().adjectives.values() for adjective in group}
DOCUMENTS = [sample(random.Random(seed)) for seed in range(2000)]


def thing(determiner: str, words: str, is_plural: bool = False) -> Thing:
    *adjectives, noun = words.split()
    return Thing(NOUN[noun], determiner, is_plural, tuple(ADJECTIVE[word] for word in adjectives))


def test_the_seed_determines_the_document() -> None:
    assert sample(random.Random(7)) == sample(random.Random(7))
    assert sample(random.Random(7)) != sample(random.Random(8))


def test_only_the_reference_is_right() -> None:
    for document in DOCUMENTS[:200]:
        assert is_right(document, document.completion)
        assert is_right(document, document.completion.strip() + "\n")
        assert not is_right(document, document.completion[:-2])
        assert not is_right(document, document.completion.replace(" ", "  ", 2) + " x")


def test_prompts_and_bindings_hardly_repeat() -> None:
    assert len({document.prompt for document in DOCUMENTS}) >= 1995
    assert len({document.binding for document in DOCUMENTS}) >= 1995


def test_lengths_stay_in_range() -> None:
    lengths = [len(document.text.split()) for document in DOCUMENTS]
    assert min(lengths) >= 70
    assert max(lengths) <= 230
    assert sum(lengths) / len(lengths) > 105


def test_completion_starts_with_a_space_and_the_prompt_does_not_end_with_one() -> None:
    for document in DOCUMENTS:
        assert document.prompt.endswith(("French:", "German:"))
        assert document.completion[0] == " "
        assert document.completion[1].isupper()
        assert "  " not in document.text
        assert "_" not in document.text


def test_both_sides_have_as_many_sentences() -> None:
    for document in DOCUMENTS:
        assert document.prompt.count(".") - 1 == document.completion.count(".")


def test_english_determines_the_translation() -> None:
    """No English sentence is ever translated in two ways, except that "they" may be "ils" or "elles"."""
    seen: dict[tuple[str, str], str] = {}
    for document in DOCUMENTS:
        instruction, english, _ = document.prompt.split("\n")
        pairs = zip(english[9:].split("."), document.completion.split("."), strict=True)
        for source, target in pairs:
            if "hey" not in source:
                assert seen.setdefault((instruction, source.strip()), target.strip()) == target.strip()


def test_french_has_no_missed_elision_or_contraction() -> None:
    wrong = (" de le ", " à le ", " le a", " la a", " le o", " la o", " la i", " la h", " la é", " que il")
    for document in DOCUMENTS:
        if document.prompt.endswith("French:"):
            assert not [mistake for mistake in wrong if mistake in document.completion]


@pytest.mark.parametrize(
    ("phrase", "french", "nominative", "accusative"),
    [
        (thing("a", "old tree"), "un vieil arbre", "ein alter Baum", "einen alten Baum"),
        (thing("a", "beautiful flower"), "une belle fleur", "eine schöne Blume", "eine schöne Blume"),
        (thing("the", "fresh egg"), "l'œuf frais", "das frische Ei", "das frische Ei"),
        (thing("the", "new car", True), "les nouvelles voitures", "die neuen Autos", "die neuen Autos"),
        (thing("a", "old red hat"), "un vieux chapeau rouge", "ein alter roter Hut", "einen alten roten Hut"),
        (thing("a", "expensive ring"), "une bague chère", "ein teurer Ring", "einen teuren Ring"),
    ],
)
def test_noun_phrases_agree(phrase: Thing, french: str, nominative: str, accusative: str) -> None:
    assert phrase.said().french == french
    assert phrase.said(NOMINATIVE).german == nominative
    assert phrase.said().german == accusative


def test_german_dative() -> None:
    assert thing("the", "big tree").said(DATIVE).german == "dem großen Baum"
    assert thing("the", "red box").said(DATIVE).german == "der roten Kiste"


def test_english_article() -> None:
    assert thing("a", "old apple").said().english == "an old apple"
    assert thing("a", "apple").said().english == "an apple"
    assert thing("a", "big egg").said().english == "a big egg"
