"""What a decoder has learned is saved by model and task, and another begins from it."""

from __future__ import annotations

import json

import pytest

from swift_demo.config import SearchConfig, SwiftConfig
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.known_sets import KnownSetsError
from swift_demo.skip_set import SkipSet

CONFIG = SwiftConfig(skip_ratio=0.5, search=SearchConfig(max_time_share=1.0, min_context=3, context_window=8))


def test_another_decoder_begins_from_what_was_learned(tiny_target, tmp_path):
    path, learner = tmp_path / "sets.json", SwiftDecoder(tiny_target, CONFIG)
    learner.generate("The café", max_new_tokens=60)
    learner.save_set(path, "cafés")
    assert learner.skip_set != SwiftDecoder(tiny_target, CONFIG).skip_set
    assert json.loads(path.read_text()) == {
        "tiny_cafés": {"attention": list(learner.skip_set.attention), "mlp": list(learner.skip_set.mlp)}
    }
    decoder = SwiftDecoder(tiny_target, CONFIG)
    decoder.load_set(path, "cafés")
    assert next(decoder.stream("Anna", max_new_tokens=20)).skip_set == learner.skip_set
    decoder.generate("Anna", max_new_tokens=60)
    decoder.reset()
    assert decoder.skip_set == learner.skip_set


def test_a_set_that_cannot_be_loaded_leaves_the_decoder_as_it_was(tiny_target, tmp_path):
    path, decoder = tmp_path / "sets.json", SwiftDecoder(tiny_target, CONFIG)
    decoder.generate("The café", max_new_tokens=40)
    learned = decoder.learned
    path.write_text('{"tiny_deep": {"attention": [30], "mlp": []}}')
    for task in ("deep", "other"):
        with pytest.raises(KnownSetsError):
            decoder.load_set(path, task)
    assert decoder.learned is learned


def test_a_loaded_set_does_not_change_the_text(tiny_target, tmp_path):
    path, decoder = tmp_path / "sets.json", SwiftDecoder(tiny_target, CONFIG)
    before = decoder.generate("Anna draws", max_new_tokens=30).token_ids
    path.write_text(json.dumps({"published": {"attention": [2, 3], "mlp": [5]}}))
    decoder.load_set(path, "published")
    assert decoder.skip_set == SkipSet((2, 3), (5,))
    assert decoder.generate("Anna draws", max_new_tokens=30).token_ids == before
