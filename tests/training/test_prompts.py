"""The benchmark's prompts are the corpus's own, from the side that training never sees."""

from __future__ import annotations

from swift_demo.bench import prompts
from training.corpus import TASKS
from training.prompts import frozen_prompts


def test_the_frozen_prompts_are_what_the_corpus_gives():
    assert prompts.held_out_file().read_text(encoding="utf-8") == frozen_prompts()


def test_the_benchmark_knows_the_tasks_of_the_corpus():
    assert tuple(TASKS) == prompts.TASKS
