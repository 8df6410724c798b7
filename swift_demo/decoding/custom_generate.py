"""SWIFT inside transformers: ``model.generate(**inputs, custom_generate=swift_generate)``."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from types import FrameType
from typing import Any
from weakref import WeakKeyDictionary

import torch
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
from swift_demo.decoding.model_processors import as_processor, leaves_no_trace
from swift_demo.decoding.request import Hooks
from swift_demo.decoding.swift import Learned, SwiftDecoder
from swift_demo.events import Callback, Event, RoundVerified
from swift_demo.model.target import Target
from swift_demo.skip_set import SkipSet

# What generate prepares for its own loops and SWIFT, which has its own cache and positions, does without.
_NOT_NEEDED = {
    "use_cache",
    "logits_to_keep",
    "cache_position",
    "cache",
    "past_key_values",
    "attention_mask",
    "position_ids",
}

Settings = tuple[SwiftConfig, SkipSet | None]


class SwiftGenerate:
    """A decoding method for transformers' ``generate``, with the text that ``generate`` gives by itself.

    What is learned about a model's skip sets stays here from call to call, for each settings apart, and
    goes when the model goes. A new instance begins from nothing. A model is checked at its first call, and
    again whenever it has changed since (hooks, weights, modules, dtype, device; see ``Target``).

    A function or subclass may stand between ``generate`` and this, as long as it runs on the same thread;
    its signature must name the arguments of SWIFT's own that it is to be given.
    """

    def __init__(self) -> None:
        # By model, weakly, and so without a decoder: that would hold the model, and keep it for good.
        self._learned: WeakKeyDictionary[torch.nn.Module, dict[Settings, Learned]] = WeakKeyDictionary()
        self._checked: WeakKeyDictionary[torch.nn.Module, int | None] = WeakKeyDictionary()

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
            logits_processor: All that generation config and user ask for, the model's own config included.
            swift_config: SWIFT's settings.
            skip_set: Where the search starts; the uniform set of the skip ratio where not given.
            callbacks: Receive every event as it happens.
            streamer: Receives the new tokens, and its end however the call ends. The one given to
                ``generate`` where none is given here.

        Returns:
            (1, T + new tokens) ids, or with ``return_dict_in_generate`` an output that holds them.

        Raises:
            ValueError: If something is asked for that SWIFT cannot do.
            PromptError: If the prompt fills the model's context. A text that does so ends there, where
                ``generate`` would go on with positions that the model was not made for.
            UnsupportedModelError: If the model cannot be run sub-layer by sub-layer, or not any more.
        """
        given = _given_to_generate(inspect.currentframe())
        streamer = given.get("streamer") if streamer is None else streamer
        try:
            _refuse(input_ids, generation_config, model_kwargs, given)
            target = self._target(model, stopping_criteria)
            settings = (swift_config or SwiftConfig(), skip_set)
            sampling, hooks = _translate(
                input_ids.device, logits_processor, stopping_criteria, generation_config
            )
            new_ids: list[int] = []
            max_new_tokens = generation_config.max_length - input_ids.shape[1]
            with closing(
                self._events(target, settings, input_ids[0].tolist(), max_new_tokens, sampling, hooks)
            ) as events:
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
            return GenerateDecoderOnlyOutput(sequences=sequences)
        return sequences

    def _target(self, model: Any, criteria: StoppingCriteriaList) -> Target:
        """The model taken apart, and checked unless that was done and it is what it was then."""
        target = _CalledTarget(model, criteria)
        if self._checked.get(model) != target.fingerprint:
            target.probe()
            self._checked[model] = target.fingerprint
        return target

    def _events(
        self,
        target: Target,
        settings: Settings,
        prompt: list[int],
        max_new_tokens: int,
        sampling: SamplingConfig,
        hooks: Hooks,
    ) -> Generator[Event, None, None]:
        """What a decoder tells that goes on from what was learned, and that learns for the next call."""
        known = self._learned.setdefault(target.model, {})
        decoder = SwiftDecoder(target, *settings)
        decoder.learned = known.pop(settings, decoder.learned)  # a call beside this one learns by itself
        try:
            yield from decoder.stream(prompt, max_new_tokens, sampling, hooks=hooks)
        finally:
            known[settings] = decoder.learned


swift_generate = SwiftGenerate()


class _CalledTarget(Target):
    """The model with the end-of-text ids of one call of ``generate``; prompts come as ids.

    Its own generation config has nothing more to say: ``generate`` has made processors of it.
    """

    def __init__(self, model: Any, criteria: StoppingCriteriaList):
        super().__init__(model, None, type(model).__name__)
        ends = [c.eos_token_id.tolist() for c in criteria if isinstance(c, EosTokenCriteria)]
        self._eos_ids = frozenset(i for ids in ends for i in ids)

    @property
    def generation_config(self) -> None:
        return None

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
        process=as_processor(rest, device),
        process_draft=as_processor(filter(leaves_no_trace, rest), device),
        is_over=lambda ids: bool(criteria(torch.tensor([list(ids)], device=device), None)[0]),
    )
    return SamplingConfig(temperature, top_p, top_k, seed), hooks


def _feed(streamer: BaseStreamer | None, token_ids: Sequence[int]) -> None:
    """One token at a time, as streamers are used to."""
    if streamer is not None:
        for token_id in token_ids:
            streamer.put(torch.tensor([token_id]))


def _given_to_generate(frame: FrameType | None) -> dict[str, Any]:
    """The arguments, by name, of the ``generate`` that led to this frame; none where none did.

    To a callable it hands on neither the streamer, into which it has put the prompt, so that whoever reads from
    it would wait for ever, nor who made the cache. However many functions stand between, it is found by its
    code. One that this method already answers further out is not meant: a callback or processor called here.
    """
    for outer, _ in traceback.walk_stack(frame and frame.f_back):
        if outer.f_code is SwiftGenerate.__call__.__code__:
            break
        if outer.f_code is inspect.unwrap(GenerationMixin.generate).__code__:
            given = inspect.getargvalues(outer)
            others = given.locals[given.keywords] if given.keywords else {}
            return {name: given.locals.get(name) for name in given.args} | others
    return {}


def _refuse(
    input_ids: torch.Tensor, config: GenerationConfig, model_kwargs: dict[str, Any], given: dict[str, Any]
) -> None:
    """Say what cannot be done, before anything is computed."""
    if given.get("assistant_model") is not None:
        raise ValueError("SWIFT drafts with the model itself; leave out assistant_model, or custom_generate")
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
    for name in ("cache", "past_key_values"):  # generate makes an empty one of its own
        cache = model_kwargs.get(name)
        if given.get(name) is not None or (cache is not None and cache.get_seq_length() > 0):
            raise ValueError(f"SWIFT keeps a cache of its own; pass the whole prompt and leave out {name}")
    if unknown := sorted(k for k, v in model_kwargs.items() if v is not None and k not in _NOT_NEEDED):
        raise ValueError(f"SWIFT has no use for {', '.join(unknown)}; leave it out")
