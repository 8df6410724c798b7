"""The page: where everything is, and which handler it calls."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.events import Dependency

from swift_demo.ui.fields import Choice, Knob, Number
from swift_demo.ui.handlers import Handlers, Shown
from swift_demo.ui.knobs import KNOBS
from swift_demo.ui.presets import FIRST_PRESET, PRESETS, Preset
from swift_demo.ui.workarounds import FOLLOW_LINKS, NAME_THE_TOGGLE
from swift_demo.viewer.value import FileAnswer, OpenAnswer

STATIC = Path(__file__).parent / "static"
_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


def build_page(handlers: Handlers) -> gr.Blocks:
    """The whole page, wired to its handlers; nothing is computed until somebody opens it."""
    with gr.Blocks(title="SWIFT: self-speculative decoding, live", analytics_enabled=False) as page:
        with gr.Row(elem_id="header"):
            gr.HTML(_text("heading.html"), js_on_load=FOLLOW_LINKS, elem_id="heading", scale=3)
            chips = gr.HTML(
                None, html_template=_text("chips.html"), js_on_load=_text("chips.js"), elem_id="chips", scale=1
            )
            open_settings = gr.Button("Settings", size="sm", min_width=64, scale=0, elem_id="open-settings")
        prompt, run, stop, preset_buttons = _controls()
        with gr.Accordion("Text as sent", open=False, elem_id="as-sent") as as_sent:
            sent = gr.HTML(
                None, html_template="<p></p><pre></pre>", js_on_load=_text("sent.js"), elem_id="sent"
            )
        maker = gr.HTML(None, html_template="<p></p>", js_on_load=_text("text.js"), elem_id="maker")
        viewer = _viewer(handlers)
        gr.HTML(_text("how.html"), js_on_load=None, elem_id="explanation")
        with gr.Sidebar(
            position="right", open=False, label="Settings", width=352, elem_id="settings"
        ) as drawer:
            gr.HTML("<h3>Settings</h3>", js_on_load=NAME_THE_TOGGLE)
            settings = dict(_fields())
            loadings, picker = _model_box(handlers, chips, maker, prompt)
            forget = gr.Button("Forget the learned skip set", size="sm")
            forgotten = gr.Markdown("")
            forget.click(handlers.forget, outputs=forgotten, queue=False, **_QUIET)

        open_settings.click(lambda: gr.Sidebar(open=True), outputs=drawer, queue=False, **_QUIET)
        shown = [viewer, maker, prompt]
        for button, preset in zip(preset_buttons, PRESETS, strict=True):
            button.click(_chooser(handlers, preset), outputs=shown, queue=False, **_QUIET)
        viewer.select(handlers.open_run, outputs=shown, queue=False, **_QUIET)
        page.load(handlers.open_page, outputs=[viewer, chips, maker, prompt], **_QUIET)
        page.load(lambda: gr.update(choices=handlers.offers()), outputs=picker, queue=False, **_QUIET)
        _wire_run(handlers, prompt, settings, viewer, maker, run, stop)
        switch = settings["uses_template"]
        for changed in (as_sent.expand, prompt.change, switch.change, *(loaded.then for loaded in loadings)):  # type: ignore[attr-defined]
            changed(
                handlers.text_as_sent,
                inputs=[prompt, switch],
                outputs=sent,
                queue=False,
                trigger_mode="always_last",
                preprocess=False,
                **_QUIET,
            )
    return page


def _chooser(handlers: Handlers, preset: Preset) -> Callable[..., Shown]:
    def choose(request: gr.Request) -> Shown:
        return handlers.choose_task(preset, request)

    return choose


def _text(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")


def _viewer(handlers: Handlers) -> gr.HTML:
    # Gradio marks the functions it may call, which a bound method does not allow.
    def export_file(wish: object) -> FileAnswer:
        return handlers.export_file(wish)

    def open_trace(upload: object) -> OpenAnswer:
        return handlers.open_trace(upload)

    return gr.HTML(
        None,
        html_template="<div class='sv-place'></div>",
        js_on_load=_text("mount.js"),
        elem_id="viewer",
        server_functions=[export_file, open_trace],
        recorded=handlers.gallery.cards(),
        caption=handlers.gallery.caption(),
    )


def _controls() -> tuple[gr.Textbox, gr.Button, gr.Button, list[gr.Button]]:
    with gr.Row(elem_id="presets"):
        buttons = [gr.Button(preset.label, size="sm", min_width=64) for preset in PRESETS]
    with gr.Row(elem_id="controls", equal_height=True):
        prompt = gr.Textbox(
            FIRST_PRESET.prompt,
            label="Prompt",
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


def _fields() -> Iterator[tuple[str, gr.components.Component]]:
    """A field for each knob, by its key; knobs of one group share an accordion."""
    for group, knobs in groupby(KNOBS, key=lambda knob: knob.group):
        if not group:
            yield from ((knob.key, _field(knob)) for knob in knobs)
            continue
        with gr.Accordion(group, open=False):
            yield from [(knob.key, _field(knob)) for knob in knobs]


def _field(knob: Knob) -> gr.components.Component:
    common = {"value": knob.default, "label": knob.name, "info": knob.info}
    if isinstance(knob, Number):
        if knob.is_slider:
            return gr.Slider(knob.least, knob.most, step=knob.step, **common)
        return gr.Number(precision=0, **common)
    if isinstance(knob, Choice):
        return gr.Radio(list(knob.choices), **common)
    return gr.Checkbox(**common)


def _model_box(
    handlers: Handlers, chips: gr.HTML, maker: gr.HTML, prompt: gr.Textbox
) -> tuple[list[Dependency], gr.Dropdown]:
    """The fields for another model: what loads one, which others may follow, and the list to fill."""
    gr.Markdown("### Model")
    picker = gr.Dropdown(
        [],
        value=None,
        label="Models for this machine",
        info="A choice loads it; what is not here yet is downloaded.",
        elem_id="model-picker",
    )
    name = gr.Textbox(
        "",
        label="Hub name, folder or GGUF file",
        placeholder="meta-llama/Llama-3.2-1B",
        info="Llama, Mistral, Qwen, Gemma and others; empty goes back to the first one.",
        elem_id="model-name",
    )
    load = gr.Button("Load", size="sm", elem_id="load-model")
    message = gr.HTML(
        None,
        html_template="<p></p><progress max='1' data-testid='load-progress' aria-label='loading'></progress>",
        js_on_load=_text("loading.js"),
        elem_id="model-message",
    )
    filled = picker.select(lambda source: source, picker, name, queue=False, **_QUIET)
    how: dict[str, Any] = {
        "fn": handlers.load_model,
        "inputs": [name, maker, prompt],
        "outputs": [chips, maker, message, prompt],
        "concurrency_id": "loading",  # of its own: it says how far it is also while runs go on
        "preprocess": False,
        **_QUIET,
    }
    return [gr.on([load.click, name.submit], concurrency_limit=4, **how), filled.then(**how)], picker


def _wire_run(
    handlers: Handlers,
    prompt: gr.Textbox,
    settings: Mapping[str, gr.components.Component],
    viewer: gr.HTML,
    maker: gr.HTML,
    run: gr.Button,
    stop: gr.Button,
) -> None:
    fields = {"prompt": prompt, **settings}
    begun = gr.on([run.click, prompt.submit], handlers.begin, outputs=[run, stop, maker], queue=False, **_QUIET)
    race = begun.then(
        _by_name(handlers.run, list(fields)),
        inputs=list(fields.values()),
        outputs=viewer,
        api_name="run",
        concurrency_id="device",
        concurrency_limit=1,
        show_progress="hidden",
        preprocess=False,  # the handler itself checks what was sent, and says which field is wrong
    )
    race.then(
        lambda: (gr.update(interactive=True), gr.update(interactive=False)),
        outputs=[run, stop],
        queue=False,
        **_QUIET,
    )
    stop.click(handlers.stop, outputs=[run, stop], queue=False, **_QUIET)


def _by_name(
    handler: Callable[[Mapping[str, object], gr.Request], Iterator[Any]], names: Sequence[str]
) -> Callable[..., Iterator[Any]]:
    """The handler as Gradio calls it: a value for each name, which is also what a program calls it."""

    def named(*values: Any) -> Iterator[Any]:
        *sent, request = values
        yield from handler(dict(zip(names, sent, strict=True)), request)

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    fields = [inspect.Parameter(name, kind) for name in names]
    request = inspect.Parameter("request", kind, annotation=gr.Request)
    named.__signature__ = inspect.Signature([*fields, request])  # type: ignore[attr-defined]
    named.__annotations__ = {"request": gr.Request}
    return named
