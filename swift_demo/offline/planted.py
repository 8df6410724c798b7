"""Plants layers that a draft may skip, so that what a search finds can be judged.

Behind each of a model's inner layers comes a copy of it that adds only a share of what the layer adds. The text
stays fluent, and which sub-layers are best skipped is known: the planted ones. How hard they are to find, the
share says.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from swift_demo.known_sets import save_known_sets
from swift_demo.model.few_tokens import FewTokensLinear
from swift_demo.model.target import Target
from swift_demo.skip_set import SkipSet

FIRST = 3  # layers at the start, and as many at the end, behind which nothing is planted
SET_FILE = "planted_set.json"  # not the file that is read on loading: nobody shall be told
_LAST_PROJECTIONS = (("self_attn", "o_proj"), ("mlp", "down_proj"))


class PlantingError(ValueError):
    """Nothing can be planted in this model; the message says why."""


@dataclass(frozen=True, slots=True)
class Planted:
    """A model with planted layers.

    Attributes:
        model: It shares with the original all weights but those of the scaled projections.
        skip_set: All planted sub-layers.
    """

    model: Any
    skip_set: SkipSet

    def save(self, folder: str | Path) -> None:
        """Save the model as one does before sharing it; in a file, every layer has weights of its own."""
        weights = {
            name: tensor.clone() if ".layers." in name else tensor
            for name, tensor in self.model.state_dict().items()
        }
        self.model.save_pretrained(folder, state_dict=weights)
        save_known_sets(Path(folder) / SET_FILE, {"planted": self.skip_set})


def plant(model: Any, epsilon: float, layers: Iterable[int] | None = None) -> Planted:
    """A new model with a copy of each layer behind it, whose last projections are multiplied by ``epsilon``.

    Args:
        model: A causal model with ``o_proj`` and ``down_proj`` in every layer, whose outputs go into the
            residual stream as they are. It stays as it is.
        epsilon: What a planted layer adds, roughly, as a share of what its original adds.
        layers: Behind which ones; 3 to L - 4 if not given.

    Raises:
        PlantingError: If the model's layers are built in another way, or there are too few.
    """
    planted = _sharing_weights(model, {})
    config = planted.config.get_text_config(decoder=True)
    body = planted.get_decoder()
    num_layers = len(body.layers)
    chosen = set(range(FIRST, num_layers - FIRST) if layers is None else layers)
    if not chosen or not chosen <= set(range(num_layers)):
        raise PlantingError(
            f"nothing can be planted in {num_layers} layers; at least {2 * FIRST + 1} are needed, or layers "
            f"from 0 to {num_layers - 1} have to be named"
        )
    stack: list[nn.Module] = []
    copies: list[int] = []
    for i, layer in enumerate(body.layers):
        stack.append(layer)
        if i in chosen:
            copies.append(len(stack))
            stack.append(_weak_copy(layer, epsilon, planted.config))
    for i, layer in enumerate(stack):
        _number(layer, i)
    body.layers = nn.ModuleList(stack)
    _lengthen(config, [1 + (i in chosen) for i in range(num_layers)])
    return Planted(planted, SkipSet(tuple(copies), tuple(copies)))


def planted_target(target: Target, epsilon: float) -> tuple[Target, SkipSet]:
    """A target with planted layers, checked; and the set of them.

    Raises:
        PlantingError: If nothing can be planted in this model.
    """
    planted = plant(target.model, epsilon)
    found = Target(planted.model, target.tokenizer, f"{target.name}, planted {epsilon:g}")
    found.probe()
    return found, planted.skip_set


def _sharing_weights(module: nn.Module, also_shared: dict[int, Any]) -> Any:
    """A copy that has the same tensors."""
    tensors = itertools.chain(module.parameters(), module.buffers())
    return copy.deepcopy(module, {id(tensor): tensor for tensor in tensors} | also_shared)


def _weak_copy(layer: nn.Module, epsilon: float, config: Any) -> nn.Module:
    """A copy of a layer that adds less; it shares what it can, and the model's configuration."""
    text_config = config.get_text_config(decoder=True)
    weak = _sharing_weights(layer, {id(config): config, id(text_config): text_config})
    if hasattr(layer, "post_feedforward_layernorm"):
        raise PlantingError(
            f"{type(layer).__name__} normalises what its sub-layers add, so that scaled weights would change "
            "nothing; plant in a model whose norms come first, such as a Llama"
        )
    for part, name in _LAST_PROJECTIONS:
        projection = getattr(getattr(weak, part, None), name, None)
        if not isinstance(projection, nn.Linear) or type(projection) not in (nn.Linear, FewTokensLinear):
            raise PlantingError(
                f"{type(layer).__name__} has no plain {part}.{name}; plant in a model like a Llama that is not "
                "quantised"
            )
        for kind, tensor in list(projection.named_parameters(recurse=False)):
            if epsilon != 1:
                scaled = nn.Parameter(tensor.detach() * epsilon, requires_grad=tensor.requires_grad)
                setattr(projection, kind, scaled)
    return weak


def _number(layer: nn.Module, number: int) -> None:
    """Tell a layer's modules where they are: the cache has a place for each layer."""
    for module in layer.modules():
        if hasattr(module, "layer_idx"):
            module.layer_idx = number  # type: ignore[assignment]


def _lengthen(config: Any, times: list[int]) -> None:
    """Repeat what a configuration says of each layer."""
    for name, value in list(config.to_dict().items()):
        if isinstance(value, list) and len(value) == len(times) and hasattr(config, name):
            repeated = [entry for entry, count in zip(value, times, strict=True) for _ in range(count)]
            setattr(config, name, repeated)
    config.num_hidden_layers = sum(times)
