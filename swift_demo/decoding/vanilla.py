"""Vanilla decoding: one forward of the whole target for each token."""

from __future__ import annotations

import math
from collections.abc import Generator

import torch

from swift_demo.decoding.decoder import Decoder
from swift_demo.decoding.lane import LaneState
from swift_demo.decoding.request import Request
from swift_demo.decoding.sampling import NO_TOKEN, draw, most_probable, process
from swift_demo.events import Event, GenerationStarted, TokenDecoded
from swift_demo.model.target import Target
from swift_demo.skip_set import SkipSet

_NOTHING_SKIPPED = SkipSet()


class VanillaDecoder(Decoder):
    """The baseline: same target, cache, kernels and sampler as SWIFT."""

    def __init__(self, target: Target):
        self.target = target

    @torch.inference_mode()
    def _decode(self, request: Request) -> Generator[Event, None, None]:
        self.target.look_again()
        state = LaneState("vanilla", self.target, request)
        yield GenerationStarted(
            "vanilla",
            0,
            0.0,
            prompt_ids=state.prompt_ids,
            max_new_tokens=state.max_new_tokens,
            num_layers=self.target.num_layers,
            sampling=request.sampling,
            swift=None,
            skip_set=_NOTHING_SKIPPED,
            vocab_size=self.target.vocab_size,
        )
        yield state.read_prompt()
        while state.goes_on():
            state.round += 1
            with state.clock.running("verify"):
                token_id, prob = self._decode_one(state)
            state.append([token_id])
            if token_id is not None:
                yield TokenDecoded("vanilla", state.round, state.clock.elapsed_s, token_id, prob)
        yield state.finished()

    def _decode_one(self, state: LaneState) -> tuple[int | None, float]:
        """The next token and its unprocessed probability; None if the logits name no token."""
        last = state.tensor(state.ids[-1:])
        logits = self.target.forward(last, state.cache, state.slot, _NOTHING_SKIPPED)
        sampling, processor = state.request.sampling, state.request.hooks.process
        scores = logits if processor is None else processor(state.ids, logits)
        if sampling.is_greedy:
            token = most_probable(scores)
        else:
            token = draw(process(scores, sampling), state.generator)
        token_id, prob = int(token), float(logits.float().softmax(-1)[0, token[0]])
        # A processor may hide that the target's own logits are broken.
        has_token = token_id != NO_TOKEN and not math.isnan(prob)
        return token_id if has_token else None, prob
