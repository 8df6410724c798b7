"""What the page's handlers give it, without a page."""

from __future__ import annotations

import base64
import copy
import json
import threading
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import pytest
from support.models import save_random_model, tiny_sizes
from support.views import tables_in
from transformers import LlamaConfig

from swift_demo.config import SearchConfig
from swift_demo.decoding.request import Request
from swift_demo.events import GenerationStarted, SkipSetTried, TokensDrafted
from swift_demo.model.loading import load_target
from swift_demo.ui import knobs
from swift_demo.ui import service as service_module
from swift_demo.ui.gallery import FIRST_RUN, Gallery
from swift_demo.ui.handlers import Handlers, chips, maker_of
from swift_demo.ui.presets import FIRST_PRESET, PRESETS
from swift_demo.ui.record import record
from swift_demo.ui.service import Service

DEFAULTS = {
    "prompt": "Anna draws the longer straw.",
    "max_new_tokens": 24,
    "temperature": 0.0,
    "top_p": 1.0,
    "top_k": 0,
    "seed": 0,
    "skip_ratio": 0.45,
    "threshold": 0.8,
    "preset": "best",
    "threshold_rule": "as far as it pays",
    "objective": "speed, any size",
    "has_tree": True,
    "is_searching": True,
    "looks_inside": True,
    "max_trials": 100,
    "pace": "real time",
    "start": "uniform",
}
PATIENCE_S = 60


def visitor(name="anna"):
    """A request as Gradio passes it, as far as it is read."""
    return SimpleNamespace(session_hash=name, query_params={})


def settings(**changes):
    return DEFAULTS | changes


def chosen(name):
    """What the page's script sends when a run is chosen."""
    return gr.EventData(None, {"name": name})


@pytest.fixture
def service(tiny_target):
    return Service(tiny_target, partial(load_target, device="cpu", dtype="float32"))


@pytest.fixture(autouse=True)
def trials_whatever_they_cost(monkeypatch):
    """So that it does not depend on this machine whether a short run has one."""
    eager = partial(SearchConfig, max_time_share=1.0, fading_trials=0, max_loss_share=1.0)
    monkeypatch.setattr(knobs, "SearchConfig", eager)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    """Values come often, so that short runs have several."""
    monkeypatch.setattr(service_module, "BATCH_S", 0.02)


@pytest.fixture
def handlers(service):
    return Handlers(service, Gallery(Path("nowhere")))


def run(handlers, who=None, **changes):
    """Every value that a run yields, as it was when it was yielded."""
    return [copy.deepcopy(value) for value in handlers.run(settings(**changes), who or visitor())]


def load(handlers, name, who=None):
    """Every update of loading another model, while no run is shown."""
    return handlers.load_model(name, None, "", who or visitor())


def trace_of(handlers, value):
    """The run that a value shows, as far as it has come; None before it runs."""
    return handlers._files.trace(value["id"])


def text(handlers, value, lane):
    trace = trace_of(handlers, value)
    return trace.text(lane) if trace else ""


def trials(handlers, value):
    """Numbers of the trials, which count through the life of a decoder."""
    trace = trace_of(handlers, value)
    return [event.trial for event in trace.events if isinstance(event, SkipSetTried)] if trace else []


def test_a_run_loads_then_runs_then_is_finished(handlers):
    values = run(handlers, max_new_tokens=60)
    states = [value["state"] for value in values]
    assert states[0] == "loading" and states[-1] == "finished"
    assert set(states[1:-1]) == {"running"}
    assert values[0]["chunks"] == []
    assert {value["message"] for value in values} == {""}


def test_values_of_a_run_bring_one_chunk_each_and_the_last_one_all(handlers):
    _, *values, last = run(handlers, max_new_tokens=60)
    assert {value["id"] for value in values} == {last["id"]}
    assert [value["first"] for value in values] == list(range(len(values)))
    assert [value["chunks"] for value in values] == [[chunk] for chunk in last["chunks"][: len(values)]]
    assert len(last["chunks"]) - len(values) in (0, 1)
    assert "first" not in last


@pytest.mark.parametrize(("temperature", "identity"), [(0, "identical"), (1, "sampled")])
def test_the_viewer_is_sent_the_texts_that_were_written_and_how_they_compare(handlers, temperature, identity):
    last = run(handlers, max_new_tokens=60, temperature=temperature)[-1]
    tables = tables_in(last["chunks"])
    for lane in ("vanilla", "swift"):
        shown = [row["text"] for row in tables[f"tokens.{lane}"] if row["state"] != "rejected"]
        assert "".join(shown) == text(handlers, last, lane) != ""
    assert [row["trial"] for row in tables["trials"]] == trials(handlers, last)
    assert tables["verdicts"][-1]["identity"] == identity


def test_values_of_a_run_are_plain_json(handlers):
    for value in run(handlers):
        assert json.loads(json.dumps(value, allow_nan=False)) == value


def test_two_runs_have_different_ids(handlers):
    assert run(handlers)[0]["id"] != run(handlers)[0]["id"]


def test_both_lanes_end_with_the_same_text(handlers):
    last = run(handlers)[-1]
    assert text(handlers, last, "vanilla") == text(handlers, last, "swift") != ""


def test_settings_reach_the_run(handlers):
    last = run(handlers, max_new_tokens=16, is_searching=False, temperature=0.7)[-1]
    trace = trace_of(handlers, last)
    started = [event for event in trace.events if isinstance(event, GenerationStarted)]
    assert 0 < len(trace.token_ids("vanilla")) <= 16
    assert trials(handlers, last) == []
    assert {event.sampling.temperature for event in started} == {0.7}
    assert [event.swift.confidence_threshold for event in started if event.swift] == [0.8]


@pytest.mark.parametrize(
    ("word", "pace"), [("easy to follow", "readable"), ("real time", None), ("1/4", 0.25), ("1/40", 0.025)]
)
def test_the_pace_is_the_viewers_to_keep(handlers, word, pace):
    assert {value["pace"] for value in run(handlers, pace=word)[1:]} == {pace}


def test_a_slow_picture_holds_nobody_up(handlers):
    start = time.monotonic()
    last = run(handlers, pace="1/40")[-1]
    seconds = max(event.clock_s for event in trace_of(handlers, last).events)
    assert time.monotonic() - start < seconds / 0.025 / 4


@pytest.mark.parametrize("prompt", ["", "  \n\t "])
def test_an_empty_prompt_fails_with_a_sentence(handlers, prompt):
    last = run(handlers, prompt=prompt)[-1]
    assert last["state"] == "failed"
    assert last["message"].startswith("The prompt is empty") and last["message"].endswith(".")


def test_a_prompt_longer_than_the_context_fails_with_a_sentence(handlers):
    last = run(handlers, prompt="fox " * 3000)[-1]
    assert last["state"] == "failed"
    assert "shorten the prompt" in last["message"] and "\n" not in last["message"]


def test_a_fault_in_the_engine_fails_with_a_sentence_and_keeps_what_came_before(handlers, service, monkeypatch):
    race = service.race

    def breaking(*arguments):
        batches = race(*arguments)
        yield next(batches)
        raise RuntimeError("out of luck")

    monkeypatch.setattr(service, "race", breaking)
    last = run(handlers)[-1]
    assert last["state"] == "failed" and "out of luck" in last["message"]
    assert last["chunks"]
    monkeypatch.undo()
    assert run(handlers)[-1]["state"] == "finished"


def test_after_a_failure_a_run_works(handlers):
    assert run(handlers, prompt="")[-1]["state"] == "failed"
    assert run(handlers)[-1]["state"] == "finished"


def test_stop_from_another_thread_ends_the_run_and_keeps_the_trace(handlers, service):
    who, values, has_begun = visitor(), [], threading.Event()

    def consume():
        for value in handlers.run(settings(max_new_tokens=400), who):
            values.append(copy.deepcopy(value))
            if text(handlers, value, "vanilla"):
                has_begun.set()

    consumer = threading.Thread(target=consume)
    consumer.start()
    assert has_begun.wait(PATIENCE_S)
    handlers.stop(who)
    num_before = len(values)
    consumer.join(PATIENCE_S)
    assert not consumer.is_alive()
    assert len(values) - num_before <= 3  # the batch under way, the one that was waiting, and the last word
    assert values[-1]["state"] == "stopped"
    known = values[num_before - 1]
    assert values[-1]["chunks"][known["first"]] == known["chunks"][0]
    assert 0 < len(trace_of(handlers, values[-1]).token_ids("vanilla")) < 400
    assert not service.visitors.is_running(who.session_hash)


def test_stop_before_the_first_token_is_honoured(handlers):
    who = visitor()
    values = handlers.run(settings(max_new_tokens=200), who)
    assert next(values)["state"] == "loading"
    handlers.stop(who)
    *_, last = values
    assert last["state"] == "stopped"
    assert len(trace_of(handlers, last).token_ids("vanilla")) < 200


def test_stop_without_a_run_does_not_stop_the_next(handlers):
    handlers.stop(visitor())
    assert run(handlers)[-1]["state"] == "finished"


def test_one_visitors_stop_does_not_stop_another(handlers):
    values = handlers.run(settings(), visitor("anna"))
    next(values)
    next(values)
    handlers.stop(visitor("ben"))
    *_, last = values
    assert last["state"] == "finished"


@pytest.mark.parametrize("num_yields", range(1, 6))
def test_closing_after_any_yield_frees_the_service(handlers, service, num_yields):
    expected = text(handlers, run(handlers, visitor("reference"))[-1], "vanilla")
    values = handlers.run(settings(max_new_tokens=400), visitor())
    for _ in range(num_yields):
        next(values)
    values.close()
    assert not service.visitors.is_running("anna")
    last = run(handlers)[-1]
    assert last["state"] == "finished"
    assert text(handlers, last, "vanilla") == text(handlers, last, "swift") == expected


def test_two_visitors_runs_may_interleave(handlers):
    names = ("anna", "ben")
    alone = {
        name: text(handlers, run(handlers, visitor(f"{name} alone"), prompt=name)[-1], "swift")
        for name in names
    }
    runs = {name: handlers.run(settings(prompt=name), visitor(name)) for name in names}
    last = {}
    while runs:
        for name in list(runs):
            try:
                last[name] = copy.deepcopy(next(runs[name]))
            except StopIteration:
                del runs[name]
    assert {name: value["state"] for name, value in last.items()} == {"anna": "finished", "ben": "finished"}
    assert {name: text(handlers, value, "swift") for name, value in last.items()} == alone


class TestLearning:
    """What is learned in one run goes on in the visitor's next."""

    @pytest.fixture(autouse=True)
    def every_round_drafts(self, monkeypatch):
        """So that it does not depend on this machine when trials come."""
        monkeypatch.setitem(DEFAULTS, "threshold_rule", "fixed threshold")

    def test_the_next_run_of_the_same_visitor_goes_on(self, handlers):
        first, second = trials(handlers, run(handlers)[-1]), trials(handlers, run(handlers)[-1])
        assert first[0] == 1
        assert second[0] == first[-1] + 1

    def test_a_stopped_run_is_not_forgotten(self, handlers):
        values = handlers.run(settings(max_new_tokens=400), visitor())
        for value in values:
            if seen := trials(handlers, value):
                break
        values.close()
        assert trials(handlers, run(handlers)[-1])[0] > seen[-1] - 1 >= 0

    def test_another_visitor_starts_from_the_beginning(self, handlers):
        run(handlers)
        assert trials(handlers, run(handlers, visitor("ben"))[-1])[0] == 1

    @pytest.mark.parametrize("change", [{"skip_ratio": 0.3}, {"max_trials": 90}, {"threshold": 0.5}])
    def test_under_other_settings_it_goes_on(self, handlers, change):
        first = trials(handlers, run(handlers)[-1])
        assert trials(handlers, run(handlers, **change)[-1])[0] == first[-1] + 1

    def test_without_the_search_the_set_stays_and_the_page_says_so(self, handlers):
        run(handlers)
        known = handlers._service.visitors.start(visitor().session_hash).known
        after = run(handlers, is_searching=False)[-1]
        used = {e.skip_set for e in trace_of(handlers, after).events if isinstance(e, TokensDrafted)}
        assert used <= {known.learned.search.incumbent}
        assert trials(handlers, after) == []
        assert "The search is off, so the skip set learned" in after["notice"]

    def test_a_setting_without_effect_on_what_was_learned_is_named(self, handlers):
        run(handlers)
        assert (
            "the skip ratio counts again once that is forgotten" in run(handlers, skip_ratio=0.3)[-1]["notice"]
        )
        assert "skip ratio" not in run(handlers, skip_ratio=0.3)[-1].get("notice", "")

    def test_another_length_or_temperature_changes_nothing(self, handlers):
        first = trials(handlers, run(handlers)[-1])
        assert trials(handlers, run(handlers, max_new_tokens=30, temperature=0.5)[-1])[0] == first[-1] + 1

    def test_forgetting_starts_from_the_beginning(self, handlers):
        run(handlers)
        assert "first skip set" in handlers.forget(visitor())
        assert trials(handlers, run(handlers)[-1])[0] == 1

    def test_forgetting_one_visitor_leaves_the_others(self, handlers):
        first = trials(handlers, run(handlers)[-1])
        handlers.forget(visitor("ben"))
        assert trials(handlers, run(handlers)[-1])[0] == first[-1] + 1

    def test_forgetting_during_a_run_starts_the_next_from_the_beginning(self, handlers):
        values = handlers.run(settings(max_new_tokens=60), visitor())
        for value in values:
            if trials(handlers, value):
                break
        handlers.forget(visitor())
        for _ in values:
            pass
        assert trials(handlers, run(handlers)[-1])[0] == 1


class TestModels:
    """A visitor's own model."""

    def test_a_wrong_name_keeps_the_model_and_says_so_in_one_sentence(self, handlers, service, tiny_target):
        before = chips(tiny_target)
        updates = list(load(handlers, "/no/such/folder"))
        assert {str(update[0]) for update in updates} <= {str(before), str(gr.skip())}
        message = updates[-1][2]["text"]
        assert "/no/such/folder" in message and f"{tiny_target.name} stays loaded" in message
        assert "\n" not in message
        assert service.target_of("anna") is tiny_target
        assert run(handlers)[-1]["state"] == "finished"

    def test_a_wrong_name_keeps_the_model_that_was_chosen_before(self, handlers, service, other_folder):
        list(load(handlers, str(other_folder)))
        chosen = service.target_of("anna")
        *_, (shown, _, message, _) = load(handlers, "/no/such/folder")
        assert service.target_of("anna") is chosen
        assert shown == chips(chosen) and f"{chosen.name} stays loaded" in message["text"]

    def test_a_model_that_cannot_be_run_keeps_the_old_one(self, handlers, service, tiny_target, tmp_path):
        (tmp_path / "config.json").write_text('{"model_type": "no-such-model"}')
        *_, (shown, _, message, _) = load(handlers, str(tmp_path))
        assert shown == chips(tiny_target) and "stays loaded" in message["text"]
        assert service.target_of("anna") is tiny_target

    def test_another_model_is_used_by_this_visitor_only(self, handlers, service, tiny_target, other_folder):
        first, *_, last = list(load(handlers, str(other_folder)))
        assert first[0] == chips(tiny_target) and "Loading" in first[2]["text"]
        assert last[0] == [other_folder.name, "cpu", "float32"] and "ready" in last[2]["text"]
        assert service.target_of("anna").num_layers == 5
        assert service.target_of("ben") is tiny_target
        assert num_layers(handlers, visitor()) == 5
        assert num_layers(handlers, visitor("ben")) == 8

    def test_what_was_learned_on_one_model_waits_while_another_is_used(self, handlers, other_folder):
        first = trials(handlers, run(handlers)[-1])
        list(load(handlers, str(other_folder)))
        assert trials(handlers, run(handlers)[-1])[0] == 1
        list(load(handlers, ""))
        assert trials(handlers, run(handlers)[-1])[0] == first[-1] + 1

    def test_an_empty_name_goes_back_to_the_first_model(self, handlers, service, tiny_target, other_folder):
        list(load(handlers, str(other_folder)))
        *_, (shown, _, _, _) = load(handlers, "  ")
        assert shown == chips(tiny_target)
        assert service.target_of("anna") is tiny_target

    def test_two_folders_of_the_same_name_do_not_share_what_was_learned(self, handlers, tokenizer, tmp_path):
        folders = [
            save_small_model(tmp_path / place / "model", tokenizer, seed) for seed, place in enumerate("ab")
        ]
        list(load(handlers, str(folders[0])))
        run(handlers)
        list(load(handlers, str(folders[1])))
        assert trials(handlers, run(handlers)[-1])[0] == 1


@pytest.fixture
def recorded(service, tiny_target, tmp_path):
    """Handlers with one recorded run, of the first task, made with the model that is loaded."""
    trace = record(tiny_target, Request(FIRST_PRESET.prompt, 20))
    trace.save(tmp_path / f"{FIRST_RUN}.jsonl")
    return Handlers(service, Gallery(tmp_path))


def upload_of(trace, tmp_path):
    trace.save(tmp_path / "upload.jsonl")
    content = base64.b64encode((tmp_path / "upload.jsonl").read_bytes()).decode()
    return {"name": "upload.jsonl", "content": content}


class TestOpening:
    """What a visitor sees first, and what opens later."""

    def test_a_recorded_run_is_shown_as_such(self, recorded, tiny_target):
        value, shown, maker, prompt = recorded.open_page(visitor())
        assert (shown, prompt) == (chips(tiny_target), FIRST_PRESET.prompt)
        assert maker == {"model": "tiny", "text": ""}
        assert (value["state"], value["id"], value["notice"]) == ("recorded", FIRST_RUN, "")
        assert text(recorded, value, "vanilla") == text(recorded, value, "swift") != ""

    def test_without_a_recorded_run_the_page_is_ready_and_empty(self, handlers):
        value, _, maker, _ = handlers.open_page(visitor())
        assert (value["state"], value["chunks"], maker["text"]) == ("empty", [], "")

    def test_a_recorded_run_opens_any_time_and_can_be_had_as_files(self, recorded):
        value, _, prompt = recorded.open_run(chosen(FIRST_RUN), visitor())
        assert (value["state"], prompt) == ("recorded", FIRST_PRESET.prompt)
        assert value != recorded.open_run(chosen(FIRST_RUN), visitor())[0]  # else the viewer would not be told
        assert recorded.open_run(chosen("../app"), visitor()) == (gr.skip(),) * 3
        assert "Grace" in recorded.export_file({"id": FIRST_RUN, "kind": "trace"})["text"]

    def test_an_uploaded_run_opens_with_its_prompt(self, handlers, tiny_target, tmp_path):
        trace = record(tiny_target, Request("Anna draws.", 8))
        run_id = handlers.open_trace(upload_of(trace, tmp_path))["id"]
        value, maker, prompt = handlers.open_run(chosen(run_id), visitor())
        assert (value["id"], value["state"]) == (run_id, "recorded")
        assert (maker["text"], prompt) == ("", "Anna draws.")

    @pytest.mark.parametrize("preset", PRESETS[:2], ids=lambda preset: preset.task)
    def test_a_task_brings_its_prompt_and_its_run_or_none(self, recorded, preset):
        value, _, prompt = recorded.choose_task(preset, visitor())
        assert prompt == preset.prompt
        assert value["id"] == (FIRST_RUN if preset is FIRST_PRESET else "")
        assert value["state"] == ("recorded" if preset is FIRST_PRESET else "empty")

    def test_while_a_run_goes_on_nothing_takes_its_place(self, recorded):
        values = recorded.run(settings(), visitor())
        next(values)
        assert recorded.choose_task(FIRST_PRESET, visitor()) == (gr.skip(), gr.skip(), FIRST_PRESET.prompt)
        assert recorded.open_run(chosen(FIRST_RUN), visitor()) == (gr.skip(),) * 3
        assert recorded.open_run(chosen(FIRST_RUN), visitor("ben"))[0]["id"] == FIRST_RUN
        values.close()


class TestMaker:
    """Who made the run that is shown, where it is not the model that Run would use."""

    def test_a_run_of_another_model_says_so_wherever_it_comes_from(
        self, tiny_target, recorded, other_folder, tmp_path
    ):
        other = load_target(other_folder, device="cpu", dtype="float32")
        handlers = Handlers(Service(other), recorded.gallery)
        run_id = handlers.open_trace(upload_of(record(tiny_target, Request("Anna.", 8)), tmp_path))["id"]
        makers = (
            handlers.open_page(visitor())[2],
            handlers.open_run(chosen(FIRST_RUN), visitor())[1],
            handlers.open_run(chosen(run_id), visitor())[1],
            handlers.choose_task(FIRST_PRESET, visitor())[1],
        )
        for maker in makers:
            assert maker["model"] == "tiny"
            assert maker["text"] == "This run was made with tiny, not with other. Press Run to see other."

    def test_it_follows_the_model_that_is_loaded_and_the_run_that_is_shown(self, recorded, other_folder):
        maker = recorded.open_page(visitor())[2]
        *_, (_, maker, _, _) = recorded.load_model(str(other_folder), maker, "", visitor())
        assert "with tiny, not with other" in maker["text"]
        assert recorded.begin(visitor())[2] == {"model": "other", "text": ""}
        *_, (_, maker, _, _) = recorded.load_model("", {"model": "other"}, "", visitor())
        assert "with other, not with tiny" in maker["text"]
        *_, (_, maker, _, _) = recorded.load_model("", {"model": "tiny"}, "", visitor())
        assert maker["text"] == ""

    def test_a_long_name_is_shortened(self, tiny_target):
        assert len(maker_of("x" * 5_000, tiny_target)["text"]) < 250


def num_layers(handlers, who):
    """Of the model that made a run."""
    trace = trace_of(handlers, run(handlers, who, max_new_tokens=16)[-1])
    return next(event.num_layers for event in trace.events if isinstance(event, GenerationStarted))


def save_small_model(folder, tokenizer, seed):
    return save_random_model(folder, tokenizer, LlamaConfig(**tiny_sizes(num_hidden_layers=5)), seed)


@pytest.fixture(scope="module")
def other_folder(tmp_path_factory, tokenizer):
    """Another model than the first: five layers."""
    return save_small_model(tmp_path_factory.mktemp("other") / "other", tokenizer, 3)
