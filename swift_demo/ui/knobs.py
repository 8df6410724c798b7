"""Every setting of a run, once: its name on the page, its range, and what it sets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from swift_demo.config import PAPER_TREE, SamplingConfig, SearchConfig, SwiftConfig
from swift_demo.ui.fields import Choice, Knob, Number, Switch, Text
from swift_demo.ui.service import PromptError, Request, RunRequest
from swift_demo.viewer.value import Pace

PROMPT = Text("The prompt", 1_000_000)
MODEL_NAME = Text("The model's name", 1_000)

# In the order of the page.
KNOBS: tuple[Knob, ...] = (
    Number(
        "max_new_tokens",
        "Maximum tokens",
        "The text is never longer than this.",
        "request.max_new_tokens",
        least=16,
        most=400,
        step=1,
    ),
    Choice(
        "pace",
        "Shown speed",
        "Slows the picture, never the figures; easy to follow is at most 20 tokens a second.",
        "page.pace",  # as in ``Value``
        choices={"easy to follow": "readable", "real time": None, "1/4": 0.25, "1/10": 0.1, "1/40": 0.025},
    ),
    Switch(
        "uses_template",
        "Chat template",
        "Sends the prompt as a message, as instruct models expect; without effect on a model that has none.",
        "page.uses_template",
    ),
    Number(
        "temperature",
        "Temperature",
        "0 is greedy: both texts are the same.",
        "sampling.temperature",
        least=0,
        most=1.5,
        step=0.05,
    ),
    Number(
        "top_p",
        "Top-p",
        "Keep the likeliest tokens up to this sum.",
        "sampling.top_p",
        "Sampling",
        least=0.05,
        most=1,
        step=0.05,
    ),
    Number(
        "top_k",
        "Top-k",
        "Keep this many tokens; 0 keeps all.",
        "sampling.top_k",
        "Sampling",
        least=0,
        most=100,
        step=1,
    ),
    Number(
        "seed",
        "Seed",
        "Repeats a sampled text; SWIFT's too, if it has learned the same.",
        "sampling.seed",
        "Sampling",
        least=0,
        most=2**32 - 1,
        step=1,
        is_slider=False,
    ),
    Choice(
        "preset",
        "SWIFT’s settings",
        "The paper drafts in every round, at one skip ratio, and searches for matchness by random and Bayesian "
        "sets; then its own numbers hold instead of the settings from here to Trials.",
        "page.is_paper",
        choices={"best": False, "as in the paper": True},
    ),
    Choice(
        "threshold_rule",
        "Drafting",
        "As far as it pays is nothing at all where nothing pays; a moving threshold follows acceptance, "
        "towards 90 % (Draft & Verify).",
        "swift.threshold_rule",
        choices={"as far as it pays": "measured", "fixed threshold": "fixed", "moving threshold": "adaptive"},
    ),
    Number(
        "skip_ratio",
        "Skip ratio",
        "Share of sub-layers that the draft leaves out; a search for speed only begins with it.",
        "swift.skip_ratio",
        least=0,
        most=0.9,
        step=0.05,
    ),
    Choice(
        "start",
        "First skip set",
        "What your first run starts from; the uniform one leaves the search everything to find.",
        "page.starts_known",
        choices={"learned earlier": True, "uniform": False},
    ),
    Number(
        "threshold",
        "Confidence threshold",
        "Drafting stops below it, unless it goes as far as it pays.",
        "swift.confidence_threshold",
        least=0,
        most=1,
        step=0.05,
    ),
    Switch(
        "has_tree",
        "Token tree",
        "When unsure, also verify other candidates.",
        "swift.tree_levels",
        on=PAPER_TREE,
        off=(),
    ),
    Switch("is_searching", "Search", "Look for better sub-layers to skip while writing.", "search.is_enabled"),
    Choice(
        "objective",
        "Search for",
        "The paper keeps the number of skipped sub-layers, and compares sets by matchness.",
        "search.objective",
        choices={"speed, any size": "speed", "matchness at the skip ratio": "matchness"},
    ),
    Switch(
        "looks_inside",
        "Hidden states",
        "Also propose the set they favour; not in the paper.",
        "search.hidden_states_interval",
        on=SearchConfig().hidden_states_interval,
        off=0,
    ),
    Number(
        "max_trials",
        "Trials",
        "The search ends after this many.",
        "search.max_trials",
        least=10,
        most=400,
        step=10,
    ),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """All fields of the page, checked.

    Attributes:
        prompt: The text to be continued.
        run: What the engine is asked for.
        pace: See the knob of this key.
    """

    prompt: str
    run: RunRequest
    pace: Pace


def settings_of(sent: Mapping[str, object]) -> Settings:
    """What was sent, by the knobs' keys, with the text to be continued as ``prompt``.

    Raises:
        WrongField: If a field holds what it cannot.
        PromptError: If there is no text to be continued.
    """
    prompt = PROMPT.checked(sent.get("prompt"))
    if not prompt.strip():
        raise PromptError("the prompt is empty; type some text or choose one of the five tasks")
    parts: dict[str, dict[str, Any]] = defaultdict(dict)
    for knob in KNOBS:
        part, _, field = knob.sets.partition(".")
        parts[part][field] = knob.checked(sent.get(knob.key))
    sampling, search = SamplingConfig(**parts["sampling"]), SearchConfig(**parts["search"])
    page = parts["page"]
    request = Request(
        prompt, **parts["request"], sampling=sampling, wants_alternatives=True, special_tokens=False
    )
    own = SwiftConfig(**parts["swift"], search=search)
    swift = SwiftConfig.paper() if page["is_paper"] else own
    run = RunRequest(request, swift, page["starts_known"], page["uses_template"])
    return Settings(prompt, run, page["pace"])
