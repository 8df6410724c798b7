"""The seam between Python and the browser: what the viewer is sent of a run, every part by its name.

A run is sent in chunks, each holding what was appended since the one before. Whatever grows is a row of a
table, stamped with the index of its event, so that any moment of the run is a prefix of each table, and merging
chunks is concatenation. Text that people read has columns of its own; code compares only the words listed here
and in ``events``.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from swift_demo.events import Lane, Phase, Proposer

# ---- codes

RunState = Literal["empty", "loading", "running", "stopped", "failed", "finished", "recorded"]
TokenState = Literal["vanilla", "accepted", "rejected", "corrected", "bonus", "plain"]
NodeState = Literal["accepted", "rejected", "unjudged", "corrected", "bonus", "plain"]
CandidateState = Literal["", NodeState]
Stage = Literal["reading", "decoding", Phase, "finished", "cut short"]
Tone = Literal["unknown", "short", "faster", "same", "slower"]
Identity = Literal["unknown", "so far", "identical", "differs", "sampled"]
Part = Literal["search", "draft", "verify"]
Pace = float | Literal["readable"] | None
Drafts = Literal["always", "unknown", "pays", "does not pay"]

Table = str
"""``tokens.{lane}``, ``numbers.{lane}``, ``status.{lane}``, ``spoken.{plot}``, or the name given with a row."""
Tables = dict[Table, list[Any]]
"""Rows by table."""


# ---- what the page is given


class Value(TypedDict):
    """A run as it is sent to the viewer, live or complete.

    Attributes:
        id: Unique to the run.
        state: How far the run is.
        message: What went wrong, in a sentence; empty if nothing did.
        chunks: JSON of a ``Chunk`` each, in order.
        first: How many chunks were sent before these; 0 if missing.
        is_code: Whether the text is set in monospace.
        link: What names the run in the page's address; None if no link leads to it.
        pace: Seconds of lane clock shown per second; None shows events as they come, "readable" no slower than
            it takes to read along.
        notice: What was wrong with the address, in a sentence.
        opened: Differs each time the run is opened, so that opening it twice sends it twice.
    """

    id: str
    state: RunState
    message: str
    chunks: list[str]
    first: NotRequired[int]
    is_code: NotRequired[bool]
    link: NotRequired[dict[str, str] | None]
    pace: NotRequired[Pace]
    notice: NotRequired[str]
    opened: NotRequired[str]


class Card(TypedDict):
    """A recorded run in the gallery; ``label`` is its task in words, ``about`` a sentence on the run."""

    name: str
    task: str
    label: str
    kind: str
    speedup: str
    about: str


class Maker(TypedDict):
    """Which model made the run that is shown; ``text`` says so if it is not the loaded one."""

    model: str
    text: str


class File(TypedDict):
    """A file to keep: its name and what it holds."""

    name: str
    text: str


class Opened(TypedDict):
    """The id of the run that an uploaded file held."""

    id: str


class Refused(TypedDict):
    """Why there is no file, or no run, in a sentence."""

    error: str


FileAnswer = File | Refused
OpenAnswer = Opened | Refused


# ---- chunks


class Run(TypedDict):
    """How a run happens, and where and when as a label; told once."""

    label: str
    is_greedy: bool
    num_layers: int


class Chunk(TypedDict, total=False):
    """What was appended to a run.

    Attributes:
        run: In the first chunk only.
        figures: The figures by name, as ``filling`` describes them; in the first chunk only.
        legend_room: Pixels that each figure keeps at its bottom for plotly's legend; in the first chunk only.
        clocks: ``clock_s`` of each event, so their number counts events.
        tables: New rows by table.
    """

    run: Run
    figures: dict[str, Any]
    legend_room: int
    clocks: list[float]
    tables: Tables


class Row(TypedDict):
    """What every row begins with: the index of the event that brought it."""

    event: int


# ---- the race


class TokenRow(Row):
    """``tokens.{lane}``: a token of a lane's text, in reading order; ``node`` counts the round's nodes."""

    text: str
    state: TokenState
    round: int
    confidence: float | None
    target_prob: float | None
    node: int | None


class NumbersRow(Row):
    """``numbers.{lane}``: a lane's figures as shown, whenever one of them changes."""

    tokens_per_s: str
    tokens: str
    seconds: str
    acceptance_rate: NotRequired[str]  # these three are SWIFT's alone
    rescued: NotRequired[str]
    tokens_per_round: NotRequired[str]


class StatusRow(Row):
    """``status.{lane}``: what a lane is doing, for code and in words."""

    stage: Stage
    text: str


class VerdictRow(Row):
    """``verdicts``: how both lanes compare, whenever it changes; a text with nothing to say is empty."""

    speedup: str
    word: str
    tone: Tone
    accelerating: str
    identity: Identity
    identical: str


class DraftingRow(Row):
    """``drafting``: whether drafting pays, for code and in a sentence, whenever the sentence changes."""

    drafts: Drafts
    text: str


class WorthRow(Row):
    """``worth``: what a token costs plainly and with the best draft, and the larger of both."""

    num_tokens: int
    plain_ms: float
    drafted_ms: float
    most_ms: float
    odds: str


class BandRow(Row):
    """``bands``: SWIFT's phase from here on; empty once SWIFT has ended."""

    phase: Phase | Literal[""]


# ---- the plots


class SpokenRow(Row):
    """``spoken.{plot}``: what a plot shows, in words."""

    text: str


class SkipSetColumns(TypedDict):
    """A skip set: for each kind of sub-layer a character per layer, 1 for skipped and 0 for kept."""

    attention: str
    mlp: str


class TrialRow(Row, SkipSetColumns):
    """``trials``: a scored skip set."""

    trial: int
    proposer: Proposer
    matchness: float
    became_incumbent: bool
    incumbent_matchness: float


class SkipSetRow(Row, SkipSetColumns):
    """``skip_sets``: the incumbent from here on; ``trial`` is None for the one that the run begins with."""

    trial: int | None


class PhaseRow(Row):
    """``phases``: a new phase on the axis of trials, and where its label stands."""

    trial: float
    label: str
    label_side: Literal["left", "right"]
    label_at: int


class DraftRow(Row):
    """``drafts``: a drafted token once it is verified, numbered in the order of drafting."""

    number: int
    confidence: float
    state: TokenState
    round: int
    node: int


class ThresholdRow(Row):
    """``thresholds``: the threshold from a place on the axis of drafted tokens on."""

    number: float
    threshold: float


class RoundRow(Row):
    """``rounds``: a round's counts; ``most`` is how high its step reaches."""

    round: int
    num_drafted: int
    num_accepted: int
    num_rescued: int
    num_from_draft: int
    num_tokens: int
    most: int
    mean_tokens_per_round: float | None


class CalibrationRow(Row):
    """``calibration``: running counts for a tenth of the confidence range, centred on ``confidence``.

    The share accepted is None while it is one of too few tokens.
    """

    confidence: float
    num_judged: int
    num_accepted: int
    acceptance_rate: float | None
    count: str


class ProgressRow(Row):
    """``progress``: how far a lane is on its own clock."""

    lane: Lane
    clock_s: float
    num_tokens: int


class CostRow(Row):
    """``costs``: a lane's milliseconds per token so far, the prompt left out."""

    lane: Lane
    draft_ms: float
    verify_ms: float
    search_ms: float
    ms_per_token: float


# ---- the inspector


class Node(TypedDict):
    """A token of a round's tree; ``parent`` counts nodes, -1 is the last token of the text before.

    Tokens of the chain have the threshold that was in force after them.
    """

    text: str
    state: NodeState
    parent: int
    column: int
    row: int
    place: int
    confidence: float | None
    threshold: float | None
    target_prob: float | None
    draft_prob: float | None


class Candidate(TypedDict):
    """A likely token at a place; its state is empty if neither draft nor target chose it."""

    text: str
    state: CandidateState
    target_prob: float | None
    draft_prob: float | None
    residual: float | None


class Place(TypedDict):
    """One place of a draft, its likeliest tokens first."""

    title: str
    note: str
    candidates: list[Candidate]


class Fact(TypedDict):
    """A fact of a round, in words."""

    name: str
    text: str


class Spent(TypedDict):
    """Milliseconds of a round spent on one part."""

    part: Part
    ms: float


class InspectionRow(Row, SkipSetColumns):
    """``inspections``: a verified round as the inspector shows it, with the skip set of its draft, if any."""

    round: int
    story: str
    facts: list[Fact]
    nodes: list[Node]
    places: list[Place]
    first_place: int
    spent: list[Spent]
    skips: str
