"""``numbers.{lane}`` and ``status.{lane}``: a lane's figures as shown on screen, and what it is doing."""

from __future__ import annotations

from swift_demo.events import (
    Event,
    GenerationFinished,
    GenerationStarted,
    Lane,
    Phase,
    PhaseChanged,
    PromptRead,
    SkipSetTried,
    TokenDecoded,
)
from swift_demo.metrics import LaneMetrics
from swift_demo.trace import Entry
from swift_demo.viewer.formats import NONE_TEXT, NOTHING_DRAFTED, rate_text, share_text
from swift_demo.viewer.value import NumbersRow, Stage, StatusRow, Table

_STOP_WORDS = {  # for stop reasons that are too short for a lane's head
    "context full": "the model's context is full",
    "invalid logits": "the model's logits are NaN or infinite",
}


class NumbersFold:
    """A row of a lane's figures whenever one of them reads differently."""

    def __init__(self) -> None:
        self._metrics: dict[Lane, LaneMetrics] = {lane: LaneMetrics(lane) for lane in ("vanilla", "swift")}
        self._shown: dict[Lane, NumbersRow] = {}

    def add(self, entry: Entry, index: int) -> list[tuple[Table, NumbersRow]]:
        lane = entry.event.lane
        metrics, shown = self._metrics[lane], self._shown.get(lane)
        metrics.add(entry.event)
        row = _numbers(metrics, index)
        if shown is not None and row == {**shown, "event": index}:
            return []
        self._shown[lane] = row
        return [(f"numbers.{lane}", row)]


def _numbers(metrics: LaneMetrics, index: int) -> NumbersRow:
    row = NumbersRow(
        event=index,
        tokens_per_s=rate_text(metrics.tokens_per_s),
        tokens=str(metrics.num_tokens),
        seconds=f"{metrics.seconds:.2f}",
    )
    if metrics.lane == "swift":
        mean = metrics.mean_tokens_per_round
        row["acceptance_rate"] = _accepted(metrics)
        row["rescued"] = str(metrics.num_rescued) if metrics.num_drafted else NONE_TEXT
        row["tokens_per_round"] = NONE_TEXT if mean is None else f"{mean:.2f}"
    return row


def _accepted(metrics: LaneMetrics) -> str:
    if metrics.num_drafted:
        return share_text(metrics.num_accepted, metrics.num_drafted)
    return NOTHING_DRAFTED if metrics.num_rounds else NONE_TEXT


class StatusFold:
    """A row whenever a lane begins something else, or another trial."""

    def __init__(self) -> None:
        self._phases: dict[Lane, PhaseChanged] = {}
        self._shown: dict[Lane, tuple[Stage, str]] = {}

    def add(self, entry: Entry, index: int) -> list[tuple[Table, StatusRow]]:
        lane, status = entry.event.lane, self._status(entry.event)
        if status is None or status == self._shown.get(lane):
            return []
        self._shown[lane] = status
        stage, text = status
        return [(f"status.{lane}", StatusRow(event=index, stage=stage, text=text))]

    def end(self, index: int) -> list[tuple[Table, StatusRow]]:
        return [
            (f"status.{lane}", StatusRow(event=index, stage="cut short", text="ended early"))
            for lane, (stage, _) in self._shown.items()
            if stage != "finished"
        ]

    def _status(self, event: Event) -> tuple[Stage, str] | None:
        phase = self._phases.get(event.lane)
        if isinstance(event, GenerationStarted):
            return "reading", "reading the prompt"
        if isinstance(event, PhaseChanged):
            self._phases[event.lane] = event
            return event.phase, _phase_text(event)
        if isinstance(event, PromptRead):
            return (phase.phase, _phase_text(phase)) if phase else ("decoding", "decoding")
        if isinstance(event, SkipSetTried):
            stage: Phase = phase.phase if phase else "optimising"
            return stage, f"{stage}, trial {event.trial}"
        if isinstance(event, GenerationFinished):
            return "finished", f"finished ({_STOP_WORDS.get(event.stop_reason, event.stop_reason)})"
        if isinstance(event, TokenDecoded) and event.round == 1:
            return "decoding", "decoding"
        return None


def _phase_text(event: PhaseChanged) -> str:
    return event.phase if event.reason == "start" else f"{event.phase} ({event.reason})"
