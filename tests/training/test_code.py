"""The code task: documents that are determined by the seed, right as they stand and wrong once damaged."""

from __future__ import annotations

import random
from dataclasses import replace

from training.tasks.code import task as code
from training.tasks.code.sandbox import results


def _samples(how_many: int) -> list:
    rng = random.Random(5)
    return [code.sample(rng) for _ in range(how_many)]


def test_the_seed_determines_the_document():
    assert code.sample(random.Random(3)) == code.sample(random.Random(3))
    assert code.sample(random.Random(3)) != code.sample(random.Random(4))


def test_the_reference_is_right():
    for document in _samples(400):
        assert code.is_right(document, document.completion), document.text


def test_a_damaged_completion_is_wrong():
    documents = _samples(300)
    for document in documents:
        last = document.completion.rindex("return ") + len("return ")
        assert not code.is_right(document, f"{document.completion[:last]}[0, {document.completion[last:]}]")
        assert not code.is_right(document, document.completion + "\nimport os")
        assert not code.is_right(document, document.completion[: len(document.completion) // 2])
        assert not code.is_right(document, "")


def test_a_turned_comparison_is_nearly_always_noticed():
    documents = [each for each in _samples(600) if " > " in each.completion]
    caught = sum(not code.is_right(each, each.completion.replace(" > ", " < ")) for each in documents)
    assert caught >= 0.9 * len(documents)


def test_each_announced_function_is_called():
    for document in _samples(200):
        for name in [line.split(":")[0] for line in document.prompt.split('"""')[1].splitlines()[2:]]:
            assert any(fact.startswith(name + "(") for fact in document.facts)


def test_prompts_differ_and_lengths_stay_in_range():
    documents = _samples(2000)
    assert len({each.prompt for each in documents}) >= 1995
    assert len({each.binding for each in documents}) >= 1990
    assert all(len(each.text) <= 1000 for each in documents)
    assert all(each.completion.startswith("\n    ") for each in documents)
    assert sum(len(each.completion) for each in documents) / len(documents) > 250
    assert not [line for each in documents for line in each.text.splitlines() if len(line) > 115]


def test_the_sandbox_stops_runaway_code():
    assert results("def f(x):\n    while True:\n        pass", ["f(1)"]) is None
    assert results("def f(x):\n    return f(x)", ["f(1)"]) is None
    assert results("def f(x):\n    for y in range(999):\n        x = x * x\n    return x", ["f(9)"]) is None
    assert results("def f(x):\n    return ().__class__", ["f(1)"]) is None
    assert results("def f(x):\n    return open(x)", ["f('a')"]) is None
    assert results("def f(x):\n    return x + 1", ["f(1)"]) == ["2"]


def test_wrong_for_another_document():
    first, second = _samples(2)
    assert not code.is_right(replace(first, completion=first.completion), second.completion)
