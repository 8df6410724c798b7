"""The target model, run with any set of its sub-layers skipped.

Shape letters, here and in ``decoding``: T tokens of this pass, D drafted, V vocabulary, L layers. The
batch size is always 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers import GenerationConfig

from swift_demo.messages import Message
from swift_demo.model.chat import has_chat_template, read_literally, read_messages
from swift_demo.model.families import UnsupportedModelError, decoder_layers, take_apart
from swift_demo.model.fingerprint import fingerprint, hooked_in_vain
from swift_demo.model.kv_cache import KVCache
from swift_demo.model.layers import Layer
from swift_demo.model.masks import attention_mask
from swift_demo.model.probe import probe
from swift_demo.model.prompts import PromptError, read_text, whole_numbers
from swift_demo.model.sublayers import ForwardContext, Step
from swift_demo.model.token_tree import TokenTree
from swift_demo.skip_set import SkipSet

_MAX_PLANS = 4096  # remembered skip sets; a plan is a tuple of references
Plan = tuple[tuple[torch.device, tuple[Step, ...]], ...]  # in order, in runs on one device


class Target:
    """A causal language model and its tokenizer, with the skip set an argument of the forward.

    The model is only read. Everything that changes while text is generated (cache, clock, search)
    belongs to the decoder, so decoders can share one target.

    Whoever owns the model may change it between generations: move it, convert it, replace modules or weights,
    add hooks. Each generation begins with ``look_again``, which takes a changed model apart and checks it
    again, and refuses it if it can no longer be run. Hooks on modules that are called (attention, MLP, norms,
    embedding, head, and all inside them) act as usual, on drafts too; those on the layers, or on what contains
    them, would not be called and are refused by name.

    Args:
        model: A causal model of a supported family, in evaluation mode.
        tokenizer: Its tokenizer, a fast one; None if prompts are ids and nobody reads the text.
        name: What to call it on screen and in traces.
        known_sets: Skip sets found for it before, by name.
        saved_dtype: The number format of its files, if known.

    Raises:
        UnsupportedModelError: If the model cannot be run sub-layer by sub-layer, or the tokenizer is slow.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        name: str,
        known_sets: dict[str, SkipSet] | None = None,
        saved_dtype: torch.dtype | None = None,
    ):
        if tokenizer is not None and getattr(tokenizer, "backend_tokenizer", None) is None:
            raise UnsupportedModelError(
                f"{type(tokenizer).__name__} is a slow tokenizer; load a fast one, "
                "which AutoTokenizer gives if the model comes with a tokenizer.json"
            )
        self.model = model
        self.tokenizer = tokenizer
        self.name = name
        self.known_sets = known_sets or {}
        self.saved_dtype = saved_dtype
        self._take_apart()
        self.fingerprint: int | None = fingerprint(model)

    def _take_apart(self) -> None:
        self._stack = take_apart(self.model)
        if names := hooked_in_vain(self.model, decoder_layers(self.model)):
            raise UnsupportedModelError(
                f"the hook on {names[0]} of {type(self.model).__name__} would not be called, since sub-layers "
                "are called one by one; remove it, or hook attention, MLP or a norm instead"
            )
        self._plans: dict[SkipSet, Plan] = {}
        self.device = self._stack.entry_device
        self.dtype: torch.dtype = self.model.dtype

    def look_again(self) -> None:
        """Take the model apart and check it again if it has changed since that was last done.

        Raises:
            UnsupportedModelError: If it can no longer be run; raised each time until it can.
        """
        if fingerprint(self.model) == self.fingerprint:
            return
        self.fingerprint = None
        self._take_apart()
        self.probe()
        self.fingerprint = fingerprint(self.model)

    @property
    def generation_config(self) -> GenerationConfig | None:
        """The model's own generation config; None if there is none, or it has been followed already."""
        return getattr(self.model, "generation_config", None)

    @property
    def num_layers(self) -> int:
        """L."""
        return len(self._stack.layers)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Attention and MLP of each layer."""
        return self._stack.layers

    @property
    def vocab_size(self) -> int:
        """V."""
        return self._stack.vocab_size

    @property
    def max_context(self) -> int:
        """Most tokens, prompt and answer together, that the model has positions for."""
        return self._stack.max_context

    @property
    def dtype_note(self) -> str:
        """What to say beside the number format if the files have another; else nothing."""
        saved = self.saved_dtype
        if saved in (None, self.dtype) or getattr(self.model, "is_quantized", False):
            return ""
        size = self.dtype.itemsize / saved.itemsize
        note = f"saved as {str(saved).removeprefix('torch.')}"
        return note if size == 1 else f"{note}, {size:g}× the memory"

    @property
    def eos_ids(self) -> frozenset[int]:
        """Every id that ends a text: those that ``generate`` ends at."""
        settings = self.generation_config or self.model.config.get_text_config(decoder=True)
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

    @property
    def has_chat_template(self) -> bool:
        """Whether its tokenizer can put messages into the form that the model was trained on."""
        return has_chat_template(self.tokenizer)

    def encode(self, prompt: str | Sequence[int], special_tokens: bool = True) -> tuple[int, ...]:
        """Prompt ids of a text, or the given ids, checked.

        A text is to be continued, so its tokenizer's special tokens are added only before it, none after it
        such as an end-of-text token; and not if the text begins with them, as rendered chat templates do.

        Args:
            special_tokens: Whether special tokens that a text names are these tokens; else they stay text.

        Raises:
            PromptError: If nothing is left to continue, the text cannot be read or is longer than any that
                fits, or an id is not in the vocabulary.
        """
        if not isinstance(prompt, str):
            return self._checked(whole_numbers(prompt))
        read = read_text if special_tokens else read_literally
        return self._checked(read(self.tokenizer, prompt, self.max_context))

    def encode_messages(self, messages: Sequence[Message], special_tokens: bool = False) -> tuple[int, ...]:
        """Prompt ids of a conversation by the chat template, up to where the model's answer begins.

        Args:
            special_tokens: Whether special tokens that a content names are these tokens; else they stay text,
                so that nobody can end a turn by typing one.

        Raises:
            PromptError: If there is no template, it refuses the messages, or they cannot be read.
        """
        return self._checked(read_messages(self.tokenizer, messages, self.max_context, special_tokens))

    def _checked(self, ids: list[int]) -> tuple[int, ...]:
        if not ids:
            raise PromptError("the prompt is empty; type some text to be continued")
        wrong = [i for i in ids if not 0 <= i < self.vocab_size]
        if wrong:
            raise PromptError(f"token id {wrong[0]} is not in the vocabulary of {self.vocab_size}")
        return tuple(ids)

    def new_cache(self, max_length: int) -> KVCache:
        """A cache for one lane with room for ``max_length`` slots."""
        return KVCache(self.num_layers, max_length)

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
            position: Position of the first token in the text; ``slot`` if not given.
            hidden_slots: Earlier slots that these tokens must not see.
            needs_logits: False stops before the head and returns the hidden states.
            parents: For a tree, (T,) the index of the token that each follows, -1 for the first; a token
                then sees the text before ``slot`` and its own ancestors.

        Returns:
            (T, V) logits, unnormalised, in the model's dtype; or (T, hidden size). On the target's device.
        """
        hidden, context = self.enter(token_ids, cache, slot, position, hidden_slots, parents)
        for device, steps in self.plan(skip_set):
            hidden, context = hidden.to(device), context.to(device)
            for step in steps:
                hidden = step(hidden, context)
        return self.judge(hidden) if needs_logits else hidden[0].to(self.device)

    def judge(self, hidden: torch.Tensor) -> torch.Tensor:
        """(T, V) logits, on the target's device, for a stream, (1, T, hidden size), after the last layer."""
        return self._stack.head(self._stack.norm(hidden))[0].to(self.device)

    def enter(
        self,
        token_ids: torch.Tensor,
        cache: KVCache,
        slot: int,
        position: int | None = None,
        hidden_slots: slice | None = None,
        parents: Sequence[int] | None = None,
    ) -> tuple[torch.Tensor, ForwardContext]:
        """The stream, (1, T, hidden size), that enters the first layer, and what all layers of the pass share.

        Arguments as in ``forward``.
        """
        cache.slot = slot
        first = slot if position is None else position
        tree = None if parents is None else TokenTree(parents, self.device)
        depths = torch.arange(len(token_ids), device=self.device) if tree is None else tree.depths
        positions = first + depths
        hidden = self._stack.embed(token_ids[None])
        if self._stack.embed_positions is not None:
            hidden = hidden + self._stack.embed_positions(positions[None])
        return hidden, ForwardContext(
            ropes=self._stack.ropes(hidden, positions[None]),
            masks={
                layer_type: attention_mask(positions, slot, hidden_slots, tree, window, self.dtype)
                for layer_type, window in self._stack.windows.items()
            },
            positions=positions[None],
            cache=cache,
        )

    def plan(self, skip_set: SkipSet) -> Plan:
        """What to run, in order, by the device it runs on."""
        plan = self._plans.get(skip_set)
        if plan is None:
            skip_set.check(self.num_layers)
            kept = (
                (layer.device, step)
                for i, layer in enumerate(self.layers)
                for step in layer.steps(i not in skip_set.attention, i not in skip_set.mlp)
            )
            plan = tuple(
                (device, tuple(step for _, step in run)) for device, run in groupby(kept, lambda step: step[0])
            )
            if len(self._plans) >= _MAX_PLANS:
                self._plans.clear()
            self._plans[skip_set] = plan
        return plan

    def probe(self) -> None:
        """Check that our own loop, with nothing skipped, gives the model's own logits; see ``probe``.

        Raises:
            UnsupportedModelError: If it does not; the message names the architecture and what is supported.
        """
        probe(self)
