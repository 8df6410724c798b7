"""``python -m swift_demo.search``: looks for a model's skip sets on prompts, outside any run.

The model first writes a text for each prompt. Then sets of several sizes are searched on all the texts, with
more trials than a run can spend. The sets go into the file that is read when a model of this name is loaded;
what they promise is told by size. Stopped with Ctrl-C, the same command goes on where it was.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

import torch
from tqdm.auto import tqdm
from transformers.utils import logging

from swift_demo.config import SearchConfig, SwiftConfig
from swift_demo.decoding.generation import whereabouts
from swift_demo.files import replace_file
from swift_demo.known_sets import ALL_TASKS, KnownSetsError, load_known_sets, save_known_sets
from swift_demo.model.loading import ModelLoadError, load_target
from swift_demo.model.prompts import PromptError
from swift_demo.model.shipped_sets import shipped_file
from swift_demo.model.target import Target
from swift_demo.offline.remembered import Remembered, StateError
from swift_demo.offline.sizes import OfSize, best_of_size, of_size, sizes_of
from swift_demo.offline.texts import ScoredText, write_text
from swift_demo.prompt_file import PromptFileError, read_prompts
from swift_demo.search.costs import PassCosts, measure_costs
from swift_demo.skip_set import SkipSet, num_skippable

RATIOS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
_INTERRUPTED = 130


def find(
    target: Target,
    prompts: list[str],
    remembered: Remembered,
    ratios: list[float],
    num_tokens: int,
    num_trials: int,
    seed: int,
) -> dict[float, tuple[SkipSet, float]]:
    """By skip ratio the best set that was found, and its matchness.

    Raises:
        PromptError: If a prompt cannot be continued, or nothing is written after any.
    """
    with tqdm(prompts, desc="the model writes", unit="text") as bar:
        written = [remembered.text(p, partial(write_text, target, p, num_tokens)) for p in bar]
    texts = [ScoredText(target, text) for text in written if text.token_ids]
    if not texts:
        raise PromptError("the model writes nothing after any of the prompts; give it others")
    found = {}
    with tqdm(total=len(ratios) * (num_trials + 1), desc="searching", unit="trial") as bar:
        for ratio in ratios:
            bar.set_description(f"searching, skip ratio {ratio:g}")
            found[ratio] = best_of_size(
                target.num_layers, texts, remembered, ratio, num_trials, seed, told=bar.update
            )
    return found


def fastest(sizes: list[OfSize]) -> OfSize:
    """The size that promises most speed."""
    return max(sizes, key=lambda size: size.speed)


def sets_of(sizes: list[OfSize]) -> dict[str, SkipSet]:
    """Sets by name, as they are shipped: the fastest one, if it pays, and the best one of each size.

    The first is what a decoder starts from, so without it a search begins with nothing.
    """
    by_size = {f"skip ratio {size.skip_ratio:.2f}": size.skip_set for size in sizes}
    best = fastest(sizes)
    return ({ALL_TASKS: best.skip_set} if best.speed > 1 else {}) | by_size


def as_table(sizes: list[OfSize], costs: PassCosts, num_layers: int) -> str:
    """What the sets promise, by size, and in a sentence what that means."""
    lines = [f"{'skipped':>9}{'ratio':>7}{'attention':>11}{'MLP':>5}{'matchness':>11}{'draft':>7}{'speed':>8}"]
    best = fastest(sizes)
    for size in sizes:
        skip_set = size.skip_set
        lines.append(
            f"{f'{len(skip_set)}/{num_skippable(num_layers)}':>9}{size.skip_ratio:>7.2f}"
            f"{len(skip_set.attention):>11}{len(skip_set.mlp):>5}{size.matchness:>11.3f}{size.draft_cost:>7.2f}"
            f"{size.speed:>7.2f}×{'  <' * (size is best)}"
        )
    lines += [
        "",
        f"draft: cost of a drafted token in vanilla tokens; verifying 8 costs {costs.of_verification(8):.2f}. "
        "speed: predicted, over vanilla.",
        (
            f"Skipping {len(best.skip_set)} sub-layers should pay on this machine: {best.speed:.2f}×."
            if best.speed > 1
            else "No set of these sizes pays on this machine, so none is named to start from."
        ),
    ]
    return "\n".join(lines)


def as_json(target: Target, arguments: dict[str, Any], sizes: list[OfSize], costs: PassCosts) -> dict[str, Any]:
    """Everything that was found, where, and with what."""
    return {
        **whereabouts(target),
        "num_threads": torch.get_num_threads(),
        "arguments": arguments,
        "costs": costs.numbers(),
        "sizes": [dataclasses.asdict(size) for size in sizes],
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m swift_demo.search", description=__doc__)
    parser.add_argument("--model", required=True, metavar="NAME_OR_PATH", help="Hub name, folder or GGUF file")
    parser.add_argument(
        "--prompts", required=True, type=Path, metavar="FILE", help="one a line, or JSON lines with a prompt"
    )
    parser.add_argument("--task", help="only the prompts of this task")
    parser.add_argument("--num-prompts", type=int, default=8, help="the first ones (default: %(default)s)")
    parser.add_argument("--tokens", type=int, default=100, help="that follow a prompt (default: %(default)s)")
    parser.add_argument("--trials", type=int, default=100, help="for each size (default: %(default)s)")
    parser.add_argument("--ratios", type=float, nargs="+", default=RATIOS, help="sizes (default: %(default)s)")
    parser.add_argument("--out", type=Path, help="file for the sets (default: the one shipped for this model)")
    parser.add_argument("--state", type=Path, help="file to go on from (default: OUT with .state behind it)")
    parser.add_argument("--json", type=Path, metavar="REPORT", help="file for what the sets promise")
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])
    parser.add_argument("--dtype", default="auto", choices=["auto", "float32", "bfloat16", "float16"])
    parser.add_argument("--threads", type=int, help="CPU cores that torch may use (default: as torch chooses)")
    parser.add_argument("--seed", type=int, default=0)
    return parser


def main(argv: list[str] | None = None) -> None:
    parser = _parser()
    args = parser.parse_args(argv)
    if min(args.num_prompts, args.tokens, args.trials) < 1:
        parser.error("--num-prompts, --tokens and --trials are whole numbers from 1")
    try:
        SearchConfig(seed=args.seed)
        for ratio in args.ratios:
            SwiftConfig(skip_ratio=ratio)
    except ValueError as error:
        parser.error(str(error))
    if args.threads:
        torch.set_num_threads(args.threads)
    logging.set_verbosity_error()
    try:
        prompts = _prompts(args.prompts, args.task)[: args.num_prompts]
        _search(args, load_target(args.model, args.device, args.dtype), prompts)
    except (ModelLoadError, PromptFileError, PromptError, StateError, KnownSetsError, OSError) as error:
        sys.exit(str(error))


def _prompts(path: Path, task: str | None) -> list[str]:
    prompts = [prompt for of_task, prompt in read_prompts(path) if task in (None, of_task)]
    if not prompts:
        raise PromptFileError(f"{path} has no prompts of {task or 'any task'}; every line is one")
    return prompts


def _search(args: argparse.Namespace, target: Target, prompts: list[str]) -> None:
    out = args.out or shipped_file(target.name)
    kept = load_known_sets(out, target.num_layers)  # before hours are spent on what cannot be written
    state = args.state or out.with_name(f"{out.name}.state")
    ratios = sizes_of(target.num_layers, args.ratios)
    if not ratios:
        sys.exit(f"none of these ratios skips anything of {target.num_layers} layers; give larger --ratios")
    about = {
        "model": target.name,
        "layers": target.num_layers,
        "dtype": str(target.dtype).removeprefix("torch."),
        "tokens": args.tokens,
        "prompts": hashlib.sha256(json.dumps(prompts).encode()).hexdigest()[:16],
    }
    remembered = Remembered(state, about)
    try:
        found = find(target, prompts, remembered, ratios, args.tokens, args.trials, args.seed)
    except KeyboardInterrupt:
        print(f"stopped after {remembered.num_scores} scores; the same command goes on from {state}")
        sys.exit(_INTERRUPTED)
    finally:
        remembered.save()
    costs = measure_costs(target)
    sizes = [of_size(*of_ratio, target.num_layers, costs) for of_ratio in found.values()]
    out.parent.mkdir(parents=True, exist_ok=True)
    kept.pop(ALL_TASKS, None)  # it was the fastest of another search
    save_known_sets(out, kept | sets_of(sizes))
    if args.json:
        told = {name: str(value) if isinstance(value, Path) else value for name, value in vars(args).items()}
        replace_file(args.json, json.dumps(as_json(target, told, sizes, costs), indent=1) + "\n")
    print(as_table(sizes, costs, target.num_layers))
    print(f"The sets are in {out}.")
