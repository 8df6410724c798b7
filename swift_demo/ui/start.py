"""Starts the demo: ``python app.py`` in a checkout, ``swift-demo`` if installed."""

from __future__ import annotations

import argparse
import os
from typing import NoReturn

from swift_demo.assets import assets
from swift_demo.extras import MissingExtra, require


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line and status 2, without the usage."""
        self.refuse(f"{message}; see --help")

    def refuse(self, reason: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {reason}\n")


def main(argv: list[str] | None = None) -> None:
    """Serve the page until it is interrupted; if it cannot, say why in one line, with status 2."""
    parser = _parser()
    args = parser.parse_args(argv)
    try:
        require("app", "gradio", "spaces", "plotly")
    except MissingExtra as error:
        parser.refuse(str(error))
    from swift_demo.ui.serve import CannotStart, serve

    try:
        serve(args)
    except CannotStart as error:
        parser.refuse(str(error))


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line; a wrong value ends the program with one line and status 2."""
    return _parser().parse_args(argv)


def _parser() -> _Parser:
    is_space = "SPACE_ID" in os.environ
    parser = _Parser(description="SWIFT beside vanilla decoding, live in the browser.")
    parser.add_argument(
        "--model",
        default=str(assets() / "demo_model"),
        metavar="NAME_OR_PATH",
        help="Hub name, folder or GGUF file of a model (default: the embedded model)",
    )
    parser.add_argument(
        "--device",
        default="auto",
        choices=["auto", "cpu", "cuda"],
        help="where it runs; auto takes a CUDA GPU if there is one (default: auto)",
    )
    parser.add_argument(
        "--dtype",
        default="auto",
        choices=["auto", "float32", "bfloat16", "float16"],
        help="number format; auto is float32 on a CPU and the checkpoint's own on a GPU (default: auto)",
    )
    parser.add_argument(
        "--spread",
        action="store_true",
        help="place the layers over all GPUs, then CPU memory, then the disk, by accelerate",
    )
    parser.add_argument(
        "--quantize",
        choices=["8bit", "4bit"],
        help="load the weights in this many bits; needs the package bitsandbytes",
    )
    parser.add_argument(
        "--host",
        default="0.0.0.0" if is_space else "127.0.0.1",
        help="address to listen on (default: 127.0.0.1; on a Space all addresses)",
    )
    parser.add_argument(
        "--port",
        type=_port,
        default=os.environ.get("PORT", "7860"),
        help="port to listen on (default: PORT from the environment, else 7860)",
    )
    parser.add_argument("--share", action="store_true", help="also ask Gradio for a public link")
    return parser


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; give a number from 1 to 65535")
    return int(text)


if __name__ == "__main__":
    main()
