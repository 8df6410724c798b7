"""Races in batches, for many visitors on few models."""

from __future__ import annotations

import pickle
import time
from contextlib import closing
from functools import partial

import pytest

from swift_demo.config import SwiftConfig
from swift_demo.events import GenerationFinished, GenerationStarted
from swift_demo.model.load_errors import NoRoomError
from swift_demo.model.loading import load_target
from swift_demo.ui import service as module
from swift_demo.ui.service import PromptError, Request, RunRequest, Service


@pytest.fixture
def service(tiny_target):
    return Service(tiny_target, partial(load_target, device="cpu", dtype="float32"))


def asked(prompt="Anna draws.", max_new_tokens=24):
    return RunRequest(Request(prompt, max_new_tokens), SwiftConfig(), starts_known=True)


def race(service, run, visitor="anna"):
    return [event for batch in service.race(visitor, run) for event in batch]


def loaded_by(service, visitor, name):
    """The model that comes of it."""
    steps = service.choose_model(visitor, name)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def test_batches_hold_the_whole_race_in_order(service):
    events = race(service, asked())
    for lane in ("vanilla", "swift"):
        own = [event for event in events if event.lane == lane]
        assert isinstance(own[0], GenerationStarted) and isinstance(own[-1], GenerationFinished)
        assert [event.clock_s for event in own] == sorted(event.clock_s for event in own)


def test_batches_come_a_few_times_a_second_and_no_oftener(service):
    start = time.monotonic()
    batches = list(service.race("anna", asked(max_new_tokens=400)))
    assert len(batches) <= (time.monotonic() - start) / module.BATCH_S + 1


def test_a_stop_ends_the_race_with_the_batch_under_way(service):
    with closing(service.race("anna", asked(max_new_tokens=400))) as batches:
        next(batches)
        service.visitors.stop("anna")
        assert len(list(batches)) <= 1


def test_a_wrong_prompt_is_refused_and_leaves_nothing_running(service):
    with pytest.raises(PromptError):
        race(service, asked(prompt="fox " * 5000))
    assert not service.visitors.is_running("anna")


def test_a_race_is_running_from_its_first_batch_to_its_end(service):
    batches = service.race("anna", asked())
    assert not service.visitors.is_running("anna")
    next(batches)
    assert service.visitors.is_running("anna")
    assert not service.visitors.is_running("ben")
    list(batches)
    assert not service.visitors.is_running("anna")


def test_the_header_says_where_the_run_happens(service, tiny_target):
    header = service.header("", asked("Anna"))
    assert (header.prompt, header.model, header.device, header.dtype) == ("Anna", "tiny", "cpu", "float32")
    assert header.hardware and header.created


def test_only_so_many_models_are_remembered(service, tiny_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MAX_MODELS", 1)
    places = [tmp_path / name for name in ("a", "b")]
    for place in places:
        place.symlink_to(tiny_folder)
    for visitor, place in zip(("anna", "ben"), places, strict=True):
        loaded_by(service, visitor, str(place))
    # The first one's model had to go; it comes back when it is wanted.
    assert service.target_of("anna").num_layers == service.target_of("ben").num_layers == 8
    assert race(service, asked())


def test_a_model_that_is_only_kept_for_later_makes_room_for_another(tiny_target, tiny_folder):
    loaded = []

    def load(name, progress=None):
        if loaded and service.loaded_for("anna") is not tiny_target:
            raise NoRoomError("there is no room")
        loaded.append(name)
        return load_target(tiny_folder, device="cpu", dtype="float32")

    service = Service(tiny_target, load)
    loaded_by(service, "anna", "a")
    assert loaded_by(service, "ben", "b").num_layers == 8
    assert loaded == ["a", "b"]
    assert service.loaded_for("anna") is tiny_target is not service.loaded_for("ben")


def test_where_there_is_no_room_at_all_it_is_said(tiny_target):
    def load(name, progress=None):
        raise NoRoomError("there is no room")

    with pytest.raises(NoRoomError):
        loaded_by(Service(tiny_target, load), "anna", "a")


def test_what_crosses_to_another_process_is_plain_data(service):
    """Where GPU time is lent by the run, a race runs in a process of its own."""
    race(service, asked())
    start = service.visitors.start("anna")
    assert start.known is not None
    arguments = (start.model, asked(), start.known)
    for sent in (arguments, *service._race(*arguments)):
        pickle.dumps(sent)


def test_a_loaded_model_does_not_wait_for_one_that_is_being_loaded(service, tiny_folder):
    loaded = loaded_by(service, "anna", str(tiny_folder))
    with service._loading:
        assert service.target_of("anna") is loaded
