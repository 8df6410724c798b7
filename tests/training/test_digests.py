"""The corpus stays what the shipped weights were trained and measured on, to the letter."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable

import pytest

from training.corpus import TASKS, held_out_documents, sample_document
from training.drills import DRILLS

NUM_TRAINING, NUM_HELD_OUT, NUM_DRILLS = 1000, 100, 200
TRAINING = {
    "story": "6ecc379caff125f95a0c330d67ad24503221cc63ce5bac1bb8c66a26e62d055d",
    "summary": "183aa2413825a12741bed182fa29969392165a29f69f6b620bd9cc3e2f08726b",
    "arithmetic": "8aaf560e05d32cd97e155731c0b858fbdf8fee1439e04699d238134d98526405",
    "translation": "10f97f3efd8aae30b9548bd1e6b175146890140ba04fe5a9b3074b9df5ba6652",
    "code": "33cce663f69d5b5bda96a76ea03d96d5fd960bc09daad8952a6d4ed12265993e",
}
HELD_OUT = {
    "story": "a2fc0b920d64ac3dbc1c0646f69e1ca2a3cc180b61f1387979ea9a148dd7f821",
    "summary": "c9ee9afb4fad487d6eae21406815970d3e86a92e4500ea71a7cd72527da6ff75",
    "arithmetic": "99fb6bd89229abd0f411b372c6f95ebe4ac6127c1bbb5b3fbc71b4636b66731c",
    "translation": "67f3d110126f4c02ab51f9b67dae9597a05279c86ceb9dbb304ecc5bd75f2fbf",
    "code": "bd9ec558401ec5e88cffc5d9e609c7dd9f38e586150032d4737ec8fe7a74656f",
}
DRILLED = {
    "sums": "49f0c2338e6d4a638b0e7fb2afab1767445a025072e115c3df6b557eb21b536a",
    "phrases": "7a053829388301b29b1ed9232cff24602e945821c9bcbe7cf4c3f2c52e1a9408",
}


def digest(items: Iterable[object]) -> str:
    found = hashlib.sha256()
    for item in items:
        found.update(f"{item!r}\n".encode())
    return found.hexdigest()


def fields(document) -> tuple:
    return document.task, document.prompt, document.completion, document.binding, document.facts


@pytest.mark.parametrize("task", TASKS)
def test_the_documents_of_training_are_the_same(task):
    rng = random.Random(0)
    documents = (sample_document(rng, task) for _ in range(NUM_TRAINING))
    assert digest(map(fields, documents)) == TRAINING[task]


@pytest.mark.parametrize("task", TASKS)
def test_the_held_out_documents_are_the_same(task):
    assert digest(map(fields, held_out_documents(task, NUM_HELD_OUT))) == HELD_OUT[task]


@pytest.mark.parametrize("kind", DRILLS)
def test_the_drills_are_the_same(kind):
    rng = random.Random(0)
    assert digest(DRILLS[kind](rng) for _ in range(NUM_DRILLS)) == DRILLED[kind]
