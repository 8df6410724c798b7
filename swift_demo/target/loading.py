"""Loads a model by Hub name or folder, with errors that a visitor can act on."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import torch
from huggingface_hub import model_info, try_to_load_from_cache
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
)
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from swift_demo.known_sets import FILE_NAME, load_known_sets
from swift_demo.target.families import UnsupportedModelError
from swift_demo.target.model import Target

_HUB_TIMEOUT_S = 10

Device = Literal["auto", "cpu", "cuda"]
Dtype = Literal["auto", "float32", "bfloat16", "float16"]
AttnImplementation = Literal["auto", "eager", "sdpa"]
DeviceMap = str | dict[str, int | str]


class ModelLoadError(ValueError):
    """A model could not be loaded; the message is one sentence that says what to do."""


def load_target(
    name_or_path: str | Path,
    device: Device = "auto",
    dtype: Dtype = "auto",
    attn_implementation: AttnImplementation = "auto",
    device_map: DeviceMap | None = None,
    max_memory: dict[int | str, int | str] | None = None,
    offload_folder: str | Path | None = None,
    quantization_config: Any = None,
) -> Target:
    """A target from a folder or from the Hub, on one device or placed by accelerate over several.

    Args:
        name_or_path: A folder with a saved model, or a Hub name such as "meta-llama/Llama-3.2-1B".
        device: "auto" takes a CUDA GPU where there is one.
        dtype: "auto" is float32 on a CPU and the checkpoint's own half precision on a GPU.
        attn_implementation: transformers' word for how attention is computed; "auto" is "sdpa" where the
            family has it, else "eager".
        device_map: Lets accelerate place the layers: "auto" fills the GPUs, then CPU memory, then the disk;
            or for each module's name a device or "disk". What is offloaded is fetched when it runs, and a
            skipped sub-layer never is.
        max_memory: With "auto", how much each device may take, as in ``{0: "20GB", "cpu": "60GB"}``.
        offload_folder: Where weights go that cannot be read from the checkpoint's own files.
        quantization_config: transformers' description of quantised weights, such as a ``BitsAndBytesConfig``
            or ``{"load_in_4bit": True}``; its library must be installed.

    Raises:
        ModelLoadError: If there is no such model, it cannot be reached, or it cannot be run here.
    """
    name = str(name_or_path)
    place = resolve_device(device)
    if device_map is not None and device != "auto":
        raise ModelLoadError(f"device={device} and device_map both say where the model runs; leave one out")
    if device_map is None and (max_memory or offload_folder):
        raise ModelLoadError('max_memory and offload_folder need a device_map; give device_map="auto"')
    path = Path(name).expanduser()
    if path.is_dir() and not (path / "config.json").exists():
        raise ModelLoadError(f"{name} is a folder without a config.json; name the folder of a saved model")
    if not path.exists() and (name.startswith((".", "/", "~")) or name.count("/") > 1):
        raise ModelLoadError(f"there is no folder {name}; name a folder with a saved model or a Hub name")
    source = str(path) if path.is_dir() else name
    if not path.is_dir():
        _ask_hub(name)
    try:
        config = AutoConfig.from_pretrained(source)
        if device_map is None and (quantization_config or getattr(config, "quantization_config", None)):
            device_map = {"": str(place)}  # quantised weights cannot move later
        model = AutoModelForCausalLM.from_pretrained(
            source,
            dtype=resolve_dtype(dtype, place, config.dtype),
            attn_implementation=resolve_attn_implementation(attn_implementation, config),
            device_map=device_map,
            max_memory=max_memory,
            offload_folder=offload_folder,
            # Not None: it would hide what a quantised checkpoint says about itself.
            **({"quantization_config": quantization_config} if quantization_config else {}),
        )
        tokenizer = AutoTokenizer.from_pretrained(source)
        model = model.eval().requires_grad_(False)
        shown = path.resolve().name if path.is_dir() else name
        probed = Target(model, tokenizer, shown)
        probed.probe()  # before the model moves: a lent GPU is not there yet
        known_sets = load_known_sets(path / FILE_NAME, probed.num_layers)
        if device_map is None:
            model = model.to(place)
        return Target(model, tokenizer, shown, known_sets)
    except UnsupportedModelError as error:
        raise ModelLoadError(f"{name} cannot be run here: {error}") from error
    except torch.OutOfMemoryError as error:
        raise ModelLoadError(f"{name} does not fit into the memory of {place}; try a smaller model") from error
    except (OSError, ValueError, KeyError, ImportError, RuntimeError) as error:
        raise ModelLoadError(_explain(name, error)) from error


def _ask_hub(name: str) -> None:
    """Fail at once if the Hub is out of reach or has no such model; the loaders would retry for long."""
    try:
        if not isinstance(try_to_load_from_cache(name, "config.json"), str):
            model_info(name, timeout=_HUB_TIMEOUT_S)
    except Exception as error:  # the HTTP library's errors share no base class with the Hub library's
        raise ModelLoadError(_explain(name, error)) from error


def resolve_device(device: Device) -> torch.device:
    """The torch device that a setting stands for."""
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if device == "cuda" and not torch.cuda.is_available():
        raise ModelLoadError("device cuda was asked for, but there is no CUDA GPU; use --device cpu or auto")
    return torch.device(device)


def resolve_dtype(dtype: Dtype, device: torch.device, saved: torch.dtype | None) -> torch.dtype:
    """The torch dtype that a setting stands for."""
    if dtype != "auto":
        return getattr(torch, dtype)
    if device.type == "cpu":
        return torch.float32
    return saved if saved in (torch.float16, torch.bfloat16) else torch.float32


def resolve_attn_implementation(setting: AttnImplementation, config: Any) -> str | None:
    """The implementation that a setting stands for; None leaves the choice to transformers."""
    if setting != "auto":
        return setting
    # Older transformers would choose sdpa for Gemma 2 too, which leaves out the capping of its scores.
    return "eager" if getattr(config, "attn_logit_softcapping", None) else None


def _explain(name: str, error: Exception) -> str:
    """One sentence for whatever the libraries raised; they wrap each other, so the causes are searched."""
    causes = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) and cause not in causes:
        causes.append(cause)  # type: ignore[arg-type]
    if any(isinstance(c, GatedRepoError) for c in causes):
        return f"{name} is gated: accept its terms on the Hub and set HF_TOKEN, then try again"
    if any(isinstance(c, RepositoryNotFoundError | HFValidationError) for c in causes):
        return f"there is no model {name} on the Hub (or it is private); check the name, or give a folder"
    if any(isinstance(c, LocalEntryNotFoundError | OfflineModeIsEnabled | HfHubHTTPError) for c in causes):
        return f"the Hub could not be reached for {name}; check the network, or give a folder"
    if any("connect" in type(c).__name__.lower() or "timeout" in type(c).__name__.lower() for c in causes):
        return f"the Hub could not be reached for {name}; check the network, or give a folder"
    if isinstance(error, ImportError) and "quantiz" in str(error):
        return f"{name} cannot be loaded with quantised weights: {_first_line(error)}"
    return f"{name} could not be loaded: {_first_line(error)}"


def _first_line(error: Exception) -> str:
    first_line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return first_line[:200]
