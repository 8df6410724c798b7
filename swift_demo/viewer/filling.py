"""Fills a figure's traces from tables; ``static/filling.js`` does the same in the browser.

A figure is ``{"layout", "traces", "repeats", "ranges"}``. A trace is plotly's own dict plus ``bind``:

- ``table``, and optionally ``where`` (column to value), ``last`` (only the newest row) and ``last_of`` (of
  each value of a column only the newest row);
- ``set``: plotly attribute to column, of the rows that have a value in each; ``constant``: attribute to a
  value, once per row;
- ``grid``: columns of bits: ``z`` is for each row a line of cells per column, with the first and last layer
  as ``ALWAYS_KEPT``;
- ``share``: a column of bits: ``y`` is for each layer the share of the rows that skip it.

``repeats`` put a template into a list of the layout (shapes, annotations) once per row; ``ranges`` keep
an axis wide enough for a column: at least ``span``, with ``room`` on both sides, or ``from`` a value to
``stretch`` times the greatest. A string "@name" is a colour, given by ``PALETTE`` or the page's theme.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from swift_demo.viewer.value import Tables

Row = Mapping[str, Any]

ALWAYS_KEPT = -1

PALETTE: dict[str, str] = {
    "ink": "#1b1f24",
    "muted": "#57606a",
    "grid": "#e3e6ea",
    "line": "#c3c9d0",
    "skipped": "#0072b2",
    "kept": "#dcebf5",
    "always-kept": "#b6bcc4",
    "accent": "#0072b2",
    "accepted": "#009e73",
    "rejected": "#d55e00",
    "own": "#b6bcc4",
    "drafting": "#56b4e9",
    "verifying": "#0072b2",
    "searching": "#b6bcc4",
    "on-drafting": "#1b1f24",
    "on-verifying": "#ffffff",
    "on-searching": "#1b1f24",
    "start": "#1b1f24",
    "random": "#6b7480",
    "bayesian": "#1d86c8",
    "swap": "#8a7400",
    "hidden-states": "#b3427f",
    "contribution": "#00796b",
}


def fill(figure: Mapping[str, Any], tables: Tables) -> go.Figure:
    """A plotly figure with its rows in it, in the colours of the light theme."""
    traces = [_filled_trace(trace, tables) for trace in figure["traces"]]
    layout = coloured(figure["layout"])
    for repeat in figure.get("repeats", ()):
        items = layout.setdefault(repeat["into"], [])
        template = coloured(repeat["template"])
        for row in select(repeat["bind"], tables):
            attributes = {name: row[column] for name, column in repeat["bind"]["set"].items()}
            items.append({**copy.deepcopy(template), **attributes})
    for axis, rule in figure.get("ranges", {}).items():
        layout[axis]["range"] = axis_range(rule, tables)
    return go.Figure(data=traces, layout=layout)


def select(bind: Mapping[str, Any], tables: Tables) -> list[Row]:
    """The rows that a binding names."""
    rows = tables.get(bind["table"], [])
    for column, value in bind.get("where", {}).items():
        rows = [row for row in rows if row[column] == value]
    if bind.get("last"):
        rows = rows[-1:]
    if "last_of" in bind:
        rows = list({row[bind["last_of"]]: row for row in rows}.values())
    needed = bind.get("set", {}).values()
    return [row for row in rows if all(row[column] is not None for column in needed)]


def axis_range(rule: Mapping[str, Any], tables: Tables) -> list[float]:
    """The range of an axis that has room for a column; see the module."""
    values = [row[rule["column"]] for row in tables.get(rule["table"], [])]
    high = max(values, default=1)
    if "from" in rule:
        return [rule["from"], max(high, rule["from"] + rule["span"]) * rule["stretch"]]
    low = values[0] if values else 1
    limits = [low - rule["room"], max(high, low + rule["span"] - 1) + rule["room"]]
    return limits[::-1] if rule.get("is_reversed") else limits


def coloured(value: Any) -> Any:
    """A copy with the named colours filled in."""
    if isinstance(value, str):
        return PALETTE[value[1:]] if value.startswith("@") else value
    if isinstance(value, Mapping):
        return {key: coloured(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [coloured(item) for item in value]
    return value


def cells(bits: str) -> list[int]:
    """A line of cells over all layers: 1 skipped, 0 kept, both ends ``ALWAYS_KEPT`` unless skipped."""
    ends = (0, len(bits) - 1)
    return [ALWAYS_KEPT if bit == "0" and layer in ends else int(bit) for layer, bit in enumerate(bits)]


def shares(lines: list[str]) -> list[float]:
    """For each layer the share of the lines of bits that skip it; empty without any."""
    return [layer.count("1") / len(lines) for layer in zip(*lines, strict=True)]


def _filled_trace(trace: Mapping[str, Any], tables: Tables) -> dict[str, Any]:
    filled = coloured({key: value for key, value in trace.items() if key != "bind"})
    bind = trace.get("bind")
    if bind is None:
        return filled
    rows = select(bind, tables)
    for attribute, column in bind.get("set", {}).items():
        filled[attribute] = [row[column] for row in rows]
    for attribute, value in bind.get("constant", {}).items():
        filled[attribute] = [value] * len(rows)
    if "grid" in bind:
        filled["z"] = [cells(row[column]) for row in rows for column in bind["grid"]]
    if "share" in bind:
        filled["y"] = shares([row[bind["share"]] for row in rows])
    return filled
