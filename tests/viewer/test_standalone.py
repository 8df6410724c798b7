"""The page of its own, opened from disk: links to a moment, presenter mode, and everybody can use it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from support import pages
from support.accessibility import violations
from support.pages import press, scrub, settled, tokens, where

from swift_demo.viewer.export import html_page

pytestmark = pytest.mark.browser

PLOTS_DRAWN = "() => [...document.querySelectorAll('.sv-plot')].every((plot) => plot.data)"
FOLLOWED = "() => location.search.includes('moment=')"
# What is told while the run is played from its start to its end.
TOLD_WHILE_PLAYING = """async () => {
  const told = [];
  const region = document.querySelector('[data-testid=spoken]');
  new MutationObserver(() => told.push(region.textContent)).observe(region, { childList: true, subtree: true });
  document.querySelector('[data-testid=play]').click();
  while (!document.querySelector('[data-testid=live]').disabled) await new Promise(requestAnimationFrame);
  return told;
}"""
SIZES = """() => Object.fromEntries(
  ['.sv-text', '.sv-figures dd', '.sv-speedup-number', '.sv-status'].map((name) => [name,
  parseFloat(getComputedStyle(document.querySelector(name)).fontSize)]))"""
LANES = """() => [...document.querySelectorAll('.sv-lane')].filter((lane) => lane.offsetHeight)
  .map((lane) => lane.dataset.lane)"""
MOVED = "back => document.querySelector('[data-testid=moment]').textContent !== back"
UNSEEN = """() => [...document.querySelectorAll('button, select, input')].filter((control) =>
  control.checkVisibility({ opacityProperty: true })).map((control) => control.textContent)"""


@pytest.fixture(scope="module")
def address(race, tmp_path_factory):
    path = tmp_path_factory.mktemp("run") / "run.html"
    path.write_text(html_page(race), encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def opened(chromium, address):
    with pages.opened(chromium, address, reduced_motion="reduce") as page:
        page.wait_for_function(PLOTS_DRAWN)
        yield page


@pytest.fixture
def page(opened):
    opened.set_viewport_size({"width": 1440, "height": 900})
    opened.get_by_test_id("speed").select_option("4")
    return opened


def test_axe_finds_nothing_serious_and_playing_tells_next_to_nothing(page):
    assert [violations(page, is_dark) for is_dark in (False, True)] == [[], []]
    assert len(page.evaluate(TOLD_WHILE_PLAYING)) <= 1


def test_presenter_mode_is_large_bare_and_left_by_escape(page):
    before, heights = page.evaluate(SIZES), page.evaluate("document.body.offsetHeight")
    press(page, "p")
    viewer = page.locator(".swift-viewer")
    expect(viewer).to_have_attribute("data-presents", "both")
    now = page.evaluate(SIZES)
    assert all(now[name] >= 1.2 * before[name] for name in before if name != ".sv-speedup-number")
    assert now[".sv-text"] >= 900 / 30  # a thirtieth of the screen
    for name in (".sv-ribbon", ".sv-plots", ".sv-files"):
        assert page.locator(name).is_hidden()
    page.wait_for_function(f"() => !({UNSEEN})().length")  # the controls hide by themselves
    page.mouse.move(200, 200)
    page.mouse.move(210, 210)
    assert len(page.evaluate(UNSEEN)) > 10
    press(page, "End", "Shift+ArrowLeft", "Shift+ArrowLeft")
    back = where(page)
    press(page, "Space")
    page.wait_for_function(MOVED, arg=back)
    seen = []
    for _ in range(3):
        press(page, "l")
        seen.append(page.evaluate(LANES))
    assert seen == [["vanilla"], ["swift"], ["vanilla", "swift"]]
    press(page, "Escape")
    expect(viewer).not_to_have_attribute("data-presents", "both")
    assert page.evaluate(SIZES) == before
    assert page.evaluate("document.body.offsetHeight") == heights
    assert page.evaluate("document.activeElement.dataset.testid") == "present"


def test_presenter_mode_fits_every_screen(page):
    press(page, "p")
    for width, height in ((390, 844), (1024, 768), (2560, 1440)):
        page.set_viewport_size({"width": width, "height": height})
        for name in (".sv-lane >> nth=0", ".sv-lane >> nth=1", ".sv-verdict", ".sv-legend"):
            box = page.locator(name).bounding_box()
            assert box["x"] >= 0 and box["x"] + box["width"] <= width
            assert box["y"] >= 0 and box["y"] + box["height"] <= height
        assert page.locator(".sv-text").first.bounding_box()["height"] > 80
    press(page, "Escape")


def test_its_address_opens_the_same_moment_again(page, address):
    scrub(page, 0.4)
    page.get_by_test_id("speed").select_option("2")
    seen = tokens(page)
    page.wait_for_function(FOLLOWED)
    page.get_by_test_id("copy-link").click()
    link = page.get_by_test_id("link").input_value()
    assert link.startswith(f"{address}?moment=") and link.endswith("&speed=2")
    page.goto("about:blank")
    page.goto(link)
    settled(page)
    assert tokens(page) == seen
    assert page.get_by_test_id("speed").input_value() == "2"
    page.goto(f"{address}?moment=soon&speed=3#top")
    settled(page)
    notice = page.get_by_test_id("notice").text_content()
    assert "moment “soon” is not a number from 0 to" in notice and "speed “3” is not one of" in notice
    assert page.get_by_test_id("live").is_disabled()


@pytest.mark.parametrize("height", [700, 844, 1500])
def test_on_a_narrow_screen_of_any_height_the_verdict_is_seen_whole(page, height):
    page.set_viewport_size({"width": 390, "height": height})
    page.keyboard.press("p")
    try:
        for part in (".sv-speedup-number", ".sv-speedup-word", ".sv-identical"):
            box = page.locator(part).bounding_box()
            assert box["x"] >= 0 and box["x"] + box["width"] <= 390, part
    finally:
        page.keyboard.press("Escape")
