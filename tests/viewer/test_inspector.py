"""The round inspector and what lights up with it, in a page opened from a file."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from support import pages
from support.made_rounds import inspections_of, sampled_trace
from support.pages import press, scrub, settled

from swift_demo.events import RoundVerified
from swift_demo.trace import Trace
from swift_demo.viewer.export import html_page

pytestmark = pytest.mark.browser

SWIFT = "[data-testid=lane-swift] .sv-token"
DRAWN = "() => [...document.querySelectorAll('.sv-plot')].every((plot) => plot.data)"
TITLE = "title => document.querySelector('.sv-inspector h3').textContent === title"
LIT = """() => ({
  state: document.querySelector('.swift-viewer').dataset.selection,
  rounds: [...new Set([...document.querySelectorAll('[data-testid=lane-swift] .sv-same')]
    .map((token) => Number(token.dataset.round)))],
  picked: [...document.querySelectorAll('.sv-text .sv-picked')].map((token) => token.textContent),
  vanilla: [...document.querySelectorAll('[data-testid=lane-vanilla] .sv-same')]
    .map((token) => token.textContent).join(''),
  rings: document.querySelectorAll('[data-plot=confidence] .sv-lit').length,
  pickedRings: document.querySelectorAll('[data-plot=confidence] .sv-lit-picked').length,
  rows: document.querySelectorAll('[data-plot=heatmap] rect.sv-lit').length,
})"""
# Where a point of a plot is on screen: within the area in which plotly takes the mouse for its two axes.
POINT = """([name, x, y, axes]) => {
  const plot = document.querySelector(`[data-testid=plot-${name}]`);
  plot.scrollIntoView({ block: 'center' });
  const area = plot.querySelector(`.nsewdrag[data-subplot="${axes}"]`).getBoundingClientRect();
  const share = (axis, value) => (value - axis.range[0]) / (axis.range[1] - axis.range[0]);
  return [area.left + share(plot.layout.xaxis, x) * area.width,
    area.bottom - share(plot.layout[axes.replace('xy', 'yaxis')], y) * area.height];
}"""
# Where marks over a plot are: left, top, right, bottom.
MARKS = """marks => marks.map((mark) => {
  const { left, top, right, bottom } = mark.getBoundingClientRect();
  return [left, top, right, bottom];
})"""


@pytest.fixture(scope="module")
def opened(chromium, tmp_path_factory):
    """Opens a trace's own page from disk; an error in it fails."""
    folder, problems, made = tmp_path_factory.mktemp("pages"), [], {}

    def open_page(name, trace):
        if name not in made:
            (folder / f"{name}.html").write_text(html_page(trace), encoding="utf-8")
            page = made[name] = chromium.new_page(viewport={"width": 1440, "height": 900})
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.goto((folder / f"{name}.html").as_uri())
            page.wait_for_function(DRAWN)
        page = made[name]
        page.set_viewport_size({"width": 1440, "height": 900})
        page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
        page.mouse.move(2, 2)
        press(page, "Escape")
        scrub(page, 1)
        page.wait_for_function("() => document.querySelector('.swift-viewer').dataset.selection === 'none'")
        return page

    yield open_page
    for page in made.values():
        page.close()
    assert not problems


@pytest.fixture
def page(opened, race):
    return opened("race", race)


def lit(page):
    settled(page)
    return page.evaluate(LIT)


def centres(page, marks):
    """The middles of marks over the plots."""
    boxes = page.eval_on_selector_all(marks, MARKS)
    return [((left + right) / 2, (top + bottom) / 2) for left, top, right, bottom in boxes]


def told(race, number):
    """A round as the inspector is to show it."""
    return next(row for row in inspections_of(race) if row["round"] == number)


def wait_for_round(page, number):
    page.wait_for_function(TITLE, arg=f"Round {number}")


def test_a_token_pointed_at_lights_its_round_everywhere_and_a_locked_one_stays(page, race):
    token = page.locator(SWIFT + "[data-round='9']").first
    token.hover()
    wait_for_round(page, 9)
    seen = lit(page)
    assert (seen["state"], seen["rounds"], seen["pickedRings"]) == ("pointed", [9], 1)
    facts = told(race, 9)
    drafted = [node for node in facts["nodes"] if node["confidence"] is not None]
    assert seen["rings"] == len(drafted)
    assert len(seen["picked"]) == 2  # its own token and vanilla's at the same place of the text
    joined = "".join(
        node["text"] for node in facts["nodes"] if node["state"] in ("accepted", "corrected", "bonus")
    )
    assert seen["vanilla"].replace("\n", "↵") == joined
    page.mouse.move(2, 2)
    assert lit(page)["state"] == "none"
    token.click()
    page.mouse.move(2, 2)
    page.locator(SWIFT + "[data-round='3']").first.hover()
    assert lit(page) == seen | {"state": "locked"}
    press(page, "Escape")
    page.mouse.move(2, 2)
    assert lit(page)["rounds"] == []


def test_the_inspector_shows_the_round_as_python_tells_it(page, race):
    page.locator(SWIFT + "[data-round='9']").first.click()
    wait_for_round(page, 9)
    facts = told(race, 9)
    assert page.get_by_test_id("round-story").text_content() == facts["story"]
    nodes = page.eval_on_selector_all(
        ".sv-node", "nodes => nodes.map((node) => [node.firstChild.textContent, node.dataset.state])"
    )
    assert nodes == [[node["text"].strip(), node["state"]] for node in facts["nodes"]]
    assert page.locator(".sv-round-facts dd").all_text_contents() == [fact["text"] for fact in facts["facts"]]
    cost = page.get_by_test_id("round-cost").text_content()
    assert all(f"{spent['part']} {spent['ms']:.1f} ms" in cost for spent in facts["spent"])
    assert page.locator(".sv-strip").get_attribute("aria-label") == facts["skips"]
    skipped = (facts["attention"] + facts["mlp"]).count("1")
    assert page.locator(".sv-strip [data-cell='1']").count() == skipped
    assert page.locator(".sv-strip [data-cell='-1']").count() == 4  # both ends of both lines
    assert "not recorded" in page.locator(".sv-place-note").text_content()


def test_any_round_opens_one_after_the_other_and_unlocked_it_follows_the_moment(page, race):
    last = inspections_of(race)[-1]["round"]
    wait_for_round(page, last)
    page.get_by_test_id("round-before").click()
    wait_for_round(page, last - 1)
    page.get_by_test_id("round-before").click()
    wait_for_round(page, last - 2)
    page.get_by_test_id("round-after").click()
    wait_for_round(page, last - 1)
    assert lit(page)["rounds"] == [last - 1]
    page.get_by_test_id("free").click()
    wait_for_round(page, last)
    scrub(page, 0.4)
    shown = pages.where(page).split("round ")[1].split(" ")[0]
    wait_for_round(page, shown)
    scrub(page, 0)
    page.wait_for_function(TITLE, arg="Round inspector")
    assert page.locator(".sv-inspector .sv-waiting").is_visible()


def rejected_draft(page):
    """The number, confidence and round of a token in the confidence plot."""
    page.get_by_test_id("plot-confidence").scroll_into_view_if_needed()
    page.wait_for_function(
        "() => document.querySelector('[data-testid=plot-confidence]').data?.[1].x.length > 3"
    )
    return page.evaluate("""() => {
      const rejected = document.querySelector('[data-testid=plot-confidence]').data[1];
      return [rejected.x[3], rejected.y[3], rejected.customdata[3]];
    }""")


def test_a_point_of_the_confidence_plot_selects_its_token(page):
    draft = rejected_draft(page)
    x, y = page.evaluate(POINT, ["confidence", draft[0], draft[1], "xy"])
    page.mouse.move(x - 3, y)
    page.mouse.move(x, y)
    page.wait_for_function("() => document.querySelector('.swift-viewer').dataset.selection === 'pointed'")
    page.mouse.click(x, y)
    page.wait_for_function("() => document.querySelector('.swift-viewer').dataset.selection === 'locked'")
    seen = lit(page)
    assert seen["rounds"] == [draft[2]] and seen["pickedRings"] == 1
    state = page.locator(SWIFT + ".sv-picked").get_attribute("data-state")
    assert state == "rejected"


def test_rings_stay_around_their_points_when_one_looks_closer_and_goes_back(page):
    number, confidence, round_number = rejected_draft(page)
    page.locator(SWIFT + f"[data-round='{round_number}'][data-state=rejected]").first.click()
    place = ["confidence", number, confidence, "xy"]
    picked = "[data-plot=confidence] .sv-lit-picked"
    whole = page.get_by_test_id("whole-confidence")

    def is_around():
        settled(page)
        at = page.evaluate(POINT, place)
        return centres(page, picked) == [pytest.approx(at, abs=0.5)]

    assert is_around()
    before = x, y = page.evaluate(POINT, place)
    page.mouse.move(x - 40, y - 30)
    page.mouse.down()
    page.mouse.move(x + 60, y + 45, steps=4)
    page.mouse.up()
    whole.wait_for()
    assert is_around() and page.evaluate(POINT, place) != before
    whole.click()
    whole.wait_for(state="hidden")
    page.wait_for_function(f"([at, place]) => String(({POINT})(place)) === String(at)", arg=[before, place])
    assert is_around()


def test_a_row_of_the_heatmap_selects_the_rounds_that_drafted_with_its_set(page, race):
    trial = max(event.trial for event in race.events if getattr(event, "is_kept", False))
    last = inspections_of(race)[-1]
    x, y = page.evaluate(POINT, ["heatmap", 5, trial, "xy3"])
    page.mouse.move(x - 3, y)
    page.mouse.move(x, y)
    page.wait_for_function("() => document.querySelector('.swift-viewer').dataset.selection === 'pointed'")
    page.mouse.click(x, y)
    page.wait_for_function("() => document.querySelector('.swift-viewer').dataset.selection === 'locked'")
    users = [
        row["round"]
        for row in inspections_of(race)
        if (row["attention"], row["mlp"]) == (last["attention"], last["mlp"])
    ]
    seen = lit(page)
    assert seen["rounds"] == users and seen["rows"] >= 2
    assert any(
        middle == pytest.approx(y, abs=0.5) for _, middle in centres(page, "[data-plot=heatmap] rect.sv-lit")
    )
    wait_for_round(page, users[0])


def test_the_keyboard_alone_picks_locks_and_frees_a_token(page):
    lane = page.get_by_test_id("lane-swift")
    lane.focus()
    before = pages.where(page)
    press(page, "Enter", "ArrowLeft", "ArrowUp", "ArrowUp")
    focused = "document.activeElement"
    assert page.evaluate(f"{focused}.className").startswith("sv-token")
    assert page.evaluate(f"{focused}.getAttribute('role')") == "button"
    label, number = page.evaluate(f"[{focused}.getAttribute('aria-label'), {focused}.dataset.round]")
    assert f"round {number}" in label
    assert lit(page)["rounds"] == [int(number)]
    press(page, "Enter")
    assert lit(page)["state"] == "locked"
    assert page.evaluate(f"{focused}.getAttribute('aria-pressed')") == "true"
    press(page, "ArrowRight", "Escape")
    assert lit(page)["state"] != "locked"
    press(page, "Escape")
    assert page.evaluate(f"{focused}.dataset.testid") == "lane-swift"
    assert page.locator("[data-testid=lane-swift] [tabindex]").count() == 0
    assert pages.where(page) == before  # the timeline's keys were not its own meanwhile
    press(page, "Shift+ArrowLeft", "Shift+ArrowLeft")
    assert pages.where(page) != before


def test_arrow_keys_go_along_the_tree_and_its_nodes_light_their_tokens(page):
    page.locator(SWIFT + "[data-state=accepted]").last.click()
    settled(page)
    node = page.locator(".sv-node.sv-picked")
    node.focus()
    first = page.evaluate("document.activeElement.dataset.node")
    assert page.locator(".sv-node[tabindex='0']").count() == 1
    press(page, "ArrowRight")
    assert page.evaluate("document.activeElement.dataset.node") != first
    press(page, "Escape")
    assert lit(page)["pickedRings"] <= 1
    assert page.evaluate("document.activeElement.getAttribute('aria-label')")


def test_sampling_shows_bars_of_target_draft_and_residual(opened):
    page = opened("sampled", sampled_trace())
    page.get_by_test_id("round-before").click()
    wait_for_round(page, 1)
    cells = page.eval_on_selector_all(
        ".sv-place tbody tr",
        """rows => rows.map((row) => [
      row.querySelector('.sv-mark').textContent,
      ...[...row.cells].slice(1).map((cell) => cell.textContent)])""",
    )
    assert cells[0] == [" t7", "0.70", "0.10", "0.60"]
    assert cells[1] == [" t2", "0.20", "0.80", "0.00"]
    assert page.locator(".sv-place thead th").all_text_contents() == ["token", "target", "draft", "residual"]
    page.locator(".sv-node").first.click()
    settled(page)
    page.wait_for_function("() => document.querySelector('.sv-place h4').textContent.includes('Token 1')")
    share = page.locator(".sv-place td[data-odds=draft]").first.evaluate(
        "cell => getComputedStyle(cell).getPropertyValue('--sv-share')"
    )
    assert float(share) == 0.8


def test_a_run_from_before_alternatives_were_recorded_opens(opened):
    path = Path(__file__).parents[2] / "assets" / "traces" / "story-greedy.jsonl"
    trace = Trace.load(path)
    for i, event in enumerate(trace.events):
        if isinstance(event, RoundVerified):
            trace.events[i] = dataclasses.replace(event, alternatives=())
            trace.texts[i] = trace.texts[i][: len(event.token_ids)]
    page = opened("old", trace)
    page.locator(SWIFT).nth(10).click()
    settled(page)
    assert lit(page)["state"] == "locked"
    assert page.locator(".sv-node").count() > 0
    assert "not recorded" in page.locator(".sv-place-note").text_content()


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_jumps_when_the_selection_changes(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    tops = """() => ['.sv-timeline', '.sv-inspector', '.sv-tree', '.sv-place', '.sv-plots', '.sv-files'].map(
      (name) => Object.values(document.querySelector(name).getBoundingClientRect().toJSON()))"""
    page.evaluate("scrollTo(0, 0)")
    seen = [page.evaluate(tops)]
    for number in (1, 9, 20):
        page.locator(SWIFT + f"[data-round='{number}']").first.evaluate("token => token.click()")
        wait_for_round(page, number)
        seen.append(page.evaluate(tops))
    assert all(now == seen[0] for now in seen)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
