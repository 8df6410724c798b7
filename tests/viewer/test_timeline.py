"""Any moment of a run: reached by slider, buttons, keys or play, it shows the run as it was then."""

from __future__ import annotations

import pytest
from support import pages, synthetic
from support.pages import press, scrub, settled, tokens, where
from support.views import tables_in

from swift_demo.viewer.export import value_of
from swift_demo.viewer.view import View, view_of

pytestmark = pytest.mark.browser

FEWEST_FRAMES = 30  # a second
NUM_ATTEMPTS = 15  # tests share their machine, and others' work can only take frames away
SHOW = "value => SwiftViewer.mount(document.getElementById('place')).show(value)"
POINTS_DRAWN = """([plot, number]) => {
  const traces = document.querySelector(`[data-testid=plot-${plot}]`).data || [];
  const names = plot === 'matchness' ? ['incumbent'] : ['accepted', 'rejected'];
  return traces.filter((trace) => names.includes(trace.name))
    .reduce((sum, trace) => sum + trace.x.length, 0) === number;
}"""
FRAMES_WHILE_SCRUBBING = """async () => {
  const slider = document.querySelector('.sv-slider');
  const start = performance.now();
  let frames = 0;
  while (performance.now() - start < 2000) {
    const at = (performance.now() - start) / 2000;
    slider.value = slider.max * Math.abs(1 - 2 * at);
    slider.dispatchEvent(new Event('input'));
    await new Promise((done) => requestAnimationFrame(done));
    frames += 1;
  }
  return frames / 2;
}"""


@pytest.fixture(scope="module")
def opened(chromium, tmp_path_factory):
    with pages.opened(chromium, pages.write_page(tmp_path_factory.mktemp("page"))) as page:
        yield page


@pytest.fixture
def page(opened):
    opened.set_viewport_size({"width": 1440, "height": 900})
    opened.evaluate("""() => {
      document.getElementById('place').replaceChildren();
      for (const field of document.querySelectorAll('textarea')) field.remove();
    }""")
    return opened


@pytest.fixture
def whole(page, race):
    page.evaluate(SHOW, value_of(race, "run"))
    settled(page)
    return page


def expected(race, num_events):
    """Tokens on screen, and all tables, of the run's first events, as Python folds them."""
    view = View(race.header)
    for entry in list(race.entries())[:num_events]:
        view.add(entry)
    tables = tables_in([view.flush()])
    lanes = {lane: list(map(_on_screen, tables[f"tokens.{lane}"])) for lane in ("vanilla", "swift")}
    return lanes, tables


def _on_screen(row):
    text = row["text"].replace("\n", "\u21b5") if row["state"] == "rejected" else row["text"]
    return [text, row["state"], str(row["round"])]


@pytest.mark.parametrize("share", [0.11, 0.52, 0.93])
def test_a_scrubbed_moment_is_the_run_as_it_was_then_in_all_panels(whole, race, share):
    time = share * race.events[-1].clock_s
    scrub(whole, share)
    lanes, tables = expected(race, sum(event.clock_s <= time for event in race.events))
    assert tokens(whole) == lanes
    assert whole.get_by_test_id("speedup").text_content() == tables["verdicts"][-1]["speedup"]
    for lane in lanes:
        for cell in whole.locator(f"[data-lane={lane}] .sv-figures dd").all():
            column = cell.get_attribute("data-key").removeprefix(f"{lane}.")
            assert cell.text_content() == tables[f"numbers.{lane}"][-1][column]
    whole.wait_for_function(POINTS_DRAWN, arg=["matchness", len(tables["trials"])])
    whole.wait_for_function(POINTS_DRAWN, arg=["confidence", len(tables["drafts"])])


def test_axes_stand_still_while_one_scrubs(whole):
    ranges = "() => [...document.querySelectorAll('.sv-plot')].map((plot) => plot.layout.xaxis.range)"
    whole.wait_for_function("() => [...document.querySelectorAll('.sv-plot')].every((plot) => plot.data)")
    before = whole.evaluate(ranges)
    scrub(whole, 0.2)
    whole.wait_for_function(
        "() => document.querySelector('[data-testid=plot-confidence]').data[0].x.length < 60"
    )
    assert whole.evaluate(ranges) == before


def test_keys_step_by_token_round_and_trial_and_back_again(whole):
    whole.get_by_test_id("scrub").focus()
    press(whole, "Home")
    assert tokens(whole) == {"vanilla": [], "swift": []}
    press(whole, "ArrowRight")
    assert sum(map(len, tokens(whole).values())) > 0
    press(whole, "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight")
    third = tokens(whole)
    assert third["swift"][-1][2] == "3"
    press(whole, "Shift+ArrowRight", "Shift+ArrowLeft")
    assert tokens(whole) == third
    press(whole, "PageDown", "Alt+ArrowRight")
    assert where(whole).endswith("trial 2")
    press(whole, "PageUp")
    assert where(whole).endswith("trial 1")
    press(whole, "End")
    assert whole.get_by_test_id("identical").text_content() == "identical"


def test_buttons_do_what_the_keys_do(whole):
    scrub(whole, 0.4)
    start = tokens(whole)
    for kind in ("token", "round", "trial"):
        whole.get_by_test_id(f"on-{kind}").click()
        settled(whole)
        assert sum(map(len, tokens(whole).values())) >= sum(map(len, start.values()))
    whole.get_by_test_id("live").click()
    settled(whole)
    assert whole.get_by_test_id("live").is_disabled()


def test_keys_typed_into_a_field_are_the_fields_own(whole):
    whole.evaluate("document.body.append(document.createElement('textarea'))")
    before = where(whole)
    whole.locator("textarea").focus()
    press(whole, "Space", "ArrowLeft", "Home", "?")
    assert where(whole) == before
    assert whole.locator(".sv-keys").is_hidden()


def test_phases_are_told_apart_by_their_colour(whole):
    colours = whole.eval_on_selector_all(
        ".sv-bands [data-phase]", "bands => bands.map((band) => getComputedStyle(band).backgroundColor)"
    )
    assert len(set(colours)) == len(colours) == 2


def test_keys_can_be_closed_again_with_a_thumb(whole):
    whole.set_viewport_size({"width": 390, "height": 844})
    whole.get_by_test_id("help").click()
    assert whole.locator(".sv-keys").is_visible()
    whole.get_by_test_id("help").click(timeout=5000)
    assert whole.locator(".sv-keys").is_hidden()


def test_a_question_mark_shows_the_keys(whole):
    press(whole, "?")
    assert whole.locator(".sv-keys").is_visible()
    press(whole, "?")
    assert whole.locator(".sv-keys").is_hidden()


def test_escape_closes_the_list_of_keys_and_then_frees_the_token(whole):
    whole.locator("[data-testid=lane-swift] .sv-token").first.click()
    press(whole, "?", "Escape")
    assert whole.locator(".sv-keys").is_hidden()
    assert whole.get_by_test_id("help").get_attribute("aria-expanded") == "false"
    assert whole.locator(".swift-viewer").get_attribute("data-selection") == "locked"
    press(whole, "Escape")
    whole.wait_for_selector(".swift-viewer:not([data-selection=locked])")


def test_play_goes_from_the_start_to_the_end_at_the_chosen_speed(whole, race):
    whole.get_by_test_id("speed").select_option("4")
    press(whole, "Space")
    whole.wait_for_function("() => document.querySelectorAll('.sv-text .sv-token').length < 20")
    started = whole.evaluate("performance.now()")
    whole.wait_for_function("() => document.querySelector('[data-testid=live]').disabled", polling="raf")
    assert whole.evaluate("performance.now()") - started > 0.8 * 1000 * race.events[-1].clock_s / 4
    assert "Play" in whole.get_by_test_id("play").text_content()


def test_a_live_run_is_followed_until_one_scrubs_back_and_again_when_told(page, race):
    chunks = view_of(race)

    def show(number, state="running"):
        page.evaluate(SHOW, {"id": "live", "chunks": chunks[:number], "state": state, "message": ""})

    show(2)
    page.wait_for_function("() => document.querySelectorAll('.sv-text .sv-token').length > 10")
    scrub(page, 0.5)
    held = tokens(page)
    show(4)
    settled(page)
    assert tokens(page) == held
    page.get_by_test_id("live").click()
    show(len(chunks), "finished")
    page.wait_for_function(
        "number => document.querySelectorAll('.sv-text .sv-token').length === number",
        arg=sum(map(len, expected(race, len(race))[0].values())),
    )


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_jumps_while_one_scrubs(whole, width):
    whole.set_viewport_size({"width": width, "height": 900})
    tops = """() => ['.sv-timeline', '.sv-scrub', '.sv-plots', '[data-testid=play]', '[data-testid=help]'].map(
      (name) => Object.values(document.querySelector(name).getBoundingClientRect().toJSON()))"""
    seen = []
    for share in (0, 0.3, 0.99):
        scrub(whole, share)
        whole.evaluate("scrollTo(0, 0)")
        seen.append(whole.evaluate(tops))
    assert seen[0] == seen[1] == seen[2]


def frames_while_scrubbing(page):
    """Frames a second, of a few attempts the best; no further ones once that is enough."""
    best = 0
    for _ in range(NUM_ATTEMPTS):
        best = max(best, page.evaluate(FRAMES_WHILE_SCRUBBING))
        if best >= FEWEST_FRAMES:
            break
    return best


def test_scrubbing_stays_smooth_with_2000_tokens_and_1000_trials(page, monkeypatch):
    pieces = synthetic.story_pieces()
    monkeypatch.setattr(synthetic, "story_pieces", lambda: (pieces * 20)[:2000])
    page.evaluate(SHOW, value_of(synthetic.race(num_trials=1000), "long"))
    page.wait_for_function("() => [...document.querySelectorAll('.sv-plot')].every((plot) => plot.data)")
    for name in ("lane-swift", "plot-matchness"):
        page.get_by_test_id(name).scroll_into_view_if_needed()
        assert frames_while_scrubbing(page) >= FEWEST_FRAMES, name
