"""Events are told by their clocks, none is lost, and a finished lane holds nothing back."""

from __future__ import annotations

import itertools
import random

import pytest
from support import synthetic

from swift_demo.trace import Entry
from swift_demo.viewer.order import ClockOrder


def told(events):
    order = ClockOrder()
    released = [told.event for event in events for told in order.add(Entry(event, ()))]
    return released, [told.event for told in order.rest()]


@pytest.mark.parametrize("seed", range(5))
def test_lanes_in_any_turn_come_out_by_their_clocks(race, seed):
    lanes = [[event for event in race.events if event.lane == lane] for lane in ("vanilla", "swift")]
    rng, mixed = random.Random(seed), [lane.pop(0) for lane in lanes]
    while any(lanes):
        mixed.append(rng.choice([lane for lane in lanes if lane]).pop(0))
    released, rest = told(mixed)
    assert rest == []
    assert sorted(map(id, released)) == sorted(map(id, mixed))
    assert all(a.clock_s <= b.clock_s for a, b in itertools.pairwise(released))


def test_what_is_ahead_waits_for_the_other_lane_and_the_rest_is_not_lost():
    events = synthetic.race().events[:80]
    ahead = max(events, key=lambda event: event.clock_s)
    released, rest = told(events)
    assert released + rest == sorted(events, key=lambda event: event.clock_s)
    assert ahead in rest or ahead == released[-1]
