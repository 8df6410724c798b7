"""What the page's buttons do: page values in, service calls, page values out."""

from __future__ import annotations

import dataclasses
import logging
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import partial
from typing import Any, TypedDict

import gradio as gr

from swift_demo.brief import one_line
from swift_demo.trace import Trace
from swift_demo.ui.failures import told
from swift_demo.ui.fields import texts
from swift_demo.ui.gallery import Gallery, link_of
from swift_demo.ui.knobs import MODEL_NAME, settings_of
from swift_demo.ui.live_run import LiveRun
from swift_demo.ui.loading import HowFar, Loading, at_rest, shown
from swift_demo.ui.presets import Preset, suited
from swift_demo.ui.run_files import RunFiles
from swift_demo.ui.service import RunRequest, Service, Target
from swift_demo.viewer.export import is_code, value_of
from swift_demo.viewer.value import FileAnswer, Maker, OpenAnswer, Opened, Refused, Value

log = logging.getLogger(__name__)

Shown = tuple[Any, Any, Any]
"""A run for the viewer, its maker, its prompt; Gradio may be told to leave any of these as it is."""


class Sent(TypedDict):
    """A prompt as a model is sent it: a sentence on how, and each ``SentPart`` as a dict."""

    note: str
    parts: list[dict[str, Any]]


class Handlers:
    """The page's event handlers, over one service.

    Args:
        gallery: The recorded runs, one of which the page shows before the first live run.
    """

    def __init__(self, service: Service, gallery: Gallery):
        self._service = service
        self.gallery = gallery
        self._files = RunFiles(gallery.traces)

    def open_page(self, request: gr.Request) -> tuple[Value, list[str], Maker, str]:
        """What a visitor sees first: the recorded run that the address names, chips, maker, prompt."""
        opening = self.gallery.opening(request.query_params)
        target = self._service.loaded_for(_visitor(request))
        value, maker, notice = _nothing(), maker_of("", target), opening.notice
        if opening.run is not None:
            try:
                value = self.gallery.value(opening.run)
                maker = maker_of(self.gallery.traces[opening.run].header.model, target)
            except BaseException as error:
                notice = told(error, "The recorded run was not opened")
        value["notice"] = notice
        return value, chips(target), maker, suited(opening.prompt, target.has_chat_template)

    def open_run(self, choice: gr.EventData, request: gr.Request) -> Shown:
        """The run with the chosen name; nothing changes if there is none, or while a run is under way."""
        run_id, visitor = _name(choice), _visitor(request)
        trace = self._files.trace(run_id)
        if trace is None or self._service.visitors.is_running(visitor):
            return gr.skip(), gr.skip(), gr.skip()
        return self._shown(run_id, trace, visitor)

    def choose_task(self, preset: Preset, request: gr.Request) -> Shown:
        """The task's prompt for this visitor's model, and its recorded run if that answers such a prompt."""
        visitor = _visitor(request)
        target = self._service.loaded_for(visitor)
        prompt = preset.suited(target.has_chat_template)
        if self._service.visitors.is_running(visitor):
            return gr.skip(), gr.skip(), prompt
        run = self.gallery.run_of(preset)
        if run is None or bool(self.gallery.traces[run].header.messages) != target.has_chat_template:
            return _nothing(), maker_of("", target), prompt
        return self._shown(run, self.gallery.traces[run], visitor)

    def run(self, sent: Mapping[str, object], request: gr.Request) -> Iterator[Value]:
        """Race both lanes; each yield is a value for the viewer with what is new, the last one with all chunks.

        Gradio's page copies and compares the whole value at each yield, so it must not grow. If the page misses
        one, the last value makes up for it.

        However the run ends, the last value says so.

        Args:
            sent: The page's fields by their keys, or whatever a program sends instead; see ``knobs``.
        """
        visitor = _visitor(request)
        value = _nothing()
        value["id"], value["state"] = uuid.uuid4().hex, "loading"
        live: LiveRun | None = None
        stop_wish = self._service.visitors.begin(visitor)
        try:
            yield value
            settings = settings_of(sent)
            prompt = settings.prompt
            value |= {"pace": settings.pace, "is_code": is_code(prompt), "link": link_of(prompt)}
            model = self._service.visitors.model_of(visitor)  # another may be loaded while the run goes on
            target = self._service.target(model)
            live = LiveRun(self._service.header(model, settings.run), target.text_tokenizer)
            self._files.keep(value["id"], live.trace)
            value["state"] = "running"
            for batch in self._service.race(visitor, settings.run, partial(_set_notice, value), model):
                if live.add(batch):
                    yield value | {"first": len(live.chunks) - 1, "chunks": live.chunks[-1:]}
            live.finish()
            value["state"], value["message"] = live.outcome()
            if value["state"] == "failed":
                log.warning("The run failed: %s", value["message"])
        except BaseException as error:
            value["state"], value["message"] = "failed", told(error, "The run failed")
            if live is not None:
                live.salvage()
        finally:
            self._service.visitors.drop_wish(visitor, stop_wish)
        yield value | {"chunks": live.chunks if live is not None else []}

    def text_as_sent(self, prompt: object, uses_template: object, request: gr.Request) -> Sent:
        """The prompt as this visitor's model would be sent it, and a sentence on how that comes about."""
        visitor = _visitor(request)
        try:
            run = settings_of({"prompt": prompt, "uses_template": uses_template}).run
            parts = [dataclasses.asdict(part) for part in self._service.sent(visitor, run)]
        except BaseException as error:
            return Sent(note=told(error, "It cannot be shown"), parts=[])
        return Sent(note=_how_sent(self._service.loaded_for(visitor), run), parts=parts)

    def begin(self, request: gr.Request) -> tuple[Any, Any, Maker]:
        """Run was pressed: from now on Stop works, even while the run waits for its turn."""
        visitor = _visitor(request)
        self._service.visitors.ask(visitor)
        target = self._service.loaded_for(visitor)
        return gr.update(interactive=False), gr.update(interactive=True), maker_of(target.name, target)

    def stop(self, request: gr.Request) -> tuple[Any, Any]:
        """End the visitor's run within a round; one that still waits ends when its turn comes."""
        self._service.visitors.stop(_visitor(request))
        return gr.update(interactive=True), gr.update(interactive=False)

    def forget(self, request: gr.Request) -> str:
        """Let the next run start afresh."""
        self._service.visitors.forget(_visitor(request))
        return "Forgotten. The next run starts from the first skip set chosen above."

    def load_model(
        self, name: object, maker: object, prompt: object, request: gr.Request
    ) -> Iterator[tuple[Any, Any, Loading, Any]]:
        """Change this visitor's model, telling how far that is; the old one stays if the new cannot be loaded.

        Args:
            maker: As the page has it.
            prompt: The same; one of the page's own changes to the form that suits the model.
        """
        visitor = _visitor(request)
        before = self._service.loaded_for(visitor)
        (made_by,) = texts(maker, "model")
        try:
            wanted = MODEL_NAME.checked(name).strip()
            yield (
                chips(before),
                maker_of(made_by, before),
                shown(wanted or "the first model", HowFar()),
                gr.skip(),
            )
            with closing(self._service.choose_model(visitor, wanted)) as loading:
                while True:
                    try:
                        how_far = next(loading)
                    except StopIteration as end:
                        target = end.value
                        break
                    yield gr.skip(), gr.skip(), shown(wanted or "the first model", how_far), gr.skip()
        except BaseException as error:
            message = f"{told(error, 'The model was not loaded')} {before.name} stays loaded."
            yield chips(before), maker_of(made_by, before), at_rest(message), gr.skip()
            return
        own = prompt if isinstance(prompt, str) else ""
        fit = suited(own, target.has_chat_template)
        ready = at_rest(f"{target.name} is ready.")
        yield chips(target), maker_of(made_by, target), ready, gr.skip() if fit == own else fit

    def offers(self) -> list[tuple[str, str]]:
        """Models to choose from, each in words and by what it is loaded."""
        return [(words, source) for source, words in self._service.offers()]

    def export_file(self, wish: object) -> FileAnswer:
        """A file of the run with this ``id``, of this ``kind``; see ``RunFiles.file``."""
        try:
            return self._files.file(*texts(wish, "id", "kind"))
        except BaseException as error:
            return Refused(error=told(error, "The file was not made"))

    def open_trace(self, upload: object) -> OpenAnswer:
        """The run of a trace from the visitor's disk, its ``content`` in base64."""
        name, content = texts(upload, "name", "content")
        try:
            return Opened(id=self._files.open(content))
        except BaseException as error:
            return Refused(error=told(error, f"{one_line(name, 80)} was not opened"))

    def _shown(self, run_id: str, trace: Trace, visitor: str) -> Shown:
        try:
            value = self.gallery.value(run_id) if run_id in self.gallery.traces else value_of(trace, run_id)
        except BaseException as error:
            raise gr.Error(told(error, "The run was not opened"), print_exception=False) from None
        # Gradio passes on only values that differ, and the viewer may show another run by now.
        value |= {"opened": uuid.uuid4().hex}
        return value, maker_of(trace.header.model, self._service.loaded_for(visitor)), trace.header.prompt


def chips(target: Target) -> list[str]:
    """Model, device and dtype as the header shows them, a chip each."""
    dtype = str(target.dtype).removeprefix("torch.")
    note = f" ({target.dtype_note})" if target.dtype_note else ""
    return [target.name, target.device.type, dtype + note]


def maker_of(model: str, target: Target) -> Maker:
    """The model that made the run shown, while ``target`` is loaded; an empty name if none is shown."""
    made_by, loaded = one_line(model, 80), one_line(target.name, 80)
    is_another = model not in ("", target.name)
    text = f"This run was made with {made_by}, not with {loaded}. Press Run to see {loaded}."
    return Maker(model=model, text=text if is_another else "")


def _nothing() -> Value:
    """No run at all."""
    return {"id": "", "chunks": [], "state": "empty", "message": ""}


def _how_sent(target: Target, run: RunRequest) -> str:
    name = one_line(target.name, 80)
    if not target.has_chat_template:
        return f"{name} has no chat template; it continues the prompt as it is."
    if not run.uses_template:
        return f"The chat template of {name} is switched off; it continues the prompt as it is."
    return f"The chat template of {name} makes the prompt a message; its own tokens are outlined."


def _set_notice(value: Value, notice: str) -> None:
    value["notice"] = notice


def _visitor(request: gr.Request) -> str:
    return str(request.session_hash)


def _name(choice: gr.EventData) -> str:
    """The name that the page's script sent with an event; empty if there is none."""
    try:
        return str(choice.name)
    except Exception:  # whatever was sent instead
        return ""
