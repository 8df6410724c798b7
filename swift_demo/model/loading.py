"""Loads a model by Hub name, folder or GGUF file, with errors that a visitor can act on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import transformers as hf
from tokenizers import Tokenizer

from swift_demo.brief import brief
from swift_demo.known_sets import FILE_NAME, load_known_sets
from swift_demo.model.auto_class import auto_class
from swift_demo.model.devices import (
    AttnImplementation,
    Device,
    Dtype,
    resolve_attn_implementation,
    resolve_device,
    resolve_dtype,
)
from swift_demo.model.families import SUPPORTED
from swift_demo.model.few_tokens import quicken_few_tokens
from swift_demo.model.gguf_files import as_ordinary, gguf_config, gguf_settings
from swift_demo.model.load_errors import ModelLoadError, Part, explain, is_failure, refusal
from swift_demo.model.load_progress import LoadProgress, Progress, Reporter
from swift_demo.model.model_files import ModelSource, find_source, why_no_tokenizer
from swift_demo.model.room import Room
from swift_demo.model.shipped_sets import shipped_sets
from swift_demo.model.target import Target
from swift_demo.skip_set import MAX_LAYERS

_FIX_EOS = "fix eos_token_id in its generation_config.json"

__all__ = ["LoadProgress", "ModelLoadError", "load_target", "resolve_device", "resolve_dtype"]

DeviceMap = str | dict[str, int | str]


def load_target(
    name_or_path: str | Path,
    device: Device = "auto",
    dtype: Dtype = "auto",
    attn_implementation: AttnImplementation = "auto",
    device_map: DeviceMap | None = None,
    max_memory: dict[int | str, int | str] | None = None,
    offload_folder: str | Path | None = None,
    quantization_config: Any = None,
    progress: Progress | None = None,
) -> Target:
    """A target from files here or from the Hub, on one device or placed by accelerate over several.

    Weights are read from safetensors or GGUF files only; others are pickles, which can hold programs.

    Args:
        name_or_path: A folder with a saved model, or a Hub name such as "meta-llama/Llama-3.2-1B"; or a GGUF
            file, here or on the Hub ("owner/name/file.gguf"), whose weights become ordinary ones.
        device: "auto" takes a CUDA GPU if there is one.
        dtype: "auto" is float32 on a CPU, and on a GPU the checkpoint's own half precision, or bfloat16 for
            a GGUF file.
        attn_implementation: transformers' word for how attention is computed; "auto" is "sdpa" if the family
            has it, else "eager".
        device_map: Lets accelerate place the layers: "auto" fills the GPUs, then CPU memory, then the disk; or
            a device or "disk" for each module's name. What is offloaded is fetched when it runs, and a skipped
            sub-layer never is.
        max_memory: With "auto", how much each device may take, as in ``{0: "20GB", "cpu": "60GB"}``.
        offload_folder: Where weights go that cannot be read from the checkpoint's own files.
        quantization_config: transformers' description of quantised weights, such as a ``BitsAndBytesConfig``
            or ``{"load_in_4bit": True}``; its library must be installed.
        progress: Is told how far loading is, perhaps from another thread. What it raises ends the loading and
            is raised again; what has been downloaded stays.

    Raises:
        ModelLoadError: If there is no such model, it cannot be reached, it does not fit into the free memory,
            or it cannot be run here.
    """
    name = str(name_or_path)
    place = resolve_device(device)
    if device_map is not None and device != "auto":
        raise ModelLoadError(f"device={device} and device_map both say where the model runs; leave one out")
    if device_map is None and (max_memory or offload_folder):
        raise ModelLoadError('max_memory and offload_folder need a device_map; give device_map="auto"')
    is_spread = device_map is not None or quantization_config is not None
    room = Room(name, None if is_spread else place, dtype)
    report = Reporter(progress)
    part: Part = "name"
    try:
        source = find_source(
            name,
            report,
            lambda folder, num_bytes: room.check(_load_config(ModelSource(name, folder)), num_bytes),
            room.check_parameters,
        )
        part = "configuration"
        report("reading weights")
        config = _load_config(source)
        num_bytes = room.check(config, source.num_bytes)
        part = "tokenizer"
        tokenizer = _load_tokenizer(source)
        part = "weights"
        report("reading weights", total_bytes=num_bytes)
        if device_map is None and (quantization_config or getattr(config, "quantization_config", None)):
            device_map = {"": str(place)}  # quantised weights cannot move later
        model = _load_model(
            source,
            config,
            dtype=resolve_dtype(dtype, place, config.dtype),
            attn_implementation=resolve_attn_implementation(attn_implementation, config),
            device_map=device_map,
            max_memory=max_memory,
            offload_folder=offload_folder,
            # Not None: it would hide what a quantised checkpoint says about itself.
            **({"quantization_config": quantization_config} if quantization_config else {}),
        )
        part = "test run"
        report("checking")
        probed = Target(model, tokenizer, source.title)
        probed.probe()  # before the model moves: a lent GPU is not there yet
        if wrong := [i for i in probed.eos_ids if not isinstance(i, int)]:
            raise refusal(name, f"{{name}} ends a text at {wrong[0]!r}, which is not a token id; {_FIX_EOS}")
        known_sets = shipped_sets(source.title, probed.num_layers)
        if not (source.is_from_hub or source.gguf_file):
            known_sets |= load_known_sets(source.folder / FILE_NAME, probed.num_layers)
        if device_map is None:
            model = model.to(place)
            quicken_few_tokens(model)
        saved_dtype = None if source.gguf_file else config.dtype
        return Target(model, tokenizer, source.title, known_sets, saved_dtype)
    except BaseException as error:
        if report.raised is not None:
            raise report.raised from None
        if not is_failure(error):
            raise
        raise explain(name, part, error, place) from error


def _load_config(source: ModelSource) -> Any:
    name = source.name
    if source.gguf_file:
        values = gguf_config(name, source.folder / source.gguf_file)
    else:
        values, _ = hf.PreTrainedConfig.get_config_dict(source.folder)
    if "auto_map" in values and values.get("model_type") not in hf.CONFIG_MAPPING:
        raise refusal(
            name,
            "{name} brings program code of its own, which is not run here; choose a model whose architecture "
            "is built into transformers",
        )
    for sizes in (values, values.get("text_config")):
        _check_sizes(name, sizes if isinstance(sizes, dict) else {})
    if source.gguf_file:  # not read again, which takes seconds
        config = hf.AutoConfig.for_model(**{"dtype": "bfloat16"} | values)
    else:
        config = hf.AutoConfig.from_pretrained(source.folder, trust_remote_code=False)
    if auto_class(config) is None:
        raise refusal(
            name, f"{{name}} ({config.model_type}) does not write text from left to right; {SUPPORTED}"
        )
    return config


def _check_sizes(name: str, values: dict[str, Any]) -> None:
    """Refuse sizes that would take forever to build, or leave no room for a text."""
    for field, least, most in (("num_hidden_layers", 1, MAX_LAYERS), ("max_position_embeddings", 1, 2**31)):
        size = values.get(field)
        if isinstance(size, int) and not least <= size <= most:
            raise refusal(
                name, f"config.json of {{name}} says {field}={brief(size)}; it must be from {least} to {most}"
            )


def _load_tokenizer(source: ModelSource) -> Any:
    """A fast tokenizer that turns text into ids. Without their files, some load but know no words."""
    name = source.name
    kind: Any = hf.PreTrainedTokenizerFast if source.gguf_file else hf.AutoTokenizer
    try:
        tokenizer: Any = kind.from_pretrained(source.folder, trust_remote_code=False, **source.keywords)
    except Exception as error:
        if not source.gguf_file and (sentence := why_no_tokenizer(source)):
            raise refusal(name, sentence) from error
        raise
    if not isinstance(getattr(tokenizer, "backend_tokenizer", None), Tokenizer):
        raise refusal(
            name,
            f"the tokenizer of {{name}} ({type(tokenizer).__name__}) is written in Python, which is too slow "
            "here; put a tokenizer.json beside it",
        )
    if not tokenizer.decode(tokenizer("a word").input_ids, skip_special_tokens=True).strip():
        sentence = why_no_tokenizer(source) or "the tokenizer of {name} knows no words; get its files again"
        raise refusal(name, sentence)
    return tokenizer


def _load_model(source: ModelSource, config: Any, **settings: Any) -> Any:
    """The model with all its weights; transformers would silently initialise any missing or misfitting ones."""
    name = source.name
    settings |= gguf_settings(config, source.gguf_file) if source.gguf_file else {"use_safetensors": True}
    loaded: Any = auto_class(config).from_pretrained(
        source.folder,
        trust_remote_code=False,
        output_loading_info=True,
        ignore_mismatched_sizes=True,
        **settings,
    )
    model, found = loaded
    if missing := sorted(found["missing_keys"]):
        raise refusal(name, f"the files of {{name}} lack {_some(missing)}; get its files again")
    if misfits := sorted(found["mismatched_keys"]):
        _, saved, wanted = misfits[0]
        raise refusal(
            name,
            f"the files of {{name}} do not fit its config.json: {_some([tensor for tensor, *_ in misfits])} "
            f"(shape {tuple(saved)} instead of {tuple(wanted)}); get its files again",
        )
    if source.gguf_file:
        as_ordinary(model)
    return model.eval().requires_grad_(False)


def _some(names: list[str]) -> str:
    """The first name, and how many more there are."""
    others = len(names) - 1
    return names[0] + (f" and {others} other{'s' if others > 1 else ''}" if others else "")
