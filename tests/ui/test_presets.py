"""Five prompts, one for each task, whose combinations training never saw."""

from __future__ import annotations

import pytest

from swift_demo.ui.presets import PRESETS, preset_of, suited
from training.corpus import TASKS, held_out_documents

SEEDS = range(40)
PER_SEED = 12


def test_there_is_one_preset_for_each_task():
    assert sorted(preset.task for preset in PRESETS) == sorted(TASKS)
    assert len({preset.label for preset in PRESETS}) == len({preset.prompt for preset in PRESETS}) == 5


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.task)
def test_every_preset_is_a_held_out_document_of_its_task(preset):
    assert any(
        document.prompt == preset.prompt and document.is_held_out and document.task == preset.task
        for seed in SEEDS
        for document in held_out_documents(preset.task, PER_SEED, seed)
    )


def test_every_preset_is_known_in_both_forms_and_turns_into_the_one_that_suits():
    assert len({preset.request for preset in PRESETS} | {preset.prompt for preset in PRESETS}) == 10
    for preset in PRESETS:
        for text in (preset.prompt, preset.request):
            assert preset_of(text) is preset
            assert (suited(text, True), suited(text, False)) == (preset.request, preset.prompt)
    assert preset_of("Anna") is None
    assert suited("Anna", True) == suited("Anna", False) == "Anna"


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.task)
def test_every_preset_leaves_room_for_the_longest_answer(preset, demo_target):
    assert len(demo_target.encode(preset.prompt)) + 400 <= demo_target.max_context
