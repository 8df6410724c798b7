"""``python -m swift_demo.bench planted``: saves a model with layers that a draft may skip.

Beside it, in a file that is not read on loading, lies the set of them.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from swift_demo.bench.arguments import add_model, load
from swift_demo.offline.planted import SET_FILE, PlantingError, plant


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m swift_demo.bench planted", description=__doc__)
    add_model(parser)
    parser.set_defaults(device="cpu", threads=None)
    parser.add_argument("--dtype", default="float32", choices=["float32", "bfloat16", "float16"])
    parser.add_argument("--epsilon", type=float, default=0.1, help="what a planted layer adds, as a share")
    parser.add_argument("folder", type=Path, help="where the model with planted layers goes")
    args = parser.parse_args(argv)
    target = load(args)
    try:
        planted = plant(target.model, args.epsilon)
        planted.save(args.folder)
        target.tokenizer.save_pretrained(args.folder)
    except (PlantingError, OSError) as error:
        sys.exit(str(error))
    print(f"{args.folder} has {len(planted.skip_set)} planted sub-layers; they are named in {SET_FILE}")
