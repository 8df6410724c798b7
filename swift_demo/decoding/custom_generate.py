"""SWIFT inside transformers: ``model.generate(**inputs, custom_generate=swift_generate)``."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import Any
from weakref import WeakKeyDictionary

import torch
from transformers.generation import logits_process
from transformers.generation.configuration_utils import GenerationConfig, GenerationMode
from transformers.generation.logits_process import (
    LogitsProcessorList,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)
from transformers.generation.stopping_criteria import EosTokenCriteria, StoppingCriteriaList
from transformers.generation.streamers import BaseStreamer
from transformers.generation.utils import GenerateDecoderOnlyOutput, GenerationMixin

from swift_demo.config import SamplingConfig, SwiftConfig
from swift_demo.decoding.request import Hooks, Processor
from swift_demo.decoding.swift import Learned, SwiftDecoder
from swift_demo.events import Callback, RoundVerified
from swift_demo.skip_set import SkipSet
from swift_demo.target.model import Target

# What generate prepares for its own loops and SWIFT, which has its own cache and positions, does without.
_NOT_NEEDED = {
    "use_cache", "logits_to_keep", "cache_position", "cache", "past_key_values", "attention_mask",
    "position_ids",
}
# Processors of transformers that remember their calls, or call a function of the user's that may.
_WITH_STATE = (
    logits_process.UnbatchedClassifierFreeGuidanceLogitsProcessor,
    logits_process.SynthIDTextWatermarkLogitsProcessor,
    logits_process.PrefixConstrainedLogitsProcessor,
)

Settings = tuple[SwiftConfig, SkipSet | None]


class SwiftGenerate:
    """A decoding method for transformers' ``generate``, with the text that ``generate`` gives by itself.

    What is learned about a model's skip sets stays here from call to call, for each settings apart, and
    goes when the model goes. A new instance begins from nothing.
    """

    def __init__(self) -> None:
        # By model, weakly, and so without a decoder: that would hold the model, and keep it for good.
        self._learned: WeakKeyDictionary[torch.nn.Module, dict[Settings, Learned]] = WeakKeyDictionary()

    def __call__(
        self,
        model: Any,
        input_ids: torch.Tensor,
        logits_processor: LogitsProcessorList,
        stopping_criteria: StoppingCriteriaList,
        generation_config: GenerationConfig,
        swift_config: SwiftConfig | None = None,
        skip_set: SkipSet | None = None,
        callbacks: Iterable[Callback] = (),
        streamer: BaseStreamer | None = None,
        **model_kwargs: Any,
    ) -> torch.Tensor | GenerateDecoderOnlyOutput:
        """Prompt and text; called by ``generate``, which prepares all arguments but SWIFT's own.

        Args:
            input_ids: (1, T) prompt.
            swift_config: SWIFT's settings.
            skip_set: Where the search starts; the uniform set of the skip ratio where not given.
            callbacks: Receive every event as it happens.

        Returns:
            (1, T + new tokens) ids, or with ``return_dict_in_generate`` an output that holds them.

        Raises:
            ValueError: If something is asked for that SWIFT cannot do.
            PromptError: If prompt and text are longer than the model's context.
        """
        _refuse(input_ids, generation_config, model_kwargs)
        streamer = streamer or _streamer_of_generate()
        settings = (swift_config or SwiftConfig(), skip_set)
        target = _CalledTarget(model, stopping_criteria)
        if model not in self._learned:
            target.probe()
        known = self._learned.setdefault(model, {})
        decoder = SwiftDecoder(target, *settings)
        decoder.learned = known.pop(settings, decoder.learned)  # a call beside this one learns by itself
        sampling, hooks = _translate(input_ids.device, logits_processor, stopping_criteria, generation_config)
        new_ids: list[int] = []
        events = decoder.stream(
            input_ids[0].tolist(), generation_config.max_length - input_ids.shape[1], sampling, hooks=hooks
        )
        try:
            with closing(events):
                for event in events:
                    if isinstance(event, RoundVerified):
                        new_ids += event.token_ids
                        _feed(streamer, event.token_ids)
                    for callback in callbacks:
                        callback(event)
        finally:
            known[settings] = decoder.learned
        if streamer is not None:
            streamer.end()
        sequences: Any = torch.cat([input_ids, input_ids.new_tensor([new_ids])], dim=-1)
        if generation_config.return_dict_in_generate:
            return GenerateDecoderOnlyOutput(sequences=sequences)
        return sequences


swift_generate = SwiftGenerate()


class _CalledTarget(Target):
    """The model with the end-of-text ids of one call of ``generate``; prompts come as ids."""

    def __init__(self, model: Any, criteria: StoppingCriteriaList):
        super().__init__(model, None, type(model).__name__)
        ends = [c.eos_token_id.tolist() for c in criteria if isinstance(c, EosTokenCriteria)]
        self._eos_ids = frozenset(i for ids in ends for i in ids)

    @property
    def eos_ids(self) -> frozenset[int]:
        return self._eos_ids


def _translate(
    device: torch.device,
    processors: LogitsProcessorList,
    criteria: StoppingCriteriaList,
    config: GenerationConfig,
) -> tuple[SamplingConfig, Hooks]:
    """What ``generate`` prepared, in the decoder's words.

    Temperature, top-k and top-p become sampling settings where they come last, as they do unless rarer
    ones follow. The draft is processed too, as far as it is known that this leaves no trace: it has to
    be tried with tokens that are then rejected.
    """
    rest = list(processors)
    temperature, top_k, top_p = (1.0, 0, 1.0) if config.do_sample else (0.0, 0, 1.0)
    if config.do_sample and rest and type(rest[-1]) is TopPLogitsWarper:
        top_p = rest.pop().top_p
    if config.do_sample and rest and type(rest[-1]) is TopKLogitsWarper:
        top_k = rest.pop().top_k
    if config.do_sample and rest and type(rest[-1]) is TemperatureLogitsWarper:
        temperature = rest.pop().temperature
    # From torch's own stream of random numbers, which is what set_seed sets.
    seed = int(torch.randint(2**62, ())) if config.do_sample else 0
    hooks = Hooks(
        process=_as_processor(rest, device),
        process_draft=_as_processor([p for p in rest if _leaves_no_trace(p)], device),
        is_over=lambda ids: bool(criteria(torch.tensor([list(ids)], device=device), None)[0]),
    )
    return SamplingConfig(temperature, top_p, top_k, seed), hooks


def _as_processor(processors: list[Any], device: torch.device) -> Processor | None:
    """The processors as one function of ids and logits; None if there are none."""
    if not processors:
        return None
    chain: Any = LogitsProcessorList(processors)

    def process(ids: Sequence[int], logits: torch.Tensor) -> torch.Tensor:
        scores = logits.to(device, torch.float32, copy=True)  # they may write into it
        return chain(torch.tensor([list(ids)], device=device), scores).to(logits.device)

    return process


def _leaves_no_trace(processor: Any) -> bool:
    """Whether a processor is one of transformers' own that depends on its arguments alone."""
    return type(processor).__module__ == logits_process.__name__ and not isinstance(processor, _WITH_STATE)


def _feed(streamer: BaseStreamer | None, token_ids: Sequence[int]) -> None:
    """One token at a time, as streamers are used to."""
    if streamer is not None:
        for token_id in token_ids:
            streamer.put(torch.tensor([token_id]))


def _streamer_of_generate() -> BaseStreamer | None:
    """The streamer of the ``generate`` that called.

    It puts the prompt into the streamer, but hands it on to its own methods only and drops it for a
    callable; whoever reads from it would wait for ever.
    """
    caller = sys._getframe(2)
    is_generate = caller.f_code is inspect.unwrap(GenerationMixin.generate).__code__
    return caller.f_locals.get("streamer") if is_generate else None


def _refuse(input_ids: torch.Tensor, config: GenerationConfig, model_kwargs: dict[str, Any]) -> None:
    """Say what cannot be done, before anything is computed."""
    mode = config.get_generation_mode()
    if mode not in (GenerationMode.GREEDY_SEARCH, GenerationMode.SAMPLE):
        raise ValueError(
            f"SWIFT decodes greedily or by sampling, not by {mode.value.replace('_', ' ')}; take the settings "
            "for that out of the generation config (beams: num_beams=1), or leave out custom_generate"
        )
    if len(input_ids) != 1:
        raise ValueError(
            f"SWIFT writes one text at a time, but {len(input_ids)} were asked for; call generate for each "
            "prompt, with num_return_sequences=1"
        )
    outputs = ("output_scores", "output_logits", "output_attentions", "output_hidden_states")
    if config.return_dict_in_generate and (wished := [name for name in outputs if getattr(config, name)]):
        raise ValueError(f"SWIFT returns sequences only; leave out {' and '.join(wished)}")
    mask, positions = model_kwargs.get("attention_mask"), model_kwargs.get("position_ids")
    if mask is not None and not bool((mask == 1).all()):
        raise ValueError("attention_mask hides part of the prompt, which SWIFT cannot; leave out the padding")
    if positions is not None and positions.flatten().tolist() != list(range(input_ids.shape[1])):
        raise ValueError("SWIFT counts positions from 0 up; leave out position_ids")
    for name in ("cache", "past_key_values"):
        cache = model_kwargs.get(name)
        if getattr(cache, "_is_user_defined", False) or (cache is not None and cache.get_seq_length() > 0):
            raise ValueError(f"SWIFT keeps a cache of its own; pass the whole prompt and leave out {name}")
    if unknown := sorted(k for k, v in model_kwargs.items() if v is not None and k not in _NOT_NEEDED):
        raise ValueError(f"SWIFT has no use for {', '.join(unknown)}; leave it out")
