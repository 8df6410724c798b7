"""The target model, run with any set of its sub-layers skipped.

Shape letters, here and in ``decoding``: T tokens of this pass, D drafted, V vocabulary, L layers. The
batch size is always 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import groupby, takewhile
from operator import index
from typing import Any

import torch
from tokenizers import Tokenizer

from swift_demo.skip_set import SkipSet
from swift_demo.target.families import SUPPORTED, UnsupportedModelError, take_apart
from swift_demo.target.kv_cache import KVCache
from swift_demo.target.masks import attention_mask
from swift_demo.target.sublayers import ForwardContext, Sublayer
from swift_demo.target.token_tree import TokenTree
from swift_demo.text import panics_as_errors

_PROBE_LENGTH = 12
_PROBE_PARTS = [7, 1, 4]
_MAX_PLANS = 4096  # remembered skip sets; a plan is a tuple of references
Plan = tuple[tuple[torch.device, tuple[Sublayer, ...]], ...]  # in order, in runs on one device


class PromptError(ValueError):
    """The prompt cannot be continued; the message says why and what to do."""


class Target:
    """A causal language model and its tokenizer, with the skip set an argument of the forward.

    The model is only read. Everything that changes while text is generated (cache, clock, search)
    belongs to the decoder, so decoders can share one target.

    Args:
        model: A causal model of a supported family, in evaluation mode.
        tokenizer: Its tokenizer, a fast one; None where prompts are ids and nobody reads the text.
        name: What to call it on screen and in traces.
        known_sets: Skip sets found for it before, by name.

    Raises:
        UnsupportedModelError: If the model cannot be run sub-layer by sub-layer, or the tokenizer is slow.
    """

    def __init__(
        self, model: Any, tokenizer: Any, name: str, known_sets: dict[str, SkipSet] | None = None
    ):
        if tokenizer is not None and getattr(tokenizer, "backend_tokenizer", None) is None:
            raise UnsupportedModelError(
                f"{type(tokenizer).__name__} is a slow tokenizer; load a fast one, "
                "which AutoTokenizer gives where the model comes with a tokenizer.json"
            )
        self.model = model
        self.tokenizer = tokenizer
        self.name = name
        self.known_sets = known_sets or {}
        self._stack = take_apart(model)
        self._plans: dict[SkipSet, Plan] = {}
        self.device = self._stack.entry_device
        self.dtype: torch.dtype = self.model.dtype

    @property
    def num_layers(self) -> int:
        """L."""
        return len(self._stack.attention)

    @property
    def vocab_size(self) -> int:
        """V."""
        return self._stack.vocab_size

    @property
    def max_context(self) -> int:
        """Most tokens, prompt and answer together, that the model has positions for."""
        return self._stack.max_context

    @property
    def eos_ids(self) -> frozenset[int]:
        """Every id that ends a text: those that ``generate`` ends at."""
        settings = getattr(self.model, "generation_config", None) or self.model.config
        eos = getattr(settings, "eos_token_id", None)
        if eos is None:
            return frozenset()
        return frozenset([eos] if isinstance(eos, int) else eos)

    @property
    def text_tokenizer(self) -> Tokenizer:
        """The tokenizers object that turns ids into text."""
        if self.tokenizer is None:
            raise ValueError("this target has no tokenizer for text; give it one, or only stream its events")
        return self.tokenizer.backend_tokenizer

    def encode(self, prompt: str | Sequence[int]) -> tuple[int, ...]:
        """Prompt ids of a text, or the given ids, checked.

        A text is to be continued, so what its tokenizer adds to texts comes before it alone, not behind it
        as an end-of-text token would; and not if the text begins with it, as rendered chat templates do.

        Raises:
            PromptError: If nothing is left to continue, the text cannot be read or is longer than any that
                fits, or an id is not in the vocabulary.
        """
        ids = self._read(prompt) if isinstance(prompt, str) else _whole_numbers(prompt)
        if not ids:
            raise PromptError("the prompt is empty; type some text to be continued")
        wrong = [i for i in ids if not 0 <= i < self.vocab_size]
        if wrong:
            raise PromptError(f"token id {wrong[0]} is not in the vocabulary of {self.vocab_size}")
        return tuple(ids)

    def _read(self, text: str) -> list[int]:
        """The ids of a text behind those that its tokenizer puts before texts, unless it begins with them."""
        if self.tokenizer is None:
            raise PromptError("there is no tokenizer to read the prompt with; give token ids")
        if len(text) > self.max_context and len(text) > self.max_context * self._longest_token:
            raise PromptError(
                f"the prompt has {len(text):,} characters, too many for {self.max_context} tokens; shorten it"
            )
        try:
            text.encode()
            with panics_as_errors():
                read = self.tokenizer(text, return_special_tokens_mask=True, verbose=False)
        except UnicodeEncodeError as error:
            place, wrong = error.start + 1, text[error.start]
            raise PromptError(f"character {place} of the prompt is half of one, {wrong!r}; delete it") from None
        except Exception as error:
            raise PromptError(f"the tokenizer cannot read the prompt ({_first_line(error)})") from error
        ids, is_added = read["input_ids"], read["special_tokens_mask"]
        before = len(list(takewhile(bool, is_added)))
        behind = len(list(takewhile(bool, reversed(is_added[before:]))))
        added, own = ids[:before], ids[before : len(ids) - behind]
        return own if own and own[:before] == added else added + own

    @cached_property
    def _longest_token(self) -> int:
        return max(map(len, self.text_tokenizer.get_vocab()), default=1)

    def new_cache(self, max_length: int) -> KVCache:
        """A cache for one lane with room for ``max_length`` slots."""
        return KVCache(self._stack.cache_shapes, max_length, self._stack.devices, self.dtype)

    def forward(
        self,
        token_ids: torch.Tensor,
        cache: KVCache,
        slot: int,
        skip_set: SkipSet,
        position: int | None = None,
        hidden_slots: slice | None = None,
        needs_logits: bool = True,
        parents: Sequence[int] | None = None,
    ) -> torch.Tensor:
        """One pass over T tokens: consecutive ones, each seeing those before it, or a tree.

        Args:
            token_ids: (T,) int64, on the target's device.
            cache: Keys and values; slots before ``slot`` are seen, ``slot .. slot + T`` written.
            slot: Where the first token's keys and values go.
            skip_set: Sub-layers to leave out.
            position: Position of the first token in the text; ``slot`` where not given.
            hidden_slots: Earlier slots that these tokens must not see.
            needs_logits: False stops before the head and returns the hidden states.
            parents: For a tree, (T,) the index of the token that each follows, -1 for the first; a token
                then sees the text before ``slot`` and its own ancestors.

        Returns:
            (T, V) logits, unnormalised, in the model's dtype; or (T, hidden size). On the target's device.
        """
        hidden = self.embed(token_ids)
        context = self.context(hidden, cache, slot, position, hidden_slots, parents)
        for device, sublayers in self.plan(skip_set):
            hidden, context = hidden.to(device), context.to(device)
            for sublayer in sublayers:
                hidden = sublayer(hidden, context)
        if not needs_logits:
            return hidden[0].to(self.device)
        return self._stack.head(self._stack.norm(hidden))[0].to(self.device)

    def embed(self, token_ids: torch.Tensor) -> torch.Tensor:
        """(1, T, hidden size), what the first sub-layer is given for (T,) ids."""
        return self._stack.embed(token_ids[None])

    def context(
        self,
        hidden: torch.Tensor,
        cache: KVCache,
        slot: int,
        position: int | None = None,
        hidden_slots: slice | None = None,
        parents: Sequence[int] | None = None,
    ) -> ForwardContext:
        """What all sub-layers of a pass over (1, T, hidden size) share; arguments as in ``forward``."""
        cache.slot = slot
        first = slot if position is None else position
        tree = None if parents is None else TokenTree(parents, self.device)
        depths = torch.arange(hidden.shape[1], device=self.device) if tree is None else tree.depths
        positions = first + depths
        return ForwardContext(
            ropes=self._stack.ropes(hidden, positions[None]),
            masks={
                layer_type: attention_mask(positions, slot, hidden_slots, tree, window, self.dtype)
                for layer_type, window in self._stack.windows.items()
            },
            cache=cache,
        )

    def plan(self, skip_set: SkipSet) -> Plan:
        """The sub-layers to run, in order, by the device they run on."""
        plan = self._plans.get(skip_set)
        if plan is None:
            skip_set.check(self.num_layers)
            kept = (
                (self._stack.devices[i], sublayer)
                for i in range(self.num_layers)
                for sublayer, skipped in (
                    (self._stack.attention[i], skip_set.attention), (self._stack.mlp[i], skip_set.mlp),
                )
                if i not in skipped
            )
            plan = tuple(
                (device, tuple(sublayer for _, sublayer in run))
                for device, run in groupby(kept, lambda step: step[0])
            )
            if len(self._plans) >= _MAX_PLANS:
                self._plans.clear()
            self._plans[skip_set] = plan
        return plan

    @torch.inference_mode()
    def probe(self) -> None:
        """Check once that our own loop, with nothing skipped, gives the model's own logits.

        Raises:
            UnsupportedModelError: If it does not; the message names the architecture and what is supported.
        """
        name = type(self.model).__name__
        positions = torch.arange(_PROBE_LENGTH, device=self.device)
        ids = positions % self.vocab_size
        own = self.model(ids[None], use_cache=False).logits[0].float()
        cache = self.new_cache(_PROBE_LENGTH)
        try:  # many tokens, one, several: as a prompt, a draft and a verification run
            ours = torch.cat([
                self.forward(ids[part], cache, int(part[0]), SkipSet()).float()
                for part in positions.split(_PROBE_PARTS)
            ])
        except torch.OutOfMemoryError:
            raise
        except (AttributeError, IndexError, KeyError, RuntimeError, TypeError, ValueError) as error:
            raise UnsupportedModelError(
                f"{name} calls its sub-layers in another way ({_first_line(error)}); {SUPPORTED}"
            ) from error
        is_exact = self.dtype == torch.float32 and not getattr(self.model, "is_quantized", False)
        tolerance = 1e-4 if is_exact else 0.05
        difference = float((ours - own).norm() / own.norm().clamp(min=1e-6))
        if not difference <= tolerance:
            raise UnsupportedModelError(
                f"{name} does more in its forward than its sub-layers (logits differ by {difference:.1%}); "
                f"{SUPPORTED}"
            )


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:100]


def _whole_numbers(prompt: Any) -> list[int]:
    try:
        if isinstance(prompt, bytes | bytearray):
            raise TypeError
        values = list(prompt)
    except TypeError:
        kind = type(prompt).__name__
        raise PromptError(f"the prompt is of type {kind}; give text or a list of token ids") from None
    try:
        return [index(value) for value in values]
    except TypeError:
        raise PromptError("the prompt's token ids must be whole numbers, in one list") from None
