"""The prompts of a benchmark: some are measured, others searched on, others make up the stream."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import chain, zip_longest
from pathlib import Path

from swift_demo.assets import assets
from swift_demo.json_lines import lines_of
from swift_demo.prompt_file import PromptFileError, read_prompts

TASKS = ("story", "summary", "arithmetic", "translation", "code")
CHAT_TASKS = ("mt_bench", "translation", "summarization", "qa", "math_reasoning", "rag")  # as in Spec-Bench


def held_out_file() -> Path:
    """The file of frozen prompts, none of which the embedded model was trained on."""
    return assets() / "prompts" / "held_out.jsonl"


def chat_file() -> Path:
    """The file of requests for chat models, written for this project, a few for each of Spec-Bench's tasks."""
    return assets() / "prompts" / "chat.jsonl"


@dataclass(frozen=True, slots=True)
class Prompts:
    """Prompts by what they are for; no prompt is in two of them as long as there are enough.

    Attributes:
        measured: By task, what all methods continue or answer.
        searched: By task, what the search sees before its set is measured.
        stream: (task, prompt) in the order in which a decoder meets them from a cold start.
    """

    measured: dict[str, list[str]]
    searched: dict[str, list[str]]
    stream: list[tuple[str, str]]


def held_out(use: str, count: int, tasks: Iterable[str] = TASKS) -> dict[str, list[str]]:
    """By task, the first prompts for one use that the embedded model has never seen in training.

    ``python -m training.prompts`` wrote them.

    Raises:
        PromptFileError: If there are too few.
    """
    found: dict[str, list[str]] = {}
    for task in tasks:
        texts = _frozen().get((use, task), [])
        if count > len(texts):
            raise PromptFileError(
                f"{count} {use} prompts of {task} are asked for; {held_out_file().name} has {len(texts)}"
            )
        found[task] = texts[:count]
    return found


@cache
def _frozen() -> dict[tuple[str, str], list[str]]:
    """All held-out prompts by use and task."""
    try:
        lines = lines_of(held_out_file().read_bytes())
    except OSError as error:
        raise PromptFileError(f"{held_out_file()} cannot be read: {error.strerror}") from None
    found: dict[tuple[str, str], list[str]] = {}
    for line in lines:
        entry = json.loads(line)
        found.setdefault((entry["use"], entry["task"]), []).append(entry["prompt"])
    return found


def held_out_prompts(tasks: list[str], per_task: int, num_searched: int, num_streamed: int) -> Prompts:
    """Prompts for the embedded model; the stream deals tasks in turn.

    Raises:
        PromptFileError: If there are too few.
    """
    share = -(-num_streamed // len(tasks))
    return Prompts(
        held_out("measured", per_task, tasks),
        held_out("searched", num_searched, tasks),
        _dealt(held_out("streamed", share, tasks))[:num_streamed],
    )


def prompts_of_file(
    path: Path, tasks: list[str] | None, per_task: int, num_searched: int, num_streamed: int
) -> Prompts:
    """The prompts of a user's file (see ``read_prompts``).

    Of each task the first ones are measured, the next ones searched on, and the rest streamed; if too few are
    left, prompts are used again.

    Raises:
        PromptFileError: If there is nothing to read.
    """
    by_task: dict[str, list[str]] = {}
    for task, prompt in read_prompts(path):
        by_task.setdefault(task, []).append(prompt)
    chosen = {task: by_task[task] for task in tasks or by_task if task in by_task}
    if not chosen:
        wanted = ", ".join(tasks or ["any task"])
        raise PromptFileError(f"{path} has no prompts of {wanted}; every line is one")
    return Prompts(
        {task: texts[:per_task] for task, texts in chosen.items()},
        {task: (texts[per_task:] or texts)[:num_searched] for task, texts in chosen.items()},
        _dealt({task: texts[per_task + num_searched :] or texts for task, texts in chosen.items()})[
            :num_streamed
        ],
    )


def _dealt(by_task: dict[str, list[str]]) -> list[tuple[str, str]]:
    """One prompt of each task in turn."""
    rows = zip_longest(*([(task, text) for text in texts] for task, texts in by_task.items()))
    return [pair for pair in chain.from_iterable(rows) if pair is not None]
