"""``python -m swift_demo.bench costs``: what a token, a verification and a trial cost.

All milliseconds but a proposal's are read from traces: they are what the lanes' clocks showed between two
events while real decoders ran, in turns. From them follows the speedup that SWIFT should have, given what its
rounds drafted and accepted; the measured one is beside it.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from tqdm.auto import tqdm

from swift_demo.bench.arguments import add_model, circumstances, load, parser_of, write_json
from swift_demo.bench.cost_model import CostModel, compare
from swift_demo.bench.prompts import PromptFileError, held_out
from swift_demo.config import SearchConfig, SwiftConfig, TreeLevel
from swift_demo.decoding.decoder import Decoder
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.events import Event, RoundVerified, SkipSetTried, TokenDecoded, TokensDrafted
from swift_demo.model.target import Target
from swift_demo.search.proposers.base import Observation
from swift_demo.search.proposers.bayesian import BayesianProposer, most_promising
from swift_demo.search.proposers.random import RandomProposer
from swift_demo.search.proposers.swap import SwapProposer
from swift_demo.skip_set import SkipSet, num_skippable

SKIP_RATIOS = (0.0, 0.15, 0.3, 0.45, 0.5, 0.6, 0.75, 0.9)
WIDTHS = (2, 3, 5, 9, 17, 33, 65)
TREE_WIDTHS = (9, 17, 33, 65)
WINDOWS = (16, 25, 50, 100)
NUM_OBSERVATIONS = (16, 64, 128)
_CANDIDATES = 4  # at each depth of a measured tree
_DRAFTED = 8  # tokens a round, when the cost of one is measured
_MAX_TOKENS = 160
_NEVER = 10**6
_OFF = SearchConfig(is_enabled=False)
_ALL_DRAFTED = SwiftConfig(
    threshold_rule="fixed", confidence_threshold=0.0, max_draft_tokens=_DRAFTED, tree_levels=(), search=_OFF
)

Key = tuple[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """A decoder, and which of its steps are timed.

    Attributes:
        make: A new decoder.
        read: An event and the seconds since the one before, to milliseconds; None for other steps.
        enough: Steps to time on one prompt.
    """

    make: Callable[[], Decoder]
    read: Callable[[Event, float], float | None]
    enough: int


def cases_of(target: Target) -> dict[Key, Case]:
    """Everything that is timed."""
    inner = tuple(range(1, target.num_layers - 1))
    cases: dict[Key, Case] = {("vanilla", 1): Case(lambda: VanillaDecoder(target), _vanilla_ms, 24)}
    for ratio in SKIP_RATIOS:
        cases["draft", ratio] = _draft_case(target, SkipSet.uniform(target.num_layers, ratio))
    cases["draft", "no attention"] = _draft_case(target, SkipSet(inner, ()))
    cases["draft", "no MLP"] = _draft_case(target, SkipSet((), inner))
    for width in WIDTHS:
        cases["verification", width] = _verification_case(target, width, width - 1, ())
    for width in TREE_WIDTHS:
        levels = (TreeLevel(1.0, _CANDIDATES),)
        cases["tree", width] = _verification_case(target, width, (width - 1) // _CANDIDATES, levels)
    for window in WINDOWS:
        cases["trial", window] = _trial_case(target, window)
    return cases


def _vanilla_ms(event: Event, seconds: float) -> float | None:
    return 1000 * seconds if isinstance(event, TokenDecoded) else None


def _draft_case(target: Target, skip_set: SkipSet) -> Case:
    """Drafts of one length, whatever the draft's confidence."""

    def read(event: Event, seconds: float) -> float | None:
        is_draft = isinstance(event, TokensDrafted) and len(event.token_ids) == _DRAFTED
        return 1000 * seconds / _DRAFTED if is_draft else None

    return Case(lambda: SwiftDecoder(target, _ALL_DRAFTED, skip_set), read, 4)


def _verification_case(target: Target, width: int, length: int, levels: tuple[TreeLevel, ...]) -> Case:
    """Rounds of one width, the last token of the text included; the cheapest draft will do."""
    config = replace(_ALL_DRAFTED, skip_ratio=0.9, max_draft_tokens=length, tree_levels=levels)

    def read(event: Event, seconds: float) -> float | None:
        is_whole = isinstance(event, RoundVerified) and len(event.target_probs) == width - 1
        return 1000 * seconds if is_whole else None

    return Case(lambda: SwiftDecoder(target, config), read, 4)


def _trial_case(target: Target, window: int) -> Case:
    """Trials on whole windows, of sets that cost nothing to propose."""
    search = SearchConfig(
        objective="matchness",
        context_window=window,
        min_context=window,
        contribution_interval=0,
        max_time_share=1.0,
        fading_trials=0,
        max_loss_share=1.0,
        max_score=1.0,
        tolerance=_NEVER,
        max_trials=_NEVER,
        bayesian_interval=_NEVER,
        random_interval=_NEVER,
    )

    def read(event: Event, seconds: float) -> float | None:
        if not isinstance(event, SkipSetTried) or event.proposer != "swap":
            return None
        return 1000 * seconds if event.num_positions == window else None

    config = SwiftConfig(threshold_rule="fixed", search=search)
    return Case(lambda: SwiftDecoder(target, config), read, 6)


def measure(by_key: dict[Key, Case], prompts: list[str], repeat: int) -> dict[Key, list[float]]:
    """Milliseconds of each case's steps, all cases taking turns on each prompt, in random order."""
    cases = list(by_key.items())
    rng = random.Random(0)
    found: defaultdict[Key, list[float]] = defaultdict(list)
    with tqdm(total=repeat * len(prompts) * len(cases), unit="case") as bar:
        for turn in range(repeat + 1):  # the first one warms up
            for prompt in prompts if turn else prompts[:1]:
                for key, case in rng.sample(cases, len(cases)):
                    times = list(_times(case, prompt))
                    if turn:
                        found[key] += times
                        bar.update()
    return {key: found[key] for key, _ in cases if found[key]}


def _times(case: Case, prompt: str) -> Iterator[float]:
    before, num_read = 0.0, 0
    with closing(case.make().stream(prompt, max_new_tokens=_MAX_TOKENS)) as events:
        for event in events:
            if (ms := case.read(event, event.clock_s - before)) is not None:
                yield ms
                num_read += 1
            before = event.clock_s
            if num_read == case.enough:
                return


def time_proposals(num_layers: int, repeat: int = 9) -> dict[str, dict[int, float]]:
    """Milliseconds of each kind of proposal, by how many sets were scored before; medians."""
    rng = np.random.default_rng(0)
    incumbent = SkipSet.uniform(num_layers, SwiftConfig().skip_ratio).to_bits(num_layers)
    ways: dict[str, Callable[[list[Observation], np.ndarray], np.ndarray]] = {
        "swap": SwapProposer(rng).propose,
        "random": RandomProposer(rng).propose,
        "bayesian": BayesianProposer(rng).propose,
        "settling": lambda observations, incumbent: most_promising(observations),
    }
    found: dict[str, dict[int, float]] = {name: {} for name in ways}
    for count in NUM_OBSERVATIONS:
        bits = rng.random((count, num_skippable(num_layers))) < incumbent.mean()
        scores = rng.random(count).tolist()
        observations = [Observation(*row) for row in zip(bits, scores, scores, strict=True)]
        for name, propose in ways.items():
            times = []
            for _ in range(repeat):
                start = time.perf_counter()
                propose(observations, incumbent)
                times.append(1000 * (time.perf_counter() - start))
            found[name][count] = statistics.median(times)
    return found


def as_table(
    median: dict[Key, float],
    proposals: dict[str, dict[int, float]],
    model: CostModel,
    speedups: list[dict[str, Any]],
) -> str:
    """Costs, and predicted beside measured speedups, as text."""
    token = median["vanilla", 1]
    lines = [f"one vanilla token{token:>29.2f} ms"]
    titles = {
        "draft": "one draft token, skip ratio",
        "verification": "a verification, chain of width",
        "tree": "a verification, tree of width",
        "trial": "a trial, context window",
    }
    for (kind, size), ms in median.items():
        if kind in titles:
            lines.append(f"{titles[kind]:<31}{size!s:>12}{ms:>9.2f} ms{ms / token:>8.2f} vanilla tokens")
    for name, times in proposals.items():
        lines += [
            f"{f'a proposal, {name}':<31}{f'{count} scored':>12}{ms:>9.2f} ms{ms / token:>8.2f} vanilla tokens"
            for count, ms in times.items()
        ]
    lines += [
        f"of a draft token: attention {model.attention_ms:.3f} ms a layer, MLP {model.mlp_ms:.3f} ms a layer, "
        f"the rest {model.rest_ms:.3f} ms (fitted, {model.error:.1%} off on average)",
        "",
        f"{'task':<14}{'set':<12}{'accepted':>9}{'a round':>9}{'measured':>10}{'predicted':>11}{'ratio':>8}",
    ]
    for row in speedups:
        lines.append(
            f"{row['task']:<14}{row['set']:<12}{row['acceptance_rate'] or 0:>9.1%}"
            f"{row['mean_tokens_per_round']:>9.2f}{row['measured']:>9.2f}×{row['predicted']:>10.2f}×"
            f"{row['measured'] / row['predicted']:>8.2f}"
        )
    return "\n".join(lines)


def main(argv: list[str]) -> None:
    parser = parser_of("costs", __doc__, repeat=3)
    add_model(parser)
    args = parser.parse_args(argv)
    try:
        prompts = [prompt for (prompt,) in held_out("changing", 1).values()]
    except PromptFileError as error:
        sys.exit(str(error))
    target = load(args)
    times = measure(cases_of(target), prompts, args.repeat)
    median = {key: statistics.median(values) for key, values in times.items()}
    model = CostModel.fitted(target.num_layers, median)
    speedups = compare(target, model, args.repeat)
    proposals = time_proposals(target.num_layers)
    print(as_table(median, proposals, model, speedups))
    costs = [
        {
            "kind": kind,
            "size": size,
            "ms": ms,
            "over_vanilla": ms / median["vanilla", 1],
            "num_timed": len(times[kind, size]),
        }
        for (kind, size), ms in median.items()
    ]
    write_json(
        args.json,
        circumstances(target, args) | {"costs": costs, "proposals_ms": proposals, "speedups": speedups},
    )
