"""Puts the page together and serves it: model, service, page, and the page's own files."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

import gradio as gr
import spaces  # noqa: F401  # on a Space with lent GPUs it must come before anything that may touch CUDA

from swift_demo.assets import assets
from swift_demo.model.loading import ModelLoadError, load_target
from swift_demo.model.threads import leave_a_core_free
from swift_demo.ui.gallery import Gallery
from swift_demo.ui.handlers import Handlers
from swift_demo.ui.layout import STATIC, build_page
from swift_demo.ui.page_files import PageFiles
from swift_demo.ui.service import Service
from swift_demo.ui.workarounds import LAUNCH, SCRIPT, rest_queue
from swift_demo.viewer import bundle
from swift_demo.viewer.plotly_js import PLOTLY_JS


class CannotStart(Exception):
    """Why the page cannot be served, and what to do, in one line."""


def serve(args: argparse.Namespace) -> None:
    """Load the model and serve the page until it is interrupted.

    Args:
        args: As ``start.parse_arguments`` returns them.

    Raises:
        CannotStart: If the model cannot be loaded, the port is taken, or a file of the page cannot be read.
    """
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
        raise CannotStart(str(error)) from None
    handlers = Handlers(Service(target, load, args.dtype), Gallery(assets() / "traces"))
    try:
        launch(build_page(handlers), args, PageFiles(page_files()))
    except OSError as error:
        raise CannotStart(_refusal(error, args)) from None


def page_files() -> dict[str, str]:
    """What the page's head asks for, by name and in this order."""
    return {
        "workarounds.js": _text(SCRIPT),
        "plotly.min.js": _text(PLOTLY_JS),
        "viewer.js": bundle.script(),
        "viewer.css": bundle.styles(),
        "page.css": _text(STATIC / "page.css"),
    }


def launch(page: gr.Blocks, args: argparse.Namespace, files: PageFiles) -> None:
    """Serve the page until it is interrupted; everything it needs comes from this machine.

    Raises:
        OSError: If the port is taken.
    """
    page.queue(default_concurrency_limit=8)
    rest_queue(page)
    page.launch(
        server_name=args.host,
        server_port=args.port,
        share=args.share,
        theme=gr.themes.Base(
            primary_hue="sky", font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]
        ),
        head=files.head,
        app_kwargs={"routes": files.routes},
        footer_links=[],
        **LAUNCH,
    )


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _refusal(error: OSError, args: argparse.Namespace) -> str:
    if error.errno is None:  # Gradio found no free port, and says so only in its message
        return f"port {args.port} of {args.host} is taken or not available; choose another with --port"
    return (
        f"{error.strerror}: {error.filename}; the page needs its own files, and a writable folder with "
        "room: name one with GRADIO_TEMP_DIR"
    )
