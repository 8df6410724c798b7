"""What both ways of decoding share: a prompt read into a fresh cache, a clock, and when to stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from numbers import Integral

import torch

from swift_demo.brief import brief
from swift_demo.decoding.clock import LaneClock
from swift_demo.decoding.model_processors import follow_model
from swift_demo.decoding.request import Processor, Request
from swift_demo.decoding.sampling import new_generator
from swift_demo.decoding.stopping import StopStrings
from swift_demo.events import GenerationFinished, Lane, PromptRead, StopReason
from swift_demo.model.kv_cache import KVCache
from swift_demo.model.prompts import PromptError
from swift_demo.model.target import Target
from swift_demo.skip_set import SkipSet

_PROMPT_CHUNK = 512  # tokens of the prompt per forward, so that the attention mask stays small
_MOST_TOKENS = 2**31 - 1
_FIRST_TOKENS = 2048  # of the text that the cache has room for at first; for more, it doubles


class LaneState:
    """One generation of one lane. ``ids`` is prompt and text; all but its last token are in the cache.

    Args:
        request: Kept as ``request``, with what the model's own generation config adds to it.
        spare_slots: Cache slots past the end of the text, for drafts and trials.

    Raises:
        PromptError: If the prompt is empty, the model's context leaves no room for an answer, or none is asked
            for.
    """

    def __init__(self, lane: Lane, target: Target, request: Request, spare_slots: int = 1):
        max_new_tokens = request.max_new_tokens
        is_whole = isinstance(max_new_tokens, Integral) and not isinstance(max_new_tokens, bool)
        if not (is_whole and 1 <= max_new_tokens <= _MOST_TOKENS):
            raise PromptError(
                f"max_new_tokens={brief(max_new_tokens)}: must be at least 1, "
                f"a whole number up to {_MOST_TOKENS}"
            )
        self.lane = lane
        self.target = target
        self.prompt_ids = request.ids_on(target)
        self.request = follow_model(target, request, self.prompt_ids)
        self.max_new_tokens = int(max_new_tokens)
        self._room = target.max_context - len(self.prompt_ids)
        if self._room < 1:
            raise PromptError(
                f"the prompt has {len(self.prompt_ids)} tokens, which leaves no room in the "
                f"{target.max_context} positions of {target.name}; shorten the prompt"
            )
        self.generator = new_generator(self.request.sampling, target.device)
        self.clock = LaneClock(target.device)
        self._spare_slots = spare_slots
        self.cache = target.new_cache(self._num_slots(_FIRST_TOKENS))
        self.ids = list(self.prompt_ids)
        self.round = 0
        self.stop_reason: StopReason | None = None
        stop = self.request.stop
        self._stop = StopStrings(target.text_tokenizer, self.prompt_ids, stop) if stop else None

    @property
    def num_generated(self) -> int:
        return len(self.ids) - len(self.prompt_ids)

    @property
    def num_remaining(self) -> int:
        """Most tokens that may still follow, by the number asked for and by the context."""
        return min(self.max_new_tokens, self._room) - self.num_generated

    @property
    def slot(self) -> int:
        """Slot of the last token, the first one that is not cached."""
        return len(self.ids) - 1

    def _num_slots(self, num_tokens: int) -> int:
        """Cache slots for the prompt and this many tokens, or fewer if the context ends first."""
        most = min(self.max_new_tokens, self._room)
        return len(self.prompt_ids) + min(num_tokens, most) + self._spare_slots

    def tensor(self, token_ids: Sequence[int]) -> torch.Tensor:
        """(T,) int64 on the target's device."""
        return torch.tensor(token_ids, device=self.target.device)

    def after_text(self, processor: Processor | None) -> Processor | None:
        """The processor, to be called with the ids after the text so far instead of all ids."""
        if processor is None:
            return None
        return lambda token_ids, logits: processor([*self.ids, *token_ids], logits)

    def goes_on(self) -> bool:
        """Whether another round is due: the text has not ended and nobody has cancelled it."""
        if self.stop_reason is None and self._is_cancelled():
            self.stop_reason = "cancelled"
        if self.stop_reason is None and self.cache.max_length < len(self.ids) + self._spare_slots:
            with self.clock.running("verify"):
                self.cache.grow(self._num_slots(2 * self.num_generated))
        return self.stop_reason is None

    def read_prompt(self, read: Callable[[torch.Tensor, KVCache, int], object] | None = None) -> PromptRead:
        """Fill the cache with the prompt, but for its last token; stops early once it is cancelled.

        Args:
            read: A forward over ids into the cache from a slot on; the target's own if not given.
        """
        read = read or partial(self.target.forward, skip_set=SkipSet(), needs_logits=False)
        num_read = 0
        with self.clock.running("prompt"):
            while num_read < self.slot and not self._is_cancelled():
                chunk = self.tensor(self.ids[num_read : min(num_read + _PROMPT_CHUNK, self.slot)])
                read(chunk, self.cache, num_read)
                num_read += len(chunk)
        return PromptRead(self.lane, 0, self.clock.elapsed_s, num_tokens=num_read)

    def append(self, token_ids: Sequence[int | None]) -> tuple[int, ...]:
        """Add tokens to the text, up to the first that ends it; returns those that were added.

        Args:
            token_ids: None stands for one that the target could not name.
        """
        added: list[int] = []
        for token_id in token_ids:
            if token_id is None:
                self.stop_reason = "invalid logits"
                break
            added.append(token_id)
            self.ids.append(token_id)
            self.stop_reason = self._reason_to_stop(token_id)
            if self.stop_reason is not None:
                break
        return tuple(added)

    def _reason_to_stop(self, token_id: int) -> StopReason | None:
        """Why the text ends with the token just added. All criteria are asked, so those with a state see it."""
        is_over = self.request.hooks.is_over
        is_ended = is_over is not None and is_over(self.ids)
        has_stop_string = self._stop is not None and self._stop.completed_by(token_id)
        if token_id in self.target.eos_ids:
            return "end of text"
        if has_stop_string:
            return "stop string"
        if self.num_remaining == 0:
            return "token limit" if self.num_generated == self.max_new_tokens else "context full"
        return "stopping criterion" if is_ended else None

    def _is_cancelled(self) -> bool:
        return self.request.cancel is not None and self.request.cancel.is_set()

    def finished(self) -> GenerationFinished:
        """The closing event; call it when ``stop_reason`` is set."""
        assert self.stop_reason is not None
        seconds = self.clock.seconds
        return GenerationFinished(
            self.lane,
            self.round,
            self.clock.elapsed_s,
            stop_reason=self.stop_reason,
            num_tokens=self.num_generated,
            prompt_s=seconds["prompt"],
            draft_s=seconds["draft"],
            verify_s=seconds["verify"],
            search_s=seconds["search"],
        )
