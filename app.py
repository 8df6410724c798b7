"""Starts the demo: arguments, model, service, page.

``python app.py`` serves the embedded model on http://127.0.0.1:7860.
"""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

import gradio as gr

from swift_demo.model.loading import ModelLoadError, load_target
from swift_demo.model.threads import leave_a_core_free
from swift_demo.ui.gallery import Gallery
from swift_demo.ui.handlers import Handlers
from swift_demo.ui.layout import UI_STATIC, build_page
from swift_demo.ui.page_files import PageFiles
from swift_demo.ui.service import Service
from swift_demo.viewer import bundle
from swift_demo.viewer.plotly_js import PLOTLY_JS

ASSETS = Path(__file__).parent / "assets"
# Gradio's queue looks for work a thousand times a second (on Windows twenty times), and each time takes the
# interpreter from who decodes.
QUEUE_REST_S = 0.05


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line and status 2, without the usage."""
        self.exit(2, f"{self.prog}: {message}; see --help\n")


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line; a wrong value ends the program with one line and status 2."""
    is_space = "SPACE_ID" in os.environ
    parser = _Parser(prog="app.py", description="SWIFT beside vanilla decoding, live in the browser.")
    parser.add_argument(
        "--model",
        default=str(ASSETS / "demo_model"),
        metavar="NAME_OR_PATH",
        help="Hub name or folder of a model (default: the embedded model)",
    )
    parser.add_argument(
        "--device",
        default="auto",
        choices=["auto", "cpu", "cuda"],
        help="where it runs; auto takes a CUDA GPU where there is one (default: auto)",
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
        help="load the weights in so many bits; needs the package bitsandbytes",
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
    return parser.parse_args(argv)


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; give a number from 1 to 65535")
    return int(text)


def main() -> None:
    args = parse_arguments()
    leave_a_core_free()
    load = partial(
        load_target,
        device=args.device,
        dtype=args.dtype,
        device_map="auto" if args.spread else None,
        quantization_config={f"load_in_{args.quantize}": True} if args.quantize else None,
    )
    try:
        target = load(args.model)
    except ModelLoadError as error:
        print(f"app.py: {error}", file=sys.stderr)
        sys.exit(2)
    service = Service(target, load)
    try:
        with TemporaryDirectory() as folder:
            viewer_js, viewer_css = Path(folder) / "viewer.js", Path(folder) / "viewer.css"
            viewer_js.write_text(bundle.script(), encoding="utf-8")
            viewer_css.write_text(bundle.styles(), encoding="utf-8")
            scripts = [UI_STATIC / "loading.js", PLOTLY_JS, viewer_js, UI_STATIC / "page.js"]
            files = [*scripts, viewer_css, UI_STATIC / "page.css"]
            launch(build_page(Handlers(service, Gallery(ASSETS / "traces"))), args, files)
    except OSError as error:
        print(f"app.py: {_refusal(error, args)}", file=sys.stderr)
        sys.exit(2)


def _refusal(error: OSError, args: argparse.Namespace) -> str:
    """Why the page cannot be served, and what to do."""
    if error.errno is None:  # Gradio found no free port, and says so in words alone
        return f"port {args.port} of {args.host} is taken or not to be had; choose another with --port"
    return (
        f"{error.strerror}: {error.filename}; the page needs its own files, and a folder that is yours and has "
        "room: name one with GRADIO_TEMP_DIR"
    )


def launch(page: gr.Blocks, args: argparse.Namespace, files: list[Path]) -> None:
    """Serve the page until it is interrupted; everything it needs comes from this machine.

    Raises:
        OSError: If the port is taken, or a file of the page cannot be read.
    """
    page_files = PageFiles(files)
    page.queue(default_concurrency_limit=8)
    page._queue.sleep_when_free = QUEUE_REST_S
    page.launch(
        server_name=args.host,
        server_port=args.port,
        share=args.share,
        theme=gr.themes.Base(
            primary_hue="sky", font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]
        ),
        head=page_files.head,
        app_kwargs={"routes": page_files.routes},
        footer_links=[],
        run_history=False,  # it would store every run in the visitor's browser, update by update
    )


if __name__ == "__main__":
    main()
