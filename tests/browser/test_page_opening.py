"""What a visitor sees before pressing anything."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from support.visits import LANES, PLOTS, Visit

from swift_demo.trace import Trace
from swift_demo.ui.gallery import FIRST_RUN
from swift_demo.ui.presets import PRESETS

TRACES = Path(__file__).parent.parent.parent / "assets" / "traces"

# How many frames others asked for while we asked for ten: each wish gets the next number.
FRAMES_OF_OTHERS = """async () => {
  const ask = () => new Promise((done) => { const number = requestAnimationFrame(() => done(number)); });
  const first = await ask();
  for (let i = 0; i < 9; i += 1) await ask();
  return (await ask()) - first - 10;
}"""
NUM_ATTEMPTS = 50  # plots are still drawn at first


@pytest.fixture
def recorded():
    return Trace.load(TRACES / f"{FIRST_RUN}.jsonl")


def test_a_finished_run_is_there_and_says_that_it_is_recorded_and_on_what(visit, recorded):
    expect(visit.viewer).to_have_attribute("data-state", "recorded")
    expect(visit.ribbon).to_contain_text("Recorded")
    expect(visit.ribbon).to_contain_text(recorded.header.model)
    expect(visit.ribbon).to_contain_text(recorded.header.hardware)


def test_the_recorded_run_is_shown_whole(visit, recorded):
    visit.wait_until_grown({name: 0 for name in (*LANES, *PLOTS)})
    for lane in LANES:
        assert visit.text(lane) == recorded.text(lane) != ""
    expect(visit.speedup).to_have_text(re.compile(r"^\d+\.\d\d×$"))
    expect(visit.identical).to_have_text("identical")


def test_the_chips_name_model_device_and_number_format(visit):
    expect(visit.chips).to_have_text(["demo_model", re.compile("cpu|cuda"), re.compile("float")])


def test_programs_find_both_buttons_by_their_stable_names(visit):
    expect(visit.page.get_by_test_id("run")).to_have_text("Run")
    expect(visit.page.get_by_test_id("stop")).to_have_text("Stop")


def test_nothing_is_fetched_from_elsewhere_and_nothing_fails(visit):
    visit.page.wait_for_load_state("networkidle")
    assert visit.problems == []


def test_at_rest_the_page_asks_for_no_frames(visit):
    assert any(visit.page.evaluate(FRAMES_OF_OTHERS) == 0 for _ in range(NUM_ATTEMPTS))


def test_without_the_workaround_it_would_ask_for_one_in_each(chromium, app):
    """If it does not, the script can go: see ``ui/workarounds.py``."""
    page = chromium.new_page()
    page.route("**/workarounds.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    Visit(page).open(app.url)
    assert all(page.evaluate(FRAMES_OF_OTHERS) >= 10 for _ in range(3))
    page.close()


def test_each_task_brings_its_prompt_and_its_recorded_run(visit):
    buttons = visit.page.locator("#presets button")
    expect(buttons).to_have_text([preset.label for preset in PRESETS])
    for button, preset in reversed(list(zip(buttons.all(), PRESETS, strict=True))):
        button.click()
        expect(visit.prompt).to_have_value(preset.prompt)
        card = visit.page.get_by_test_id(f"recorded-{preset.task}-greedy")
        expect(card).to_have_attribute("aria-pressed", "true")
    expect(visit.maker).to_be_hidden()
