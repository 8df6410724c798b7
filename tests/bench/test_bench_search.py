"""Ways of searching are judged by what they find of what was planted."""

from __future__ import annotations

import json

import pytest
from support.doubles import GivenCosts
from support.models import NUM_LAYERS
from support.planted import planted_at

from swift_demo.bench import __main__ as bench
from swift_demo.bench import search as command
from swift_demo.bench.search import EPSILONS, WINDOW, found_share, judge
from swift_demo.bench.search_rows import judged
from swift_demo.bench.searchers import SEARCHERS, Problem
from swift_demo.known_sets import load_known_sets
from swift_demo.model.loading import load_target
from swift_demo.offline.planted import SET_FILE
from swift_demo.offline.texts import ScoredText, write_text
from swift_demo.search.hidden_states import CloseDraft
from swift_demo.skip_set import SkipSet

COSTS = GivenCosts(attention=0.03, mlp=0.03, further=0.01)


@pytest.fixture(scope="module")
def easy(tokenizer):
    """A random model in which twelve sub-layers hardly matter, and a text of it."""
    target, skip_set = planted_at(0.02, tokenizer)
    return target, skip_set, ScoredText(target, write_text(target, "Anna draws", 60))


def judged_ways(easy, *ways, num_trials=30, seed=0):
    target, skip_set, text = easy
    chosen = {way: SEARCHERS[way] for way in ways or SEARCHERS}
    return {row.way: row for row in judge(target, skip_set, text, COSTS, chosen, 0.02, num_trials, seed)}


def test_the_whole_search_finds_what_hardly_matters(easy):
    rows = judged_ways(easy)
    of_size = rows["whole search, size given"]
    assert of_size.found_share == 1 and of_size.regret == 0 and of_size.num_skipped == 12
    assert rows["hidden states"].found_share == 1
    assert rows["whole search, for speed"].regret < rows["random"].regret
    assert rows["uniform set"].found_share < 1 and rows["uniform set"].regret > 0.1


def test_trials_and_looks_are_counted_where_they_happen(easy):
    rows = judged_ways(easy, "uniform set", "swap", "hidden states", "whole search, size given", num_trials=9)
    assert [row.num_trials for row in rows.values()] == [0, 9, 0, 9]
    assert [row.num_looks for row in rows.values()][:3] == [0, 0, 1]
    assert rows["whole search, size given"].num_looks >= 1
    assert all(row.seconds > 0 for row in rows.values())


@pytest.mark.parametrize("way", SEARCHERS)
def test_a_search_never_ends_with_a_set_worse_than_its_start(way):
    """As far as its own scores can say; a look scores nothing."""
    scored = {}

    def score(skip_set):
        scored[skip_set] = 1 - sum(skip_set.attention) / 100 - sum(skip_set.mlp) / 200
        return scored[skip_set]

    def look(size, *_):
        first = SkipSet(tuple(range(1, 1 + min(size, 8))), tuple(range(1, 1 + max(0, size - 8))))
        return [CloseDraft(first, 0.1, (True, False))]

    problem = Problem(10, 6, score, look, COSTS, 3)
    found = SEARCHERS[way](problem, 12)
    if scored and way != "whole search, for speed":
        assert scored[found] == max(scored.values()) and len(found) == 6


@pytest.mark.parametrize("num_skipped", range(1, 13))
def test_the_size_is_the_one_asked_for(num_skipped):
    problem = Problem(8, num_skipped, lambda _: 0.5, lambda *_: [], COSTS, 0)
    assert len(SEARCHERS["uniform set"](problem, 1)) == num_skipped


def test_the_share_found_counts_planted_sub_layers_alone():
    planted = SkipSet((2, 4), (2, 4))
    assert found_share(SkipSet((2, 3), (4,)), planted) == 0.5
    assert found_share(SkipSet((1, 2, 3, 4), (1, 2, 3, 4)), planted) == 1
    assert found_share(SkipSet(), planted) == 0


def test_the_table_has_the_planted_set_first_and_medians_over_seeds(easy):
    rows = [
        *judged_ways(easy, "swap", num_trials=4).values(),
        *judged_ways(easy, "swap", num_trials=4, seed=1).values(),
    ]
    table = judged({"searches": [{**_as_dict(row)} for row in rows]})
    assert len(table) == 4 and "**planted set** | 100% | 12" in table[2]
    assert table[3].startswith("| 0.02 | swap |") and "| 4 + 0 |" in table[3]


def _as_dict(row):
    return {name: getattr(row, name) for name in row.__slots__}


def test_the_command_plants_searches_and_writes_its_results(tiny_folder, tmp_path, capsys, monkeypatch):
    few = {way: SEARCHERS[way] for way in ("uniform set", "hidden states")}
    monkeypatch.setattr(command, "SEARCHERS", few)
    out = tmp_path / "search.json"
    size = ["--trials", "2", "--tokens", f"{WINDOW}", "--prompt", "Anna draws", "--device", "cpu"]
    files = ["--model", f"{tiny_folder}", "--json", f"{out}"]
    bench.main(["search", "--epsilon", "0.02", "1", *files, *size])
    result = json.loads(out.read_text())
    assert [(row["epsilon"], row["way"]) for row in result["searches"]] == [
        (e, way) for e in (0.02, 1) for way in few
    ]
    assert result["hardware"] and result["arguments"]["epsilon"] == [0.02, 1]
    assert "hidden states" in capsys.readouterr().out and len(EPSILONS) == 4


@pytest.mark.parametrize(("argument", "value"), [("--trials", "0"), ("--tokens", "3"), ("--repeat", "0")])
def test_wrong_numbers_are_refused(argument, value, capsys):
    with pytest.raises(SystemExit):
        bench.main(["search", argument, value])
    assert "from" in capsys.readouterr().err


def test_a_planted_model_is_saved_with_its_set(tiny_folder, tmp_path, capsys):
    bench.main(["planted", "--model", f"{tiny_folder}", "--epsilon", "0.3", f"{tmp_path / 'planted'}"])
    target = load_target(tmp_path / "planted", device="cpu")
    assert target.num_layers == NUM_LAYERS + 2 and target.known_sets == {}
    assert [*load_known_sets(tmp_path / "planted" / SET_FILE, target.num_layers)] == ["planted"]
    assert "4 planted sub-layers" in capsys.readouterr().out
