"""Entries to rows: one fold for each kind of table, all with the protocol ``value.Fold``."""

from __future__ import annotations

from swift_demo.trace import Trace
from swift_demo.viewer.fold.clocks import ClockFold
from swift_demo.viewer.fold.drafts import DraftFold
from swift_demo.viewer.fold.inspections import InspectionFold
from swift_demo.viewer.fold.numbers import NumbersFold, StatusFold
from swift_demo.viewer.fold.parts import Fold
from swift_demo.viewer.fold.rounds import RoundFold
from swift_demo.viewer.fold.search import SearchFold
from swift_demo.viewer.fold.spoken import SpokenFold
from swift_demo.viewer.fold.tokens import TokenFold
from swift_demo.viewer.fold.verdicts import VerdictFold
from swift_demo.viewer.fold.weighing import WeighingFold
from swift_demo.viewer.value import Tables


def plotted_folds() -> list[Fold]:
    """Those whose tables the figures are filled from."""
    return [SearchFold(), DraftFold(), RoundFold(), ClockFold(), WeighingFold()]


def all_folds() -> list[Fold]:
    """Those whose tables the viewer is sent."""
    others: list[Fold] = [
        TokenFold(),
        InspectionFold(),
        NumbersFold(),
        StatusFold(),
        VerdictFold(),
        SpokenFold(),
    ]
    return plotted_folds() + others


def tables_of(trace: Trace) -> Tables:
    """The tables that the figures are filled from, for a whole run."""
    tables: Tables = {}
    folds = plotted_folds()
    for index, entry in enumerate(trace.entries()):
        for fold in folds:
            for table, row in fold.add(entry, index):
                tables.setdefault(table, []).append(row)
    return tables
