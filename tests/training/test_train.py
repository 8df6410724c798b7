"""Training: the model's own loss, what stochastic depth spares, and a cut run that is resumed exactly."""

from __future__ import annotations

import pytest
import torch
import torch.distributed as dist
from transformers import LlamaForCausalLM

from swift_demo.model.families import take_apart
from training import train as training
from training.recipe import PHASES, Phase, Recipe, StochasticDepth, kept_sublayers
from training.tokenizer import train_tokenizer

SHARES = {"story": 0.5, "sums": 0.5}
TINY = Recipe(
    schedule=((0, 1.0), (4, 0.5)),
    phases=(Phase(0, SHARES, 1.0), Phase(2, SHARES, 0.5, StochasticDepth())),
    batch_rows=2,
    row_tokens=24,
    num_layers=4,
    hidden_size=16,
    mlp_size=16,
    num_heads=2,
)
DEEP = next(phase.first_step for phase in PHASES if phase.depth)


@pytest.fixture(scope="module")
def tokenizer():
    return train_tokenizer(0)


def test_the_loss_is_the_models_own_where_nothing_is_left_out(tokenizer):
    model = training.build_model(TINY, tokenizer)
    rows = torch.randint(0, 2048, (2, 24))
    kept = [(True, True)] * 4
    ours = training.next_token_loss(take_apart(model), rows, torch.full((2, 24), 1 / 46), kept)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert ours.item() == pytest.approx(model(rows, labels=rows).loss.item(), rel=1e-2)
    ours.backward()
    assert all(p.grad is not None for p in model.parameters())


def test_what_is_left_out_is_not_trained(tokenizer):
    model = training.build_model(TINY, tokenizer)
    rows = torch.randint(0, 2048, (2, 24))
    kept = [(True, True), (False, True), (True, False), (True, True)]
    training.next_token_loss(take_apart(model), rows, torch.ones(2, 24), kept).backward()
    layers = model.model.layers
    assert all(p.grad is None for part in (layers[1].self_attn, layers[2].mlp) for p in part.parameters())
    assert all(p.grad is not None for p in layers[1].mlp.parameters())


def test_stochastic_depth_spares_the_ends_and_takes_attention_and_late_layers_more_often():
    recipe = Recipe()
    assert kept_sublayers(recipe, DEEP - 1) == [(True, True)] * 24
    steps = [kept_sublayers(recipe, step) for step in range(DEEP, DEEP + 400)]
    assert steps[0] == kept_sublayers(recipe, DEEP) != steps[1]
    attention = [sum(not step[i][0] for step in steps) for i in range(24)]
    mlp = [sum(not step[i][1] for step in steps) for i in range(24)]
    assert attention[0] == attention[-1] == mlp[0] == mlp[-1] == 0
    assert sum(attention[1:-1]) > sum(mlp[1:-1])
    assert sum(attention[12:]) > sum(attention[:12]) and sum(mlp[12:]) > sum(mlp[:12])


def test_stochastic_depth_may_spare_early_layers_and_whole_steps():
    recipe = Recipe(phases=(Phase(0, SHARES, 1.0, StochasticDepth(spared=0.3, whole_steps=0.4)),))
    steps = [kept_sublayers(recipe, step) for step in range(400)]
    assert all(step[i] == (True, True) for step in steps for i in range(7))
    assert any(step[7] != (True, True) for step in steps)
    num_whole = sum(step == [(True, True)] * 24 for step in steps)
    assert 140 < num_whole < 220


def test_a_run_that_was_cut_off_ends_with_the_same_weights(tmp_path, monkeypatch, tokenizer):
    monkeypatch.setattr(training, "train_tokenizer", lambda seed: tokenizer)

    def train(out):
        training.train(TINY, out, "cpu", should_compile=False, checkpoint_minutes=0)

    train(tmp_path / "whole")
    draw = training.training_rows

    def cut_off(recipe, tokenizer, step):
        if step == 3:
            raise KeyboardInterrupt
        return draw(recipe, tokenizer, step)

    monkeypatch.setattr(training, "training_rows", cut_off)
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path / "cut")
    monkeypatch.setattr(training, "training_rows", draw)
    train(tmp_path / "cut")
    whole, cut = (LlamaForCausalLM.from_pretrained(tmp_path / name).state_dict() for name in ("whole", "cut"))
    assert all(torch.equal(whole[key], cut[key]) for key in whole)


def test_two_processes_share_the_rows_and_end_with_the_weights_of_one(tmp_path, monkeypatch, tokenizer):
    monkeypatch.setattr(training, "train_tokenizer", lambda seed: tokenizer)
    training.train(TINY, tmp_path / "one", "cpu", should_compile=False, checkpoint_minutes=9)
    torch.multiprocessing.spawn(_train_share, (tmp_path, tokenizer), nprocs=2)
    one, two = (LlamaForCausalLM.from_pretrained(tmp_path / name).state_dict() for name in ("one", "two"))
    untrained = training.build_model(TINY, tokenizer).state_dict()

    def distance(first, second):
        return float(sum((first[key] - second[key]).square().sum() for key in one).sqrt())

    # Not the same to the bit: bfloat16 sums depend on the shapes, and the optimisers go by signs.
    assert distance(one, two) < 0.2 * distance(one, untrained)


def _train_share(rank, folder, tokenizer):
    training.train_tokenizer = lambda seed: tokenizer
    torch.set_num_threads(1)
    dist.init_process_group("gloo", f"file://{folder}/meeting", rank=rank, world_size=2)
    training.train(TINY, folder / "two", "cpu", should_compile=False, checkpoint_minutes=9)
    dist.destroy_process_group()
