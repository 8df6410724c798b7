"""What the benchmarks' command lines share, and where a benchmark was run."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import torch
from transformers.utils import logging

from swift_demo.assets import assets
from swift_demo.decoding.generation import whereabouts
from swift_demo.files import replace_file
from swift_demo.model.loading import ModelLoadError, load_target
from swift_demo.model.target import Target


def parser_of(command: str, description: str | None, repeat: int | None = None) -> argparse.ArgumentParser:
    """A parser with the arguments of every benchmark.

    Args:
        repeat: How often everything is measured if the command line does not say; None if it cannot say.
    """
    parser = argparse.ArgumentParser(prog=f"python -m swift_demo.bench {command}", description=description)
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])
    parser.add_argument("--dtype", default="float32", choices=["auto", "float32", "bfloat16", "float16"])
    parser.add_argument("--threads", type=int, help="CPU cores that torch may use (default: as torch chooses)")
    if repeat is not None:
        parser.add_argument("--repeat", type=int, default=repeat, help="how often (default: %(default)s)")
    parser.add_argument("--json", type=Path, metavar="OUT", help="file for the raw results")
    return parser


def add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model",
        default=assets() / "demo_model",
        metavar="NAME_OR_PATH",
        help="Hub name, folder or GGUF file (default: the embedded model)",
    )


def load(args: argparse.Namespace) -> Target:
    """The model that the command line names; ends the program with one line if it cannot be loaded."""
    use_threads(args)
    logging.set_verbosity_error()  # generate's warnings about its own arguments
    try:
        return load_target(args.model, args.device, args.dtype)
    except ModelLoadError as error:
        sys.exit(str(error))


def use_threads(args: argparse.Namespace) -> None:
    """Let torch use as many cores as the command line says."""
    if args.threads:
        torch.set_num_threads(args.threads)


def circumstances(target: Target, args: argparse.Namespace) -> dict[str, Any]:
    """Hardware, versions and settings of a benchmark, for its JSON; of files here only their names."""
    settings = {
        name: value.name if isinstance(value, Path) else value
        for name, value in vars(args).items()
        if name not in ("json", "traces")
    }
    if settings.get("model") and Path(settings["model"]).exists():
        settings["model"] = Path(settings["model"]).name
    return {**whereabouts(target), "num_threads": torch.get_num_threads(), "arguments": settings}


def write_json(path: Path | None, content: dict[str, Any]) -> None:
    """Write results to a file, if one was asked for; each item of a top-level list takes a line."""
    if path is None:
        return
    parts = []
    for name, value in content.items():
        if isinstance(value, list) and value:
            text = "[\n" + ",\n".join(f"  {json.dumps(item)}" for item in value) + "\n ]"
        else:
            text = json.dumps(value, indent=1).replace("\n", "\n ")
        parts.append(f" {json.dumps(name)}: {text}")
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, "{\n" + ",\n".join(parts) + "\n}\n")
