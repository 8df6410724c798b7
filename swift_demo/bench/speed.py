"""``python -m swift_demo.bench speed``: compares ways of decoding.

All methods continue the same prompts, or answer them as messages if the model has a chat template, in one
process. They take turns prompt by prompt, in another order each time, so that a drifting machine affects all
alike.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import torch
from tqdm.auto import tqdm

from swift_demo.bench import methods as named
from swift_demo.bench.arguments import add_model, circumstances, load, parser_of, write_json
from swift_demo.bench.memory import forget_peak, peak_bytes
from swift_demo.bench.methods import COMPARED, Method, Outcome, Unavailable, methods_of, now, stream_methods
from swift_demo.bench.prompts import (
    CHAT_TASKS,
    TASKS,
    PromptFileError,
    Prompts,
    chat_file,
    held_out_prompts,
    prompts_of_file,
)
from swift_demo.bench.report import as_json, as_table
from swift_demo.bench.runs import Runs
from swift_demo.config import SearchConfig, SwiftConfig
from swift_demo.decoding.request import Request, as_asked
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.metrics import first_difference
from swift_demo.model.kv_cache import KVCache
from swift_demo.model.target import Target
from swift_demo.skip_set import SkipSet

_NEEDS_FOUND = {named.FOUND, named.CHAIN, named.TREE, named.SAMPLED_SWIFT}


_TASKS_HELP = (
    f"of {', '.join(TASKS)}, for a chat model of {', '.join(CHAT_TASKS)}, or of the file (default: all)"
)


class _Watched(NamedTuple):
    """What a call gave, its seconds on the wall, the most memory meanwhile."""

    result: Any
    wall_s: float
    peak_bytes: int


def measure(
    target: Target,
    prompts: Prompts,
    runs: Runs,
    num_tokens: int = 150,
    repeat: int = 2,
    temperature: float = 0.6,
    early_exit: int | None = None,
    chosen: set[str] | None = None,
    is_raw: bool = False,
) -> None:
    """Run every method ``repeat`` times on every measured prompt, then the stream once, into ``runs``.

    The found set of a task is the one that a search from a cold start settles on over other prompts of the
    task; it is then held fixed, as in the accelerating phase. The kept set lies beside the model.

    Args:
        chosen: Names of methods, of ``COMPARED`` and ``COLD_START``; all if not given.
        is_raw: Whether a chat model continues the prompts too, instead of answering each as a message.
    """
    chosen = {*COMPARED, named.COLD_START} if chosen is None else {*chosen, named.VANILLA}
    bench = _Bench(target, runs, num_tokens, is_raw)
    by_task: dict[str, dict[str, Method]] = {}
    for task in prompts.measured:
        found = SkipSet.uniform(target.num_layers, SwiftConfig().skip_ratio)
        if _NEEDS_FOUND & chosen:
            found = bench.find_set(task, prompts.searched[task])
        methods, missing = methods_of(target, task, found, num_tokens, temperature, early_exit)
        by_task[task] = {name: method for name, method in methods.items() if name in chosen}
        runs.missing[task] = {name: why for name, why in missing.items() if name in chosen}
        bench.warm_up(task, prompts.measured[task][0], by_task[task])
    stream = stream_methods(target, num_tokens) if named.COLD_START in chosen else {}
    total = sum(len(by_task[task]) * len(texts) for task, texts in prompts.measured.items()) * repeat
    with tqdm(total=total + len(stream) * len(prompts.stream), unit="run") as bar:
        for turn in range(repeat):
            for task, texts in prompts.measured.items():
                bar.set_description(f"turn {turn + 1}, {task}")
                for number, text in enumerate(texts):
                    bench.take_turns(task, number, turn, text, by_task[task], bar.update)
        bar.set_description("stream")
        for number, (task, text) in enumerate(prompts.stream if stream else []):
            bench.take_turns(task, number, 0, text, stream, bar.update)
    runs.save_index()


class _Bench:
    """Runs methods on one target and records the results."""

    def __init__(self, target: Target, runs: Runs, num_tokens: int, is_raw: bool):
        self._target = target
        self._runs = runs
        self._num_tokens = num_tokens
        self._is_raw = is_raw
        self._num_turns = 0

    def _asked(self, prompt: str) -> Request:
        """A prompt as this model is asked it: as a message if it has a chat template."""
        request = Request(prompt)
        return request if self._is_raw else as_asked(self._target, request)

    def find_set(self, task: str, prompts: list[str]) -> SkipSet:
        """The set that SWIFT's own search settles on over prompts of one task; it may take its time."""
        search = SearchConfig(max_time_share=1.0, fading_trials=0, max_loss_share=1.0)
        decoder = SwiftDecoder(self._target, SwiftConfig(search=search))
        for number, prompt in enumerate(tqdm(prompts, desc=f"{task}: search", unit="prompt", leave=False)):
            generation, wall_s, peak = self._watched(
                partial(decoder.generate, self._asked(prompt), max_new_tokens=self._num_tokens)
            )
            outcome = Outcome(generation.token_ids, generation.metrics.seconds, generation.trace)
            self._runs.add(task, number, 0, named.SEARCH, outcome, wall_s, peak)
            if decoder.learned.search.phase == "accelerating":
                break
        return decoder.skip_set

    def warm_up(self, task: str, prompt: str, methods: dict[str, Method]) -> None:
        """Run each method once unmeasured, and leave out those that this model does not allow."""
        for name, method in list(methods.items()):
            try:
                method(self._asked(prompt), 0)
            except Unavailable as error:
                del methods[name]
                self._runs.missing[task][name] = str(error)

    def take_turns(
        self,
        task: str,
        number: int,
        turn: int,
        prompt: str,
        methods: dict[str, Method],
        tick: Callable[[], object],
    ) -> None:
        """Every method on one prompt, each time another one first; ``tick`` is called after each."""
        request = self._asked(prompt)
        names = list(methods)
        first = self._num_turns % len(names)
        self._num_turns += 1
        done: dict[str, _Watched] = {}
        for name in (*names[first:], *names[:first]):
            done[name] = self._watched(partial(methods[name], request, 1000 * turn + number))
            tick()
        for name in names:
            outcome, wall_s, peak = done[name]
            base = done[named.BASES.get(name, named.VANILLA)].result
            gap = None if name in named.SAMPLED else self._top2_gap(request, base.token_ids, outcome.token_ids)
            self._runs.add(task, number, turn, name, outcome, wall_s, peak, gap)

    def _watched(self, run: Callable[[], Any]) -> _Watched:
        forget_peak(self._target.device)
        start = now(self._target.device)
        result = run()
        return _Watched(result, now(self._target.device) - start, peak_bytes(self._target.device))

    @torch.inference_mode()
    def _top2_gap(self, request: Request, base: tuple[int, ...], ids: tuple[int, ...]) -> float | None:
        """How far apart the target's two best logits are where two texts diverge; None if they do not."""
        position = first_difference(base, ids)
        if position is None:
            return None
        before = torch.tensor([*request.ids_on(self._target), *base[:position]], device=self._target.device)
        cache: KVCache = self._target.new_cache(len(before))
        logits = self._target.forward(before, cache, 0, SkipSet())
        best, second = logits[-1].float().topk(2).values.tolist()
        return best - second


def main(argv: list[str]) -> None:
    args = _parser().parse_args(argv)
    target = load(args)
    try:
        prompts = prompts_of(args, target.has_chat_template and not args.raw)
    except (PromptFileError, OSError) as error:
        sys.exit(str(error))
    runs = Runs(circumstances(target, args), folder=args.traces)
    measure(
        target,
        prompts,
        runs,
        args.tokens,
        args.repeat,
        args.temperature,
        args.early_exit,
        set(args.methods) if args.methods else None,
        args.raw,
    )
    print(as_table(runs))
    write_json(args.json, as_json(runs))


def _parser() -> argparse.ArgumentParser:
    selectable = [*COMPARED, named.COLD_START]
    parser = parser_of("speed", __doc__, repeat=2)
    add_model(parser)
    add = parser.add_argument
    add("--prompts", type=Path, metavar="FILE", help="a prompt a line, or JSON lines with prompt and task")
    add("--tasks", nargs="+", metavar="TASK", help=_TASKS_HELP)
    add("--raw", action="store_true", help="let a chat model continue the prompts, without its chat template")
    add("--per-task", type=int, default=4, metavar="N", help="prompts measured, of each task (default: 4)")
    add(
        "--search-prompts",
        type=int,
        default=12,
        metavar="N",
        help="other prompts that the search sees at most, of each task (default: 12)",
    )
    add(
        "--stream",
        type=int,
        default=50,
        metavar="N",
        help="other prompts that the cold start sees, the tasks in turn (default: 50)",
    )
    add("--tokens", type=int, default=150, help="a text ends there at the latest (default: 150)")
    add("--temperature", type=float, default=0.6, help="for sampling; 0 leaves it out (default: 0.6)")
    add(
        "--early-exit",
        type=int,
        metavar="LAYERS",
        help="that generate's early exit drafts with (default: three quarters of them)",
    )
    add(
        "--methods",
        nargs="+",
        metavar="METHOD",
        choices=selectable,
        help=f"only these, and vanilla: {'; '.join(selectable)}",
    )
    add("--traces", type=Path, metavar="DIR", help="keep every lane's trace there, for `report DIR`")
    return parser


def prompts_of(args: argparse.Namespace, is_chat: bool) -> Prompts:
    """The prompts that the command line asks for: a file's, requests for a chat model, or texts to continue."""
    numbers = args.per_task, args.search_prompts, args.stream
    if args.prompts or is_chat:
        return prompts_of_file(args.prompts or chat_file(), args.tasks, *numbers)
    if unknown := set(args.tasks or ()) - set(TASKS):
        raise PromptFileError(f"there is no task {min(unknown)!r}; there are {', '.join(TASKS)}")
    return held_out_prompts(args.tasks or list(TASKS), *numbers)
