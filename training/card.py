"""Writes the model card from what was measured; ``python -m training.card``."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from transformers import AutoConfig

from swift_demo.files import replace_file
from swift_demo.skip_set import num_skippable, num_skipped

_TEMPLATE = Path(__file__).with_suffix(".md")


def write_card(folder: Path) -> str:
    """The card's text, from ``evaluation.json`` and its like in the folder."""
    evaluation: dict[str, Any] = json.loads((folder / "evaluation.json").read_text(encoding="utf-8"))
    plain: dict[str, Any] = json.loads((folder / "evaluation_plain.json").read_text(encoding="utf-8"))
    training: dict[str, Any] = json.loads((folder / "training.json").read_text(encoding="utf-8"))
    config = AutoConfig.from_pretrained(folder)
    weights = sum(path.stat().st_size for path in folder.glob("*.safetensors"))
    tasks = list(evaluation["held_out_right"])
    right, losses = evaluation["held_out_right"], evaluation["held_out_loss"]
    start, best = evaluation["start_matchness"], evaluation["best_matchness"]
    return _TEMPLATE.read_text(encoding="utf-8").format(
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
        k=num_skipped(config.num_hidden_layers, evaluation["skip_ratio"]),
        skippable=num_skippable(config.num_hidden_layers),
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
