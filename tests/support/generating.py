"""The same call of transformers' ``generate`` with and without SWIFT."""

from __future__ import annotations

import torch

from support.doubles import eager_config, eager_search
from swift_demo import swift_generate

PROMPT_IDS = torch.tensor([[0, 40, 41, 80, 42]])
CONFIG = eager_config(
    skip_ratio=0.2,
    confidence_threshold=0.1,
    max_draft_tokens=6,
    search=eager_search(min_context=8, context_window=16, max_time_share=1.0),
)
WAIT_S = 60


def plain(model, input_ids=PROMPT_IDS, **arguments):
    """Ids of prompt and text as ``generate`` gives them; greedy unless told otherwise."""
    return model.generate(input_ids, **{"do_sample": False} | arguments)[0].tolist()


def swift(model, input_ids=PROMPT_IDS, method=swift_generate, **arguments):
    """The same, decoded by SWIFT."""
    return plain(model, input_ids, **{"custom_generate": method, "swift_config": CONFIG} | arguments)


class Listener:
    """A streamer that notes what it gets."""

    def __init__(self):
        self.heard = []

    def put(self, value):
        self.heard.append(value.flatten().tolist())

    def end(self):
        self.heard.append("end")
