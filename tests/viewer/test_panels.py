"""The plots' panels: full screen, images, words for those who cannot see them, and nothing that jumps."""

from __future__ import annotations

import pytest
from support import pages
from support.pages import press, scrub, settled

from swift_demo.viewer.export import value_of
from swift_demo.viewer.figures import SPECS

pytestmark = pytest.mark.browser

MOUNT = "() => { SwiftViewer.mount(document.getElementById('place')); }"
SHOW = "value => SwiftViewer.mount(document.getElementById('place')).show(value)"
ALL_DRAWN = "() => [...document.querySelectorAll('.sv-plot')].every((plot) => plot.data)"
SIZES = """() => [...document.querySelectorAll('.sv-panel')].map(
  (panel) => { const { x, y, width, height } = panel.getBoundingClientRect();
    return [x, y + scrollY, width, height].map(Math.round); })"""
NUM_ROUNDS_DRAWN = """() => document.querySelector('[data-testid=plot-rounds]').data
  .find((trace) => trace.name === 'drafted').x.length"""


@pytest.fixture(scope="module")
def opened(chromium, tmp_path_factory):
    with pages.opened(chromium, pages.write_page(tmp_path_factory.mktemp("page"))) as page:
        yield page


@pytest.fixture
def page(opened):
    opened.set_viewport_size({"width": 1440, "height": 900})
    opened.evaluate("() => { document.getElementById('place').replaceChildren(); scrollTo(0, 0); }")
    return opened


@pytest.fixture
def whole(page, race):
    page.evaluate(SHOW, value_of(race, "run"))
    page.wait_for_function(ALL_DRAWN)
    return page


def test_every_figure_has_a_panel_with_a_caption_and_its_words(whole):
    for name in SPECS:
        panel = whole.locator(f".sv-panel[data-plot={name}]")
        assert panel.locator(".sv-caption").text_content().endswith(".")
        assert panel.locator(".sv-key li").count() >= 2
        label = whole.get_by_test_id(f"plot-{name}").get_attribute("aria-label")
        assert len(label) > 40, label


def test_a_plot_fills_the_screen_follows_the_keys_there_and_comes_back(whole):
    before = whole.evaluate(SIZES)
    whole.get_by_test_id("expand-rounds").click()
    stage = whole.get_by_test_id("stage")
    stage.wait_for(state="visible")
    plot = whole.get_by_test_id("plot-rounds")
    whole.wait_for_function("() => document.querySelector('[data-testid=plot-rounds]').data")
    assert plot.bounding_box()["width"] > 1300 and plot.bounding_box()["height"] > 500
    assert plot.evaluate("plot => plot.layout.font.size") > 14
    num_rounds = whole.evaluate(NUM_ROUNDS_DRAWN)
    press(whole, "Shift+ArrowLeft", "Shift+ArrowLeft")
    whole.wait_for_function(f"number => ({NUM_ROUNDS_DRAWN})() < number", arg=num_rounds)
    whole.get_by_test_id("expand-rounds").click()
    stage.wait_for(state="hidden")
    settled(whole)
    assert whole.evaluate(SIZES) == before
    assert whole.evaluate("document.activeElement.dataset.testid") == "expand-rounds"
    assert plot.evaluate("plot => plot.layout.font.size") == 14


WIDTHS = """() => [...document.querySelectorAll('.sv-plot')].map(
  (plot) => [plot.clientWidth, plot.querySelector('.main-svg')?.clientWidth])"""
SPAN = "plot => plot.layout.xaxis.range.join()"
ALL_FIT = f"() => ({WIDTHS})().every(([place, picture]) => place === picture)"


@pytest.mark.parametrize("change", ["place", "window"])
def test_plots_are_as_wide_as_their_places_whatever_changes_those(whole, change):
    whole.wait_for_function(ALL_FIT)
    before = whole.evaluate(WIDTHS)
    if change == "place":  # as when a panel opens beside
        whole.evaluate("document.getElementById('place').style.width = '900px'")
    else:
        whole.set_viewport_size({"width": 800, "height": 900})
    whole.wait_for_function(ALL_FIT)
    assert whole.evaluate(WIDTHS) != before
    whole.evaluate("document.getElementById('place').style.width = ''")


def test_nothing_of_plotly_covers_the_points_and_a_part_looked_at_can_be_left(whole):
    assert whole.locator(".modebar-btn").count() == 0
    plot, back = whole.get_by_test_id("plot-race"), whole.get_by_test_id("whole-race")
    plot.scroll_into_view_if_needed()
    assert back.is_hidden()
    at_first = plot.evaluate(SPAN)
    box = plot.bounding_box()
    whole.mouse.move(box["x"] + 200, box["y"] + 100)
    whole.mouse.down()
    whole.mouse.move(box["x"] + 400, box["y"] + 250, steps=5)
    whole.mouse.up()
    back.wait_for(state="visible")
    assert plot.evaluate(SPAN) != at_first
    back.click()
    back.wait_for(state="hidden")
    whole.wait_for_function(
        f"whole => ({SPAN})(document.querySelector('[data-testid=plot-race]')) === whole", arg=at_first
    )


def test_escape_leaves_the_full_screen(whole):
    whole.get_by_test_id("expand-heatmap").click()
    stage = whole.get_by_test_id("stage")
    stage.wait_for(state="visible")
    whole.keyboard.press("Escape")
    stage.wait_for(state="hidden")


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_plots_are_saved_as_images_without_the_network(whole, kind, tmp_path):
    for name in ("heatmap", "calibration"):
        with whole.expect_download() as download:
            whole.get_by_test_id(f"{kind}-{name}").click()
        assert download.value.suggested_filename == f"swift-{name}.{kind}"
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        content = path.read_bytes()
        assert content.startswith(b"\x89PNG" if kind == "png" else b"<svg")
        assert kind == "png" or "swift-demo-24L" in content.decode()


def test_what_is_out_of_sight_is_drawn_only_at_rest(whole):
    whole.evaluate("""() => {
      window.drawnLate = 0;
      const plot = document.querySelector('[data-testid=plot-calibration]');
      plot.on('plotly_afterplot', () => { drawnLate += 1; });
    }""")
    whole.evaluate("""async () => {
      const slider = document.querySelector('.sv-slider');
      for (let i = 0; i < 30; i += 1) {
        slider.value = slider.max * (i % 2 ? 0.3 : 0.31);
        slider.dispatchEvent(new Event('input'));
        await new Promise(requestAnimationFrame);
      }
      window.drawnWhileMoving = drawnLate;
    }""")
    assert whole.evaluate("drawnWhileMoving") == 0
    whole.wait_for_function("() => drawnLate > 0")


@pytest.mark.parametrize("width", [390, 1024, 1440, 1920])
def test_panels_stand_where_they_stood_before_the_run(page, race, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate(MOUNT)
    page.wait_for_function("() => document.querySelector('.sv-caption')")
    before = page.evaluate(SIZES)
    page.evaluate(SHOW, value_of(race, "run"))
    page.wait_for_function(ALL_DRAWN)
    scrub(page, 0.5)
    assert page.evaluate(SIZES) == before
    lefts = {left for left, *_ in before}
    assert len(lefts) == {390: 1, 1024: 2, 1440: 2, 1920: 3}[width]
