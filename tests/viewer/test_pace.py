"""A live run that is shown slower than it is computed: the picture keeps its pace, the run does not wait."""

from __future__ import annotations

import json
import uuid

import pytest
from support import pages
from support.pages import tokens

from swift_demo.viewer.view import view_of

pytestmark = pytest.mark.browser

SHOW = "value => SwiftViewer.mount(document.getElementById('place')).show(value)"
PACE = 0.1


class Shown:
    """A page whose time the test moves, and a run on it."""

    def __init__(self, page, race):
        self.page = page
        self.id = uuid.uuid4().hex
        self.chunks = view_of(race)
        assert len(self.chunks) >= 5
        self.expected = {lane: len(tokens) for lane, tokens in _tokens_of(race).items()}
        self.ends = [json.loads(chunk)["clocks"][-1] for chunk in self.chunks]
        self.seconds = max(event.clock_s for event in race.events)

    def show(self, state, num_chunks, pace=PACE):
        value = {"id": self.id, "state": state, "pace": pace, "chunks": self.chunks[:num_chunks]}
        self.page.evaluate(SHOW, value)

    def wait(self, seconds):
        self.page.clock.run_for(200)
        self.page.clock.fast_forward(round(1000 * seconds) - 500)
        self.page.clock.run_for(300)  # what is drawn now and then is drawn

    @property
    def time(self):
        return float(self.page.get_by_test_id("moment").text_content().split()[0])

    @property
    def state(self):
        return self.page.locator(".swift-viewer").get_attribute("data-state")

    @property
    def ribbon(self):
        return self.page.get_by_test_id("ribbon").text_content()

    def is_whole(self):
        return {
            lane: sum(token[1] != "rejected" for token in seen) for lane, seen in tokens(self.page).items()
        } == self.expected


def _tokens_of(race):
    return {lane: race.token_ids(lane) for lane in ("vanilla", "swift")}


@pytest.fixture(scope="module")
def page(chromium, tmp_path_factory):
    page = chromium.new_page(viewport={"width": 1440, "height": 900})
    page.clock.install()
    page.goto(pages.write_page(tmp_path_factory.mktemp("page")))
    yield page
    page.close()


@pytest.fixture
def shown(page, race):
    shown = Shown(page, race)
    shown.show("loading", 0)
    shown.show("running", 2)
    return shown


def test_it_is_shown_at_its_pace_until_all_has_been_seen(shown):
    shown.wait(5)
    assert shown.time == pytest.approx(5 * PACE, abs=0.1)
    assert shown.state == "running" and "1/10" in shown.ribbon and not shown.is_whole()
    shown.show("finished", len(shown.chunks))  # computed, but not seen
    assert shown.state == "running" and not shown.is_whole()
    shown.wait(1)
    assert shown.time == pytest.approx(6 * PACE, abs=0.1)
    shown.wait(shown.seconds / PACE)
    assert shown.state == "finished" and shown.is_whole() and "1/10" not in shown.ribbon


def test_where_it_catches_up_with_what_is_computed_it_waits_and_goes_on_at_its_pace(shown):
    shown.wait(20)
    caught_up = shown.time
    shown.show("running", 3)
    shown.wait(1)
    assert caught_up < shown.time <= caught_up + 1.2 * PACE


@pytest.mark.parametrize("state", ["stopped", "failed"])
def test_what_was_cut_short_is_shown_at_once_as_far_as_it_got(shown, state):
    shown.wait(1)
    shown.show(state, len(shown.chunks))
    shown.wait(1)
    assert shown.state == state and shown.is_whole()


def test_who_asks_for_the_newest_moment_gets_it_and_all_that_follows_as_it_comes(shown):
    shown.wait(1)
    button = shown.page.get_by_test_id("live")
    button.click()
    shown.wait(1)
    assert shown.time == pytest.approx(shown.ends[1], abs=0.01) and button.is_disabled()
    shown.show("running", 3)
    shown.wait(1)
    assert shown.time == pytest.approx(shown.ends[2], abs=0.01)
    shown.show("finished", len(shown.chunks))
    shown.wait(1)
    assert shown.state == "finished" and shown.is_whole()


def test_who_moves_by_hand_is_left_there(shown):
    shown.wait(3)
    pages.press(shown.page, "ArrowLeft")
    shown.wait(1)
    there = shown.time
    shown.show("finished", len(shown.chunks))
    shown.wait(20)
    assert shown.time == there and shown.state == "finished"


def test_a_pause_holds_the_picture_and_play_goes_on_from_there_at_the_same_pace(shown):
    shown.wait(3)
    shown.page.get_by_test_id("play").click()
    there = shown.time
    shown.wait(5)
    assert shown.time == pytest.approx(there, abs=0.05)
    shown.page.get_by_test_id("play").click()
    shown.wait(2)
    assert shown.time == pytest.approx(there + 2 * PACE, abs=0.1)


def test_without_a_pace_it_is_shown_as_it_comes(page, race):
    shown = Shown(page, race)
    for num_chunks in (1, 2):
        shown.show("running", num_chunks, pace=None)
        shown.wait(1)
        assert shown.time == pytest.approx(shown.ends[num_chunks - 1], abs=0.01)


def test_by_default_it_is_slowed_no_more_than_reading_along_needs(page, race):
    """The faster lane of the made run writes some sixty tokens a second, so a quarter of that is enough."""
    shown = Shown(page, race)
    shown.show("loading", 0, pace="readable")
    shown.show("running", 3, pace="readable")
    shown.wait(1)
    assert "1/4 of real speed" in shown.ribbon and not shown.is_whole()
    shown.show("finished", len(shown.chunks), pace="readable")
    shown.wait(5 * shown.seconds)
    assert shown.is_whole() and shown.state == "finished"
