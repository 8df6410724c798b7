"""What was measured, run by run, and how it is kept so that every figure can be computed again."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from swift_demo.bench.arguments import write_json
from swift_demo.bench.methods import Outcome
from swift_demo.metrics import LaneMetrics, lane_metrics
from swift_demo.trace import Trace

INDEX = "runs.json"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one method on one prompt.

    Attributes:
        turn: Methods that ran in the same turn ran right after each other.
        seconds: A lane's own clock; wall-clock time for transformers' ``generate``.
        wall_s: From the call to its end, whatever happened in between.
        peak_bytes: Most memory in use meanwhile; the process's, or torch's on a GPU.
        metrics: From the trace; None for transformers' ``generate``.
        top2_gap: How far apart the target's two best logits are where a text diverges from the one it is
            compared with; None if it does not.
    """

    task: str
    prompt: int
    turn: int
    method: str
    token_ids: tuple[int, ...]
    seconds: float
    wall_s: float
    peak_bytes: int
    metrics: LaneMetrics | None
    top2_gap: float | None = None

    @property
    def tokens_per_s(self) -> float:
        return len(self.token_ids) / self.seconds


@dataclass(slots=True)
class Runs:
    """Everything that one call of the benchmark measured.

    Attributes:
        circumstances: Hardware, versions, settings.
        missing: By task and method, why a method did not run.
        folder: Where traces are saved as they come; None keeps none.
    """

    circumstances: dict[str, Any]
    runs: list[Run] = field(default_factory=list)
    missing: dict[str, dict[str, str]] = field(default_factory=dict)
    folder: Path | None = None
    _index: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self,
        task: str,
        prompt: int,
        turn: int,
        method: str,
        outcome: Outcome,
        wall_s: float,
        peak_bytes: int,
        top2_gap: float | None = None,
    ) -> None:
        """Take in one run; its trace goes to the folder, its numbers stay."""
        where: dict[str, Any] = {
            "task": task,
            "prompt": prompt,
            "turn": turn,
            "method": method,
            "wall_s": wall_s,
            "peak_bytes": peak_bytes,
            "top2_gap": top2_gap,
        }
        self.runs.append(_run(where, outcome))
        if self.folder is None:
            return
        if outcome.trace is None:
            self._index.append(where | {"token_ids": outcome.token_ids, "seconds": outcome.seconds})
            return
        name = f"{len(self._index):04d}.jsonl"
        self.folder.mkdir(parents=True, exist_ok=True)
        outcome.trace.save(self.folder / name)
        self._index.append(where | {"trace": name})

    def save_index(self) -> None:
        """Write beside the traces which run each of them is."""
        if self.folder is not None:
            head = {"circumstances": self.circumstances, "missing": self.missing}
            write_json(self.folder / INDEX, head | {"runs": self._index})

    @classmethod
    def load(cls, folder: Path) -> Runs:
        """All runs again, every number of a lane computed from its trace."""
        content = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        runs = cls(content["circumstances"], missing=content["missing"])
        for entry in content["runs"]:
            if (name := entry.pop("trace", None)) is None:
                outcome = Outcome(tuple(entry.pop("token_ids")), entry.pop("seconds"), None)
            else:
                trace = Trace.load(folder / name)
                lane = trace.events[0].lane
                outcome = Outcome(trace.token_ids(lane), lane_metrics(trace.events, lane).seconds, trace)
            runs.runs.append(_run(entry, outcome))
        return runs


def _run(where: dict[str, Any], outcome: Outcome) -> Run:
    if outcome.trace is None:
        return Run(**where, token_ids=outcome.token_ids, seconds=outcome.seconds, metrics=None)
    lane = outcome.trace.events[0].lane
    metrics = lane_metrics(outcome.trace.events, lane)
    return Run(**where, token_ids=outcome.trace.token_ids(lane), seconds=metrics.seconds, metrics=metrics)
