"""A set given by hand may skip something of the first and the last layer; the text stays the same."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.doubles import NO_SEARCH, eager_config, eager_search
from support.models import NUM_LAYERS, generate_greedily

from swift_demo.config import SamplingConfig
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.events import SkipSetTried, TokensDrafted
from swift_demo.known_sets import load_known_set, load_known_sets
from swift_demo.skip_set import SkipSet

PROMPT = "Anna draws"
LAST = NUM_LAYERS - 1
ALL = tuple(range(NUM_LAYERS))
EAGER = eager_search(min_context=2, context_window=8, max_time_share=1.0, bayesian_interval=3, max_trials=12)


@pytest.fixture(scope="module")
def text(tiny_target):
    return generate_greedily(tiny_target, tiny_target.encode(PROMPT), 50)


GREEDY = SamplingConfig()


def run(target, skip_set, search=NO_SEARCH, sampling=GREEDY, num=50):
    config = eager_config(confidence_threshold=0.1, search=search)
    return SwiftDecoder(target, config, skip_set).generate(PROMPT, max_new_tokens=num, sampling=sampling)


@pytest.mark.parametrize("search", [NO_SEARCH, EAGER], ids=["fixed", "searching"])
@pytest.mark.parametrize(
    "skip_set",
    [
        SkipSet((LAST,)),
        SkipSet((), (0,)),
        SkipSet((0, 3), (LAST,)),
        SkipSet((2, LAST), (0, 4, LAST)),
        SkipSet(ALL, ALL),
    ],
    ids=str,
)
def test_the_text_is_the_targets_own(tiny_target, text, skip_set, search):
    generation = run(tiny_target, skip_set, search)
    assert generation.token_ids == text
    events = generation.trace.events
    assert events[0].skip_set == skip_set
    used = [event.skip_set for event in events if isinstance(event, TokensDrafted | SkipSetTried)]
    assert used
    assert {one.outer(NUM_LAYERS) for one in used} == {skip_set.outer(NUM_LAYERS)}
    if search is NO_SEARCH:
        assert set(used) == {skip_set}


@settings(max_examples=12)
@given(attention=st.sets(st.sampled_from(ALL)), mlp=st.sets(st.sampled_from(ALL)), seed=st.integers(0, 99))
def test_any_set_of_any_layers_gives_the_text(tiny_target, text, attention, mlp, seed):
    skip_set = SkipSet(tuple(attention), tuple(mlp))
    assert run(tiny_target, skip_set, num=20).token_ids == text[:20]
    assert len(run(tiny_target, skip_set, sampling=SamplingConfig(1.0, seed=seed), num=10).token_ids) <= 10


def test_a_published_set_that_skips_the_last_layer_is_loaded_and_used(tiny_target, text, tmp_path):
    path = tmp_path / "skip_layers.json"
    path.write_text(json.dumps({"tiny_any": {"attention": [2, 5, LAST], "mlp": [3, LAST]}}))
    wanted = SkipSet((2, 5, LAST), (3, LAST))
    assert load_known_sets(path, NUM_LAYERS) == {"tiny_any": wanted}
    decoder = SwiftDecoder(tiny_target, eager_config(search=NO_SEARCH))
    decoder.load_set(path, "any")
    assert decoder.skip_set == wanted
    assert decoder.generate(PROMPT, max_new_tokens=30).token_ids == text[:30]
    decoder.save_set(path, "again")
    assert load_known_set(path, "tiny", "again", NUM_LAYERS) == wanted


def test_a_set_of_the_70b_models_shape_fits_its_eighty_layers(tmp_path):
    path = tmp_path / "skip_layers.json"
    published = {"attention": [*range(20, 60), 79], "mlp": [*range(40, 75), 78, 79]}
    path.write_text(json.dumps({"llama-2-70b_xsum": published}))
    loaded = load_known_set(path, "llama-2-70b", "xsum", 80)
    assert loaded == SkipSet(tuple(published["attention"]), tuple(published["mlp"]))
    assert loaded.outer(80) == SkipSet((79,), (79,))
