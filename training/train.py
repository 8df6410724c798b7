"""Trains the embedded demo model from scratch: next-token prediction on the corpus.

``python -m training.train --out assets/demo_model`` makes the shipped weights, but for roundings
that depend on the machine. It ends with stochastic depth, which gives a network this small some of the layer
redundancy that large ones have of their own. A checkpoint is written every few minutes; running the same
command again resumes from it.

``torchrun --standalone --nproc-per-node N -m training.train`` shares each batch among N
processes: with small matrices, that uses the cores of a CPU better than N threads do.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path

import torch
import torch.distributed as dist
from torch.nn import functional as F
from tqdm.auto import tqdm
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from swift_demo.files import replace_file
from swift_demo.model.families import Stack, take_apart
from swift_demo.model.sublayers import ForwardContext
from training.recipe import Recipe, describe, kept_sublayers, training_rows
from training.tokenizer import VOCAB_SIZE, train_tokenizer


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
    model = LlamaForCausalLM(config)
    model.set_attn_implementation("eager")  # on a CPU its backward pass is the faster one at this size
    return model


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
    """Train to the end of the recipe, from the checkpoint in ``out`` where there is one, and save.

    Within a process group, each process takes its share of the rows and the first one writes.
    """
    is_shared = dist.is_initialized()
    rank, processes = (dist.get_rank(), dist.get_world_size()) if is_shared else (0, 1)
    out.mkdir(parents=True, exist_ok=True)
    tokenizer = train_tokenizer(recipe.seed)
    model = build_model(recipe, tokenizer)
    torch.nn.Module.to(model, device).train()
    optimizers = make_optimizers(model, recipe)
    checkpoint = out / "checkpoint.pt"
    first_step = _resume(checkpoint, model, optimizers)
    if should_compile:
        for layer in model.model.layers:
            layer.self_attn.compile()
            layer.mlp.compile()
    stack = take_apart(model)

    last_save = time.monotonic()
    steps = range(first_step, recipe.steps)
    with tqdm(steps, initial=first_step, total=recipe.steps, unit="step", disable=rank > 0) as bar:
        for step in bar:
            for optimizer in optimizers:
                for group in optimizer.param_groups:
                    group["lr"] = recipe.rate(step)
            rows, weights = training_rows(recipe, tokenizer, step)
            weights /= weights[:, 1:].sum()
            share = slice(rank, None, processes)
            kept = kept_sublayers(recipe, step)
            loss = next_token_loss(stack, rows[share].to(device), weights[share].to(device), kept)
            loss.backward()
            if is_shared:
                _sum_gradients(model)
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            for optimizer in optimizers:
                optimizer.step()
                optimizer.zero_grad()
            if step % 10 == 0:
                bar.set_postfix(loss=f"{loss.item() * processes:.3f}")
            if rank == 0 and time.monotonic() - last_save > 60 * checkpoint_minutes:
                _save_checkpoint(checkpoint, step + 1, model, optimizers)
                last_save = time.monotonic()
    if rank > 0:
        return
    save(model, tokenizer, out)
    text = json.dumps({"description": describe(recipe, torch.device(device))}, indent=1)
    replace_file(out / "training.json", text + "\n")
    checkpoint.unlink(missing_ok=True)


def next_token_loss(
    stack: Stack, rows: torch.Tensor, weights: torch.Tensor, kept: list[tuple[bool, bool]]
) -> torch.Tensor:
    """Weighted sum of the cross-entropies of all tokens but the first of each row, in nats.

    Args:
        rows: (R, T) token ids.
        weights: (R, T) how much each counts.
        kept: For each layer whether its attention and its MLP take part.
    """
    length = rows.shape[1]
    positions = torch.arange(length, device=rows.device)
    lowest = torch.finfo(torch.float32).min
    mask = torch.full((1, 1, length, length), lowest, device=rows.device).triu_(1)
    with torch.autocast(rows.device.type, dtype=torch.bfloat16):
        hidden = stack.embed(rows)
        ropes = stack.ropes(hidden, positions[None])
        context = ForwardContext(ropes, dict.fromkeys(ropes, mask), positions[None], cache=None)
        for layer, (has_attention, has_mlp) in zip(stack.layers, kept, strict=True):
            for step in layer.steps(has_attention, has_mlp):
                hidden = step(hidden, context)
        logits = stack.head(stack.norm(hidden))
    losses = F.cross_entropy(logits[:, :-1].float().flatten(0, 1), rows[:, 1:].flatten(), reduction="none")
    return (losses * weights[:, 1:].flatten()).sum()


def _sum_gradients(model: LlamaForCausalLM) -> None:
    """Add up the gradients of all processes (the same parameters have one in each: ``kept_sublayers``)."""
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    flat = torch.cat([g.flatten() for g in gradients])
    dist.all_reduce(flat)
    for gradient, total in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
        gradient.copy_(total.view_as(gradient))


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
    if "WORLD_SIZE" in os.environ:  # started by torchrun
        dist.init_process_group("gloo")
    train(recipe, args.out, args.device, args.compile, args.checkpoint_minutes)
    if dist.is_initialized():
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
