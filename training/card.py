"""Writes the model card from what was measured; ``python -m training.card``."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from transformers import AutoConfig

from swift_demo.files import replace_file

_TEXT = """---
license: apache-2.0
language: [en, fr, de]
library_name: transformers
pipeline_tag: text-generation
---

# The demo model of swift_demo

A small Llama-architecture language model, trained from scratch by this project so that its demo needs no
download. It writes five kinds of text: short stories, summaries of local news, worked arithmetic word problems,
translations from English to French or German, and small Python functions. It is made for watching
speculative decoding, not for use as a writer.

## Architecture and size

{num_layers} layers, width {hidden_size}, {num_heads} attention heads of {head_size}, MLP width {mlp_size},
vocabulary {vocab_size} (byte-level BPE, digits one by one), tied embeddings, rotary positions up to
{context}, RMS norm, SwiGLU:
{million:.2f} million parameters, {megabytes:.1f} MB of float32 weights.

## Data

Sampled without end from the project's own grammars (`training/tasks/`), about 200 to 340 tokens a
document, an end-of-text token after each; late in training also drills, lists of sums and of translated phrases
(`drills.py`), which nothing is measured on. No outside text. A document is held out when the hash of its names,
numbers and objects together says so (5 %), so a held-out combination never occurs in training.

## Recipe

Next-token prediction, no dropout; late in training prompt tokens count little, and at the very end sub-layers
are left out at random (**stochastic depth**, the rates are in `recipe.py`). {recipe}

SWIFT needs no such training: large language models can do without many of their sub-layers as they come. A
network of four million parameters has less to spare; the end of this recipe gives it some of theirs. What it
changed is said below.

`train.py` made these weights from step 0 to the last, stopped and resumed on the way, the first 741 steps in
one process and the others in two; neither changes more than roundings. Schedule, task shares and drills were
settled on an earlier network, by looking at its answers to some held-out prompts; so were the rates of
stochastic depth and the skip ratio, by matchness. What is measured below is on held-out documents that nobody
had looked at before.

## Held-out quality

Greedy, {documents_per_task} held-out documents per task. Loss is per completion token, in nats, end of text
included. Right means: arithmetic, every equation and the answer; translation, the exact reference; code, the
same results as the reference function on its test calls; summary, every name, place, day and number that the
reference keeps, and no foreign name; story, its hero and object, ended like a text.

{quality}
{verdict}
## Layer redundancy

Matchness: share of positions where the draft's argmax equals the target's greedy text, over whole held-out
completions. Skip ratio {ratio}: {k} of {skippable} sub-layers. Best: found by the project's own search
in {trials} trials on three of the texts, then scored on all eight, those three included, so a little flattered.

{matchness}
Each task's best set (rows) on every task (columns):

{cross}
Median over tasks, by skip ratio (search of {half_trials} trials):

{by_ratio}
The sets kept in `skip_layers.json` are others: `python -m training.kept_sets` looks for those that
promise the most speed at this skip ratio, on greedy texts of each task from the training side, so that what
is measured on held-out prompts is not flattered by them.

## What stochastic depth changed

The same network before those last steps (`evaluation_plain.json`), measured in the same way:

{plain_right}
Median matchness over tasks, by skip ratio:

{plain_ratios}
Evaluated on {hardware}. Numbers: `evaluation.json`, by `python -m training.evaluate`.
"""


def write_card(folder: Path) -> str:
    """The card's text, from ``evaluation.json`` and its like in the folder."""
    evaluation: dict[str, Any] = json.loads((folder / "evaluation.json").read_text(encoding="utf-8"))
    plain: dict[str, Any] = json.loads((folder / "evaluation_plain.json").read_text(encoding="utf-8"))
    training: dict[str, Any] = json.loads((folder / "training.json").read_text(encoding="utf-8"))
    config = AutoConfig.from_pretrained(folder)
    weights = sum(path.stat().st_size for path in folder.glob("*.safetensors"))
    tasks = list(evaluation["held_out_right"])
    skippable = 2 * (config.num_hidden_layers - 2)
    right, losses = evaluation["held_out_right"], evaluation["held_out_loss"]
    start, best = evaluation["start_matchness"], evaluation["best_matchness"]
    return _TEXT.format(
        num_layers=config.num_hidden_layers,
        hidden_size=config.hidden_size,
        num_heads=config.num_attention_heads,
        head_size=config.hidden_size // config.num_attention_heads,
        mlp_size=config.intermediate_size,
        vocab_size=config.vocab_size,
        context=config.max_position_embeddings,
        million=weights / 4e6,
        megabytes=weights / 1e6,
        recipe=training["description"],
        documents_per_task=evaluation["documents_per_task"],
        quality=_table(["task", "loss", "right"], [[t, f"{losses[t]:.3f}", f"{right[t]:.0%}"] for t in tasks]),
        verdict=_verdict(right, best, evaluation["skip_ratio"]),
        ratio=evaluation["skip_ratio"],
        k=int(skippable * evaluation["skip_ratio"]),
        skippable=skippable,
        trials=evaluation["trials"],
        half_trials=evaluation["trials"] // 2,
        matchness=_table(
            ["task", "start set", "best set", "gain"],
            [[t, f"{start[t]:.3f}", f"{best[t]:.3f}", f"{best[t] - start[t]:+.3f}"] for t in tasks],
        ),
        cross=_table(
            ["best set of", *tasks],
            [[row, *(f"{evaluation['cross_matchness'][row][c]:.3f}" for c in tasks)] for row in tasks],
        ),
        by_ratio=_table(
            ["skip ratio", "uniform set", "best set"],
            [
                [r, f"{v['uniform']:.3f}", f"{v['found']:.3f}"]
                for r, v in evaluation["matchness_by_ratio"].items()
            ],
        ),
        plain_right=_table(
            ["right", *tasks],
            [
                [name, *(f"{values['held_out_right'][t]:.0%}" for t in tasks)]
                for name, values in (("before", plain), ("after", evaluation))
            ],
        ),
        plain_ratios=_table(
            ["skip ratio", "uniform set: before", "after", "best set: before", "after"],
            [
                [
                    r,
                    *(
                        f"{e['matchness_by_ratio'][r][which]:.3f}"
                        for which in ("uniform", "found")
                        for e in (plain, evaluation)
                    ),
                ]
                for r in plain["matchness_by_ratio"]
            ],
        ),
        hardware=evaluation["hardware"],
    )


def _verdict(right: dict[str, float], best: dict[str, float], skip_ratio: float) -> str:
    """The goals that this model misses, said plainly; nothing where it misses none."""
    misses = [f"{task} {right[task]:.0%}" for task in right if task != "story" and right[task] < 0.95]
    weak = [f"{task} {best[task]:.2f}" for task in best if best[task] < 0.90]
    lines = []
    if misses:
        lines.append(f"The goal of 95 % right is missed by: {', '.join(misses)}.")
    if weak:
        lines.append(f"The goal of 0.90 matchness at skip ratio {skip_ratio} is missed by: {', '.join(weak)}.")
    return "\n".join(["", *lines, ""]) if lines else ""


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the demo model's card.")
    parser.add_argument("--model", type=Path, default=Path("assets/demo_model"))
    args = parser.parse_args()
    replace_file(args.model / "README.md", write_card(args.model))


if __name__ == "__main__":
    main()
