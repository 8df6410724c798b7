"""Texts that the target itself has written, ready to score skip sets on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from swift_demo.decoding.request import Request, as_asked
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.model.target import Target
from swift_demo.search.hidden_states import WINDOW, CloseDraft, closest_drafts, num_slots
from swift_demo.search.matchness import score_draft
from swift_demo.skip_set import SkipSet, num_skippable


@dataclass(frozen=True, slots=True)
class WrittenText:
    """A prompt and what the target writes after it, greedily.

    Attributes:
        prompt_ids: The prompt as the target reads it.
        token_ids: The text.
    """

    prompt_ids: tuple[int, ...]
    token_ids: tuple[int, ...]


def write_text(target: Target, prompt: str | Sequence[int], num_tokens: int) -> WrittenText:
    """What the target writes after a prompt, which an instruct model reads as a request.

    Raises:
        PromptError: If the prompt cannot be continued.
    """
    prompt_ids = as_asked(target, Request(prompt)).ids_on(target)
    generation = VanillaDecoder(target).generate(prompt_ids, max_new_tokens=num_tokens)
    return WrittenText(prompt_ids, generation.token_ids)


class ScoredText:
    """Scores skip sets on a written text, and looks at the target's hidden states there.

    Args:
        text: At least one token was written.
    """

    def __init__(self, target: Target, text: WrittenText):
        self._target = target
        self.num_tokens = len(text.token_ids)
        self._ids = torch.tensor([*text.prompt_ids, *text.token_ids], device=target.device)
        self._slot = len(self._ids) - 1
        spare = max(self.num_tokens, num_slots(num_skippable(target.num_layers)))
        with torch.inference_mode():
            self._cache = target.new_cache(self._slot + spare + 1)
            target.forward(self._ids[:-1], self._cache, 0, SkipSet(), needs_logits=False)

    @torch.inference_mode()
    def score(self, skip_set: SkipSet, num_tokens: int | None = None) -> float:
        """Matchness on the last ``num_tokens`` of the text; on all that was written if not given."""
        count = min(num_tokens or self.num_tokens, self.num_tokens)
        recent = self._ids[-count - 1 :]
        return score_draft(self._target, self._cache, recent, self._slot, skip_set).matchness

    @torch.inference_mode()
    def look(
        self, num_skipped: int, is_judged: bool = False, attention_weight: float = 1.0
    ) -> list[CloseDraft]:
        """The sets up to this size that the target's hidden states favour at the end of the text."""
        recent = self._ids[-WINDOW - 1 :]
        return closest_drafts(
            self._target, self._cache, recent, self._slot, num_skipped, is_judged, attention_weight
        )
