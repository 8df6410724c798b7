"""The same properties on a CUDA device."""

from __future__ import annotations

import pytest
import torch
from accelerate.hooks import AlignDevicesHook, add_hook_to_module
from support.doubles import NO_SEARCH, ids_of, timeless
from support.models import byte_tokenizer, generate_greedily

from swift_demo.config import SamplingConfig, SearchConfig, SwiftConfig
from swift_demo.decoding.race import Race
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.events import GenerationFinished
from swift_demo.metrics import first_difference
from swift_demo.model.loading import load_target
from swift_demo.model.target import Target
from swift_demo.skip_set import SkipSet

pytestmark = pytest.mark.gpu
PROMPT = "Anna draws"
SEARCHING = SwiftConfig(
    skip_ratio=0.3,
    confidence_threshold=0.3,
    max_draft_tokens=6,
    search=SearchConfig(max_time_share=1.0, min_context=4, context_window=8),
)
STEADY = SwiftConfig(skip_ratio=0.3, confidence_threshold=0.3, max_draft_tokens=6, search=NO_SEARCH)


@pytest.fixture(scope="module")
def cuda_target(tiny_folder):
    return load_target(tiny_folder, device="cuda", dtype="float32")


@pytest.fixture(scope="module")
def bfloat16_target(tiny_folder):
    return load_target(tiny_folder, device="cuda", dtype="bfloat16")


@pytest.mark.parametrize("config", [SEARCHING, STEADY], ids=["searching", "steady"])
def test_float32_is_lossless(cuda_target, config):
    assert cuda_target.device.type == "cuda"
    expected = generate_greedily(cuda_target, cuda_target.encode(PROMPT), 80)
    assert VanillaDecoder(cuda_target).generate(PROMPT, max_new_tokens=80).token_ids == expected
    assert SwiftDecoder(cuda_target, config).generate(PROMPT, max_new_tokens=80).token_ids == expected


def test_a_long_prompt_is_lossless(cuda_target):
    prompt = [2 + (7 * i) % 290 for i in range(900)]
    expected = generate_greedily(cuda_target, prompt, 20)
    assert VanillaDecoder(cuda_target).generate(prompt, max_new_tokens=20).token_ids == expected
    assert SwiftDecoder(cuda_target, SEARCHING).generate(prompt, max_new_tokens=20).token_ids == expected


def test_the_device_says_what_the_cpu_says(cuda_target, tiny_target):
    on_cpu = VanillaDecoder(tiny_target).generate(PROMPT, max_new_tokens=40).token_ids
    assert VanillaDecoder(cuda_target).generate(PROMPT, max_new_tokens=40).token_ids == on_cpu


def test_layers_that_wait_in_memory_or_on_disk_are_lossless(cuda_target, tiny_folder):
    places = {f"model.layers.{i}": (0, "cpu", "disk")[i % 3] for i in range(cuda_target.num_layers)}
    others = dict.fromkeys(("model.embed_tokens", "model.rotary_emb", "model.norm", "lm_head"), 0)
    target = load_target(tiny_folder, dtype="float32", device_map=places | others)
    assert target.device.type == "cuda"
    expected = generate_greedily(cuda_target, cuda_target.encode(PROMPT), 40)
    assert SwiftDecoder(target, SEARCHING).generate(PROMPT, max_new_tokens=40).token_ids == expected


def test_layers_that_compute_on_another_device_are_lossless(tiny_folder):
    model = load_target(tiny_folder, device="cuda", dtype="float32").model
    for layer in model.model.layers[2:5]:
        hook = AlignDevicesHook(execution_device="cpu", io_same_device=True, place_submodules=True)
        add_hook_to_module(layer, hook)
    target = Target(model, byte_tokenizer(), "on two devices")
    expected = generate_greedily(target, target.encode(PROMPT), 40)
    assert SwiftDecoder(target, SEARCHING).generate(PROMPT, max_new_tokens=40).token_ids == expected


def test_both_lanes_of_a_race_agree(cuda_target):
    events = list(
        Race(VanillaDecoder(cuda_target), SwiftDecoder(cuda_target, SEARCHING)).stream(
            PROMPT, max_new_tokens=60
        )
    )
    assert ids_of(events, "vanilla") == ids_of(events, "swift")
    assert len(ids_of(events, "swift")) == 60
    for lane in ("vanilla", "swift"):
        clocks = [event.clock_s for event in events if event.lane == lane]
        assert clocks == sorted(clocks)


def test_a_sampled_run_is_determined_by_its_seed(cuda_target):
    sampling = SamplingConfig(temperature=1.2, top_p=0.9, seed=3)
    runs = [
        timeless(SwiftDecoder(cuda_target, STEADY).stream(PROMPT, max_new_tokens=30, sampling=sampling))
        for _ in range(2)
    ]
    assert runs[0] == runs[1]


def test_clocks_wait_for_the_device(cuda_target, monkeypatch):
    """Each forward is followed by work that the device still does when the forward has returned."""
    cycles = 20_000_000
    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    torch.cuda._sleep(cycles)
    begin.record()
    torch.cuda._sleep(cycles)
    end.record()
    torch.cuda.synchronize()
    asleep_s = begin.elapsed_time(end) / 1000
    forward, num_forwards = cuda_target.forward, 0

    def slow(*args, **others):
        nonlocal num_forwards
        num_forwards += 1
        output = forward(*args, **others)
        torch.cuda._sleep(cycles)
        return output

    monkeypatch.setattr(cuda_target, "forward", slow)
    (finish,) = [
        event
        for event in SwiftDecoder(cuda_target, STEADY).stream(PROMPT, max_new_tokens=6)
        if isinstance(event, GenerationFinished)
    ]
    assert num_forwards > 3
    assert finish.prompt_s >= 0.8 * asleep_s
    assert finish.clock_s >= 0.8 * asleep_s * num_forwards


def test_memory_does_not_grow_with_rounds(cuda_target):
    stream = SwiftDecoder(cuda_target, SEARCHING).stream(PROMPT, max_new_tokens=300)
    used = [torch.cuda.memory_allocated() for _ in stream]
    assert max(used[20:]) - min(used[20:]) < 1_000_000


@torch.inference_mode()
def top_two_gap(target, ids):
    """How far the target's two best next tokens are apart, in probability."""
    cache = target.new_cache(len(ids))
    logits = target.forward(torch.tensor(ids, device=target.device), cache, 0, SkipSet())[-1]
    best, second = logits.float().softmax(-1).topk(2).values.tolist()
    return best - second


def test_bfloat16_says_where_and_how_closely_the_lanes_part(bfloat16_target, record_property, capsys):
    vanilla = VanillaDecoder(bfloat16_target).generate(PROMPT, max_new_tokens=100).token_ids
    swift = SwiftDecoder(bfloat16_target, SEARCHING).generate(PROMPT, max_new_tokens=100).token_ids
    assert len(vanilla) == len(swift) == 100
    position = first_difference(vanilla, swift)
    record_property("first_difference", position)
    with capsys.disabled():
        if position is None:
            print("\nbfloat16: both lanes give the same 100 tokens")
            return
        gap = top_two_gap(bfloat16_target, [*bfloat16_target.encode(PROMPT), *vanilla[:position]])
        record_property("top_two_gap", gap)
        print(f"\nbfloat16: first difference at token {position}, top-2 gap {gap:.2e}")
