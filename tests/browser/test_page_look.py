"""A phone and the dark: nothing is cut off, everything can be read."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from support.visits import LANES, SHORT_PROMPT

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
# Contrast (WCAG) between an element's text and what is painted under it.
CONTRAST = """(selector) => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const painted = (colours) => {
    canvas.fillStyle = 'white';
    canvas.fillRect(0, 0, 1, 1);
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => rgb.map((part) => part / 255)
    .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
  const elements = [...document.querySelectorAll(selector)].filter((element) => element.textContent.trim());
  return elements.map((element) => {
    const under = [];
    for (let at = element; at; at = at.parentElement) under.unshift(getComputedStyle(at).backgroundColor);
    const below = light(painted(under));
    const above = light(painted([...under, getComputedStyle(element).color]));
    return (Math.max(below, above) + 0.05) / (Math.min(below, above) + 0.05);
  });
}"""
# Labels whose text is wider than the cell they stand in.
CUT = """(labels) => labels.filter((label) => {
  const range = document.createRange();
  range.selectNodeContents(label);
  return range.getBoundingClientRect().width > label.parentElement.getBoundingClientRect().width;
}).map((label) => label.textContent)"""
TEXTS = (
    ".sv-token .sv-mark",
    ".sv-ribbon strong",
    ".sv-ribbon span",
    ".sv-lane h3",
    ".sv-status",
    ".sv-figures dt",
    ".sv-figures dd",
    ".sv-speedup-word",
    ".sv-identical",
    ".sv-note",
    ".sv-panel h3",
    ".sv-caption",
    ".sv-key li",
    "#chips li",
    "#heading h1",
    "#heading p",
    "#presets button",
    "#prompt textarea",
    "#run",
    "#open-settings",
)
PLOT_COLOURS = """() => [...document.querySelectorAll('.sv-plot')].map((plot) => plot.data
  && plot.layout.font.color + ' ' + getComputedStyle(plot.querySelector('.xtick text')).fill)"""
INK = "() => getComputedStyle(document.querySelector('.swift-viewer')).getPropertyValue('--sv-ink').trim()"
INK_IS_DRAWN = f"""() => {{
  const ink = ({INK})();
  return [...document.querySelectorAll('.sv-plot')].every((plot) => plot.data && plot.layout.font.color === ink
    && plot.querySelector('.xtick text'));
}}"""


def assert_no_sideways_scroll(visit):
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert visit.page.evaluate("document.body.scrollWidth") <= 390


def test_a_phone_shows_a_whole_run_without_scrolling_sideways(visitors, app):
    with visitors(app, **PHONE) as visit:
        assert_no_sideways_scroll(visit)
        visit.set(pace="1/4", maximum_tokens=40)
        assert_no_sideways_scroll(visit)
        visit.run.scroll_into_view_if_needed()
        expect(visit.run).to_be_in_viewport(ratio=1)
        visit.prompt.fill(SHORT_PROMPT)
        visit.run.tap()
        visit.wait_for("running")
        visit.wait_until_grown({"vanilla": 0, "swift": 0})
        assert_no_sideways_scroll(visit)
        visit.wait_for("finished")
        assert_no_sideways_scroll(visit)
        for lane in LANES:
            box = visit.lane(lane).bounding_box()
            assert box["x"] >= 0 and box["x"] + box["width"] <= 390


def test_a_phone_gives_the_lanes_most_of_its_width_and_no_label_is_cut(visitors, app):
    with visitors(app, **PHONE) as visit:
        visit.wait_until_grown({lane: 0 for lane in LANES})
        assert visit.page.eval_on_selector_all(".sv-figures dt", CUT) == []
        for lane in LANES:
            assert visit.lane(lane).bounding_box()["width"] >= 0.85 * 390


def test_run_and_stop_are_large_enough_for_a_thumb(visitors, app):
    with visitors(app, **PHONE) as visit:
        for button in (visit.run, visit.stop):
            assert button.bounding_box()["height"] >= 40


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_text_can_be_read(visitors, app, theme):
    with visitors(app, f"?__theme={theme}") as visit:
        assert visit.page.evaluate("document.body.classList.contains('dark')") == (theme == "dark")
        visit.page.wait_for_function(INK_IS_DRAWN)
        for selector in TEXTS:
            contrasts = visit.page.evaluate(CONTRAST, selector)
            assert all(contrast >= 4.5 for contrast in contrasts), (selector, min(contrasts))


def test_plots_are_redrawn_when_it_gets_dark(visitors, app):
    with visitors(app, "?__theme=light") as visit:
        visit.page.wait_for_function(INK_IS_DRAWN)
        by_day = visit.page.evaluate(PLOT_COLOURS)
        visit.page.evaluate("document.body.classList.add('dark')")
        visit.page.wait_for_function(INK_IS_DRAWN)
        by_night = visit.page.evaluate(PLOT_COLOURS)
        assert all(day != night for day, night in zip(by_day, by_night, strict=True))


def test_a_run_in_the_dark_draws_with_the_dark_colours(visitors, app):
    with visitors(app, "?__theme=dark") as visit:
        visit.set(maximum_tokens=32)
        visit.finish(SHORT_PROMPT)
        visit.wait_until_grown({"confidence": 0})
        visit.page.wait_for_function("""() => document.querySelector('[data-testid=plot-confidence]')
          .layout.font.color === '#e8ebee'""")
        assert min(visit.page.evaluate(CONTRAST, ".sv-token .sv-mark")) >= 4.5
