"""All workarounds for Gradio, and when each can go: each has a test that fails once it may, or must.

Seen in Gradio 6.31.0 unless stated otherwise.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

_STATIC = Path(__file__).parent / "static"

SCRIPT = _STATIC / "workarounds.js"
"""Why: the sign that Gradio shows while its page loads keeps asking for frames after it is gone, sixty a second
for as long as the page is open: its part called statustracker runs a clock and does not stop it at its end.
Other such signs are hidden by ``show_progress``. Until: without it, a page at rest asks for none."""

QUEUE_REST_S = 0.05
"""How long Gradio's queue rests between two checks for work."""

LAUNCH: dict[str, Any] = {"run_history": False}
"""Why: by default (since 6.24) a run is stored in the visitor's browser, update by update. Until: it is not."""

NAME_THE_TOGGLE = """
element.closest('.sidebar').querySelector('.toggle-button').setAttribute('aria-label', 'Close the settings');
"""
"""A script of something inside a sidebar. Why: whatever its label, the button at its edge is called "Toggle
Sidebar" and shows no text, so page.css hides it while the sidebar is closed, and a button of our own opens it.
Until: it shows the label."""

FOLLOW_LINKS = """
element.addEventListener('click', (event) => {
  const link = event.target.closest("a[href^='#']");
  const place = link && document.querySelector(link.getAttribute('href'));
  if (!place) return;
  event.preventDefault();
  window.location.hash = link.hash;
  place.open = true;
  place.scrollIntoView();
});
"""
"""A script of something with links to places on the page. Why: Gradio gives the page a base address, so such a
link would load another page. Until: it has none."""


def rest_queue(page: gr.Blocks) -> None:
    """Let the page's queue take the interpreter from the decoders less often.

    Why: it looks for work a thousand times a second (on Windows twenty times), and its rest can be set only
    through a private name. Until: the default is as long, or an argument of ``Blocks.queue`` sets it.
    """
    page._queue.sleep_when_free = QUEUE_REST_S
