"""Trains the embedded demo model from scratch: next-token prediction on the corpus.

``python -m swift_demo.demo_model.train --out assets/demo_model`` follows the recipe of the shipped
weights, which were made in several resumed parts (see the model card). A checkpoint is written every
few minutes; running the same command again resumes from it.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F
from tqdm.auto import tqdm
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from swift_demo.decoding.generation import describe_hardware
from swift_demo.demo_model.corpus import sample_document
from swift_demo.demo_model.drills import DRILLS, Pair
from swift_demo.demo_model.tokenizer import END, VOCAB_SIZE, train_tokenizer


@dataclass(frozen=True)
class Phase:
    """What is trained on from ``first_step`` on.

    ``shares`` holds the weight of each task and drill. Prompt tokens count ``prompt_weight`` in the
    loss: what names and numbers a prompt draws cannot be learned.
    """

    first_step: int
    shares: dict[str, float]
    prompt_weight: float


PHASES = (
    Phase(0, {"story": 0.14, "summary": 0.20, "arithmetic": 0.20, "translation": 0.26, "code": 0.20}, 1.0),
    Phase(3394, {"story": 0.10, "summary": 0.32, "arithmetic": 0.32, "translation": 0.16, "code": 0.10}, 0.05),
    Phase(
        4505,
        {
            "story": 0.10, "summary": 0.10, "arithmetic": 0.25, "translation": 0.21, "code": 0.14,
            "sums": 0.13, "phrases": 0.07,
        },
        0.05,
    ),
)


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the weights, besides the machine.

    ``schedule`` lists steps and the share of the peak learning rate there; in between it is linear.
    """

    seed: int = 0
    schedule: tuple[tuple[int, float], ...] = (
        (0, 0.01), (100, 1.0), (2300, 1.0), (3394, 0.453), (4270, 0.1492), (4505, 0.0),
        (4605, 0.6), (5700, 0.4065), (7500, 0.0),
    )  # fmt: skip
    phases: tuple[Phase, ...] = PHASES
    batch_rows: int = 8
    row_tokens: int = 512
    learning_rate: float = 3e-3
    weight_decay: float = 0.1
    num_layers: int = 24
    hidden_size: int = 128
    mlp_size: int = 256
    num_heads: int = 2

    @property
    def steps(self) -> int:
        return self.schedule[-1][0]

    def rate(self, step: int) -> float:
        """Learning rate of one step (0-based)."""
        steps, shares = zip(*self.schedule, strict=True)
        return self.learning_rate * float(np.interp(step, steps, shares))

    def phase(self, step: int) -> Phase:
        """The phase that a step (0-based) belongs to."""
        return [phase for phase in self.phases if phase.first_step <= step][-1]


def build_model(recipe: Recipe, tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    """An untrained Llama of the recipe's shape; weights follow from the seed."""
    torch.manual_seed(recipe.seed)
    config = LlamaConfig(
        vocab_size=VOCAB_SIZE,
        hidden_size=recipe.hidden_size,
        intermediate_size=recipe.mlp_size,
        num_hidden_layers=recipe.num_layers,
        num_attention_heads=recipe.num_heads,
        num_key_value_heads=recipe.num_heads,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=None,
    )
    # On a CPU the backward pass of eager attention is the faster one at this size.
    return LlamaForCausalLM._from_config(config, attn_implementation="eager")


def training_rows(
    recipe: Recipe, tokenizer: PreTrainedTokenizerFast, step: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """The rows of one step, (batch_rows, row_tokens) int64, and how much each token counts, float.

    They depend on seed and step alone. A row begins with a whole document and is filled up with
    further ones, the last cut off.
    """
    phase = recipe.phase(step)
    rng = random.Random(f"train {recipe.seed} {step}")
    rows, weights = [], []
    for _ in range(recipe.batch_rows):
        ids: list[int] = []
        counts: list[float] = []
        while len(ids) < recipe.row_tokens:
            kind = rng.choices(list(phase.shares), list(phase.shares.values()))[0]
            ids.append(tokenizer.bos_token_id)
            counts.append(phase.prompt_weight)
            for asked, answer in _pairs(rng, kind):
                for text, weight in ((asked, phase.prompt_weight), (answer, 1.0)):
                    part = tokenizer(text, add_special_tokens=False).input_ids
                    ids += part
                    counts += [weight] * len(part)
        rows.append(ids[: recipe.row_tokens])
        weights.append(counts[: recipe.row_tokens])
    return torch.tensor(rows), torch.tensor(weights)


def _pairs(rng: random.Random, kind: str) -> list[Pair]:
    """A document or drill as what is asked and what follows, the end of the text included."""
    if kind in DRILLS:
        return [*DRILLS[kind](rng), ("", END)]
    document = sample_document(rng, kind)
    return [(document.prompt, document.completion + END)]


def make_optimizers(model: LlamaForCausalLM, recipe: Recipe) -> list[torch.optim.Optimizer]:
    """Muon for the weight matrices of the layers, AdamW for embedding and norms."""
    matrices = [p for p in model.model.layers.parameters() if p.ndim == 2]
    chosen = {id(p) for p in matrices}
    others = [p for p in model.parameters() if id(p) not in chosen]
    return [
        torch.optim.Muon(
            matrices, lr=recipe.learning_rate, weight_decay=recipe.weight_decay, adjust_lr_fn="match_rms_adamw"
        ),
        torch.optim.AdamW(others, lr=recipe.learning_rate, betas=(0.9, 0.95), weight_decay=0.0),
    ]


def train(recipe: Recipe, out: Path, device: str, should_compile: bool, checkpoint_minutes: float) -> None:
    """Train to the end of the recipe, from the checkpoint in ``out`` where there is one, and save."""
    out.mkdir(parents=True, exist_ok=True)
    tokenizer = train_tokenizer(recipe.seed)
    model = build_model(recipe, tokenizer)
    torch.nn.Module.to(model, device).train()
    optimizers = make_optimizers(model, recipe)
    checkpoint = out / "checkpoint.pt"
    first_step = _resume(checkpoint, model, optimizers)
    if should_compile:
        for layer in model.model.layers:
            layer.compile()

    last_save = time.monotonic()
    with tqdm(range(first_step, recipe.steps), initial=first_step, total=recipe.steps, unit="step") as bar:
        for step in bar:
            for optimizer in optimizers:
                for group in optimizer.param_groups:
                    group["lr"] = recipe.rate(step)
            rows, weights = training_rows(recipe, tokenizer, step)
            loss = next_token_loss(model, rows.to(device), weights.to(device))
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            for optimizer in optimizers:
                optimizer.step()
                optimizer.zero_grad()
            if step % 10 == 0:
                bar.set_postfix(loss=f"{loss.item():.3f}")
            if time.monotonic() - last_save > 60 * checkpoint_minutes:
                _save_checkpoint(checkpoint, step + 1, model, optimizers)
                last_save = time.monotonic()
    save(model, tokenizer, out)
    text = json.dumps({"description": describe(recipe, torch.device(device))}, indent=1)
    (out / "training.json").write_text(text + "\n", encoding="utf-8")
    checkpoint.unlink(missing_ok=True)


def describe(recipe: Recipe, device: torch.device) -> str:
    """The recipe in words, for the model card."""
    tokens = recipe.steps * recipe.batch_rows * recipe.row_tokens

    def describe_phase(phase: Phase) -> str:
        shares = ", ".join(f"{kind} {share:.0%}" for kind, share in phase.shares.items())
        return f"from step {phase.first_step} {shares}, prompt tokens counting {phase.prompt_weight:g}"

    phases = "; ".join(describe_phase(phase) for phase in recipe.phases)
    schedule = ", ".join(f"{step}: {share:g}" for step, share in recipe.schedule)
    return (
        f"{recipe.steps} steps of {recipe.batch_rows} rows of {recipe.row_tokens} tokens ({tokens / 1e6:.1f} "
        f"million). Documents: {phases}. Muon on the "
        f"layers' matrices, AdamW on embedding and norms, peak rate {recipe.learning_rate} with the share by "
        f"step {schedule} (linear in between), weight decay {recipe.weight_decay}, bfloat16 autocast, seed "
        f"{recipe.seed}. Trained on: {describe_hardware(device)}, torch {torch.__version__}."
    )


def next_token_loss(model: LlamaForCausalLM, rows: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Weighted mean cross-entropy over all tokens but the first of each row, in nats."""
    with torch.autocast(rows.device.type, dtype=torch.bfloat16):
        logits = model(rows, use_cache=False).logits
    losses = F.cross_entropy(logits[:, :-1].float().flatten(0, 1), rows[:, 1:].flatten(), reduction="none")
    counts = weights[:, 1:].flatten()
    return (losses * counts).sum() / counts.sum()


def save(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, out: Path) -> None:
    """Write weights (float32, files under 10 MB), tokenizer and generation settings."""
    model.generation_config = GenerationConfig(
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id, do_sample=False
    )
    model.save_pretrained(out, max_shard_size="9MB")
    tokenizer.save_pretrained(out)


def _save_checkpoint(path: Path, step: int, model: LlamaForCausalLM, optimizers: list) -> None:
    state = {"step": step, "model": model.state_dict(), "optimizers": [o.state_dict() for o in optimizers]}
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(path)


def _resume(path: Path, model: LlamaForCausalLM, optimizers: list) -> int:
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    for optimizer, values in zip(optimizers, state["optimizers"], strict=True):
        optimizer.load_state_dict(values)
    return state["step"]


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the embedded demo model from scratch.")
    parser.add_argument("--out", type=Path, default=Path("assets/demo_model"), help="folder to write")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--seed", type=int, default=Recipe.seed)
    parser.add_argument("--compile", action="store_true", help="compile the layers (needs a C++ compiler)")
    parser.add_argument("--checkpoint-minutes", type=float, default=5)
    args = parser.parse_args()
    recipe = Recipe(seed=args.seed)
    train(recipe, args.out, args.device, args.compile, args.checkpoint_minutes)


if __name__ == "__main__":
    main()
