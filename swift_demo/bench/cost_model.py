"""From what steps cost to the speed that SWIFT should have."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from tqdm.auto import tqdm

from swift_demo.bench.prompts import TASKS, held_out
from swift_demo.config import SearchConfig, SwiftConfig
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.events import Event, TokensDrafted
from swift_demo.metrics import LaneMetrics, lane_metrics
from swift_demo.model.target import Target
from swift_demo.skip_set import SkipSet
from swift_demo.trace.story.rounds import chain_length

_NUM_TOKENS = 150
_PROMPTS = 2  # of each task


@dataclass(frozen=True, slots=True)
class CostModel:
    """What the steps of both lanes cost, in milliseconds.

    Attributes:
        vanilla_ms: One vanilla token.
        rest_ms: The part of one draft token that is paid whatever is skipped.
        attention_ms: What one attention sub-layer adds to it.
        mlp_ms: What one MLP sub-layer adds to it.
        error: How far the fit is off, on average, as a share.
        chain_ms: (width, ms) of verifying a chain.
        tree_ms: (width, ms) of verifying a tree.
    """

    num_layers: int
    vanilla_ms: float
    rest_ms: float
    attention_ms: float
    mlp_ms: float
    error: float
    chain_ms: tuple[tuple[int, float], ...]
    tree_ms: tuple[tuple[int, float], ...]

    @classmethod
    def fitted(cls, num_layers: int, median: dict[tuple[str, Any], float]) -> CostModel:
        """The model that explains measured milliseconds best; see ``costs.cases_of`` for the keys."""
        inner = tuple(range(1, num_layers - 1))
        named = {"no attention": SkipSet(inner, ()), "no MLP": SkipSet((), inner)}
        rows, times = [], []
        for (kind, size), ms in median.items():
            if kind == "draft":
                skipped = named[size] if isinstance(size, str) else SkipSet.uniform(num_layers, size)
                rows.append([1, num_layers - len(skipped.attention), num_layers - len(skipped.mlp)])
                times.append(ms)
        fit, *_ = np.linalg.lstsq(np.array(rows, float), np.array(times), rcond=None)
        error = float(np.mean(np.abs(np.array(rows) @ fit - times) / times))
        by_width = {
            kind: tuple(sorted((size, ms) for (name, size), ms in median.items() if name == kind))
            for kind in ("verification", "tree")
        }
        rest, attention, mlp = map(float, fit)
        return cls(
            num_layers,
            median["vanilla", 1],
            rest,
            attention,
            mlp,
            error,
            by_width["verification"],
            by_width["tree"],
        )

    def draft_ms(self, skip_set: SkipSet) -> float:
        """One token drafted with these sub-layers skipped."""
        num_attention = self.num_layers - len(skip_set.attention)
        num_mlp = self.num_layers - len(skip_set.mlp)
        return self.rest_ms + num_attention * self.attention_ms + num_mlp * self.mlp_ms

    def verification_ms(self, width: int, is_tree: bool) -> float:
        """One verification over this many tokens; linear between measured widths."""
        widths, times = zip(*(self.tree_ms if is_tree else self.chain_ms), strict=True)
        return float(np.interp(width, widths, times))

    def predicted_s(self, events: Sequence[Event]) -> float:
        """Seconds that the rounds of a SWIFT trace should have taken."""
        ms = 0.0
        for event in events:
            if isinstance(event, TokensDrafted):
                chain = chain_length(event)
                ms += chain * self.draft_ms(event.skip_set)
                ms += self.verification_ms(len(event.token_ids) + 1, len(event.token_ids) > chain)
        return ms / 1000


def compare(target: Target, model: CostModel, repeat: int) -> list[dict[str, Any]]:
    """Measured and predicted speedup over vanilla, by task and set; both lanes read the prompt alike."""
    fixed = SwiftConfig(search=SearchConfig(is_enabled=False))
    found: list[dict[str, Any]] = []
    with tqdm(total=len(TASKS) * _PROMPTS * repeat, unit="turn") as bar:
        for task, prompts in held_out("predicted", _PROMPTS).items():
            sets = {"start": SkipSet.uniform(target.num_layers, fixed.skip_ratio)}
            sets |= {"kept": target.known_sets[task]} if task in target.known_sets else {}
            decoders = {name: SwiftDecoder(target, fixed, skip_set) for name, skip_set in sets.items()}
            rows: dict[str, list[tuple[LaneMetrics, float, float]]] = {name: [] for name in sets}
            for prompt in prompts:
                for _ in range(repeat):
                    vanilla = VanillaDecoder(target).generate(prompt, max_new_tokens=_NUM_TOKENS).metrics
                    expected = vanilla.prompt_s + vanilla.num_tokens * model.vanilla_ms / 1000
                    for name, decoder in decoders.items():
                        events = decoder.generate(prompt, max_new_tokens=_NUM_TOKENS).trace.events
                        swift = lane_metrics(events, "swift")
                        rows[name].append(
                            (
                                swift,
                                vanilla.seconds / vanilla.num_tokens / (swift.seconds / swift.num_tokens),
                                expected / (swift.prompt_s + model.predicted_s(events)),
                            )
                        )
                    bar.update()
            found += [_row(task, name, of_set) for name, of_set in rows.items()]
    return found


def _row(task: str, name: str, runs: list[tuple[LaneMetrics, float, float]]) -> dict[str, Any]:
    metrics = [m for m, _, _ in runs]
    drafted = sum(m.num_drafted for m in metrics)
    return {
        "task": task,
        "set": name,
        "acceptance_rate": sum(m.num_accepted for m in metrics) / drafted if drafted else None,
        "mean_tokens_per_round": sum(m.num_tokens for m in metrics) / sum(m.num_rounds for m in metrics),
        "measured": statistics.median(measured for _, measured, _ in runs),
        "predicted": statistics.median(predicted for _, _, predicted in runs),
    }
