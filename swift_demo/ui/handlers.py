"""What the page's buttons do: page values in, service calls, page values out."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import gradio as gr

from swift_demo.config import PAPER_TREE, SamplingConfig, SearchConfig, SwiftConfig
from swift_demo.ui import knobs
from swift_demo.ui.failures import told
from swift_demo.ui.gallery import Gallery, link_of
from swift_demo.ui.live_run import LiveRun
from swift_demo.ui.run_files import RunFiles
from swift_demo.ui.service import PromptError, RunRequest, Service, Target
from swift_demo.viewer.export import is_code

Value = dict[str, Any]


class Handlers:
    """The page's event handlers, over one service.

    Args:
        gallery: The recorded runs; one of them is what the page shows before the first live one.
    """

    def __init__(self, service: Service, gallery: Gallery):
        self._service = service
        self.gallery = gallery
        self._files = RunFiles(gallery.traces)

    def open_page(self, request: gr.Request) -> tuple[Value, str, str]:
        """What a visitor sees first: the recorded run that the address names, the model's chips, the prompt."""
        value: Value = {"id": "", "chunks": [], "state": "empty", "message": ""}
        opening = self.gallery.opening(request.query_params)
        notice = opening.notice
        if opening.run is not None:
            try:
                value = self.gallery.value(opening.run)
            except BaseException as error:
                notice = told(error, "The recorded run was not opened")
        return value | {"notice": notice}, chips(self._service.loaded_for(_visitor(request))), opening.prompt

    def open_recorded(self, choice: gr.EventData) -> tuple[Any, Any]:
        """The recorded run of this name, and its prompt; nothing changes if there is none."""
        (name,) = knobs.texts(choice._data, "name")
        if name not in self.gallery.traces:
            return gr.skip(), gr.skip()
        try:
            # Gradio tells the viewer only of values that differ, and it may show a run from a file by now.
            value = self.gallery.value(name) | {"opened": uuid.uuid4().hex}
        except BaseException as error:
            raise gr.Error(told(error, "The recorded run was not opened"), print_exception=False) from None
        return value, self.gallery.traces[name].header.prompt

    def run(
        self,
        prompt: object,
        max_new_tokens: object,
        temperature: object,
        top_p: object,
        top_k: object,
        seed: object,
        skip_ratio: object,
        threshold: object,
        is_adaptive: object,
        has_tree: object,
        is_searching: object,
        looks_inside: object,
        max_trials: object,
        pace: object,
        start: object,
        request: gr.Request,
    ) -> Iterator[Value]:
        """Race both lanes; each yield is a value for the viewer with what is new, the last one with all chunks.

        Gradio's page copies and compares the whole value at each yield, so it must not grow. Should it pass
        over one, the last makes up for it.

        The arguments are the page's values, or whatever a program sends instead. However the run ends, the last
        value says so.
        """
        visitor = _visitor(request)
        value: Value = {"id": uuid.uuid4().hex, "chunks": [], "state": "loading", "message": ""}
        live: LiveRun | None = None
        self._service.begin(visitor)
        try:
            yield value
            run_request = RunRequest(
                visitor=visitor,
                prompt=_checked_prompt(prompt),
                max_new_tokens=knobs.MAX_NEW_TOKENS.whole(max_new_tokens),
                sampling=SamplingConfig(
                    knobs.TEMPERATURE.checked(temperature),
                    knobs.TOP_P.checked(top_p),
                    knobs.TOP_K.whole(top_k),
                    knobs.SEED.whole(seed),
                ),
                swift=SwiftConfig(
                    skip_ratio=knobs.SKIP_RATIO.checked(skip_ratio),
                    confidence_threshold=knobs.THRESHOLD.checked(threshold),
                    threshold_rule="adaptive" if knobs.IS_ADAPTIVE.checked(is_adaptive) else "fixed",
                    tree_levels=PAPER_TREE if knobs.HAS_TREE.checked(has_tree) else (),
                    search=_search(
                        knobs.IS_SEARCHING.checked(is_searching),
                        knobs.LOOKS_INSIDE.checked(looks_inside),
                        knobs.MAX_TRIALS.whole(max_trials),
                    ),
                ),
                starts_known=knobs.START.checked(start) == knobs.START.default,
            )
            value["pace"] = knobs.PACES[knobs.PACE.checked(pace)]
            value["is_code"] = is_code(run_request.prompt)
            value["link"] = link_of(run_request.prompt)
            target = self._service.target_of(visitor)
            live = LiveRun(self._service.header(run_request), target.text_tokenizer)
            self._files.keep(value["id"], live.trace)
            value["state"] = "running"
            for batch in self._service.race(run_request):
                if live.add(batch):
                    yield value | {"first": len(live.chunks) - 1, "chunks": live.chunks[-1:]}
            live.finish()
            value |= live.outcome()
        except BaseException as error:
            value |= {"state": "failed", "message": told(error, "The run failed")}
            if live is not None:
                live.salvage()
        finally:
            self._service.end(visitor)
        yield value | {"chunks": live.chunks if live is not None else []}

    def begin(self, request: gr.Request) -> tuple[Any, Any]:
        """Run was pressed: from now on Stop is heard, even while the run waits for its turn."""
        self._service.begin(_visitor(request))
        return gr.update(interactive=False), gr.update(interactive=True)

    def stop(self, request: gr.Request) -> tuple[Any, Any]:
        """End the visitor's run within a round; one that still waits ends when its turn comes."""
        self._service.stop(_visitor(request))
        return gr.update(interactive=True), gr.update(interactive=False)

    def forget(self, request: gr.Request) -> str:
        """Let the next run start afresh."""
        self._service.forget(_visitor(request))
        return "Forgotten. The next run starts from the first skip set chosen above."

    def load_model(self, name: object, request: gr.Request) -> Iterator[tuple[str, str]]:
        """Change this visitor's model; the one that was there stays if the new one cannot be loaded."""
        visitor = _visitor(request)
        before = self._service.loaded_for(visitor)
        try:
            wanted = knobs.MODEL_NAME.checked(name).strip()
            yield chips(before), f"Loading {wanted or before.name} …"
            target = self._service.choose_model(visitor, wanted)
        except BaseException as error:
            yield chips(before), f"{told(error, 'The model was not loaded')} {before.name} stays loaded."
            return
        yield chips(target), f"{target.name} is ready."

    def export_file(self, wish: object) -> dict[str, Any]:
        """A file of the run with this ``id``, of this ``kind``; see ``RunFiles.file``."""
        try:
            return self._files.file(*knobs.texts(wish, "id", "kind"))
        except BaseException as error:
            return {"error": told(error, "The file was not made")}

    def open_trace(self, upload: object) -> dict[str, Any]:
        """A trace from the visitor's disk, its ``content`` in base64; see ``RunFiles.open``."""
        try:
            return self._files.open(*knobs.texts(upload, "name", "content"))
        except BaseException as error:
            return {"error": told(error, "The trace was not opened")}


def chips(target: Target) -> str:
    """Model, device and dtype as the header shows them; read by the page as plain text lines."""
    dtype = str(target.dtype).removeprefix("torch.")
    note = f" ({target.dtype_note})" if target.dtype_note else ""
    return "\n".join((target.name, target.device.type, dtype + note))


def _visitor(request: gr.Request) -> str:
    return str(request.session_hash)


def _search(is_enabled: bool, looks_inside: bool, max_trials: int) -> SearchConfig:
    search = SearchConfig(is_enabled=is_enabled, max_trials=max_trials)
    return search if looks_inside else replace(search, hidden_states_interval=0)


def _checked_prompt(prompt: object) -> str:
    text = knobs.PROMPT.checked(prompt)
    if not text.strip():
        raise PromptError("the prompt is empty; type some text or choose one of the five tasks")
    return text
