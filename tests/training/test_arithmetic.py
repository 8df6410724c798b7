"""The arithmetic task: every step holds, the answer follows, and a wrong number is noticed."""

from __future__ import annotations

import random
import re

from training.tasks.arithmetic import task as arithmetic
from training.tasks.arithmetic.task import EQUATION


def _samples(how_many: int) -> list:
    rng = random.Random(7)
    return [arithmetic.sample(rng) for _ in range(how_many)]


def test_the_seed_determines_the_document():
    assert arithmetic.sample(random.Random(3)) == arithmetic.sample(random.Random(3))
    assert arithmetic.sample(random.Random(3)) != arithmetic.sample(random.Random(4))


def test_the_reference_is_right():
    for document in _samples(2000):
        assert arithmetic.is_right(document, document.completion), document.text


def test_a_wrong_answer_or_step_is_noticed():
    for document in _samples(500):
        answer = int(document.facts[0])
        wrong = document.completion.replace(f"The answer is {answer}.", f"The answer is {answer + 1}.")
        assert not arithmetic.is_right(document, wrong)
        bent = re.sub(r"= (\d+)", lambda found: f"= {int(found[1]) + 1}", document.completion, count=1)
        assert not arithmetic.is_right(document, bent)
        assert not arithmetic.is_right(document, "")


def test_the_numbers_stay_small_and_the_last_step_gives_the_answer():
    for document in _samples(2000):
        equations = EQUATION.findall(document.completion)
        assert 3 <= len(equations) <= 7
        assert equations[-1][3] == document.facts[0]
        assert all(int(number) < 300 for number in re.findall(r"\d+", document.text))


def test_every_number_of_the_story_is_used():
    for document in _samples(500):
        told = set(re.findall(r"\d+", document.prompt))
        assert told <= set(re.findall(r"\d+", document.completion))


def test_prompts_differ_and_lengths_stay_in_range():
    documents = _samples(2000)
    assert len({each.prompt for each in documents}) >= 1995
    assert len({each.binding for each in documents}) >= 1995
    assert all(50 <= len(each.text.split()) <= 260 for each in documents)
    assert all(each.prompt.endswith("\nAnswer:") and each.completion.startswith(" ") for each in documents)
    assert not [each for each in documents if "{" in each.text or "  " in each.text]
