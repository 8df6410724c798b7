"""Recorded runs open at once, and a link opens the same moment again for somebody else."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from swift_demo.ui.gallery import FIRST_RUN

TOKENS = """() => [...document.querySelectorAll('.sv-text .sv-token')]
  .map((token) => [token.textContent, token.dataset.state])"""
TRACES = Path(__file__).parent.parent.parent / "assets" / "traces"


def shown(visit):
    return visit.page.evaluate(TOKENS), visit.page.get_by_test_id("moment").text_content()


def card(visit, name):
    return visit.page.get_by_test_id(f"recorded-{name}")


def test_every_recorded_run_opens_with_its_prompt_and_without_compute(visit):
    cards = visit.page.locator(".sv-run")
    expect(cards).to_have_count(12)
    expect(card(visit, FIRST_RUN)).to_have_attribute("aria-pressed", "true")
    *tasks, _, planted = cards.all()
    for button in (planted, *tasks[::-3]):
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        expect(visit.speedup).to_have_text(button.text_content())
        expect(visit.ribbon).to_contain_text("Recorded run")
        assert button.get_attribute("aria-label").endswith(visit.ribbon.text_content().split(" · ")[1])
    expect(visit.prompt).to_have_value(re.compile("^Long ago"))


def test_a_link_opens_the_same_run_moment_and_speed_for_somebody_else(visitors, app):
    with visitors(app) as visit:
        page = visit.page
        card(visit, "translation-sampled").click()
        expect(card(visit, "translation-sampled")).to_have_attribute("aria-pressed", "true")
        page.get_by_test_id("speed").select_option("0.25")
        page.get_by_test_id("scrub").focus()
        page.keyboard.press("Home")
        for _ in range(5):
            page.keyboard.press("Shift+ArrowRight")
        page.get_by_test_id("copy-link").click()
        link = page.get_by_test_id("link").input_value()
        seen, where = shown(visit)
        expect(page).to_have_url(link)  # the address says the same
    with visitors(app, link.removeprefix(app.url)) as other:
        expect(other.page.get_by_test_id("moment")).to_have_text(where)
        assert shown(other)[0] == seen != []
        expect(other.page.get_by_test_id("speed")).to_have_value("0.25")
        expect(card(other, "translation-sampled")).to_have_attribute("aria-pressed", "true")
        expect(other.prompt).to_have_value(re.compile("^Translate"))
        expect(other.page.get_by_test_id("notice")).to_be_hidden()


def test_a_wrong_link_gets_a_sentence_and_only_what_can_be_opened_again_gets_a_link(visitors, app):
    with visitors(app, "?run=opera&preset=code&moment=3") as visit:
        page = visit.page
        notice, bubble = page.get_by_test_id("notice"), page.get_by_test_id("link-bubble")
        expect(notice).to_contain_text("recorded run “opera”, which is not kept here")
        expect(card(visit, "code-greedy")).to_have_attribute("aria-pressed", "true")
        expect(visit.speedup).to_have_text(card(visit, "code-greedy").text_content())  # whole
        visit.set(maximum_tokens=16)
        visit.finish()
        expect(notice).to_be_hidden()
        page.get_by_test_id("copy-link").click()
        expect(bubble).to_contain_text("opens the task")
        assert page.get_by_test_id("link").input_value() == f"{app.url}?preset=code"
        # A run from a file takes the place of a recorded one, which can come back.
        card(visit, "code-greedy").click()
        expect(card(visit, "code-greedy")).to_have_attribute("aria-pressed", "true")
        page.get_by_test_id("open-trace").set_input_files(TRACES / "story-greedy.jsonl")
        expect(page.locator(".sv-run[aria-pressed=true]")).to_have_count(0)
        expect(page).to_have_url(app.url)
        page.get_by_test_id("copy-link").click()
        expect(bubble).to_contain_text("No link leads to this run")
        card(visit, "code-greedy").click()
        expect(card(visit, "code-greedy")).to_have_attribute("aria-pressed", "true")
