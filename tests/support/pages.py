"""A bare page with the viewer on it, and what is seen there, in a few words."""

from __future__ import annotations

from contextlib import contextmanager

from swift_demo.viewer import bundle
from swift_demo.viewer.plotly_js import PLOTLY_JS

TOKENS = """() => Object.fromEntries(['vanilla', 'swift'].map((lane) => [lane,
  [...document.querySelectorAll(`[data-testid=lane-${lane}] .sv-token`)]
    .map((token) => [token.textContent, token.dataset.state, token.dataset.round])]))"""


def write_page(folder):
    """The page's address; the viewer goes into ``#place``."""
    (folder / "page.html").write_text(
        "<!doctype html><meta charset='utf-8'><meta name='viewport' content='width=device-width'>"
        f"<style>{bundle.styles()}</style>"
        f"<script src='{PLOTLY_JS.as_uri()}'></script>"
        f"<body style='margin:0'><div id='place'></div><script>{bundle.script()}</script>",
        encoding="utf-8",
    )
    return (folder / "page.html").as_uri()


@contextmanager
def opened(browser, address, **options):
    """A page at an address; errors in its scripts and requests over the network fail when it closes."""
    page = browser.new_page(**options)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: problems.append(request.url) if "http" in request.url[:5] else None)
    page.goto(address)
    yield page
    page.close()
    assert not problems


def tokens(page):
    """Text, state and round of each token on screen, by lane."""
    return page.evaluate(TOKENS)


def where(page):
    """What the timeline says about the moment shown."""
    return page.get_by_test_id("moment").text_content()


def settled(page):
    """Wait until what was asked for last is on screen."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)
    settled(page)


def scrub(page, share):
    """Drag the slider to a share of the run."""
    page.get_by_test_id("scrub").evaluate(
        """(slider, share) => {
      slider.value = slider.max * share;
      slider.dispatchEvent(new Event('input'));
    }""",
        share,
    )
    settled(page)
