"""Stand-ins for the target whose every answer is known, and helpers around event lists."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import torch

from support.models import byte_tokenizer
from swift_demo.config import SearchConfig, SwiftConfig
from swift_demo.events import Event, GenerationFinished, RoundVerified, TokenDecoded
from swift_demo.model.kv_cache import KVCache
from swift_demo.model.token_tree import TokenTree
from swift_demo.search.costs import PassCosts
from swift_demo.skip_set import SkipSet

NO_SEARCH = SearchConfig(is_enabled=False, contribution_interval=0)
# SWIFT as published: a draft in each round, and sets compared by matchness, whatever that costs.
_AS_PUBLISHED = {
    "objective": "matchness",
    "max_loss_share": 1.0,
    "fading_trials": 0,
    "contribution_interval": 0,
}


def eager_search(**others: Any) -> SearchConfig:
    """A search for matchness, never stopped by what it loses."""
    return SearchConfig(**_AS_PUBLISHED | others)


def eager_config(**others: Any) -> SwiftConfig:
    """Settings that draft in every round and search for matchness unless others are given."""
    return SwiftConfig(**{"threshold_rule": "fixed", "search": eager_search()} | others)


class GivenCosts(PassCosts):
    """Costs that are what they are said to be, and stay so."""

    def __init__(self, attention: float, mlp: float, further: float = 0.1):
        super().__init__(Double(1), is_measured=False)
        self._attention, self._mlp = attention, mlp
        self._further = further

    @property
    def further(self) -> float:
        return self._further

    @property
    def offset(self) -> float:
        return 0.0


class Double:
    """What decoders ask of a target, with ``rows`` left open: (T, V) logits of T positions."""

    name = "double"
    max_context = 4096
    device = torch.device("cpu")
    dtype = torch.float32
    generation_config = None

    def __init__(self, vocab_size: int, num_layers: int = 4, eos_ids: Iterable[int] = ()):
        self.vocab_size = vocab_size
        self.num_layers = num_layers
        self.eos_ids = frozenset(eos_ids)
        part = torch.nn.Linear(1, 1)
        self.layers = [SimpleNamespace(modules=((part,), (part,))) for _ in range(num_layers)]
        self.model = SimpleNamespace(get_output_embeddings=lambda: part)
        self.tokenizer = _tokenizer()
        self.text_tokenizer = self.tokenizer.backend_tokenizer
        self.forwards: list[tuple[int, int, SkipSet]] = []

    def look_again(self) -> None:
        """Nothing of it ever changes."""

    def encode(self, prompt: Sequence[int], special_tokens: bool = True) -> tuple[int, ...]:
        return tuple(prompt)

    def new_cache(self, max_length: int) -> KVCache:
        return KVCache(1, max_length)

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
        assert slot + len(token_ids) <= cache.max_length
        self.forwards.append((slot, len(token_ids), skip_set))
        first = slot if position is None else position
        depths = range(len(token_ids)) if parents is None else TokenTree(parents, self.device).depths.tolist()
        return self.rows(token_ids, [first + depth for depth in depths], skip_set)

    def rows(self, token_ids: torch.Tensor, positions: Sequence[int], skip_set: SkipSet) -> torch.Tensor:
        raise NotImplementedError


_tokenizer = functools.cache(byte_tokenizer)


class TableTarget(Double):
    """Logits from tables by position and last token, one table for the target and one for drafts.

    Args:
        target_logits: (P, V, V); positions past P - 1 begin again at the first.
        draft_logits: The same for every draft.
    """

    def __init__(self, target_logits: torch.Tensor, draft_logits: torch.Tensor, **others: Any):
        super().__init__(target_logits.shape[-1], **others)
        self._tables = (target_logits, draft_logits)

    def rows(self, token_ids: torch.Tensor, positions: Sequence[int], skip_set: SkipSet) -> torch.Tensor:
        table = self._tables[len(skip_set) > 0]
        return table[[p % len(table) for p in positions], token_ids]


class ScriptedTarget(Double):
    """The target continues with ``text`` and nothing else; drafts say what they are told.

    Args:
        text: Ids of prompt and continuation; the target gives each the probability TARGET_PROB.
        drafts: Position to (token id, confidence) of what is drafted there; elsewhere the text itself,
            with confidence 0.95.
        runners_up: Position to the token id that a draft gives nearly all of what is left there.
    """

    TARGET_PROB = 0.9

    def __init__(
        self,
        text: Sequence[int],
        drafts: Mapping[int, tuple[int, float]] | None = None,
        runners_up: Mapping[int, int] | None = None,
        **others: Any,
    ):
        super().__init__(32, **others)
        self.text = list(text)
        self.drafts = dict(drafts or {})
        self.runners_up = dict(runners_up or {})

    def rows(self, token_ids: torch.Tensor, positions: Sequence[int], skip_set: SkipSet) -> torch.Tensor:
        answers = []
        for position in positions:
            own = self.text[position + 1] if position + 1 < len(self.text) else 0
            token, prob = own, self.TARGET_PROB
            if len(skip_set):
                token, prob = self.drafts.get(position + 1, (own, 0.95))
            row = torch.full((self.vocab_size,), (1 - prob) / (self.vocab_size - 1))
            if len(skip_set) and position + 1 in self.runners_up:
                row = row / 2
                row[self.runners_up[position + 1]] += (1 - prob) / 2
            row[token] = prob
            answers.append(row.log())
        return torch.stack(answers)


def swift_config(**others: Any) -> SwiftConfig:
    """Settings of a chain draft in every round, without a search, unless others are given."""
    return eager_config(**{"search": NO_SEARCH, "tree_levels": ()} | others)


def without_clock(event: Event) -> Event:
    """The event with all its seconds set to zero."""
    seconds = [f.name for f in dataclasses.fields(event) if f.name.endswith("_s")]
    return dataclasses.replace(event, **dict.fromkeys(seconds, 0.0))


def timeless(events: Iterable[Event]) -> list[Event]:
    """Events without their seconds."""
    return [without_clock(event) for event in events]


def rounded(events: Iterable[Event]) -> list[Event]:
    """Events without their seconds, other floats to four places."""

    def shorten(value: Any) -> Any:
        if isinstance(value, float):
            return round(value, 4)
        if isinstance(value, tuple):
            return tuple(shorten(item) for item in value)
        return value

    return [
        dataclasses.replace(
            event, **{f.name: shorten(getattr(event, f.name)) for f in dataclasses.fields(event)}
        )
        for event in timeless(events)
    ]


def ids_of(events: Iterable[Event], lane: str) -> tuple[int, ...]:
    """The ids that a lane generated."""
    ids: list[int] = []
    for event in events:
        if event.lane == lane and isinstance(event, RoundVerified):
            ids += event.token_ids
        elif event.lane == lane and isinstance(event, TokenDecoded):
            ids.append(event.token_id)
    return tuple(ids)


def finish_of(events: Iterable[Event]) -> GenerationFinished:
    """The closing event of one lane's list."""
    (finish,) = [event for event in events if isinstance(event, GenerationFinished)]
    return finish
