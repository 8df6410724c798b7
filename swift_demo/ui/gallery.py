"""The recorded runs that the page opens without computing, and what a link's address may name."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from pathlib import Path

from swift_demo.brief import one_line
from swift_demo.config import SamplingConfig
from swift_demo.metrics import lane_metrics, speedup
from swift_demo.trace import Trace
from swift_demo.ui.presets import FIRST_PRESET, PRESETS, Preset, preset_of
from swift_demo.viewer.export import value_of
from swift_demo.viewer.formats import LEAST_FOR_SHARE, percent_text, speedup_text
from swift_demo.viewer.value import Card, Value

log = logging.getLogger(__name__)

GREEDY = "greedy"
KINDS = {GREEDY: SamplingConfig(), "sampled": SamplingConfig(temperature=0.6)}
_PROMPTS = {preset.task: preset.prompt for preset in PRESETS}
# Models beside the embedded one, each with a greedy run of the first preset's request.
OTHER_MODELS = {"smollm2": "SmolLM2 135M", "planted": "SmolLM2, layers planted"}
_LABELS = {preset.task: preset.label for preset in PRESETS} | OTHER_MODELS


def run_name(subject: str, kind: str) -> str:
    """What a recorded run is called, as a file and in links.

    Args:
        subject: The task of a preset, or one of ``OTHER_MODELS``.
    """
    return f"{subject}-{kind}"


FIRST_RUN = run_name(FIRST_PRESET.task, GREEDY)


@dataclass(frozen=True, slots=True)
class Opening:
    """What a link opens.

    Attributes:
        run: Name of the recorded run, None if there is none to show.
        prompt: What the prompt field holds.
        notice: What was wrong with the link, in a sentence; empty if nothing was.
    """

    run: str | None
    prompt: str
    notice: str


class Gallery:
    """The recorded runs of a folder: for each task or other model one of each kind whose file is there.

    Args:
        folder: Where ``python -m swift_demo.ui.record`` wrote them; a file that cannot be read is left out.

    Attributes:
        traces: The runs by their names, in the order of the tasks; other models come last.
    """

    def __init__(self, folder: Path):
        self.traces: dict[str, Trace] = {}
        self._cards: list[Card] = []
        self._task_models: set[str] = set()
        for subject, kind in product(_LABELS, KINDS):
            name = run_name(subject, kind)
            if (path := folder / f"{name}.jsonl").exists():
                try:
                    trace = Trace.load(path)
                    self._cards.append(_card(subject, kind, trace))
                    self.traces[name] = trace
                    if subject not in OTHER_MODELS:
                        self._task_models.add(trace.header.model)
                except Exception as error:  # one damaged file must not keep the page from starting
                    log.warning("%s is left out of the gallery: %s", path, error)
        self._value = lru_cache(self._folded)

    def cards(self) -> list[Card]:
        """What the page shows of each run."""
        return self._cards

    def value(self, name: str) -> Value:
        """A run as ``viewer.js`` takes it; its id is its name."""
        return Value(**self._value(name))

    def run_of(self, preset: Preset) -> str | None:
        """Name of the run that shows a task, None if there is none."""
        name = run_name(preset.task, GREEDY)
        return name if name in self.traces else None

    def caption(self) -> str:
        """A caption that names the model that made the runs of tasks."""
        all_models = {trace.header.model for trace in self.traces.values()}
        whose = [f"of {', '.join(sorted(self._task_models))}"] if self._task_models else []
        if all_models - self._task_models:
            whose.append("of other models")
        return " ".join(["Recorded runs", " and, below, ".join(whose)]).rstrip()

    def opening(self, address: Mapping[str, str]) -> Opening:
        """What a page with this address opens; ``run`` in it names a recorded run, ``preset`` a task."""
        preset, run = address.get("preset"), address.get("run")
        notices = []
        if preset is not None and preset not in _PROMPTS:
            notices.append(
                f"The link names the task “{one_line(preset, 40)}”; the tasks are {', '.join(_PROMPTS)}."
            )
            preset = None
        if run is not None and run not in self.traces:
            notices.append(f"The link names the recorded run “{one_line(run, 40)}”, which is not kept here.")
            run = None
        if run is None:
            candidates = ([run_name(preset, GREEDY)] if preset else []) + [FIRST_RUN]
            run = next((name for name in candidates if name in self.traces), None)
        if notices:
            notices.append(
                "This is the run the page usually opens with."
                if run is None or run == FIRST_RUN
                else "This is a recorded run of the task."
            )
        if preset is not None:
            prompt = _PROMPTS[preset]
        else:
            prompt = self.traces[run].header.prompt if run else FIRST_PRESET.prompt
        return Opening(run, prompt, " ".join(notices))

    def _folded(self, name: str) -> Value:
        return value_of(self.traces[name], name, {"run": name})


def link_of(prompt: str) -> dict[str, str] | None:
    """The part of an address that names a live run: its prompt's task; None for a prompt of one's own."""
    preset = preset_of(prompt)
    return None if preset is None else {"preset": preset.task}


def _card(subject: str, kind: str, trace: Trace) -> Card:
    vanilla, swift = (lane_metrics(trace.events, lane) for lane in ("vanilla", "swift"))
    ratio = speedup_text(speedup(swift, vanilla))
    header, label = trace.header, _LABELS[subject]
    if swift.num_drafted >= LEAST_FOR_SHARE:
        drafted = f"{percent_text(swift.acceptance_rate)} accepted, {swift.num_rescued} rescued"
    else:
        drafted = f"{swift.num_drafted} tokens drafted"
    return Card(
        name=run_name(subject, kind),
        task=subject,
        label=label,
        kind=kind,
        speedup=ratio,
        about=f"{label}, {kind}: {ratio}, {drafted}; "
        f"recorded {header.created[:10]} with {header.model} on {header.hardware}",
    )
