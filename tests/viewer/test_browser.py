"""The viewer in a real Chromium: text as typed, figures as in Python, nothing drawn twice."""

from __future__ import annotations

import json

import pages
import pytest
import synthetic

from swift_demo.viewer import figures
from swift_demo.viewer.filling import fill
from swift_demo.viewer.points import points_of
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
    page.evaluate("value => SwiftViewer.mount(document.getElementById('place')).show(value)",
                  {"id": "run", "chunks": chunks, "state": state, "message": ""})
    rows = [rows for chunk in chunks for rows in json.loads(chunk).get("tokens", {}).values()]
    page.wait_for_function(ALL_DRAWN, arg=[state, sum(map(len, rows))])


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
    for number, (event, pieces) in enumerate(zip(race.events, race.texts, strict=True), start=1):
        view.add(event, pieces)
        if number % 100 == 0:
            chunks.append(view.flush())
            show(page, race, chunks, "running")
            page.evaluate("document.querySelector('.sv-token').dataset.kept = 'yes'")
    assert page.locator(".sv-text [data-kept]").count() == 1
    show(page, race, [*chunks, view.flush()], "finished")
    assert lane_text(page, "swift") == race.text("swift")
    assert page.get_by_test_id("identical").text_content() == "identical"
    page.evaluate("""chunks => SwiftViewer.mount(document.getElementById('place')).show(
        {id: 'other', chunks, state: 'running'})""", chunks[:1])
    page.wait_for_function("!document.querySelector('.sv-text [data-kept]')")


def test_a_run_told_chunk_by_chunk_appends_them_and_the_last_value_makes_up_for_a_lost_one(page, race):
    chunks = view_of(race)
    tell = "value => SwiftViewer.mount(document.getElementById('place')).show(value)"
    for first in (0, 1, 3):  # 2 is lost
        page.evaluate(tell, {"id": "told", "first": first, "chunks": [chunks[first]], "state": "running"})
    seen = [rows for chunk in chunks[:2] for rows in json.loads(chunk)["tokens"].values()]
    page.wait_for_function(ALL_DRAWN, arg=["running", sum(map(len, seen))])
    page.evaluate("document.querySelector('.sv-token').dataset.kept = 'yes'")
    page.evaluate(tell, {"id": "told", "chunks": chunks, "state": "finished"})
    page.wait_for_function("document.querySelector('[data-testid=identical]').dataset.state === 'identical'")
    assert lane_text(page, "swift") == race.text("swift")
    assert page.locator(".sv-text [data-kept]").count() == 1


def test_the_browser_fills_figures_as_python_does(page, race):
    specs, points = figures.figure_specs(synthetic.NUM_LAYERS), points_of(race)
    for name in figures.SPECS:
        drawn = page.evaluate(
            "([spec, points, series]) => SwiftViewer.fill(spec, points, series, value => value)",
            [specs[name], points, specs["series"]],
        )
        filled = json.loads(fill(specs[name], points).to_json())
        for ours, theirs in zip(filled["data"], drawn["data"], strict=True):
            for key in ("x", "y", "z", "text", "customdata"):
                assert ours.get(key) == theirs.get(key), (name, key)
        for axis in (key for key in filled["layout"] if key.startswith(("xaxis", "yaxis"))):
            assert filled["layout"][axis].get("range") == drawn["layout"][axis].get("range")
        assert len(filled["layout"].get("shapes", [])) == len(drawn["layout"].get("shapes", []))


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
        ".sv-figures > div", "cells => cells.filter(cell => cell.scrollWidth > cell.clientWidth).length")
    assert overflowing == 0
