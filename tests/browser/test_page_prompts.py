"""Any text at all, in and out: it appears as typed, runs nothing, and a wrong one gets a sentence."""

from __future__ import annotations

import itertools
import re

from playwright.sync_api import expect
from support import hostile
from support.visits import LANES, SHORT_PROMPT

SENTENCE = re.compile(r"^Failed\s*[A-Z][^\n]+\.$")


def assert_nothing_ran(visit):
    assert visit.page.locator("#viewer :is(img, script, b), #chips :is(img, script, b)").count() == 0
    assert visit.problems == []


def assert_a_run_works(visit):
    visit.set(maximum_tokens=16)
    visit.finish(SHORT_PROMPT)
    assert visit.text("vanilla") == visit.text("swift") != ""


def test_a_hostile_prompt_stays_as_typed_and_runs_nothing(visit):
    visit.set(maximum_tokens=16)
    visit.finish(hostile.TEXT)
    assert visit.prompt.input_value() == hostile.TEXT
    assert visit.text("vanilla") == visit.text("swift")
    assert_nothing_ran(visit)


def test_a_hostile_output_appears_as_written_and_runs_nothing(visitors, hostile_app):
    with visitors(hostile_app) as visit:
        visit.set(maximum_tokens=64)
        visit.finish(hostile.TEXT)
        expected = "".join(itertools.islice(itertools.cycle(hostile.PIECES), 64))
        # The prompt ends with the last piece, so the answer begins with the first.
        for lane in LANES:
            assert visit.text(lane) == expected
        assert visit.prompt.input_value() == hostile.TEXT
        expect(visit.identical).to_have_text("identical")
        expect(visit.chips.first).to_have_text(hostile.NAME)
        assert_nothing_ran(visit)


def test_an_empty_prompt_gets_a_sentence_and_the_page_keeps_working(visit):
    visit.start("   ")
    visit.wait_for("failed")
    expect(visit.ribbon).to_have_text(SENTENCE)
    expect(visit.ribbon).to_contain_text("prompt is empty")
    assert_a_run_works(visit)


def test_a_prompt_longer_than_the_context_gets_a_sentence_and_the_page_keeps_working(visit):
    visit.start("fox and hen " * 2000)
    visit.wait_for("failed")
    expect(visit.ribbon).to_have_text(SENTENCE)
    expect(visit.ribbon).to_contain_text("shorten the prompt")
    assert_a_run_works(visit)
