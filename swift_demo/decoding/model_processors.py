"""What a model's own generation config says about logits, followed by whoever generates with the model.

The rule, one for both decoders and for ``swift_generate``: **how a token is chosen** (greedily or by sampling,
temperature, top-k, top-p, seed) is what the caller asks for. **Whatever else** the model's generation config
says about logits holds as it does in transformers' ``generate``: by transformers' own processors, in the same
order. What cannot be followed is refused by name, so nothing is left out in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
import transformers as hf
from transformers.generation import logits_process

from swift_demo.config import SamplingConfig
from swift_demo.decoding.request import Hooks, Processor, Request
from swift_demo.model.target import Target

# Processors of transformers that remember their calls, or call a function of the user's that may.
_WITH_STATE = (
    logits_process.UnbatchedClassifierFreeGuidanceLogitsProcessor,
    logits_process.SynthIDTextWatermarkLogitsProcessor,
    logits_process.PrefixConstrainedLogitsProcessor,
)


@dataclass(frozen=True, slots=True)
class _Text:
    """What a processor may need to know: the (1, T) prompt, how long the text may be, the ids that end it."""

    prompt: Any  # a tensor, of which some processors are annotated to want a kind
    max_length: int
    eos_ids: list[int]
    vocab_size: int
    has_forced_start: bool

    @property
    def device(self) -> Any:
        return self.prompt.device

    @property
    def first(self) -> int:
        """Where the first new token stands, or the first that is free."""
        num_prompt = self.prompt.shape[1]
        return num_prompt + 1 if self.has_forced_start and num_prompt <= 1 else num_prompt


Makers = Mapping[str, Callable[[Any, _Text], Any]]  # of a setting's value a processor, in generate's order
_ON_LOGITS: Makers = {
    "sequence_bias": lambda bias, text: hf.SequenceBiasLogitsProcessor(bias),
    "encoder_repetition_penalty": lambda penalty, text: hf.EncoderRepetitionPenaltyLogitsProcessor(
        penalty, text.prompt
    ),
    "repetition_penalty": lambda penalty, text: hf.RepetitionPenaltyLogitsProcessor(penalty),
    "no_repeat_ngram_size": lambda size, text: hf.NoRepeatNGramLogitsProcessor(size),
    "encoder_no_repeat_ngram_size": lambda size, text: hf.EncoderNoRepeatNGramLogitsProcessor(
        size, text.prompt
    ),
    "bad_words_ids": lambda words, text: hf.NoBadWordsLogitsProcessor(words, text.eos_ids or None),
    "min_length": lambda length, text: hf.MinLengthLogitsProcessor(length, text.eos_ids, text.device),
    "min_new_tokens": lambda num, text: hf.MinNewTokensLengthLogitsProcessor(
        text.prompt.shape[1], num, text.eos_ids, text.device
    ),
    "forced_bos_token_id": lambda token, text: hf.ForcedBOSTokenLogitsProcessor(token),
    "forced_eos_token_id": lambda tokens, text: hf.ForcedEOSTokenLogitsProcessor(
        text.max_length, tokens, text.device
    ),
    "remove_invalid_values": lambda _, text: hf.InfNanRemoveLogitsProcessor(),
    "exponential_decay_length_penalty": lambda penalty, text: hf.ExponentialDecayLengthPenalty(
        penalty, text.eos_ids, text.prompt.shape[1]
    ),
    "suppress_tokens": lambda tokens, text: hf.SuppressTokensLogitsProcessor(tokens, text.device),
    "begin_suppress_tokens": lambda tokens, text: hf.SuppressTokensAtBeginLogitsProcessor(
        tokens, text.first, text.device
    ),
}
_BEFORE_TOP_K: Makers = {"top_h": lambda share, text: hf.TopHLogitsWarper(share)}
_AFTER_TOP_P: Makers = {
    "min_p": lambda least, text: hf.MinPLogitsWarper(least),
    "typical_p": lambda mass, text: hf.TypicalLogitsWarper(mass),
    "epsilon_cutoff": lambda epsilon, text: hf.EpsilonLogitsWarper(epsilon),
    "eta_cutoff": lambda epsilon, text: hf.EtaLogitsWarper(epsilon, device=text.device),
}
_LAST: Makers = {
    "watermarking_config": lambda mark, text: mark.construct_processor(text.vocab_size, text.device),
    "renormalize_logits": lambda _, text: hf.LogitNormalization(),
}
_NEEDS_EOS = ("min_length", "min_new_tokens")  # as in generate, they do nothing to a text that nothing ends
_NEUTRAL = {
    "encoder_repetition_penalty": 1,
    "repetition_penalty": 1,
    "no_repeat_ngram_size": 0,
    "encoder_no_repeat_ngram_size": 0,
    "min_length": 0,
    "min_new_tokens": 0,
    "remove_invalid_values": False,
    "min_p": 0,
    "typical_p": 1,
    "epsilon_cutoff": 0,
    "eta_cutoff": 0,
    "renormalize_logits": False,
    "guidance_scale": 1,
    "token_healing": False,
}
_REFUSED = {
    "guidance_scale": "runs the whole model twice for each token",
    "token_healing": "rewrites the prompt",
    "max_time": "ends the text by the clock",
}
_ANSWERED_ELSEWHERE = frozenset(
    (
        # How tokens are chosen: the caller's to say.
        "do_sample",
        "temperature",
        "top_k",
        "top_p",
        "num_beams",
        "num_beam_groups",
        "num_return_sequences",
        "early_stopping",
        "length_penalty",
        "diversity_penalty",
        "constraints",
        "force_words_ids",
        "penalty_alpha",
        "dola_layers",
        "low_memory",
        # Where the text ends.
        "max_length",
        "max_new_tokens",
        "eos_token_id",
        "stop_strings",
        # Nothing that a text depends on.
        "bos_token_id",
        "pad_token_id",
        "decoder_start_token_id",
        "transformers_version",
        "use_cache",
        "cache_implementation",
        "cache_config",
        "max_cache_len",
        "return_legacy_cache",
        "prefill_chunk_size",
        "compile_config",
        "disable_compile",
        "continuous_batching_config",
        "output_attentions",
        "output_hidden_states",
        "output_logits",
        "output_scores",
        "return_dict_in_generate",
        # Other ways to be sooner.
        "is_assistant",
        "num_assistant_tokens",
        "num_assistant_tokens_schedule",
        "assistant_confidence_threshold",
        "assistant_early_exit",
        "assistant_ensemble_weight",
        "assistant_lookbehind",
        "target_lookbehind",
        "prompt_lookup_num_tokens",
        "max_matching_ngram_size",
        "speculation_type",
        "use_mtp",
    )
)
KNOWN = frozenset((*_ON_LOGITS, *_BEFORE_TOP_K, *_AFTER_TOP_P, *_LAST, *_REFUSED, *_ANSWERED_ELSEWHERE))


def follow_model(target: Target, request: Request, prompt_ids: Sequence[int]) -> Request:
    """The request, with what the model's own generation config adds to it; as it is where that adds nothing.

    Raises:
        ValueError: If the config asks for something that cannot be followed.
    """
    config = target.generation_config
    is_repeatable = not (request.hooks.process or request.hooks.process_draft)
    if config is None:
        return replace(request, wants_alternatives=request.wants_alternatives and is_repeatable)
    _refuse(config)
    text = _Text(
        prompt=torch.tensor([list(prompt_ids)], device=target.device),
        max_length=len(prompt_ids) + request.max_new_tokens,
        eos_ids=sorted(target.eos_ids),
        vocab_size=target.vocab_size,
        has_forced_start=_is_set(config, "forced_bos_token_id"),
    )
    sampling, first, last = request.sampling, _make(_ON_LOGITS, config, text), _make(_LAST, config, text)
    if not sampling.is_greedy:
        wide, narrow = _make(_BEFORE_TOP_K, config, text), _make(_AFTER_TOP_P, config, text)
        if wide or narrow or last:  # then what stands between them in generate's order is a processor too
            last = [*_temperature(sampling), *wide, *_top_k_top_p(sampling), *narrow, *last]
            sampling = SamplingConfig(temperature=1.0, seed=sampling.seed)
    hooks = Hooks(
        process=_in_turn(
            as_processor(first, target.device), request.hooks.process, as_processor(last, target.device)
        ),
        process_draft=_in_turn(
            as_processor(filter(leaves_no_trace, first), target.device),
            request.hooks.process_draft,
            as_processor(filter(leaves_no_trace, last), target.device),
        ),
        is_over=request.hooks.is_over,
    )
    is_repeatable = is_repeatable and all(map(leaves_no_trace, (*first, *last)))
    return replace(
        request,
        sampling=sampling,
        hooks=hooks,
        stop=(*request.stop, *_stop_strings(config)),
        wants_alternatives=request.wants_alternatives and is_repeatable,
    )


def as_processor(processors: Iterable[Any], device: torch.device) -> Processor | None:
    """Processors made for a device as one function of ids and logits; None if there are none."""
    chain: Any = hf.LogitsProcessorList(processors)
    if not chain:
        return None

    def process(ids: Sequence[int], logits: torch.Tensor) -> torch.Tensor:
        scores = logits.to(device, torch.float32, copy=True)  # they may write into it
        return chain(torch.tensor([list(ids)], device=device), scores).to(logits.device)

    return process


def leaves_no_trace(processor: Any) -> bool:
    """Whether a processor is one of transformers' own that depends on its arguments alone."""
    return type(processor).__module__ == logits_process.__name__ and not isinstance(processor, _WITH_STATE)


def _in_turn(*steps: Processor | None) -> Processor | None:
    """Processors one after another; None if there are none."""
    wanted = [step for step in steps if step is not None]
    if len(wanted) < 2:
        return wanted[0] if wanted else None

    def process(ids: Sequence[int], logits: torch.Tensor) -> torch.Tensor:
        for step in wanted:
            logits = step(ids, logits)
        return logits

    return process


def _is_set(config: Any, name: str) -> bool:
    value = getattr(config, name, None)
    return value is not None and value != _NEUTRAL.get(name)


def _make(makers: Makers, config: Any, text: _Text) -> list[Any]:
    """The processors of those settings that do something."""
    made = []
    for name, make in makers.items():
        if _is_set(config, name) and (text.eos_ids or name not in _NEEDS_EOS):
            try:
                made.append(make(getattr(config, name), text))
            except (TypeError, ValueError) as error:
                raise ValueError(f"the model's generation config has a wrong {name}: {error}") from error
    return made


def _temperature(sampling: SamplingConfig) -> list[Any]:
    return [] if sampling.temperature == 1 else [hf.TemperatureLogitsWarper(float(sampling.temperature))]


def _top_k_top_p(sampling: SamplingConfig) -> list[Any]:
    top_k = [hf.TopKLogitsWarper(sampling.top_k)] if sampling.top_k else []
    return [*top_k, hf.TopPLogitsWarper(sampling.top_p)] if sampling.top_p < 1 else top_k


def _stop_strings(config: Any) -> tuple[str, ...]:
    strings = getattr(config, "stop_strings", None) or ()
    return (strings,) if isinstance(strings, str) else tuple(strings)


def _refuse(config: Any) -> None:
    """Say what cannot be followed, before anything is computed."""
    unknown = [name for name in vars(hf.GenerationConfig()) if name[0] != "_" and name not in KNOWN]
    reasons = _REFUSED | dict.fromkeys(unknown, "is not known here")
    for name, reason in reasons.items():
        if _is_set(config, name):
            raise ValueError(
                f"the model's generation config asks for {name}={getattr(config, name)!r}, which {reason}; "
                f"set model.generation_config.{name} = None"
            )
