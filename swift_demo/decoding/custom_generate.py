"""SWIFT inside transformers: ``model.generate(**inputs, custom_generate=swift_generate)``."""

from __future__ import annotations

import inspect
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from typing import Any
from weakref import WeakKeyDictionary

import torch
from transformers import generation

from swift_demo.config import SwiftConfig
from swift_demo.decoding.generate_call import given_to_generate, refuse, request_of
from swift_demo.decoding.learned import Learned
from swift_demo.decoding.request import Request
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.events import Callback, Event, RoundVerified
from swift_demo.model.target import Target
from swift_demo.skip_set import SkipSet

Settings = tuple[SwiftConfig, SkipSet | None]


class SwiftGenerate:
    """A decoding method for transformers' ``generate``, with the text that ``generate`` gives by itself.

    What is learned about a model's skip sets is kept between calls, separately for each combination of
    settings, and is dropped with the model. A new instance starts from scratch. A model is checked at its first
    call, and again whenever it has changed since (hooks, weights, modules, dtype, device; see ``Target``).

    A function or subclass may come between ``generate`` and this, as long as it runs on the same thread; its
    signature must name those of SWIFT's own arguments that it should receive.
    """

    def __init__(self) -> None:
        # By model, under a weak reference, so without a decoder, which would keep the model alive.
        self._learned: WeakKeyDictionary[torch.nn.Module, dict[Settings, Learned]] = WeakKeyDictionary()
        self._checked: WeakKeyDictionary[torch.nn.Module, int | None] = WeakKeyDictionary()

    def __call__(
        self,
        model: Any,
        input_ids: torch.Tensor,
        logits_processor: generation.LogitsProcessorList,
        stopping_criteria: generation.StoppingCriteriaList,
        generation_config: generation.GenerationConfig,
        swift_config: SwiftConfig | None = None,
        skip_set: SkipSet | None = None,
        callbacks: Iterable[Callback] = (),
        streamer: generation.BaseStreamer | None = None,
        **model_kwargs: Any,
    ) -> torch.Tensor | generation.GenerateDecoderOnlyOutput:
        """Prompt and text; called by ``generate``, which prepares all arguments but SWIFT's own.

        Args:
            input_ids: (1, T) prompt.
            logits_processor: All that generation config and user ask for, the model's own config included.
            swift_config: SWIFT's settings.
            skip_set: Where the search starts; the uniform set of the skip ratio if not given.
            callbacks: Receive every event as it happens.
            streamer: Receives the new tokens, and its end however the call ends. Defaults to the one given to
                ``generate``.

        Returns:
            (1, T + new tokens) ids, or with ``return_dict_in_generate`` an output that holds them.

        Raises:
            ValueError: If something is asked for that SWIFT cannot do.
            PromptError: If the prompt fills the model's context. A text that does so ends there, whereas
                ``generate`` would go on to positions that the model was not made for.
            UnsupportedModelError: If the model cannot be run sub-layer by sub-layer, or no longer can.
        """
        given = given_to_generate(inspect.currentframe(), SwiftGenerate.__call__.__code__)
        streamer = given.get("streamer") if streamer is None else streamer
        try:
            refuse(input_ids, generation_config, model_kwargs, given)
            target = self._target(model, stopping_criteria)
            settings = (swift_config or SwiftConfig(), skip_set)
            request = request_of(input_ids, logits_processor, stopping_criteria, generation_config)
            new_ids: list[int] = []
            with closing(self._events(target, settings, request)) as events:
                for event in events:
                    if isinstance(event, RoundVerified):
                        new_ids += event.token_ids
                        _feed(streamer, event.token_ids)
                    for callback in callbacks:
                        callback(event)
        finally:
            if streamer is not None:
                streamer.end()  # also after a failure: somebody may be waiting for it
        sequences: Any = torch.cat([input_ids, input_ids.new_tensor([new_ids])], dim=-1)
        if generation_config.return_dict_in_generate:
            return generation.GenerateDecoderOnlyOutput(sequences=sequences)
        return sequences

    def _target(self, model: Any, criteria: generation.StoppingCriteriaList) -> Target:
        """The model taken apart; checked unless it was checked before and has not changed since."""
        target = _CalledTarget(model, criteria)
        if self._checked.get(model) != target.fingerprint:
            target.probe()
            self._checked[model] = target.fingerprint
        return target

    def _events(self, target: Target, settings: Settings, request: Request) -> Generator[Event, None, None]:
        """The events of a decoder that starts from what earlier calls learned, and keeps what it learns."""
        known = self._learned.setdefault(target.model, {})
        decoder = SwiftDecoder(target, *settings)
        decoder.learned = known.pop(settings, decoder.learned)  # a call beside this one learns by itself
        try:
            yield from decoder.stream(request)
        finally:
            known[settings] = decoder.learned


swift_generate = SwiftGenerate()


class _CalledTarget(Target):
    """The model with the end-of-text ids of one call of ``generate``; prompts come as ids.

    Its own generation config is ignored here, because ``generate`` has already turned it into processors.
    """

    def __init__(self, model: Any, criteria: generation.StoppingCriteriaList):
        super().__init__(model, None, type(model).__name__)
        ends = [c.eos_token_id.tolist() for c in criteria if isinstance(c, generation.EosTokenCriteria)]
        self._eos_ids = frozenset(i for ids in ends for i in ids)

    @property
    def generation_config(self) -> None:
        return None

    @property
    def eos_ids(self) -> frozenset[int]:
        return self._eos_ids


def _feed(streamer: generation.BaseStreamer | None, token_ids: Sequence[int]) -> None:
    """One token at a time, as streamers expect."""
    if streamer is not None:
        for token_id in token_ids:
            streamer.put(torch.tensor([token_id]))
