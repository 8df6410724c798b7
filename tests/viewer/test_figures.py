"""The figures hold exactly the run's values."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from plotly.offline import get_plotlyjs
from support.synthetic import events_of, header, started
from support.views import folded

from swift_demo.events import PhaseChanged, RoundVerified, SkipSetTried, TokensDrafted
from swift_demo.skip_set import SkipSet
from swift_demo.trace import Trace
from swift_demo.viewer import figures
from swift_demo.viewer.filling import PALETTE
from swift_demo.viewer.fold.search import SearchFold
from swift_demo.viewer.plotly_js import PLOTLY_JS

L = 5
A, B = SkipSet((1, 3), (2,)), SkipSet((2,), (1, 2))


def small_trace():
    """Five layers, three trials of which the first two became incumbent, one round."""

    def tried(trial, proposer, skip_set, score, is_kept, best):
        return SkipSetTried("swift", 1, 0.3, trial, proposer, skip_set, score, 8, is_kept, best)

    items = [
        (started("swift", num_layers=L), ()),
        (PhaseChanged("swift", 0, 0.1, "optimising", "start"), ()),
        (
            TokensDrafted(
                "swift", 1, 0.2, (1, 2, 3), (-1, 0, 1), (0.9, 0.85, 0.4), (1.0,) * 3, 0.8, "low confidence", A
            ),
            ("a", "b", "c"),
        ),
        (
            RoundVerified("swift", 1, 0.25, 3, (0, 1), (0.9, 0.8, 0.1), 9, "corrected", 0.6, (1, 2, 9)),
            ("a", "b", "X"),
        ),
        (tried(41, "start", A, 0.5, True, 0.5), ()),
        (tried(42, "random", B, 0.75, True, 0.75), ()),
        (tried(43, "bayesian", A, 0.625, False, 0.75), ()),
        (PhaseChanged("swift", 1, 0.4, "accelerating", "no improvement"), ()),
    ]
    return Trace(header(), [event for event, _ in items], [texts for _, texts in items])


def trace_named(figure, name):
    return next(trace for trace in figure.data if trace.name == name)


def lists(z):
    return [list(row) for row in z]


def test_the_heatmap_holds_each_trial_and_the_incumbent_on_top():
    strip, attention, mlp = figures.skip_heatmap(small_trace()).data[:3]
    assert lists(attention.z) == [[-1, 1, 0, 1, -1], [-1, 0, 1, 0, -1], [-1, 1, 0, 1, -1]]
    assert lists(mlp.z) == [[-1, 0, 1, 0, -1], [-1, 1, 1, 0, -1], [-1, 0, 1, 0, -1]]
    assert list(attention.y) == list(mlp.y) == [41, 42, 43]
    assert lists(strip.z) == [[-1, 0, 1, 0, -1], [-1, 1, 1, 0, -1]]


def test_the_heatmap_points_to_new_incumbents_and_covers_no_cell():
    figure = figures.skip_heatmap(small_trace())
    assert list(trace_named(figure, "new incumbent").y) == [41, 42]
    assert list(trace_named(figure, "incumbent").y) == [42]
    assert not figure.layout.shapes
    assert figure.layout.yaxis2.range[0] > figure.layout.yaxis2.range[1]  # newest at the bottom


def test_before_any_trial_the_strip_shows_the_start_set():
    trace = small_trace()
    start = Trace(trace.header, trace.events[:1], trace.texts[:1])
    figure = figures.skip_heatmap(start)
    bits = trace.events[0].skip_set.to_bits(L).astype(int).tolist()
    assert lists(figure.data[0].z) == [[-1, *bits[:3], -1], [-1, *bits[3:], -1]]
    assert not figure.layout.shapes


def test_matchness_by_proposer_with_the_incumbents_line():
    figure = figures.matchness(small_trace())
    assert (list(trace_named(figure, "random").x), list(trace_named(figure, "random").y)) == ([42], [0.75])
    assert list(trace_named(figure, "Bayesian").y) == [0.625]
    assert list(trace_named(figure, "incumbent").y) == [0.5, 0.75, 0.75]
    assert trace_named(figure, "incumbent").line.shape == "hv"


def test_phases_are_lines_between_trials():
    figure = figures.matchness(small_trace())
    assert [shape.x0 for shape in figure.layout.shapes] == [40.5, 43.5]
    assert [note.text for note in figure.layout.annotations] == [
        "optimising",
        "no improvement:<br>accelerating →",
    ]


def test_confidence_by_what_became_of_the_token():
    figure = figures.confidence(small_trace())
    accepted, rejected = trace_named(figure, "accepted"), trace_named(figure, "rejected")
    assert (list(accepted.x), list(accepted.y)) == ([1, 2], [0.9, 0.85])
    assert (list(rejected.x), list(rejected.y)) == ([3], [0.4])
    assert list(trace_named(figure, "threshold").x) == [0.5, 3.5]
    assert accepted.marker.symbol != rejected.marker.symbol


def test_bars_above_the_heatmap_are_the_share_of_trials_that_skip_a_sub_layer():
    attention, mlp = (trace for trace in figures.skip_heatmap(small_trace()).data if trace.type == "bar")
    assert list(attention.y) == [0, 2 / 3, 1 / 3, 2 / 3, 0]
    assert list(mlp.y) == [0, 1 / 3, 1, 0, 0]


def test_every_trial_of_a_race_is_drawn_once(race):
    figure = figures.matchness(race)
    xs = sorted(x for trace in figure.data if trace.mode == "markers" for x in trace.x)
    assert xs == [event.trial for _, event in events_of(race, SkipSetTried)]


def test_notebook_and_page_use_the_same_light_colours():
    css = files("swift_demo.viewer").joinpath("static/base.css").read_text(encoding="utf-8")
    light, dark = (dict(re.findall(r"--sv-([\w-]+): (#\w+)", block)) for block in css.split("}")[:2])
    assert {name: light[name] for name in PALETTE} == PALETTE
    assert set(PALETTE) - set(dark) == set()


def test_a_second_phase_at_the_same_trial_has_its_label_at_the_other_end_of_its_line():
    trace = small_trace()
    again = PhaseChanged("swift", 2, 0.5, "optimising again", "acceptance fell")
    both = Trace(trace.header, [*trace.events, again], [*trace.texts, ()])
    notes = figures.matchness(both).layout.annotations
    assert [(note.x, note.y) for note in notes] == [(40.5, 1), (43.5, 0), (43.5, 1)]
    assert notes[2].text == "acceptance fell:<br>optimising again →"


def test_no_text_in_a_figure_is_smaller_than_14_pixels():
    sizes = re.findall(r"'font': {[^}]*'size': (\d+)", str(figures.figure_specs(24)))
    assert sizes and min(map(int, sizes)) >= 14


def test_plotlys_bundle_is_the_one_that_plotly_itself_would_use():
    assert PLOTLY_JS.read_text(encoding="utf-8") == get_plotlyjs()


def test_every_marker_has_a_sign_in_the_pages_own_legend():
    signs = files("swift_demo.viewer").joinpath("static/panels.js").read_text(encoding="utf-8")
    symbols = set(re.findall(r"'symbol': '([\w-]+)'", str(figures.figure_specs(24))))
    assert symbols and all(f'"{symbol}": ' in signs for symbol in symbols)


@pytest.mark.parametrize(("num_trials", "side"), [(4, "left"), (9, "left"), (12, "right"), (60, "right")])
def test_a_phases_label_runs_where_the_axis_has_room(num_trials, side):
    """It is anchored at its line: by its left side, it runs on to the right."""
    bits = SkipSet((1,), (2,))
    trials = [
        SkipSetTried("swift", 0, 0.1 * n, n, "random", bits, 0.5, 8, False, 0.5)
        for n in range(1, num_trials + 1)
    ]
    end = PhaseChanged("swift", 0, 99.0, "accelerating", "trials used up")
    rows = folded(SearchFold(), started("swift"), *trials, end)["phases"]
    assert rows[-1]["label_side"] == side
