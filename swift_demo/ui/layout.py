"""The page: where everything stands and which handler it calls."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from swift_demo.ui import knobs
from swift_demo.ui.handlers import Handlers
from swift_demo.ui.presets import FIRST_PRESET, PRESETS

UI_STATIC = Path(__file__).parent / "static"
_PLACE = "<div class='sv-place'></div>"
_MOUNT = """
let viewer = null;
const draw = () => { if (viewer) viewer.show(props.value); };
const start = () => {
  if (!window.SwiftViewer?.isReady?.()) { setTimeout(start, 50); return; }
  viewer = window.SwiftViewer.mount(element.querySelector('.sv-place'), {
    recorded: props.recorded, openRecorded: (name) => trigger('select', { name }),
    file: (id, kind) => server.export_file({ id, kind }),
    open: (name, content) => server.open_trace({ name, content }),
  });
  draw();
};
watch('value', draw);
start();
"""
_TEXT = "<p></p>"
_SHOW_TEXT = """
const show = () => { element.querySelector('p').textContent = props.value || ''; };
watch('value', show);
show();
"""
_CHIPS = "<ul class='chips' aria-label='Model, device and number format'></ul>"
_SHOW_CHIPS = """
const show = () => {
  const list = element.querySelector('.chips');
  list.replaceChildren(...(props.value || '').split('\\n').filter(Boolean).map((text) => {
    const item = document.createElement('li');
    item.textContent = text;
    return item;
  }));
};
watch('value', show);
show();
"""
_HEADING = """
<div class="heading">
  <div class="title">
    <h1>SWIFT <span>on-the-fly self-speculative decoding</span></h1>
    <p><a href="https://arxiv.org/abs/2410.06916" target="_blank" rel="noopener">Paper</a>
    · <a href="#how">How it works</a></p>
  </div>
  <p>One model, twice: token by token, and drafting with sub-layers skipped, checked in one pass. Same
  text, sooner.</p>
</div>
"""
_HOW = """
**Draft.** The model runs with some of its attention and MLP sub-layers left out, and drafts token after
token while its confidence stays above the threshold.
**Verify.** The whole model reads all drafted tokens in one pass and accepts them up to the first it would
have chosen otherwise; that one it corrects. If all are accepted, it adds a bonus token.
**Optimise.** Before a round, another set of sub-layers is scored on the text just written (its matchness:
how often its draft would have been right) and kept if it beats the one in use. What was learned stays for
your next run.

Both lanes use the same model, cache and sampler, and take turns on one device; each clock counts its own
lane's compute only. Greedy text is the same in both lanes; sampled text follows the same distribution.

SWIFT needs no training: large models can do without many of their sub-layers as they come. The embedded model
is tiny, so its training ended with stochastic depth (sub-layers left out at random) to give it some of that.
"""


@dataclass(slots=True)
class _Settings:
    """The inputs of a run, in the order of ``Handlers.run``."""

    prompt: gr.Textbox
    others: list[gr.components.Component]

    @property
    def inputs(self) -> list[gr.components.Component]:
        return [self.prompt, *self.others]


def build_page(handlers: Handlers) -> gr.Blocks:
    """The whole page, wired to its handlers; nothing is computed until somebody opens it."""
    with gr.Blocks(title="SWIFT: self-speculative decoding, live", analytics_enabled=False) as page:
        with gr.Row(elem_id="header"):
            gr.HTML(_HEADING, elem_id="heading", scale=3)
            chips = gr.HTML("", html_template=_CHIPS, js_on_load=_SHOW_CHIPS, elem_id="chips", scale=1)
        prompt, run, stop, preset_buttons = _controls()
        viewer = _viewer(handlers)
        with gr.Accordion("How it works", open=False, elem_id="how"):
            gr.Markdown(_HOW)
        with gr.Sidebar(position="right", open=False, label="Settings", width=352, elem_id="settings"):
            settings = _Settings(prompt, _settings())
            _model_box(handlers, chips)
            forget = gr.Button("Forget the learned skip set", size="sm")
            forgotten = gr.Markdown("")
            forget.click(handlers.forget, outputs=forgotten, queue=False, api_visibility="private")

        for button, preset in zip(preset_buttons, PRESETS, strict=True):
            button.click(lambda text=preset.prompt: text, outputs=prompt, queue=False, api_visibility="private")
        _wire_run(handlers, settings, viewer, run, stop)
        viewer.select(
            handlers.open_recorded,
            outputs=[viewer, prompt],
            queue=False,
            show_progress="hidden",
            api_visibility="private",
        )
        page.load(handlers.open_page, outputs=[viewer, chips, prompt], api_visibility="private")
    return page


def _viewer(handlers: Handlers) -> gr.HTML:
    # Gradio marks the functions it may call, which a bound method does not allow.
    def export_file(wish: object) -> dict[str, Any]:
        return handlers.export_file(wish)

    def open_trace(upload: object) -> dict[str, Any]:
        return handlers.open_trace(upload)

    return gr.HTML(
        None,
        html_template=_PLACE,
        js_on_load=_MOUNT,
        elem_id="viewer",
        server_functions=[export_file, open_trace],
        recorded=handlers.gallery.cards(),
    )


def _controls() -> tuple[gr.Textbox, gr.Button, gr.Button, list[gr.Button]]:
    with gr.Row(elem_id="presets"):
        buttons = [gr.Button(preset.label, size="sm", min_width=64) for preset in PRESETS]
    with gr.Row(elem_id="controls", equal_height=True):
        prompt = gr.Textbox(
            FIRST_PRESET.prompt,
            lines=3,
            max_lines=3,
            show_label=False,
            container=False,
            scale=6,
            placeholder="Text to be continued",
            elem_id="prompt",
        )
        with gr.Column(scale=1, min_width=128, elem_id="buttons"):
            run = gr.Button("Run", variant="primary", elem_id="run")
            stop = gr.Button("Stop", variant="secondary", elem_id="stop", interactive=False)
    return prompt, run, stop, buttons


def _settings() -> list[gr.components.Component]:
    """The inputs behind the prompt, in the order of ``Handlers.run``."""
    gr.Markdown("### Settings")
    max_new_tokens = _slider(knobs.MAX_NEW_TOKENS)
    pace = _radio(knobs.PACE)
    temperature = _slider(knobs.TEMPERATURE)
    with gr.Accordion("Sampling", open=False):
        top_p = _slider(knobs.TOP_P)
        top_k = _slider(knobs.TOP_K)
        seed = gr.Number(knobs.SEED.default, precision=0, label=knobs.SEED.name, info=knobs.SEED.info)
    skip_ratio = _slider(knobs.SKIP_RATIO)
    start = _radio(knobs.START)
    threshold = _slider(knobs.THRESHOLD)
    switches = [
        gr.Checkbox(knob.default, label=knob.name, info=knob.info)
        for knob in (knobs.IS_ADAPTIVE, knobs.HAS_TREE, knobs.IS_SEARCHING, knobs.LOOKS_INSIDE)
    ]
    max_trials = _slider(knobs.MAX_TRIALS)
    return [
        max_new_tokens,
        temperature,
        top_p,
        top_k,
        seed,
        skip_ratio,
        threshold,
        *switches,
        max_trials,
        pace,
        start,
    ]


def _slider(knob: knobs.Number) -> gr.Slider:
    return gr.Slider(knob.least, knob.most, knob.default, step=knob.step, label=knob.name, info=knob.info)


def _radio(knob: knobs.Choice) -> gr.Radio:
    return gr.Radio(list(knob.choices), value=knob.default, label=knob.name, info=knob.info)


def _model_box(handlers: Handlers, chips: gr.HTML) -> None:
    gr.Markdown("### Model")
    name = gr.Textbox(
        "",
        label="Hub name or folder",
        placeholder="meta-llama/Llama-3.2-1B",
        info="Llama, Mistral, Qwen, Gemma and others; empty goes back to the first one.",
        elem_id="model-name",
    )
    load = gr.Button("Load", size="sm", elem_id="load-model")
    message = gr.HTML("", html_template=_TEXT, js_on_load=_SHOW_TEXT, elem_id="model-message")
    gr.on(
        [load.click, name.submit],
        handlers.load_model,
        inputs=name,
        outputs=[chips, message],
        concurrency_id="device",
        show_progress="hidden",
        api_visibility="private",
        preprocess=False,
    )


def _wire_run(
    handlers: Handlers, settings: _Settings, viewer: gr.HTML, run: gr.Button, stop: gr.Button
) -> None:
    buttons = [run, stop]
    begun = gr.on(
        [run.click, settings.prompt.submit],
        handlers.begin,
        outputs=buttons,
        queue=False,
        api_visibility="private",
    )
    race = begun.then(
        handlers.run,
        inputs=settings.inputs,
        outputs=viewer,
        api_name="run",
        concurrency_id="device",
        concurrency_limit=1,
        show_progress="hidden",
        preprocess=False,  # the handler itself checks what was sent, and says which field is wrong
    )
    race.then(
        lambda: (gr.update(interactive=True), gr.update(interactive=False)),
        outputs=buttons,
        queue=False,
        api_visibility="private",
    )
    stop.click(handlers.stop, outputs=buttons, queue=False, api_visibility="private")
