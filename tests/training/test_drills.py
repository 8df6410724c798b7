"""Drills say what is right, and rows are the tokens of whole documents with their share in the loss."""

from __future__ import annotations

import random
import re

import pytest
import torch

from training.drills import DRILLS, phrases, sums
from training.recipe import PHASES, Recipe, training_rows
from training.tokenizer import END

EQUATION = re.compile(r" (\d+) ([-+x/]) (\d+) = (\d+)\.")


@pytest.fixture(scope="module")
def tokenizer(demo_target):
    return demo_target.tokenizer


def text_of(pairs):
    return "".join(asked + answer for asked, answer in pairs)


def test_every_sum_holds():
    rng = random.Random(1)
    for _ in range(300):
        text = text_of(sums(rng, count=10))
        equations = EQUATION.findall(text)
        assert len(equations) == 10
        for first, sign, second, result in equations:
            a, b, c = int(first), int(second), int(result)
            assert {"+": a + b == c, "-": a - b == c >= 0, "x": a * b == c, "/": b * c == a}[sign], text


def test_phrases_are_translated_word_for_word_and_never_with_a_missing_plural():
    rng = random.Random(2)
    seen = set()
    for _ in range(300):
        (head, _), *pairs = phrases(rng)
        language = head.removeprefix("English to ").removesuffix(":")
        for asked, answer in pairs:
            seen.add((language, asked.strip(), answer.strip()))
            assert re.fullmatch(r" [a-z' -]+ =", asked)
            assert re.fullmatch(r" [A-Za-zÀ-ÿœŒß' -]+\.", answer)
            assert " -" not in answer
    assert ("German", "the house =", "das Haus.") in seen
    assert ("French", "the house =", "la maison.") in seen


@pytest.mark.parametrize("kind", DRILLS)
def test_a_drill_read_pair_by_pair_is_the_drill_read_whole(tokenizer, kind):
    pairs = DRILLS[kind](random.Random(3))
    parts = [tokenizer(text, add_special_tokens=False).input_ids for pair in pairs for text in pair]
    whole = tokenizer(text_of(pairs), add_special_tokens=False).input_ids
    assert [token for part in parts for token in part] == whole


def test_rows_follow_from_seed_and_step_and_weigh_answers_fully(tokenizer):
    step = PHASES[-1].first_step
    rows, weights = training_rows(Recipe(), tokenizer, step)
    again, _ = training_rows(Recipe(), tokenizer, step)
    other, _ = training_rows(Recipe(), tokenizer, step + 1)
    assert torch.equal(rows, again)
    assert not torch.equal(rows, other)
    assert rows.shape == weights.shape == (8, 512)
    assert weights.unique().tolist() == pytest.approx([PHASES[-1].prompt_weight, 1.0])
    end = tokenizer.convert_tokens_to_ids(END)
    assert (rows[:, 0] == tokenizer.bos_token_id).all()
    assert (weights[rows == end] == 1).all()


def test_the_schedule_ends_at_rest_and_phases_follow_one_another():
    recipe = Recipe()
    assert recipe.rate(recipe.steps) == 0
    assert [recipe.phase(phase.first_step) for phase in PHASES] == list(PHASES)
    assert recipe.phase(PHASES[1].first_step - 1) == PHASES[0]
