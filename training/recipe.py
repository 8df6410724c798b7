"""What the demo model is trained on and how: everything that follows from the seed and the step alone."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import torch
from transformers import PreTrainedTokenizerFast

from swift_demo.hardware import describe_hardware
from training.corpus import sample_document
from training.drills import DRILLS, Pair
from training.tokenizer import END


@dataclass(frozen=True)
class StochasticDepth:
    """How often steps leave sub-layers out (``kept_sublayers``).

    ``spared`` is the share of layers, from the first, that always take part; ``whole_steps`` the share of
    steps that leave nothing out.
    """

    spared: float = 0.0
    whole_steps: float = 0.0


@dataclass(frozen=True)
class Phase:
    """What is trained on from ``first_step`` on.

    ``shares`` holds the weight of each task and drill. Prompt tokens count ``prompt_weight`` in the
    loss: what names and numbers a prompt draws cannot be learned. With stochastic depth, steps leave
    sub-layers out at random.
    """

    first_step: int
    shares: dict[str, float]
    prompt_weight: float
    depth: StochasticDepth | None = None


_LAST_SHARES = {
    "story": 0.10,
    "summary": 0.10,
    "arithmetic": 0.25,
    "translation": 0.21,
    "code": 0.14,
    "sums": 0.13,
    "phrases": 0.07,
}

PHASES = (
    Phase(0, {"story": 0.14, "summary": 0.20, "arithmetic": 0.20, "translation": 0.26, "code": 0.20}, 1.0),
    Phase(3394, {"story": 0.10, "summary": 0.32, "arithmetic": 0.32, "translation": 0.16, "code": 0.10}, 0.05),
    Phase(4505, _LAST_SHARES, 0.05),
    Phase(7500, _LAST_SHARES, 0.05, StochasticDepth()),
    Phase(8500, _LAST_SHARES, 0.05, StochasticDepth(spared=0.3, whole_steps=0.4)),
)


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the weights, besides the machine.

    ``schedule`` lists steps and the share of the peak learning rate there; in between it is linear.
    """

    seed: int = 0
    schedule: tuple[tuple[int, float], ...] = (
        (0, 0.01),
        (100, 1.0),
        (2300, 1.0),
        (3394, 0.453),
        (4270, 0.1492),
        (4505, 0.0),
        (4605, 0.6),
        (5700, 0.4065),
        (7500, 0.0),
        (7530, 0.3),
        (8500, 0.0),
        (8520, 0.2),
        (9300, 0.0),
    )
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


def kept_sublayers(recipe: Recipe, step: int) -> list[tuple[bool, bool]]:
    """For each layer whether attention and MLP take part in a step (0-based); follows from seed and step.

    Under stochastic depth a rate is drawn for the step, evenly from 0 to 1. Attention is left out with the rate
    times 1.5 times the layer's place from 0 to 1 (at most the rate), an MLP with the rate times 0.8 times the
    square of the place; first and last layer always take part. Later and attention sub-layers are left out
    more often because large networks, too, can best do without those (arXiv 2406.15786).
    """
    depth = recipe.phase(step).depth
    rng = random.Random(f"depth {recipe.seed} {step}")
    rate = rng.random()
    if depth is None or (depth.whole_steps and rng.random() < depth.whole_steps):
        return [(True, True)] * recipe.num_layers
    kept = []
    for layer in range(recipe.num_layers):
        place = layer / (recipe.num_layers - 1)
        is_at_risk = depth.spared <= place and 0 < place < 1
        kept.append(
            (
                rng.random() >= is_at_risk * rate * min(1, 1.5 * place),
                rng.random() >= is_at_risk * rate * 0.8 * place**2,
            )
        )
    return kept


def describe(recipe: Recipe, device: torch.device) -> str:
    """The recipe in words, for the model card."""
    tokens = recipe.steps * recipe.batch_rows * recipe.row_tokens

    def describe_phase(phase: Phase) -> str:
        shares = ", ".join(f"{kind} {share:.0%}" for kind, share in phase.shares.items())
        depth = ""
        if phase.depth is not None:
            depth = (
                f", with stochastic depth (sparing the first {phase.depth.spared:.0%} of the layers and "
                f"{phase.depth.whole_steps:.0%} of the steps)"
            )
        return f"from step {phase.first_step} {shares}, prompt tokens counting {phase.prompt_weight:g}{depth}"

    phases = "; ".join(describe_phase(phase) for phase in recipe.phases)
    schedule = ", ".join(f"{step}: {share:g}" for step, share in recipe.schedule)
    return (
        f"{recipe.steps} steps of {recipe.batch_rows} rows of {recipe.row_tokens} tokens ({tokens / 1e6:.1f} "
        f"million). Documents: {phases}. Muon on the "
        f"layers' matrices, AdamW on embedding and norms, peak rate {recipe.learning_rate} with the share by "
        f"step {schedule} (linear in between), weight decay {recipe.weight_decay}, bfloat16 autocast, seed "
        f"{recipe.seed}. Trained on: {describe_hardware(device)}, torch {torch.__version__}."
    )
