"""A race on the page: it grows, it can be stopped, it ends with two equal texts, and nothing jumps."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from support.visits import LANES, PLOTS, SHORT_PROMPT

from swift_demo.ui.presets import PRESETS

STORY = next(preset.prompt for preset in PRESETS if preset.task == "story")

# Milliseconds from the click on Stop until the page says so, measured where both happen.
TIME_TO_STOP = """() => {
  const viewer = document.querySelector('.swift-viewer');
  window.timeToStop = null;
  document.getElementById('stop').addEventListener('click', () => {
    const start = performance.now();
    new MutationObserver(() => {
      if (viewer.dataset.state === 'stopped') window.timeToStop ??= performance.now() - start;
    }).observe(viewer, { attributes: true });
  }, { capture: true });
}"""
BOXES = """() => Object.fromEntries(
  ['[data-testid=lane-vanilla]', '[data-testid=lane-swift]', '[data-testid=plot-heatmap]', '#controls',
   '[data-testid=plot-matchness]', '[data-testid=plot-confidence]', '.sv-verdict', '.sv-legend'].map((name) => {
    const { left, top, width, height } = document.querySelector(name).getBoundingClientRect();
    return [name, [left + scrollX, top + scrollY, width, height]];
  }))"""
ALL_PLOTS_DRAWN = "() => [...document.querySelectorAll('.sv-plot')].every((plot) => plot.data)"
FRAME = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
ALL_GROW = {name: 0 for name in (*LANES, *PLOTS)}


def test_lanes_and_plots_grow_until_both_texts_are_the_same(visit):
    # The paper drafts and tries a set in every round; otherwise both depend on what they cost on this machine.
    visit.set("as in the paper", pace="1/10", maximum_tokens=120)
    visit.start(STORY)
    visit.wait_for("running")
    expect(visit.run).to_be_disabled()
    expect(visit.stop).to_be_enabled()
    visit.plot("matchness").scroll_into_view_if_needed()  # what is out of sight waits until the run is over
    first = visit.wait_until_grown(ALL_GROW)
    second = visit.wait_until_grown({name: first[name] for name in (*LANES, "matchness", "confidence")})
    assert first["state"] == second["state"] == "running"

    visit.page.get_by_test_id("live").click()  # the pace of a slow machine would take long
    visit.wait_for("finished")
    last = visit.counts()
    assert all(last[name] >= second[name] for name in ALL_GROW)
    assert visit.text("vanilla") == visit.text("swift") != ""
    assert visit.states("vanilla") == {"vanilla"}
    assert visit.states("swift") <= {"accepted", "rejected", "corrected", "bonus", "plain"}
    assert visit.states("swift") & {"corrected", "bonus"}
    expect(visit.identical).to_have_text("identical")
    expect(visit.identical).to_have_attribute("data-state", "identical")
    expect(visit.speedup).to_have_text(re.compile(r"^\d+\.\d\d×$"))
    for number in visit.page.locator(".sv-figures dd").all():
        expect(number).to_have_text(re.compile(r"\d"))


def test_the_states_of_tokens_look_different_and_the_legend_shows_them_all(visit):
    looks = visit.page.eval_on_selector_all(
        ".sv-legend [data-state]",
        """marks => Object.fromEntries(marks.map((token) => {
          const style = getComputedStyle(token.querySelector('.sv-mark'));
          return [token.dataset.state, [style.backgroundColor, style.textDecoration, style.color].join()];
        }))""",
    )
    assert set(looks) == {"vanilla", "accepted", "rejected", "corrected", "bonus", "plain"}
    assert looks["plain"] == looks["vanilla"] and len(set(looks.values())) == 5


def test_stop_works_within_a_second_and_keeps_what_was_written(visit):
    visit.set(pace="1/40", maximum_tokens=400)
    visit.start()
    visit.wait_until_there_is_something()
    written = visit.counts()
    visit.page.evaluate(TIME_TO_STOP)
    visit.stop.click()
    visit.page.wait_for_function("() => window.timeToStop !== null")
    assert visit.page.evaluate("window.timeToStop") < 1000

    visit.wait_for("stopped")
    expect(visit.ribbon).to_contain_text("Stopped")
    kept = visit.counts()  # all that was computed, also what had not been shown yet
    assert all(kept[lane] >= written[lane] for lane in LANES)
    assert 0 < kept["vanilla"] < 400
    vanilla, swift = visit.text("vanilla"), visit.text("swift")
    assert vanilla.startswith(swift) or swift.startswith(vanilla)


def test_after_a_stop_the_next_run_starts_afresh(visit):
    visit.set(pace="1/10", maximum_tokens=400)
    visit.start()
    visit.wait_until_there_is_something()
    visit.stop.click()
    visit.wait_for("stopped")
    visit.set(maximum_tokens=16)
    visit.finish(SHORT_PROMPT)
    assert 0 < visit.counts()["vanilla"] <= 16
    assert visit.text("vanilla") == visit.text("swift")


def test_who_waits_behind_another_visitor_can_stop_waiting(visitors, app):
    with visitors(app) as first, visitors(app) as second:
        first.set(maximum_tokens=400)
        first.start()
        first.wait_for("running")
        second.start(SHORT_PROMPT)
        expect(second.stop).to_be_enabled()
        second.stop.click()
        expect(second.run).to_be_enabled(timeout=10_000)
        first.wait_for("finished")
        second.set(maximum_tokens=16)
        second.finish(SHORT_PROMPT)
        assert second.text("vanilla") == second.text("swift") != ""


def test_a_run_that_is_shown_slowly_holds_nobody_up(visitors, app):
    with visitors(app) as first, visitors(app) as second:
        first.set(pace="1/40", maximum_tokens=200)
        second.set(maximum_tokens=16)
        first.start()
        first.wait_for("running")
        second.finish(SHORT_PROMPT)
        shown = first.counts()
        assert shown["state"] == "running" and shown["vanilla"] < 200
        expect(first.run).to_be_enabled()  # it is computed; who does not want to watch on may run another
        expect(first.identical).not_to_have_text("identical")  # nothing is said before it is seen
        first.page.get_by_test_id("live").click()
        first.wait_for("finished")
        expect(first.identical).to_have_text("identical")


def test_an_emptied_field_is_its_default_and_a_wrong_one_is_named(visit):
    visit.set(maximum_tokens=16)
    seed = visit.page.get_by_label("Seed")
    visit.open_settings()
    visit.page.get_by_role("button", name="Sampling").click()
    seed.fill("")
    seed.blur()
    visit.close_settings()
    visit.finish(SHORT_PROMPT)
    visit.open_settings()
    seed.fill("1" + 30 * "0")
    seed.blur()
    visit.close_settings()
    visit.start()
    visit.wait_for("failed")
    expect(visit.ribbon).to_contain_text("Seed is")
    expect(visit.ribbon).to_contain_text("from 0 to 4,294,967,295.")


def boxes_at_rest(page, num_frames=20):
    """Where things stand once they have stood there for so many frames: the settings' drawer closes slowly."""
    boxes, still = page.evaluate(BOXES), 0
    while still < num_frames:
        page.evaluate(FRAME)
        before, boxes = boxes, page.evaluate(BOXES)
        still = still + 1 if boxes == before else 0
    return boxes


@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_jumps_while_a_run_goes_on(visitors, app, width):
    with visitors(app, viewport={"width": width, "height": 900}) as visit:
        visit.set(pace="1/4", maximum_tokens=48)
        visit.page.wait_for_function(ALL_PLOTS_DRAWN)
        seen = {"before": boxes_at_rest(visit.page)}
        visit.start(SHORT_PROMPT)
        visit.wait_for("running")
        seen["begun"] = visit.page.evaluate(BOXES)
        assert visit.wait_until_grown({"vanilla": 10, "swift": 10})["state"] == "running"
        seen["under way"] = visit.page.evaluate(BOXES)
        visit.wait_for("finished")
        seen["after"] = visit.page.evaluate(BOXES)
        for moment, boxes in seen.items():
            for name, box in boxes.items():
                assert box == pytest.approx(seen["before"][name], abs=1), (moment, name)


def test_sampled_texts_follow_the_same_distribution(visit):
    visit.set(temperature=0.8, maximum_tokens=24)
    visit.finish(SHORT_PROMPT)
    expect(visit.identical).to_contain_text("same distribution")
    expect(visit.identical).to_have_attribute("data-state", "sampled")


def test_without_search_there_are_no_trials(visit):
    visit.set(search=False, maximum_tokens=40)
    visit.finish()
    visit.wait_until_grown({"confidence": 0})
    visit.wait_until_counts_are({"heatmap": 0, "matchness": 0})  # plots out of sight are drawn last
    assert visit.text("vanilla") == visit.text("swift")


WATCH_SHIFTS = """() => {
  window.shifts = [];
  new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map((entry) => entry.value)))
    .observe({ type: 'layout-shift' });
}"""


@pytest.mark.parametrize("width", [390, 1440])
def test_the_layout_hardly_shifts_while_a_run_streams(visit, width):
    visit.page.set_viewport_size({"width": width, "height": 900})
    visit.set(maximum_tokens=60)
    visit.page.evaluate(WATCH_SHIFTS)
    visit.finish(STORY)
    assert sum(visit.page.evaluate("window.shifts")) <= 0.05
