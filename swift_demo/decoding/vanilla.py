"""Vanilla decoding: one forward of the whole target for each token."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence

import torch

from swift_demo.config import SamplingConfig
from swift_demo.decoding.generation import Generation, run_to_end
from swift_demo.decoding.lane import LaneState
from swift_demo.decoding.sampling import draw, process
from swift_demo.events import Callback, Event, GenerationStarted, TokenDecoded
from swift_demo.skip_set import SkipSet
from swift_demo.target.model import Target

_NOTHING_SKIPPED = SkipSet()


class VanillaDecoder:
    """The baseline: same target, cache, kernels and sampler as SWIFT."""

    def __init__(self, target: Target):
        self.target = target

    @torch.inference_mode()
    def stream(
        self,
        prompt: str | Sequence[int],
        max_new_tokens: int = 150,
        sampling: SamplingConfig | None = None,
    ) -> Generator[Event, None, None]:
        """Generate, one event at a time.

        Args:
            prompt: Text or token ids.
            max_new_tokens: The text ends there at the latest.
            sampling: Greedy where not given.

        Raises:
            PromptError: If the prompt cannot be continued.
        """
        state = LaneState("vanilla", self.target, prompt, max_new_tokens, sampling or SamplingConfig())
        yield GenerationStarted(
            "vanilla", 0, 0.0,
            prompt_ids=state.prompt_ids,
            max_new_tokens=max_new_tokens,
            num_layers=self.target.num_layers,
            sampling=state.sampling,
            swift=None,
            skip_set=_NOTHING_SKIPPED,
        )
        yield state.read_prompt()
        while state.stop_reason is None:
            state.round += 1
            with state.clock.running("verify"):
                token_id, prob = self._decode_one(state)
            state.append([token_id])
            yield TokenDecoded("vanilla", state.round, state.clock.elapsed_s, token_id, prob)
        yield state.finished()

    def generate(
        self,
        prompt: str | Sequence[int],
        max_new_tokens: int = 150,
        sampling: SamplingConfig | None = None,
        callbacks: Iterable[Callback] = (),
    ) -> Generation:
        """Generate to the end; ``callbacks`` receive every event as it happens."""
        return run_to_end(self.target, prompt, self.stream(prompt, max_new_tokens, sampling), callbacks)

    def _decode_one(self, state: LaneState) -> tuple[int, float]:
        """The next token and its unprocessed probability."""
        last = state.tensor(state.ids[-1:])
        logits = self.target.forward(last, state.cache, state.slot, _NOTHING_SKIPPED)
        if state.sampling.is_greedy:
            token = logits.argmax(-1)
        else:
            token = draw(process(logits, state.sampling), state.generator)
        prob = logits.float().softmax(-1)[0, token[0]]
        return int(token), float(prob)
