"""SWIFT: on-the-fly self-speculative decoding, made visible.

Decode with ``SwiftDecoder`` and ``VanillaDecoder``, or let both ``Race``; each yields the same events.
Or stay in transformers: ``model.generate(**inputs, custom_generate=swift_generate)``.
"""

from swift_demo.config import SamplingConfig, SearchConfig, SwiftConfig
from swift_demo.decoding.custom_generate import SwiftGenerate, swift_generate
from swift_demo.decoding.generation import Generation
from swift_demo.decoding.race import Race
from swift_demo.decoding.request import Hooks, Request
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.events import (
    DraftingWeighed,
    Event,
    GenerationFinished,
    GenerationStarted,
    PhaseChanged,
    PromptRead,
    RoundVerified,
    SkipSetTried,
    ThresholdMoved,
    TokenDecoded,
    TokensDrafted,
    on,
)
from swift_demo.model.loading import ModelLoadError, load_target
from swift_demo.model.prompts import PromptError
from swift_demo.model.target import Target
from swift_demo.skip_set import SkipSet
from swift_demo.trace import Trace, TraceError, TraceHeader, TraceRecorder

__version__ = "0.1.0"

__all__ = [
    "DraftingWeighed",
    "Event",
    "Generation",
    "GenerationFinished",
    "GenerationStarted",
    "Hooks",
    "ModelLoadError",
    "PhaseChanged",
    "PromptError",
    "PromptRead",
    "Race",
    "Request",
    "RoundVerified",
    "SamplingConfig",
    "SearchConfig",
    "SkipSet",
    "SkipSetTried",
    "SwiftConfig",
    "SwiftDecoder",
    "SwiftGenerate",
    "Target",
    "ThresholdMoved",
    "TokenDecoded",
    "TokensDrafted",
    "Trace",
    "TraceError",
    "TraceHeader",
    "TraceRecorder",
    "VanillaDecoder",
    "__version__",
    "load_target",
    "on",
    "swift_generate",
]
