"""The recorded runs: what the page shows of them, and what an address opens."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.seam import faults

from swift_demo.decoding.request import Request
from swift_demo.events import DraftingWeighed, GenerationStarted
from swift_demo.metrics import lane_metrics
from swift_demo.ui.gallery import FIRST_RUN, KINDS, OTHER_MODELS, Gallery, link_of, run_name
from swift_demo.ui.presets import FIRST_PRESET, PRESETS
from swift_demo.ui.record import record
from swift_demo.viewer import value

ASSETS = Path(__file__).parent.parent.parent / "assets" / "traces"
TASKS = [preset.task for preset in PRESETS]
NAMES = [run_name(task, kind) for task in TASKS for kind in KINDS]
NAMES += [run_name(subject, "greedy") for subject in OTHER_MODELS]
PROMPTS = {preset.task: preset.prompt for preset in PRESETS}
ASKED = PROMPTS | dict.fromkeys(OTHER_MODELS, FIRST_PRESET.request)


@pytest.fixture(scope="module")
def gallery():
    return Gallery(ASSETS)


def test_there_is_a_real_run_of_every_task_greedy_and_sampled_in_few_bytes(gallery):
    assert list(gallery.traces) == NAMES
    for name, trace in gallery.traces.items():
        subject, kind = name.rsplit("-", 1)
        assert trace.header.prompt == ASKED[subject]
        assert trace.header.hardware and trace.header.created
        started = [event for event in trace.events if isinstance(event, GenerationStarted)]
        assert {event.sampling for event in started} == {KINDS[kind]}
    assert sum(path.stat().st_size for path in ASSETS.iterdir()) < 2_500_000
    assert {path.stem for path in ASSETS.iterdir()} == set(NAMES)


def test_greedy_recorded_runs_are_identical_in_both_lanes(gallery):
    for subject in (*TASKS, *OTHER_MODELS):
        trace = gallery.traces[run_name(subject, "greedy")]
        assert trace.token_ids("vanilla") == trace.token_ids("swift") != ()


def test_a_card_says_in_words_what_its_run_was(gallery):
    assert [line for card in gallery.cards() for line in faults(card, value.Card)] == []
    for card, preset in zip(gallery.cards()[: 2 * len(PRESETS) : 2], PRESETS, strict=True):
        assert (card["task"], card["label"], card["kind"]) == (preset.task, preset.label, "greedy")
        assert card["name"] == run_name(preset.task, "greedy")
        assert card["about"].startswith(f"{preset.label}, greedy: {card['speedup']}")
        assert "with demo_model on " in card["about"]
    assert gallery.caption() == "Recorded runs of demo_model and, below, of other models"


def test_of_other_models_one_stands_aside_and_says_why_and_one_wins(gallery):
    runs = {name: gallery.traces[run_name(name, "greedy")] for name in OTHER_MODELS}
    assert {name: trace.header.model for name, trace in runs.items()} == {
        "smollm2": "SmolLM2-135M-Instruct.Q4_1",
        "planted": "SmolLM2-135M-Instruct-planted-0.1",
    }
    alone = [event for event in runs["smollm2"].events if isinstance(event, DraftingWeighed)]
    assert alone and not any(event.is_drafting for event in alone)
    final = [lane_metrics(trace.events, "swift").num_accepted for trace in runs.values()]
    assert final[0] == 0 and final[1] > 0
    cards = {card["name"]: card for card in gallery.cards()}
    assert "0 tokens drafted" in cards["smollm2-greedy"]["about"]
    assert all(trace.header.messages and trace.header.sent for trace in runs.values())


def test_a_folder_without_runs_or_with_broken_ones_leaves_them_out(tiny_target, tmp_path, caplog):
    assert Gallery(tmp_path / "nowhere").cards() == []
    assert Gallery(tmp_path / "nowhere").run_of(FIRST_PRESET) is None
    run = record(tiny_target, Request("Anna draws.", 8, KINDS["greedy"]))
    run.save(tmp_path / "code-sampled.jsonl")
    (tmp_path / "code-greedy.jsonl").write_text("{broken")
    gallery = Gallery(tmp_path)
    assert list(gallery.traces) == ["code-sampled"]
    assert "code-greedy.jsonl is left out of the gallery: line 1" in caplog.text
    assert gallery.opening({}).run is None
    assert gallery.value("code-sampled")["link"] == {"run": "code-sampled"}


@pytest.mark.parametrize(
    ("address", "run", "task"),
    [
        ({}, FIRST_RUN, FIRST_PRESET.task),
        ({"run": "story-sampled"}, "story-sampled", "story"),
        ({"preset": "code"}, "code-greedy", "code"),
        ({"preset": "code", "run": "story-sampled"}, "story-sampled", "code"),
        ({"view": "api"}, FIRST_RUN, FIRST_PRESET.task),
    ],
)
def test_an_address_opens_a_run_and_a_prompt(gallery, address, run, task):
    opening = gallery.opening(address)
    assert (opening.run, opening.prompt, opening.notice) == (run, PROMPTS[task], "")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ({"run": "../../etc/passwd"}, "“../../etc/passwd”, which is not kept here"),
        ({"run": "x" * 5000}, "x…”"),
        ({"preset": "opera"}, "the task “opera”; the tasks are story, summary, arithmetic, translation, code."),
    ],
)
def test_a_wrong_address_opens_the_default_page_and_says_why(gallery, address, words):
    opening = gallery.opening(address)
    assert words in opening.notice and len(opening.notice) < 200
    assert (opening.run, opening.prompt) == (FIRST_RUN, FIRST_PRESET.prompt)


def test_a_live_run_is_linked_by_its_task_if_it_has_one():
    assert link_of(PRESETS[0].prompt) == {"preset": PRESETS[0].task}
    assert link_of("Once upon a time") is None
