"""The corpus never runs dry and keeps its two sides apart."""

from __future__ import annotations

import random

import pytest

from training.corpus import TASKS, held_out_documents, sample_document


@pytest.mark.parametrize("task", TASKS)
def test_sampling_goes_on_for_as_long_as_training_does(task):
    rng = random.Random(7)
    for _ in range(15_000 if task == "arithmetic" else 2_000):
        TASKS[task].sample(rng)


@pytest.mark.parametrize("task", TASKS)
def test_no_held_out_binding_is_ever_trained_on(task):
    rng = random.Random(3)
    trained = {sample_document(rng, task).binding for _ in range(1_000)}
    held_out = held_out_documents(task, 50)
    assert all(document.is_held_out for document in held_out)
    assert trained.isdisjoint(document.binding for document in held_out)
