"""What works around Gradio works and is needed: a test that fails here says that it can go, or must change."""

from __future__ import annotations

import inspect
import os
from pathlib import Path

import gradio as gr

from swift_demo.ui import workarounds

FRONTEND = Path(gr.__file__).parent / "templates" / "frontend"


def test_gradios_queue_rests_too_shortly_and_then_as_long_as_it_is_told():
    with gr.Blocks() as page:
        page.queue()
        assert 0 < page._queue.sleep_when_free <= workarounds.QUEUE_REST_S / (1 if os.name == "nt" else 10)
        workarounds.rest_queue(page)
        assert page._queue.sleep_when_free == workarounds.QUEUE_REST_S
    assert not [name for name in inspect.signature(gr.Blocks.queue).parameters if "sleep" in name]


def test_gradio_would_keep_every_run_in_the_visitors_browser():
    with gr.Blocks(analytics_enabled=False) as page:
        assert page.run_history is True
    assert set(workarounds.LAUNCH) <= set(inspect.signature(gr.Blocks.launch).parameters)


def test_gradio_gives_the_page_a_base_address():
    assert '<base href="' in (FRONTEND / "index.html").read_text(encoding="utf-8")


def test_gradio_calls_the_sidebars_button_by_a_name_of_its_own():
    scripts = [path.read_text(encoding="utf-8") for path in (FRONTEND / "assets").glob("Index-*.js")]
    assert any('class="toggle-button' in text and 'aria-label="Toggle Sidebar"' in text for text in scripts)
