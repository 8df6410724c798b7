"""The figures, each defined once: filled here for notebooks, in the browser for the page."""

from __future__ import annotations

from collections.abc import Callable

import plotly.graph_objects as go

from swift_demo.events import GenerationStarted
from swift_demo.trace import Trace
from swift_demo.viewer.figures.clock import race_spec, time_spec
from swift_demo.viewer.figures.drafting import calibration_spec, confidence_spec, rounds_spec
from swift_demo.viewer.figures.parts import Spec
from swift_demo.viewer.figures.search import heatmap_spec, matchness_spec
from swift_demo.viewer.figures.worth import worth_spec
from swift_demo.viewer.filling import fill
from swift_demo.viewer.fold import tables_of

# The page's plots by name, given the number of layers.
SPECS: dict[str, Callable[[int], Spec]] = {
    "heatmap": heatmap_spec,
    "race": lambda _: race_spec(),
    "matchness": lambda _: matchness_spec(),
    "worth": lambda _: worth_spec(),
    "confidence": lambda _: confidence_spec(),
    "time": lambda _: time_spec(),
    "rounds": lambda _: rounds_spec(),
    "calibration": lambda _: calibration_spec(),
}


def skip_heatmap(trace: Trace) -> go.Figure:
    """Which sub-layers each trial skipped, how often each was skipped, and the incumbent as a strip on top."""
    return _figure("heatmap", trace)


def matchness(trace: Trace) -> go.Figure:
    """How well each trial's draft matched the text, by proposer, with the incumbent as a line."""
    return _figure("matchness", trace)


def confidence(trace: Trace) -> go.Figure:
    """The draft's confidence in each drafted token, what became of it, and the threshold."""
    return _figure("confidence", trace)


def worth(trace: Trace) -> go.Figure:
    """Milliseconds per token as weighed: decoded plainly, and with the best draft."""
    return _figure("worth", trace)


def race(trace: Trace) -> go.Figure:
    """Tokens of both lanes over their own clocks."""
    return _figure("race", trace)


def time_per_token(trace: Trace) -> go.Figure:
    """Milliseconds per token of both lanes, by what they were spent on; reading the prompt is left out."""
    return _figure("time", trace)


def tokens_per_round(trace: Trace) -> go.Figure:
    """Tokens drafted, accepted and added in each round, with their running mean."""
    return _figure("rounds", trace)


def calibration(trace: Trace) -> go.Figure:
    """Share of drafted tokens accepted, by the draft's confidence in them."""
    return _figure("calibration", trace)


def figure_specs(num_layers: int) -> dict[str, Spec]:
    """The page's plots by name, as the browser draws them."""
    return {name: spec(num_layers) for name, spec in SPECS.items()}


def num_layers_of(trace: Trace) -> int:
    """Layers of the model of a run.

    Raises:
        ValueError: If the run never started.
    """
    for event in trace.events:
        if isinstance(event, GenerationStarted):
            return event.num_layers
    raise ValueError("the trace has no GenerationStarted event, so its number of layers is unknown")


def _figure(name: str, trace: Trace) -> go.Figure:
    return fill(SPECS[name](num_layers_of(trace)), tables_of(trace))
