"""What both ways of decoding share: a prompt read into a fresh cache, a clock, and when to stop."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from swift_demo.decoding.clock import LaneClock
from swift_demo.decoding.model_processors import follow_model
from swift_demo.decoding.request import Processor, Request
from swift_demo.decoding.sampling import new_generator
from swift_demo.decoding.stopping import StopStrings
from swift_demo.events import GenerationFinished, Lane, PromptRead, StopReason
from swift_demo.skip_set import SkipSet
from swift_demo.target.model import PromptError, Target

_PROMPT_CHUNK = 512  # tokens of the prompt per forward, so that the attention mask stays small


class LaneState:
    """One generation of one lane. ``ids`` is prompt and text; all but its last token are in the cache.

    Args:
        spare_slots: Cache slots past the end of the text, for drafts and trials.

    Raises:
        PromptError: If the prompt is empty or, with the answer, longer than the model's context.
    """

    def __init__(self, lane: Lane, target: Target, request: Request, spare_slots: int = 1):
        max_new_tokens, prompt = request.max_new_tokens, request.prompt
        if max_new_tokens < 1:
            raise PromptError(f"max_new_tokens={max_new_tokens}: must be at least 1")
        self.lane = lane
        self.target = target
        self.prompt_ids = target.encode(prompt)
        request = follow_model(target, request, self.prompt_ids)
        self.max_new_tokens = max_new_tokens
        needed = len(self.prompt_ids) + max_new_tokens
        if needed > target.max_context:
            raise PromptError(
                f"prompt ({len(self.prompt_ids)} tokens) and answer ({max_new_tokens}) need {needed} "
                f"positions, but {target.name} has {target.max_context}; shorten the prompt or "
                "ask for fewer tokens"
            )
        self.sampling = request.sampling
        self.hooks = request.hooks
        self.wants_alternatives = request.wants_alternatives
        self.generator = new_generator(self.sampling, target.device)
        self.clock = LaneClock(target.device)
        self.cache = target.new_cache(needed + spare_slots)
        self.ids = list(self.prompt_ids)
        self.round = 0
        self.stop_reason: StopReason | None = None
        self._cancel = request.cancel
        self._stop = (
            StopStrings(target.text_tokenizer, self.prompt_ids, request.stop) if request.stop else None
        )

    @property
    def num_generated(self) -> int:
        return len(self.ids) - len(self.prompt_ids)

    @property
    def num_remaining(self) -> int:
        return self.max_new_tokens - self.num_generated

    @property
    def slot(self) -> int:
        """Slot of the last token, the first one that is not cached."""
        return len(self.ids) - 1

    def tensor(self, token_ids: Sequence[int]) -> torch.Tensor:
        """(T,) int64 on the target's device."""
        return torch.tensor(token_ids, device=self.target.device)

    def after_text(self, processor: Processor | None) -> Processor | None:
        """The processor, to be called with the ids behind the text so far instead of all ids."""
        if processor is None:
            return None
        return lambda token_ids, logits: processor([*self.ids, *token_ids], logits)

    def goes_on(self) -> bool:
        """Whether another round is due: the text has not ended and nobody has cancelled it."""
        if self.stop_reason is None and self._is_cancelled():
            self.stop_reason = "cancelled"
        return self.stop_reason is None

    def read_prompt(self) -> PromptRead:
        """Fill the cache with the prompt, but for its last token; stops early once it is cancelled."""
        num_read = 0
        with self.clock.running("prompt"):
            while num_read < self.slot and not self._is_cancelled():
                chunk = self.tensor(self.ids[num_read : min(num_read + _PROMPT_CHUNK, self.slot)])
                self.target.forward(chunk, self.cache, num_read, SkipSet(), needs_logits=False)
                num_read += len(chunk)
        return PromptRead(self.lane, 0, self.clock.elapsed_s, num_tokens=num_read)

    def append(self, token_ids: Sequence[int]) -> tuple[int, ...]:
        """Add tokens to the text, up to the first that ends it; returns those that were added."""
        added: list[int] = []
        for token_id in token_ids:
            added.append(token_id)
            self.ids.append(token_id)
            self.stop_reason = self._reason_to_stop(token_id)
            if self.stop_reason is not None:
                break
        return tuple(added)

    def _reason_to_stop(self, token_id: int) -> StopReason | None:
        """Why the text ends with the token just added. All are asked, so that those with a state see it."""
        is_over = self.hooks.is_over is not None and self.hooks.is_over(self.ids)
        has_stop_string = self._stop is not None and self._stop.completed_by(token_id)
        if token_id in self.target.eos_ids:
            return "end of text"
        if has_stop_string:
            return "stop string"
        if self.num_remaining == 0:
            return "token limit"
        return "stopping criterion" if is_over else None

    def _is_cancelled(self) -> bool:
        return self._cancel is not None and self._cancel.is_set()

    def finished(self) -> GenerationFinished:
        """The closing event; call it when ``stop_reason`` is set."""
        assert self.stop_reason is not None
        seconds = self.clock.seconds
        return GenerationFinished(
            self.lane, self.round, self.clock.elapsed_s,
            stop_reason=self.stop_reason,
            num_tokens=self.num_generated,
            prompt_s=seconds["prompt"],
            draft_s=seconds["draft"],
            verify_s=seconds["verify"],
            search_s=seconds["search"],
        )
