"""Models to choose from, and what each needs on this machine."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from swift_demo.assets import assets
from swift_demo.model.devices import Dtype, resolve_dtype, room_for_weights
from swift_demo.model.hub import cached_folder

_APACHE = "Apache-2.0"
_LLAMA_32 = "Llama 3.2 Community License"
_LLAMA_31 = "Llama 3.1 Community License"
EMBEDDED = "demo_model"


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model that can be chosen.

    Attributes:
        name: Its name on the Hub; ``EMBEDDED`` for the one that comes with the code.
        title: What to call it in a list.
        num_parameters: Without the head's, where the head is the embedding.
        licence: Under which its weights may be used.
        is_gated: Whether the Hub gives them only to who has accepted that.
        is_instruct: Whether it answers requests, in a chat template, rather than going on with a text.
        saved_dtype: The number format of its files.
    """

    name: str
    title: str
    num_parameters: int
    licence: str
    is_gated: bool = False
    is_instruct: bool = True
    saved_dtype: str = "bfloat16"


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model of the catalogue, on this machine.

    Attributes:
        entry: The model.
        source: What to load it by.
        dtype: The number format that it would get.
        num_bytes: Of its weights in memory, in that format.
        fits: Whether there is room for them now; True if the system does not tell.
        is_here: Whether its files are on this machine, so that nothing is downloaded.
    """

    entry: ModelEntry
    source: str
    dtype: str
    num_bytes: int
    fits: bool
    is_here: bool


CATALOGUE = (
    ModelEntry(EMBEDDED, "Embedded model", 4_200_576, _APACHE, is_instruct=False, saved_dtype="float32"),
    ModelEntry("HuggingFaceTB/SmolLM2-135M-Instruct", "SmolLM2 135M Instruct", 134_515_008, _APACHE),
    ModelEntry("HuggingFaceTB/SmolLM2-360M-Instruct", "SmolLM2 360M Instruct", 361_821_120, _APACHE),
    ModelEntry("Qwen/Qwen3-0.6B", "Qwen3 0.6B", 596_049_920, _APACHE),
    ModelEntry("google/gemma-3-1b-it", "Gemma 3 1B", 999_885_952, "Gemma Terms of Use", is_gated=True),
    ModelEntry(
        "meta-llama/Llama-3.2-1B-Instruct", "Llama 3.2 1B Instruct", 1_235_814_400, _LLAMA_32, is_gated=True
    ),
    ModelEntry("HuggingFaceTB/SmolLM2-1.7B-Instruct", "SmolLM2 1.7B Instruct", 1_711_376_384, _APACHE),
    ModelEntry("Qwen/Qwen3-1.7B", "Qwen3 1.7B", 1_720_574_976, _APACHE),
    ModelEntry(
        "meta-llama/Llama-3.2-3B-Instruct", "Llama 3.2 3B Instruct", 3_212_749_824, _LLAMA_32, is_gated=True
    ),
    ModelEntry("microsoft/Phi-3.5-mini-instruct", "Phi-3.5 mini Instruct", 3_821_079_552, "MIT"),
    ModelEntry("Qwen/Qwen3-4B", "Qwen3 4B", 4_022_468_096, _APACHE),
    ModelEntry(
        "meta-llama/Llama-3.1-8B-Instruct", "Llama 3.1 8B Instruct", 8_030_261_248, _LLAMA_31, is_gated=True
    ),
    ModelEntry("Qwen/Qwen3-8B", "Qwen3 8B", 8_190_735_360, _APACHE),
)


def model_choices(device: torch.device, dtype: Dtype = "auto") -> tuple[ModelChoice, ...]:
    """The catalogue, the smallest first, with what each model needs on a device and whether there is room.

    Args:
        dtype: The setting for the number format.
    """
    room = room_for_weights(device)
    return tuple(_choice(entry, device, dtype, room) for entry in CATALOGUE)


def _choice(entry: ModelEntry, device: torch.device, setting: Dtype, room: int | None) -> ModelChoice:
    is_embedded = entry.name == EMBEDDED
    source = str(assets() / EMBEDDED) if is_embedded else entry.name
    dtype = resolve_dtype(setting, device, getattr(torch, entry.saved_dtype))
    num_bytes = entry.num_parameters * dtype.itemsize
    return ModelChoice(
        entry,
        source,
        str(dtype).removeprefix("torch."),
        num_bytes,
        fits=room is None or num_bytes <= room,
        is_here=is_embedded or cached_folder(entry.name) is not None,
    )
