"""The benchmark's figures follow from its runs, and its runs from their traces."""

from __future__ import annotations

import json
from argparse import Namespace

import pytest
from support.chats import headers_tokenizer
from support.models import random_model, tiny_sizes
from transformers import LlamaConfig

from swift_demo.bench import methods as named
from swift_demo.bench.arguments import circumstances, write_json
from swift_demo.bench.plot import speed_figure
from swift_demo.bench.prompts import (
    CHAT_TASKS,
    TASKS,
    PromptFileError,
    Prompts,
    held_out_prompts,
    prompts_of_file,
)
from swift_demo.bench.report import OVERALL, as_json, as_table, summary
from swift_demo.bench.runs import Run, Runs
from swift_demo.bench.speed import measure, prompts_of
from swift_demo.messages import Message
from swift_demo.model.target import Target
from swift_demo.trace import Trace

EVERY = (*named.COMPARED, named.STREAM_VANILLA, named.COLD_START, named.SEARCH)


@pytest.fixture(scope="module")
def measured(tiny_target, tmp_path_factory):
    """A small run of everything, with its traces."""
    prompts = Prompts({"code": ["Anna draws", "The café"]}, {"code": ["Über den"]}, [("code", "Wolken")])
    folder = tmp_path_factory.mktemp("traces")
    runs = Runs(circumstances(tiny_target, Namespace(repeat=1)), folder=folder)
    measure(tiny_target, prompts, runs, num_tokens=24, repeat=1)
    return runs


def test_every_method_runs_or_says_why_not(measured):
    ran = {run.method for run in measured.runs}
    assert measured.missing["code"].keys() | ran >= {*EVERY} - {named.TREE}  # the tree is the default shape
    assert named.KEPT in measured.missing["code"] and "kept beside this model" in as_table(measured)
    assert all(0 < len(run.token_ids) <= 24 and run.seconds > 0 and run.peak_bytes > 0 for run in measured.runs)


def test_greedy_text_is_the_same_in_all(measured):
    for method, row in summary(measured.runs)["code"].items():
        if row["num_identical"] is not None:
            assert row["num_identical"] == row["num_runs"], method


def test_the_traces_give_the_same_table_and_figures(measured, tmp_path):
    again = Runs.load(measured.folder)
    assert again.runs == measured.runs
    assert as_table(again) == as_table(measured)
    for name, runs in (("first", measured), ("second", again)):
        write_json(tmp_path / name, as_json(runs))
    first, second = ((tmp_path / name).read_text(encoding="utf-8") for name in ("first", "second"))
    assert first == second and json.loads(first) == json.loads(json.dumps(as_json(measured)))
    lanes = [run for run in measured.runs if not run.method.startswith("generate")]
    assert len(list(measured.folder.glob("*.jsonl"))) == len(lanes) and all(run.metrics for run in lanes)


def test_the_picture_shows_the_medians_of_the_table(measured):
    result = as_json(measured) | {"arguments": {"tokens": 24}}
    bars = speed_figure(result).data[0]
    whole = result["summary"][OVERALL]
    assert {*bars.y} == {*whole} - {named.SEARCH, named.STREAM_VANILLA, named.SAMPLED_VANILLA}
    assert list(bars.x) == [whole[method]["over_base"] for method in bars.y]


def run(method, seconds, turn=0, task="story", num_tokens=100):
    return Run(task, 0, turn, method, (1,) * num_tokens, seconds, seconds, 1, None)


def test_a_speedup_is_the_median_of_ratios_within_a_turn_and_over_the_tasks():
    seconds = {named.GENERATE: (4, 8, 4), named.VANILLA: (2, 4, 4), named.FOUND: (1, 2, 4)}
    runs = [run(method, s, turn) for method, times in seconds.items() for turn, s in enumerate(times)]
    runs += [run(method, 1.0, task="code") for method in seconds]
    whole = summary(runs)
    assert whole["story"][named.VANILLA]["over_generate"] == 2.0
    assert whole["story"][named.FOUND]["over_base"] == 2.0
    assert whole["story"][named.FOUND]["tokens_per_s"] == 50.0
    assert whole[OVERALL][named.FOUND]["over_base"] == 1.5
    assert whole[OVERALL][named.FOUND]["over_base_of_worst_task"] == 1.0


def test_a_stream_is_judged_by_all_its_tokens_over_all_its_seconds():
    runs = [run(named.STREAM_VANILLA, 2.0, turn) for turn in range(2)]
    runs += [run(named.COLD_START, 3.0, 0), run(named.COLD_START, 1.0, 1, num_tokens=300)]
    assert summary(runs)["story"][named.COLD_START]["over_base"] == 2.0


@pytest.fixture(scope="module")
def chat_target():
    return Target(random_model(LlamaConfig(**tiny_sizes(vocab_size=400))), headers_tokenizer(), "chat")


@pytest.mark.parametrize("is_raw", [False, True])
def test_a_chat_model_answers_messages_unless_it_is_to_continue_texts(chat_target, tmp_path, is_raw):
    runs = Runs(circumstances(chat_target, Namespace(repeat=1)), folder=tmp_path)
    prompts = Prompts({"qa": ["Anna"]}, {"qa": ["The café"]}, [("qa", "Wolken")])
    chosen = {named.GENERATE, named.VANILLA, named.FOUND, named.COLD_START}
    measure(chat_target, prompts, runs, num_tokens=12, repeat=1, chosen=chosen, is_raw=is_raw)
    headers = [Trace.load(path).header for path in sorted(tmp_path.glob("*.jsonl"))]
    assert {header.prompt for header in headers} == {"Anna", "The café", "Wolken"}
    for header in headers:
        assert header.messages == (() if is_raw else (Message("user", header.prompt),))
    assert summary(runs.runs)["qa"][named.GENERATE]["num_identical"] == 1, "generate got the same prompt"


def test_requests_for_chat_models_are_a_few_of_each_task():
    prompts = prompts_of(Namespace(prompts=None, tasks=None, per_task=4, search_prompts=4, stream=12), True)
    assert (*prompts.measured,) == (*prompts.searched,) == CHAT_TASKS
    texts = [text for dealt in (prompts.measured, prompts.searched) for task in dealt for text in dealt[task]]
    assert len(texts) == len({*texts}) == 8 * len(CHAT_TASKS)
    assert [task for task, _ in prompts.stream] == [*CHAT_TASKS] * 2


@pytest.mark.parametrize("character", ["\u2028", "\x85", "\x0b", "\x0c"])
def test_a_prompt_may_hold_what_ends_lines_elsewhere(tmp_path, character):
    text = f"Once{character}upon"
    path = tmp_path / "own.txt"
    path.write_bytes(b"\xef\xbb\xbf" + f"{text}\r\nA time\r\n\r\n".encode())
    assert prompts_of_file(path, None, 2, 1, 1).measured == {"prompts": [text, "A time"]}
    if ord(character) > 32:
        path = path.with_suffix(".jsonl")
        path.write_text(json.dumps({"prompt": text}, ensure_ascii=False) + "\n", encoding="utf-8")
        assert prompts_of_file(path, None, 2, 1, 1).measured == {"prompts": [text]}


def test_no_more_held_out_prompts_are_dealt_than_there_are():
    prompts = held_out_prompts([*TASKS], 8, 16, 250)
    texts = [
        *prompts.measured["code"],
        *prompts.searched["code"],
        *(p for t, p in prompts.stream if t == "code"),
    ]
    assert len(texts) == len({*texts}) == 8 + 16 + 50
    for too_many in ((9, 16, 250), (8, 17, 250), (8, 16, 251)):
        with pytest.raises(PromptFileError, match=r"are asked for; held_out\.jsonl has \d+$"):
            held_out_prompts([*TASKS], *too_many)


def test_prompts_are_dealt_from_a_file_or_the_held_out_ones(tmp_path):
    path = tmp_path / "own.jsonl"
    lines = [json.dumps({"task": task, "prompt": f"{task}{i}"}) for i in range(4) for task in "ab"]
    path.write_text("\n".join(lines))
    dealt = prompts_of_file(path, None, 1, 1, 3)
    assert dealt == Prompts(
        {"a": ["a0"], "b": ["b0"]}, {"a": ["a1"], "b": ["b1"]}, [("a", "a2"), ("b", "b2"), ("a", "a3")]
    )
    with pytest.raises(PromptFileError, match="no prompts of c"):
        prompts_of_file(path, ["c"], 1, 1, 3)
    path.write_text("Once upon a time\n")
    with pytest.raises(PromptFileError, match="line 1"):
        prompts_of_file(path, None, 1, 1, 3)
    path.write_bytes(b'{"prompt": "a"}\n{"prompt": "\xff"}\n')
    with pytest.raises(PromptFileError, match="line 2: not UTF-8 text"):
        prompts_of_file(path, None, 1, 1, 3)
    path.write_text('{"prompt": "half a character: \\ud83d"}\n')
    with pytest.raises(PromptFileError, match="line 1"):
        prompts_of_file(path, None, 1, 1, 3)
    drawn = held_out_prompts(["code", "story"], 2, 1, 3)
    assert [task for task, _ in drawn.stream] == ["code", "story", "code"]
    assert len(drawn.measured["code"]) == 2 and len(drawn.searched["story"]) == 1
