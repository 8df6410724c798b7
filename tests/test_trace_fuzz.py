"""A damaged trace is refused in a short sentence with its line, however it was damaged."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.damage import KINDS, damaged

from swift_demo.trace import Trace, TraceError

TRACES = Path(__file__).parent.parent / "assets" / "traces"
NUM_DAMAGED = 150


@pytest.fixture(scope="module")
def runs():
    """Two recorded runs: their lines."""
    names = ("story-greedy", "summary-sampled")
    return [(TRACES / f"{name}.jsonl").read_text(encoding="utf-8").split("\n")[:-1] for name in names]


def lanes(trace):
    pairs = list(zip(trace.events, trace.texts, strict=True))
    return [[pair for pair in pairs if pair[0].lane == lane] for lane in ("vanilla", "swift")]


def is_begun(trace, whole):
    """Whether each lane tells a beginning of what happened; in which order they are told means nothing."""
    return trace.header == whole.header and all(
        lane == all_of_it[: len(lane)] for lane, all_of_it in zip(lanes(trace), lanes(whole), strict=True)
    )


def test_damage_is_refused_or_changes_nothing(runs):
    other, lines = runs
    whole = Trace.from_lines(lines)
    seen = {}
    for seed in range(NUM_DAMAGED):
        kind, changed = damaged(seed, lines, other)
        seen.setdefault(kind, []).append(seed)
        try:
            assert is_begun(Trace.from_bytes("\n".join(changed).encode()), whole), (seed, kind)
        except TraceError as error:
            assert str(error).startswith("line ") and len(str(error)) < 300, (seed, kind, error)
            str(error).encode()
    assert set(seen) == set(KINDS)
