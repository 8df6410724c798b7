"""What each setting of a generation config becomes: one of transformers' processors, nothing, or a refusal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import transformers as hf


@dataclass(frozen=True, slots=True)
class Text:
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
        """Where the first new token stands, or the first that may be chosen freely."""
        num_prompt = self.prompt.shape[1]
        return num_prompt + 1 if self.has_forced_start and num_prompt <= 1 else num_prompt


Makers = Mapping[str, Callable[[Any, Text], Any]]  # of a setting's value a processor, in generate's order
ON_LOGITS: Makers = {
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
BEFORE_TOP_K: Makers = {"top_h": lambda share, text: hf.TopHLogitsWarper(share)}
AFTER_TOP_P: Makers = {
    "min_p": lambda least, text: hf.MinPLogitsWarper(least),
    "typical_p": lambda mass, text: hf.TypicalLogitsWarper(mass),
    "epsilon_cutoff": lambda epsilon, text: hf.EpsilonLogitsWarper(epsilon),
    "eta_cutoff": lambda epsilon, text: hf.EtaLogitsWarper(epsilon, device=text.device),
}
LAST: Makers = {
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
        # Other ways to be faster.
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
KNOWN = frozenset((*ON_LOGITS, *BEFORE_TOP_K, *AFTER_TOP_P, *LAST, *_REFUSED, *_ANSWERED_ELSEWHERE))


def is_set(config: Any, name: str) -> bool:
    value = getattr(config, name, None)
    return value is not None and value != _NEUTRAL.get(name)


def make(makers: Makers, config: Any, text: Text) -> list[Any]:
    """The processors of the settings that have an effect."""
    made = []
    for name, make in makers.items():
        if is_set(config, name) and (text.eos_ids or name not in _NEEDS_EOS):
            try:
                made.append(make(getattr(config, name), text))
            except (TypeError, ValueError) as error:
                raise ValueError(f"the model's generation config has a wrong {name}: {error}") from error
    return made


def stop_strings_of(config: Any) -> tuple[str, ...]:
    strings = getattr(config, "stop_strings", None) or ()
    return (strings,) if isinstance(strings, str) else tuple(strings)


def refuse(config: Any) -> None:
    """Say what cannot be followed, before anything is computed."""
    unknown = [name for name in vars(hf.GenerationConfig()) if name[0] != "_" and name not in KNOWN]
    reasons = _REFUSED | dict.fromkeys(unknown, "is not known here")
    for name, reason in reasons.items():
        if is_set(config, name):
            raise ValueError(
                f"the model's generation config asks for {name}={getattr(config, name)!r}, which {reason}; "
                f"set model.generation_config.{name} = None"
            )
