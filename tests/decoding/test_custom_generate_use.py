"""What ``swift_generate`` keeps between calls, calls side by side, and the recipe folder."""

from __future__ import annotations

import gc
import threading
import weakref
from pathlib import Path

import pytest
from support.generating import PROMPT_IDS, WAIT_S, Listener, plain, swift
from support.models import random_model
from transformers import dynamic_module_utils

from swift_demo import GenerationFinished, GenerationStarted, SkipSet, SkipSetTried, SwiftGenerate, on

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def model(tiny_target):
    return tiny_target.model


def test_what_is_learned_stays_for_the_next_call_with_the_same_settings(model):
    method, tried, started = SwiftGenerate(), [], []
    callbacks = [on(SkipSetTried, tried.append), on(GenerationStarted, started.append)]

    def first_trial(**arguments):
        tried.clear()
        swift(model, max_new_tokens=40, method=method, callbacks=callbacks, **arguments)
        return tried[0].trial

    skip_set = SkipSet((2,), (3,))
    assert first_trial() == 1
    last = tried[-1].trial
    assert first_trial() == last + 1
    assert first_trial(skip_set=skip_set) == 1
    assert started[-1].skip_set == skip_set
    assert first_trial() > last + 1


def test_what_is_learned_survives_a_call_that_fails(model):
    method, tried = SwiftGenerate(), []

    def fail_at_the_third_trial(event):
        tried.append(event.trial)
        if len(tried) == 3:
            raise RuntimeError("the page is gone")

    callbacks = [on(SkipSetTried, fail_at_the_third_trial)]
    for _ in range(2):
        tried.clear()
        with pytest.raises(RuntimeError, match="the page is gone"):
            swift(model, max_new_tokens=40, method=method, callbacks=callbacks)
    assert tried == [4, 5, 6]


def test_a_model_is_not_kept_by_what_was_learned_about_it():
    model = random_model()
    swift(model, max_new_tokens=20)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


def test_two_threads_on_one_model_do_not_disturb_each_other(model):
    prompts = [PROMPT_IDS, PROMPT_IDS.flip(1)]
    expected = [plain(model, ids, max_new_tokens=30) for ids in prompts]
    answers, meet = [None, None], threading.Barrier(2, timeout=WAIT_S)

    def run(i):
        wait_for_the_other = on(GenerationStarted, lambda _: meet.wait())
        answers[i] = swift(model, prompts[i], max_new_tokens=30, callbacks=[wait_for_the_other])

    threads = [threading.Thread(target=run, args=(i,)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    assert answers == expected


def test_the_recipe_folder_loads_from_disk(model, tmp_path, monkeypatch):
    monkeypatch.setattr(dynamic_module_utils, "HF_MODULES_CACHE", str(tmp_path))
    monkeypatch.syspath_prepend(tmp_path)
    listener, finished = Listener(), []
    ids = swift(
        model,
        method=str(ROOT),
        trust_remote_code=True,
        max_new_tokens=20,
        repetition_penalty=1.2,
        streamer=listener,
        callbacks=[on(GenerationFinished, finished.append)],
    )
    assert ids == plain(model, max_new_tokens=20, repetition_penalty=1.2)
    assert listener.heard[-1] == "end"
    assert [event.num_tokens for event in finished] == [20], "SWIFT wrote it"
