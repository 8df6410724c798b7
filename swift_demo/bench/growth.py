"""``python -m swift_demo.bench growth``: how costs grow with the text and with the trace.

Tokens are timed on a small Llama with random weights, since only their cost matters, after prompts of growing
length. An update of the page is timed on a made-up run: what the server folds and sends, and what the browser
computes.
"""

from __future__ import annotations

import math
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import numpy as np
import torch
from tqdm.auto import tqdm
from transformers import AutoModelForCausalLM, LlamaConfig

from swift_demo.bench.arguments import circumstances, parser_of, use_threads, write_json
from swift_demo.bench.growth_page import measure_page
from swift_demo.config import SearchConfig, SwiftConfig
from swift_demo.decoding.decoder import Decoder
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.events import RoundVerified, TokenDecoded, TokensDrafted
from swift_demo.model.loading import ModelLoadError, resolve_device, resolve_dtype
from swift_demo.model.target import Target
from swift_demo.skip_set import SkipSet

CONTEXTS = (128, 256, 512, 1024, 2048, 4096, 8192)
SHAPE: dict[str, Any] = {
    "hidden_size": 128,
    "intermediate_size": 256,
    "num_hidden_layers": 8,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "vocab_size": 2048,
}
_NUM_TOKENS = 24  # timed after each prompt
_DRAFTED = 8  # tokens a round
_ALL_DRAFTED = SwiftConfig(
    threshold_rule="fixed",
    confidence_threshold=0.0,
    max_draft_tokens=_DRAFTED,
    tree_levels=(),
    search=SearchConfig(is_enabled=False),
)


def random_target(device: torch.device, dtype: torch.dtype, longest: int) -> Target:
    """A target of ``SHAPE`` with random weights, whose texts never end by themselves."""
    torch.manual_seed(0)
    config = LlamaConfig(
        **SHAPE,
        max_position_embeddings=longest,
        bos_token_id=None,
        eos_token_id=None,
        pad_token_id=None,
        dtype=dtype,
    )
    model = AutoModelForCausalLM.from_config(config).eval().requires_grad_(False)
    model.generation_config.eos_token_id = None
    return Target(model.to(device), None, "random weights")  # prompts are ids


def measure_tokens(target: Target, repeat: int, contexts: tuple[int, ...]) -> list[dict[str, Any]]:
    """Milliseconds of a vanilla, a drafted and a verified token after prompts of each length; medians."""
    times: defaultdict[tuple[str, int], list[float]] = defaultdict(list)
    prompts = {n: np.random.default_rng(n).integers(target.vocab_size, size=n).tolist() for n in contexts}
    with tqdm(total=repeat * len(contexts), unit="text") as bar:
        for turn in range(repeat + 1):  # the first one warms up
            for context in contexts if turn else contexts[:1]:
                for decoder in (VanillaDecoder(target), SwiftDecoder(target, _ALL_DRAFTED)):
                    for kind, ms in _token_times(decoder, prompts[context]):
                        if turn:
                            times[kind, context].append(ms)
                bar.update(bool(turn))
    return [
        {
            "context": context,
            **{f"{kind}_ms": statistics.median(times[kind, context]) for kind in KINDS},
            "cache_bytes": _cache_bytes(target, context),
        }
        for context in contexts
    ]


KINDS = ("vanilla", "drafted", "verified")


def _cache_bytes(target: Target, context: int) -> int:
    """What a cache of so many slots takes; its first write makes it."""
    cache = target.new_cache(context)
    target.forward(torch.tensor([0], device=target.device), cache, 0, SkipSet(), needs_logits=False)
    return cache.num_bytes


def _token_times(decoder: Decoder, prompt: list[int]) -> Iterator[tuple[str, float]]:
    """Kind of token and its milliseconds, from what the lane's clock shows between events."""
    before = 0.0
    with closing(decoder.stream(prompt, max_new_tokens=_NUM_TOKENS)) as events:
        for event in events:
            ms, before = 1000 * (event.clock_s - before), event.clock_s
            if isinstance(event, TokenDecoded):
                yield "vanilla", ms
            elif isinstance(event, TokensDrafted) and event.token_ids:
                yield "drafted", ms / len(event.token_ids)
            elif isinstance(event, RoundVerified) and event.num_drafted == _DRAFTED:
                yield "verified", ms / (event.num_drafted + 1)


def slopes(rows: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """For each kind of token, how its cost grows: a straight line, and the effect of the last doubling.

    An exponent of 1 would mean cost in proportion to the context; a line with a constant part stays below.
    """
    contexts = [row["context"] for row in rows]
    found = {}
    for kind in KINDS:
        times = [row[f"{kind}_ms"] for row in rows]
        slope, constant = np.polyfit(contexts, times, 1)
        *_, shorter, longest = contexts
        *_, shorter_ms, longest_ms = times
        exponent = math.log(longest_ms / shorter_ms) / math.log(longest / shorter)
        found[kind] = {
            "ms_per_1000_tokens": 1000 * float(slope),
            "constant_ms": float(constant),
            "exponent_of_last_step": exponent,
        }
    return found


def as_table(
    rows: list[dict[str, Any]], growth: dict[str, dict[str, float]], page: list[dict[str, Any]]
) -> str:
    """Costs by context and by length of the trace."""
    lines = [f"{'context':>8}{'vanilla':>12}{'drafted':>12}{'verified':>12}{'cache':>12}"]
    lines += [
        f"{row['context']:>8}"
        + "".join(f"{row[f'{kind}_ms']:>9.2f} ms" for kind in KINDS)
        + f"{row['cache_bytes'] / 2**20:>9.1f} MB"
        for row in rows
    ]
    lines += [
        f"{kind}: {g['constant_ms']:.2f} ms and {g['ms_per_1000_tokens']:.3f} ms for each 1000 tokens of "
        f"context; exponent of the last step {g['exponent_of_last_step']:.2f}"
        for kind, g in growth.items()
    ]
    lines += ["", f"{'tokens of trace':>16}{'update':>12}{'server':>12}{'browser':>12}"]
    lines += [
        f"{row['num_tokens']:>16}{row['bytes']:>10} B{row['server_ms']:>9.2f} ms"
        + ("           –" if row["browser_ms"] is None else f"{row['browser_ms']:>9.1f} ms")
        for row in page
    ]
    return "\n".join(lines)


def main(argv: list[str]) -> None:
    parser = parser_of("growth", __doc__, repeat=3)
    parser.add_argument("--contexts", nargs="+", type=int, default=CONTEXTS, help="lengths of prompts")
    parser.add_argument("--no-browser", action="store_true", help="leave out what the browser computes")
    args = parser.parse_args(argv)
    use_threads(args)
    try:
        device = resolve_device(args.device)
    except ModelLoadError as error:
        sys.exit(str(error))
    contexts = tuple(sorted(args.contexts))
    target = random_target(device, resolve_dtype(args.dtype, device, None), contexts[-1] + _NUM_TOKENS)
    rows = measure_tokens(target, args.repeat, contexts)
    growth = slopes(rows)
    page = measure_page(has_browser=not args.no_browser)
    print(as_table(rows, growth, page))
    write_json(
        args.json,
        circumstances(target, args) | {"shape": SHAPE, "tokens": rows, "growth": growth, "page_updates": page},
    )
