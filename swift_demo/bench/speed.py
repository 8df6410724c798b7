"""Ways of decoding, interleaved prompt by prompt, so that a drifting machine hurts all alike."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from tqdm.auto import tqdm

from swift_demo.config import SamplingConfig, SearchConfig, SwiftConfig
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.demo_model.corpus import held_out_documents
from swift_demo.metrics import LaneMetrics
from swift_demo.skip_set import SkipSet
from swift_demo.target.model import Target

METHODS = ("generate", "vanilla", "swift, start set", "swift, found set", "swift, kept set")


@dataclass(frozen=True, slots=True)
class Measurement:
    """One run of one method on one prompt; ``metrics`` is None for transformers' generate."""

    task: str
    prompt: int
    method: str
    num_tokens: int
    seconds: float
    is_identical: bool
    metrics: LaneMetrics | None

    @property
    def tokens_per_s(self) -> float:
        return self.num_tokens / self.seconds


def measure(
    target: Target,
    tasks: list[str],
    num_prompts: int,
    num_tokens: int,
    repeat: int,
    num_warm_prompts: int,
    temperature: float,
) -> list[Measurement]:
    """Run every method ``repeat`` times on held-out prompts of each task.

    The found set is the one that a search from a cold start settles on over other held-out prompts
    of the task; it is then held fixed, as in the accelerating phase. The kept set is the one that lies
    beside the model for the task; the found one where there is none.
    """
    sampling = SamplingConfig(temperature=temperature)
    results: list[Measurement] = []
    with tqdm(total=len(tasks) * num_prompts * repeat * len(METHODS), unit="run") as bar:
        for task in tasks:
            bar.set_description(f"{task}: search")
            found = find_set(target, task, num_warm_prompts, num_tokens)
            bar.set_description(task)
            fixed = SwiftConfig(search=SearchConfig(is_enabled=False))
            decoders: dict[str, VanillaDecoder | SwiftDecoder] = {
                "vanilla": VanillaDecoder(target),
                "swift, start set": SwiftDecoder(target, fixed),
                "swift, found set": SwiftDecoder(target, fixed, found),
                "swift, kept set": SwiftDecoder(target, fixed, target.known_sets.get(task, found)),
            }
            for number, document in enumerate(held_out_documents(task, num_prompts, seed=2)):
                for _ in range(repeat):
                    runs: dict[str, tuple[tuple[int, ...], float, LaneMetrics | None]] = {
                        "generate": transformers_generate(target, document.prompt, num_tokens, sampling)
                    }
                    for method, decoder in decoders.items():
                        generation = decoder.generate(document.prompt, num_tokens, sampling)
                        runs[method] = generation.token_ids, generation.metrics.seconds, generation.metrics
                    reference = runs["vanilla"][0]
                    for method, (ids, seconds, metrics) in runs.items():
                        results.append(
                            Measurement(task, number, method, len(ids), seconds, ids == reference, metrics)
                        )
                        bar.update()
    return results


def find_set(target: Target, task: str, num_prompts: int, num_tokens: int) -> SkipSet:
    """The set that SWIFT's own search settles on over a stream of prompts of one task.

    Settings are the defaults, but for the time that trials may take: here nobody waits.
    """
    decoder = SwiftDecoder(target, SwiftConfig(search=SearchConfig(max_time_share=1.0)))
    for document in held_out_documents(task, num_prompts, seed=3):
        decoder.generate(document.prompt, num_tokens)
        if decoder.learned.search.phase == "accelerating":
            break
    return decoder.skip_set


def transformers_generate(
    target: Target, prompt: str, num_tokens: int, sampling: SamplingConfig
) -> tuple[tuple[int, ...], float, None]:
    """The library's own decoding: ids, seconds, nothing else."""
    ids = torch.tensor([target.encode(prompt)], device=target.device)
    options: dict[str, object] = {"do_sample": False}
    if not sampling.is_greedy:
        torch.manual_seed(sampling.seed)
        options = {"do_sample": True, "temperature": sampling.temperature, "top_k": 0, "top_p": 1.0}
    seconds, output = timed(
        target.device,
        lambda: target.model.generate(
            ids, attention_mask=torch.ones_like(ids), max_new_tokens=num_tokens, **options
        ),
    )
    return tuple(output[0, ids.shape[1] :].tolist()), seconds, None


def timed(device: torch.device, run: Callable[[], torch.Tensor]) -> tuple[float, torch.Tensor]:
    """Seconds that a call took, the device synchronised at both ends, and its result."""

    def now() -> float:
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        return time.perf_counter()

    start = now()
    result = run()
    return now() - start, result
