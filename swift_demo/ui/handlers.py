"""What the page's buttons do: page values in, service calls, page values out."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import gradio as gr

from swift_demo.config import PAPER_TREE, SamplingConfig, SearchConfig, SwiftConfig
from swift_demo.trace import Trace, TraceRecorder
from swift_demo.ui.gallery import Gallery, link_of
from swift_demo.ui.run_files import RunFiles
from swift_demo.ui.service import ModelLoadError, PromptError, RunRequest, Service, Target
from swift_demo.viewer.export import is_code
from swift_demo.viewer.order import ClockOrder
from swift_demo.viewer.view import View

log = logging.getLogger(__name__)

PACES: dict[str, float | None] = {"real time": None, "1/4": 0.25, "1/10": 0.1, "1/40": 0.025}
STARTS = ("learned earlier", "uniform")
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
        target = self._service.target_of(_visitor(request))
        opening = self.gallery.opening(request.query_params)
        value: Value = {"id": "", "chunks": [], "state": "empty", "message": ""}
        if opening.run is not None:
            value = self.gallery.value(opening.run)
        return value | {"notice": opening.notice}, chips(target), opening.prompt

    def open_recorded(self, choice: gr.EventData) -> tuple[Any, Any]:
        """The recorded run of this name, and its prompt; nothing changes if there is none."""
        name = choice._data.get("name")
        if name not in self.gallery.traces:
            return gr.skip(), gr.skip()
        # Gradio tells the viewer only of values that differ, and it may show another run from a file by now.
        value = self.gallery.value(name) | {"opened": uuid.uuid4().hex}
        return value, self.gallery.traces[name].header.prompt

    def run(
        self,
        prompt: str,
        max_new_tokens: float,
        temperature: float,
        top_p: float,
        top_k: float,
        seed: float,
        skip_ratio: float,
        threshold: float,
        is_adaptive: bool,
        has_tree: bool,
        is_searching: bool,
        looks_inside: bool,
        max_trials: float,
        pace: str,
        start: str,
        request: gr.Request,
    ) -> Iterator[Value]:
        """Race both lanes; each yield is a value for the viewer with what is new, the last one with all chunks.

        Gradio's page copies and compares the whole value at each yield, so it must not grow. Should it pass
        over one, the last makes up for it.
        """
        value: Value = {"id": uuid.uuid4().hex, "chunks": [], "state": "loading", "message": ""}
        chunks: list[str] = []
        self._service.begin(_visitor(request))
        view: View | None = None
        order = ClockOrder()
        try:
            yield value
            run_request = RunRequest(
                visitor=_visitor(request),
                prompt=_checked_prompt(prompt),
                max_new_tokens=int(max_new_tokens),
                sampling=SamplingConfig(temperature, top_p, int(top_k), int(seed)),
                swift=SwiftConfig(
                    skip_ratio=skip_ratio,
                    confidence_threshold=threshold,
                    threshold_rule="adaptive" if is_adaptive else "fixed",
                    tree_levels=PAPER_TREE if has_tree else (),
                    search=_search(is_searching, looks_inside, int(max_trials)),
                ),
                pace=PACES[pace],
                starts_known=start == STARTS[0],
            )
            target = self._service.target_of(run_request.visitor)
            recorder = TraceRecorder(self._service.header(run_request), target.text_tokenizer)
            self._files.keep(value["id"], recorder.trace)
            view = View(recorder.trace.header)
            value |= {"state": "running", "message": _pace_message(pace), "is_code": is_code(prompt)}
            value["link"] = link_of(prompt)
            is_stopped = True
            for batch in self._service.race(run_request):
                for event in batch:
                    recorder(event)
                    for told in order.add(event, recorder.trace.texts[-1]):
                        view.add(*told)
                if (chunk := view.flush()) is not None:
                    yield value | {"first": len(chunks), "chunks": [chunk]}
                    chunks.append(chunk)
                is_stopped = not _both_finished(recorder.trace)
            value |= {"state": "stopped" if is_stopped else "finished", "message": ""}
        except (PromptError, ModelLoadError, ValueError) as error:
            value |= {"state": "failed", "message": _sentence(error)}
        except Exception as error:
            log.exception("a run failed")
            value |= {"state": "failed", "message": f"The run failed: {error}. What came before is kept."}
        finally:
            self._service.end(_visitor(request))
        if view is not None:
            for told in order.rest():
                view.add(*told)
            chunks += filter(None, [view.flush()])
        yield value | {"chunks": chunks}

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

    def load_model(self, name: str, request: gr.Request) -> Iterator[tuple[str, str]]:
        """Change this visitor's model; the one that was there stays if the new one cannot be loaded."""
        visitor = _visitor(request)
        before = self._service.target_of(visitor)
        yield chips(before), f"Loading {name.strip() or before.name} …"
        try:
            target = self._service.choose_model(visitor, name)
        except ModelLoadError as error:
            yield chips(before), f"{_sentence(error)} {before.name} stays loaded."
            return
        yield chips(target), f"{target.name} is ready."

    def export_file(self, wish: dict[str, str]) -> dict[str, Any]:
        """A file of the run with this ``id``, of this ``kind``; see ``RunFiles.file``."""
        return self._files.file(wish["id"], wish["kind"])

    def open_trace(self, upload: dict[str, str]) -> dict[str, Any]:
        """A trace from the visitor's disk, its ``content`` in base64; see ``RunFiles.open``."""
        return self._files.open(upload["name"], upload["content"])


def chips(target: Target) -> str:
    """Model, device and dtype as the header shows them; read by the page as plain text lines."""
    return "\n".join((target.name, target.device.type, str(target.dtype).removeprefix("torch.")))


def _visitor(request: gr.Request) -> str:
    return str(request.session_hash)


def _search(is_enabled: bool, looks_inside: bool, max_trials: int) -> SearchConfig:
    search = SearchConfig(is_enabled=is_enabled, max_trials=max_trials)
    return search if looks_inside else replace(search, hidden_states_interval=0)


def _checked_prompt(prompt: str) -> str:
    if not prompt.strip():
        raise PromptError("the prompt is empty; type some text or choose one of the five tasks")
    return prompt


def _both_finished(trace: Trace) -> bool:
    return sum(type(event).__name__ == "GenerationFinished" for event in trace.events) == 2


def _pace_message(pace: str) -> str:
    if PACES[pace] is None:
        return ""
    return f"Shown at {pace} of real speed, so that the eye can follow; all figures are real."


def _sentence(error: Exception) -> str:
    text = str(error).strip().rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."
