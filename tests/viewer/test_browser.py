"""The viewer in a real Chromium: text as typed, figures as in Python, nothing drawn twice."""

from __future__ import annotations

import json

import pytest
from support import pages, synthetic
from support.views import tables_in

from swift_demo.viewer.value import TokenRow
from swift_demo.viewer.view import View, view_of

pytestmark = pytest.mark.browser

ALL_DRAWN = """([state, numTokens]) => document.querySelector('.swift-viewer').dataset.state === state
  && document.querySelectorAll('.sv-text .sv-token').length === numTokens"""


@pytest.fixture
def page(chromium, tmp_path_factory):
    address = pages.write_page(tmp_path_factory.mktemp("page"))
    page = chromium.new_page(viewport={"width": 1440, "height": 900})
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("dialog", lambda dialog: (problems.append("a script in the text ran"), dialog.dismiss()))
    page.goto(address)
    yield page
    page.close()
    assert not problems


def show(page, trace, chunks, state):
    page.evaluate(
        "value => SwiftViewer.mount(document.getElementById('place')).show(value)",
        {"id": "run", "chunks": chunks, "state": state, "message": ""},
    )
    page.wait_for_function(ALL_DRAWN, arg=[state, num_tokens(chunks)])


def num_tokens(chunks):
    return sum(len(rows) for table, rows in tables_in(chunks).items() if table.startswith("tokens."))


def lane_text(page, lane):
    return page.eval_on_selector_all(
        f"[data-testid=lane-{lane}] .sv-token:not([data-state=rejected])",
        "spans => spans.map(span => span.textContent).join('')",
    )


def test_hostile_text_appears_as_typed(page):
    trace = synthetic.race(hostile=True)
    show(page, trace, view_of(trace), "finished")
    for lane in ("vanilla", "swift"):
        assert lane_text(page, lane) == trace.text(lane)
    assert page.locator(".sv-text img, .sv-text script").count() == 0


def test_a_growing_list_of_chunks_appends_and_a_new_run_starts_afresh(page, race):
    view, chunks = View(race.header), []
    for number, entry in enumerate(race.entries(), start=1):
        view.add(entry)
        if number % 100 == 0:
            chunks.append(view.flush())
            show(page, race, chunks, "running")
            page.evaluate("document.querySelector('.sv-token').dataset.kept = 'yes'")
    assert page.locator(".sv-text [data-kept]").count() == 1
    show(page, race, [*chunks, view.flush()], "finished")
    assert lane_text(page, "swift") == race.text("swift")
    assert page.get_by_test_id("identical").text_content() == "identical"
    page.evaluate(
        """chunks => SwiftViewer.mount(document.getElementById('place')).show(
        {id: 'other', chunks, state: 'running'})""",
        chunks[:1],
    )
    page.wait_for_function("!document.querySelector('.sv-text [data-kept]')")


def test_a_run_told_chunk_by_chunk_appends_them_and_the_last_value_makes_up_for_a_lost_one(page, race):
    chunks = view_of(race)
    tell = "value => SwiftViewer.mount(document.getElementById('place')).show(value)"
    for first in (0, 1, 3):  # 2 is lost
        page.evaluate(tell, {"id": "told", "first": first, "chunks": [chunks[first]], "state": "running"})
    page.wait_for_function(ALL_DRAWN, arg=["running", num_tokens(chunks[:2])])
    page.evaluate("document.querySelector('.sv-token').dataset.kept = 'yes'")
    page.evaluate(tell, {"id": "told", "chunks": chunks, "state": "finished"})
    page.wait_for_function("document.querySelector('[data-testid=identical]').dataset.state === 'identical'")
    assert lane_text(page, "swift") == race.text("swift")
    assert page.locator(".sv-text [data-kept]").count() == 1


def test_the_race_fits_the_first_screen_and_nothing_jumps(page, race):
    page.evaluate("SwiftViewer.mount(document.getElementById('place'))")
    page.wait_for_function("document.querySelector('.sv-waiting').textContent")
    bottom = "document.querySelector('.sv-legend').getBoundingClientRect().bottom"
    before = page.evaluate(bottom)
    show(page, race, view_of(race), "recorded")
    assert page.evaluate(bottom) == before <= 640
    widths = page.eval_on_selector_all(".sv-lane", "lanes => lanes.map(lane => lane.offsetWidth)")
    assert widths[0] == widths[1]


def test_a_phone_does_not_scroll_sideways(page, race):
    page.set_viewport_size({"width": 390, "height": 844})
    show(page, race, view_of(race), "recorded")
    page.wait_for_function("document.querySelectorAll('.sv-plot .main-svg').length > 3")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    overflowing = page.eval_on_selector_all(
        ".sv-figures > div", "cells => cells.filter(cell => cell.scrollWidth > cell.clientWidth).length"
    )
    assert overflowing == 0


def long_text():
    """Some 500 tokens in lines of many lengths, empty and indented ones among them."""
    ends = {
        30: ".\n",
        85: ".\n\n",
        86: "Then",
        160: "\n",
        161: "\n",
        250: ":\n    x",
        330: ".\n",
        331: "\n  y",
        420: ".\n",
    }
    return [ends.get(i, " word" if i % 3 else " sentence") for i in range(500)]


PLACES = """() => [...document.querySelectorAll('[data-testid=lane-vanilla] .sv-token')]
.filter((token) => token.textContent.trim()).map((token) => {
  const box = token.getBoundingClientRect();
  return [box.left, box.top, box.right, box.bottom].map(Math.round);
})"""
IN_ONE = """() => {
  const lane = document.querySelector('[data-testid=lane-vanilla]');
  const tokens = [...lane.querySelectorAll('.sv-token')];
  lane.replaceChildren(document.createElement('div'));
  lane.firstChild.append(...tokens);
}"""


def test_a_long_text_stands_in_several_blocks_and_looks_as_if_it_were_one(page):
    pieces = long_text()
    rows = [
        TokenRow(event=i, text=text, state="vanilla", round=i + 1, confidence=None, target_prob=0.9, node=None)
        for i, text in enumerate(pieces)
    ]
    chunk = {"tables": {"tokens.vanilla": rows}, "clocks": [(i + 1) / 100 for i in range(len(rows))]}
    page.evaluate(
        "value => SwiftViewer.mount(document.getElementById('place')).show(value)",
        {"id": "long", "chunks": [json.dumps(chunk)], "state": "finished"},
    )

    def shown(number):
        page.wait_for_function(
            "number => document.querySelectorAll('.sv-text .sv-token').length === number", arg=number
        )
        assert lane_text(page, "vanilla") == "".join(pieces[:number])
        return page.locator("[data-testid=lane-vanilla] > div").count()

    num_blocks = shown(500)
    assert num_blocks == 5
    for moment, num_left in ((400, 4), (87, 2), (86, 1), (0, 0), (86, 1), (300, 3), (500, 5)):
        page.get_by_test_id("scrub").evaluate(
            "(slider, time) => { slider.value = time; slider.dispatchEvent(new Event('input')) }",
            moment / 100 + 0.005,
        )
        assert shown(moment) == num_left
    marked = page.evaluate("""() => {
      getSelection().selectAllChildren(document.querySelector('[data-testid=lane-vanilla]'));
      return String(getSelection());
    }""")
    assert marked.split("\n") == "".join(pieces).split("\n")
    page.evaluate("getSelection().removeAllRanges()")
    in_blocks = page.evaluate(PLACES)
    page.evaluate(IN_ONE)
    assert page.evaluate(PLACES) == in_blocks
