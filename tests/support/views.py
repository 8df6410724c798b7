"""A view as the browser holds it: its chunks put one after another; and what one fold makes of a run."""

from __future__ import annotations

import json
from collections import defaultdict

from swift_demo.trace import Entry


def merged(chunks):
    """A whole run: what the first chunk says of it, the clock of each event, and all rows by table."""
    first, *others = whole = [json.loads(text) for text in chunks]
    assert not any("run" in chunk or "figures" in chunk for chunk in others)
    clocks = [clock_s for chunk in whole for clock_s in chunk.get("clocks", [])]
    return {"run": first["run"], "figures": first["figures"], "clocks": clocks, "tables": tables_in(chunks)}


def tables_in(chunks):
    """All rows of any chunks, by table."""
    tables = defaultdict(list)
    for text in chunks:
        for table, rows in json.loads(text)["tables"].items():
            tables[table] += rows
    return tables


def folded(fold, *entries):
    """What a fold makes of entries, each an event or an event with its pieces: rows by table."""
    tables = defaultdict(list)
    for index, entry in enumerate(entries):
        for table, row in fold.add(entry if isinstance(entry, Entry) else Entry(entry, ()), index):
            assert row["event"] == index
            tables[table].append(row)
    return tables
