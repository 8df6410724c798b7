"""Everybody can use the page: axe-core finds nothing serious, and a keyboard alone suffices."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from support.accessibility import violations
from support.visits import SHORT_PROMPT

FOCUSED = "() => document.activeElement.dataset.testid || document.activeElement.textContent.trim()"
REGIONS = """() => document.querySelectorAll(`.swift-viewer :is([aria-live], [role=status], [role=alert],
  [role=log], output)`).length"""
LISTEN = """() => {
  window.told = [];
  const region = document.querySelector('[data-testid=spoken]');
  new MutationObserver(() => window.told.push(region.textContent)).observe(region, { childList: true });
}"""


def tab_to(page, name, most=40):
    """Press Tab until the focus is there."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED) == name:
            return
    pytest.fail(f"{name} is not reached with {most} tabs")


def test_axe_finds_nothing_serious_by_day_and_in_the_dark_before_and_after_a_run(visit):
    assert [violations(visit.page, is_dark) for is_dark in (False, True)] == [[], []]
    visit.page.evaluate(LISTEN)
    visit.set(maximum_tokens=32)
    visit.finish(SHORT_PROMPT)
    assert [violations(visit.page, is_dark) for is_dark in (True, False)] == [[], []]
    # One region tells of the run, in a few words now and then.
    assert visit.page.evaluate(REGIONS) == 1
    told = visit.page.evaluate("window.told")
    assert "identical" in told[-1]
    assert len(told) < 10


@pytest.fixture
def still(visitors, app):
    """A visitor who wants no motion: nothing fades."""
    with visitors(app, reduced_motion="reduce") as visit:
        yield visit


def test_a_keyboard_opens_a_recorded_run_plays_it_and_presents_it(still):
    visit, page = still, still.page
    visit.prompt.focus()
    tab_to(page, "recorded-arithmetic-sampled")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("recorded-arithmetic-sampled")).to_have_attribute("aria-pressed", "true")
    tab_to(page, "play")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("play")).to_contain_text("Pause")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("play")).to_contain_text("Play")
    tab_to(page, "present")
    page.keyboard.press("Enter")
    expect(visit.viewer).to_have_attribute("data-presents", "both")
    assert page.evaluate("""[[2, 2], [innerWidth - 2, 2], [2, innerHeight - 2]].every(([x, y]) =>
        document.querySelector('.swift-viewer').contains(document.elementFromPoint(x, y)))""")
    assert violations(page, is_dark=True) == []
    page.keyboard.press("Escape")
    expect(visit.viewer).not_to_have_attribute("data-presents", "both")
    assert page.evaluate(FOCUSED) == "present"
    page.get_by_role("link", name="How it works").click()
    expect(page.locator("#how").get_by_role("listitem")).to_have_count(3)
    expect(page.locator("#how li").first).to_be_in_viewport()
