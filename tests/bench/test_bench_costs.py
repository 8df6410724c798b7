"""What steps cost is read from traces, and the predicted speed follows from it."""

from __future__ import annotations

from argparse import Namespace
from itertools import islice

import pytest
import torch

from swift_demo.bench.arguments import add_model, circumstances, parser_of
from swift_demo.bench.cost_model import CostModel
from swift_demo.bench.costs import SKIP_RATIOS, TREE_WIDTHS, WIDTHS, WINDOWS, cases_of, time_proposals
from swift_demo.bench.costs import measure as measure_costs
from swift_demo.bench.growth import KINDS, measure_tokens, random_target, slopes
from swift_demo.bench.growth_page import measure_page, updates
from swift_demo.bench.page import HEADLESS, PAGE, QUEUE, summary
from swift_demo.events import TokensDrafted
from swift_demo.skip_set import SkipSet


@pytest.fixture(scope="module")
def target():
    """Random weights, and texts that never end by themselves."""
    return random_target(torch.device("cpu"), torch.float32, 1024)


def test_every_kind_of_step_is_timed(target):
    cases = cases_of(target)
    sizes = {"draft": SKIP_RATIOS, "verification": WIDTHS, "tree": TREE_WIDTHS, "trial": WINDOWS}
    for kind, wanted in sizes.items():
        assert {size for name, size in cases if name == kind} >= {*wanted}, kind
    few = [("vanilla", 1), ("draft", 0.45), ("verification", 33), ("tree", 9), ("trial", 16)]
    times = measure_costs({key: cases[key] for key in few}, [[1, 2, 3]], repeat=1)
    assert [*times] == few
    assert all(ms > 0 for values in times.values() for ms in values)
    assert all(ms > 0 for of_kind in time_proposals(8, repeat=1).values() for ms in of_kind.values())


def test_the_model_finds_what_sub_layers_cost_and_adds_rounds_up():
    def draft(skipped):
        return 1 + 0.5 * (8 - len(skipped.attention)) + 0.25 * (8 - len(skipped.mlp))

    inner = tuple(range(1, 7))
    median = {("vanilla", 1): 8.0, ("verification", 2): 8.0, ("verification", 4): 10.0, ("tree", 3): 11.0}
    median |= {("draft", ratio): draft(SkipSet.uniform(8, ratio)) for ratio in (0.0, 0.5)}
    median["draft", "no attention"] = draft(SkipSet(inner, ()))
    median["draft", "no MLP"] = draft(SkipSet((), inner))
    model = CostModel.fitted(8, median)
    skip_set = SkipSet((1, 2), (3,))
    assert model.draft_ms(skip_set) == pytest.approx(draft(skip_set))
    rest = ((0.9, 0.9), (1.0, 1.0), 0.8, "draft limit", skip_set)
    drafted = TokensDrafted("swift", 1, 0.0, (5, 6), (-1, 0), *rest)
    tree = TokensDrafted("swift", 2, 0.0, (5, 6), (-1, -1), *rest)
    chain_ms, tree_ms = 2 * draft(skip_set) + 9.0, draft(skip_set) + 11.0
    assert model.predicted_s([drafted]) == pytest.approx(chain_ms / 1000)
    assert model.predicted_s([drafted, tree]) == pytest.approx((chain_ms + tree_ms) / 1000)


def test_growth_is_read_off_growing_contexts(target):
    rows = measure_tokens(target, 1, (16, 32))
    assert [row["context"] for row in rows] == [16, 32]
    assert rows[1]["cache_bytes"] == 2 * rows[0]["cache_bytes"]
    line = [{"context": n, **{f"{kind}_ms": 1 + n / 1000 for kind in KINDS}} for n in (1000, 2000, 3000)]
    found = slopes(line)["vanilla"]
    assert found["ms_per_1000_tokens"] == pytest.approx(1) and found["constant_ms"] == pytest.approx(1)
    assert found["exponent_of_last_step"] < 1


def test_an_update_of_the_page_is_as_large_however_long_the_trace():
    rows = measure_page(lengths=(100, 5000), has_browser=False)
    assert rows[1]["bytes"] <= 1.2 * rows[0]["bytes"] and rows[1]["browser_ms"] is None
    assert [update.num_tokens for update in islice(updates(), 3)] == [20, 40, 60]


def test_a_machine_that_slows_down_does_not_count_for_the_page():
    def race(way, speed):
        return {"way": way, "turn": 1, "vanilla": speed, "swift": 2 * speed}

    speeds = [100 - 5 * i for i in range(7)]  # slower all the time
    ways = [HEADLESS, PAGE, HEADLESS, QUEUE, HEADLESS, PAGE, HEADLESS]
    races = [race(way, v * (1 if way == HEADLESS else 0.9)) for way, v in zip(ways, speeds, strict=True)]
    found = summary(races)
    assert found[HEADLESS]["over_headless"] == {"vanilla": 1, "swift": 1}
    assert found[HEADLESS]["tokens_per_s"] == {"vanilla": 85, "swift": 170}
    for way in (PAGE, QUEUE):
        assert found[way]["over_headless"] == pytest.approx({"vanilla": 0.9, "swift": 0.9})


def test_circumstances_are_told_of_a_model_without_a_tokenizer_too(target):
    told = circumstances(target, Namespace(device="cpu", json="left out"))
    assert (told["model"], told["arguments"]) == ("random weights", {"device": "cpu"})


def test_circumstances_do_not_say_where_a_model_lies(target, tmp_path):
    (tmp_path / "model.gguf").touch()
    for name, told in ((str(tmp_path / "model.gguf"), "model.gguf"), ("owner/model", "owner/model")):
        assert circumstances(target, Namespace(model=name))["arguments"]["model"] == told


def test_circumstances_name_the_embedded_model_without_saying_where_it_lies(target):
    parser = parser_of("costs", None)
    add_model(parser)
    assert circumstances(target, parser.parse_args([]))["arguments"]["model"] == "demo_model"
