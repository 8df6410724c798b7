"""The search outside any run finds what was planted, goes on where it was stopped, and says what pays."""

from __future__ import annotations

import json

import pytest
from support.doubles import GivenCosts
from support.models import NUM_LAYERS, generate_greedily
from support.planted import planted_at

from swift_demo.known_sets import load_known_sets, save_known_sets
from swift_demo.offline import program
from swift_demo.offline.program import as_table, fastest, main, sets_of
from swift_demo.offline.remembered import Remembered, StateError
from swift_demo.offline.sizes import OfSize, best_of_size, mean_matchness, of_size, sizes_of
from swift_demo.offline.texts import ScoredText, WrittenText, write_text
from swift_demo.skip_set import SkipSet

ABOUT = {"model": "tiny", "tokens": 24}
COSTS = GivenCosts(attention=0.06, mlp=0.06, further=0.02)
TEMPLATE = (
    "{% for m in messages %}<|begin|>{{ m.role }}: {{ m.content }}{% endfor %}"
    "{% if add_generation_prompt %} A:{% endif %}"
)


@pytest.fixture(scope="module")
def texts(tiny_target):
    return [ScoredText(tiny_target, write_text(tiny_target, prompt, 24)) for prompt in ("Anna draws", "Wolken")]


@pytest.fixture
def prompts(tmp_path):
    path = tmp_path / "prompts.txt"
    path.write_text("Anna draws\nThe café\n", encoding="utf-8")
    return path


def arguments(folder, prompts, tmp_path, *others):
    few = ["--tokens", "16", "--trials", "6", "--ratios", "0.2", "0.4", "--device", "cpu"]
    return [
        "--model",
        f"{folder}",
        "--prompts",
        f"{prompts}",
        "--out",
        f"{tmp_path / 'sets.json'}",
        *few,
        *others,
    ]


class Counted:
    """A text that counts its scores, and stops whoever asks for too many."""

    def __init__(self, text, most=10**6):
        self._text, self._most = text, most
        self.num_tokens = text.num_tokens
        self.look = text.look
        self.scored = []

    def score(self, skip_set):
        if len(self.scored) == self._most:
            raise KeyboardInterrupt
        self.scored.append(skip_set)
        return self._text.score(skip_set)


def test_the_text_is_the_models_own(tiny_target):
    text = write_text(tiny_target, "Anna draws", 20)
    assert text.token_ids == generate_greedily(tiny_target, text.prompt_ids, 20)


def test_a_model_with_a_template_reads_a_request(tiny_target, monkeypatch):
    plain = write_text(tiny_target, "Anna", 4)
    monkeypatch.setattr(tiny_target.tokenizer, "chat_template", TEMPLATE)
    asked = write_text(tiny_target, "Anna", 4)
    assert asked.prompt_ids == tiny_target.encode("<|begin|>user: Anna A:")
    assert asked.prompt_ids.count(tiny_target.tokenizer.bos_token_id) == 1 and asked != plain


def test_a_set_that_skips_nothing_agrees_and_a_text_can_be_scored_at_its_end(texts):
    assert mean_matchness(texts, SkipSet()) == 1
    wide = SkipSet.uniform(NUM_LAYERS, 0.5)
    share = texts[0].score(wide, 8)
    assert share * 8 == round(share * 8) and texts[0].score(wide, 999) == texts[0].score(wide)


def test_what_was_planted_is_found(tokenizer):
    target, planted = planted_at(0.02, tokenizer)
    text = ScoredText(target, write_text(target, "Anna draws the longer straw", 48))
    found, matchness = best_of_size(target.num_layers, [text], Remembered(None, ABOUT), 0.5, 30, seed=0)
    assert found == planted and len(planted) == 12 and matchness > 0.9


def test_a_search_that_was_stopped_goes_on_and_ends_the_same(texts, tmp_path):
    whole = best_of_size(NUM_LAYERS, texts, Remembered(None, ABOUT), 0.4, 24, 0)
    path = tmp_path / "state.json"
    first = Remembered(path, ABOUT)
    stopped = [Counted(texts[0], most=12), texts[1]]
    with pytest.raises(KeyboardInterrupt):
        best_of_size(NUM_LAYERS, stopped, first, 0.4, 24, 0)
    assert 5 <= Remembered(path, ABOUT).num_scores < 12  # saved every few trials, whatever happens
    first.save()
    again = Remembered(path, ABOUT)
    counted = Counted(texts[0])
    assert best_of_size(NUM_LAYERS, [counted, texts[1]], again, 0.4, 24, 0) == whole
    assert not {*counted.scored} & {*stopped[0].scored} and again.num_recalled >= 12


def test_texts_and_looks_come_back_too(tmp_path):
    text, skip_set = WrittenText((1, 2), (3,)), SkipSet((1,), (2, 3))
    first = Remembered(tmp_path / "state.json", ABOUT)
    assert first.text("a", lambda: text) == text and first.look("b", lambda: skip_set) == skip_set
    first.save()
    again = Remembered(tmp_path / "state.json", ABOUT)
    assert again.text("a", None) == text and again.look("b", None) == skip_set


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "is not the state of a search"),
        ("[]", "is not the state of a search"),
        ('{"format": 1}', "is not the state of a search"),
        ('{"format": 1, "about": 5, "texts": {}, "scores": {}, "looks": {}}', "is not the state of a search"),
        (
            json.dumps(
                {"format": 1, "about": ABOUT | {"model": "other"}, "texts": {}, "scores": {}, "looks": {}}
            ),
            "another search.*model was other",
        ),
        (json.dumps({"format": 0, "about": ABOUT, "texts": {}, "scores": {}, "looks": {}}), "another format"),
    ],
)
def test_the_state_of_something_else_is_refused(tmp_path, content, why):
    path = tmp_path / "state.json"
    path.write_text(content)
    with pytest.raises(StateError, match=why):
        Remembered(path, ABOUT)
    assert path.read_text() == content


def test_the_speed_follows_from_matchness_and_costs():
    one = of_size(SkipSet((1, 2), (3,)), 1.0, NUM_LAYERS, COSTS)
    assert one.draft_cost == pytest.approx(0.82) and one.skip_ratio == 0.25
    assert one.speed > of_size(SkipSet((1, 2), (3,)), 0.8, NUM_LAYERS, COSTS).speed


def test_ratios_of_the_same_size_are_searched_once():
    assert sizes_of(8, [0.4, 0.26, 0.25, 0.05]) == [0.26, 0.4]


def test_the_report_says_which_size_pays_or_that_none_does():
    small, large = OfSize(0.1, SkipSet((1,)), 0.9, 0.9, 1.02), OfSize(0.4, SkipSet((1, 2), (3,)), 0.8, 0.6, 1.2)
    table = as_table([small, large], COSTS, NUM_LAYERS)
    assert "1.20×  <" in table and "Skipping 3 sub-layers should pay on this machine: 1.20×" in table
    assert fastest([small, large]) is large and sets_of([small, large])["all tasks"] == large.skip_set
    assert "No set of these sizes pays" in as_table(
        [OfSize(0.1, SkipSet((1,)), 0.5, 0.9, 0.8)], COSTS, NUM_LAYERS
    )


@pytest.mark.parametrize(("speed", "named"), [(1.2, ["all tasks"]), (0.9, [])])
def test_a_set_is_named_to_start_from_only_if_it_pays(speed, named):
    sizes = [OfSize(0.1, SkipSet((1,)), 0.5, 0.9, 0.8), OfSize(0.2, SkipSet((1, 2)), 0.9, 0.8, speed)]
    sets = sets_of(sizes)
    assert [*sets] == [*named, "skip ratio 0.10", "skip ratio 0.20"]
    assert not named or sets["all tasks"] == SkipSet((1, 2))


def test_the_program_writes_sets_in_the_known_form_and_a_report(tiny_folder, prompts, tmp_path, capsys):
    save_known_sets(tmp_path / "sets.json", {"own": SkipSet((1,))})
    main(arguments(tiny_folder, prompts, tmp_path, "--json", f"{tmp_path / 'report.json'}"))
    sets = load_known_sets(tmp_path / "sets.json", NUM_LAYERS)
    assert [name for name in sets if name != "all tasks"] == ["own", "skip ratio 0.17", "skip ratio 0.33"]
    assert [len(s) for s in sets.values()][-2:] == [2, 4] and sets["own"] == SkipSet((1,))
    report = json.loads((tmp_path / "report.json").read_text())
    assert [size["skip_ratio"] for size in report["sizes"]] == pytest.approx([2 / 12, 4 / 12])
    assert report["hardware"] and report["model"] == "tiny"
    told = capsys.readouterr().out
    assert "2/12" in told and "4/12" in told and "sets.json" in told


def test_ctrl_c_keeps_what_was_done_and_the_same_command_ends_it(
    tiny_folder, prompts, tmp_path, monkeypatch, capsys
):
    calls = []

    def stopping(texts, skip_set):
        if len(calls) == 3:
            raise KeyboardInterrupt
        calls.append(skip_set)
        return mean_matchness(texts, skip_set)

    with monkeypatch.context() as patched:
        patched.setattr("swift_demo.offline.sizes.mean_matchness", stopping)
        with pytest.raises(SystemExit) as stopped:
            main(arguments(tiny_folder, prompts, tmp_path))
    assert stopped.value.code == 130 and "stopped after 3 scores" in capsys.readouterr().out
    assert not (tmp_path / "sets.json").exists()
    state = json.loads((tmp_path / "sets.json.state").read_text())
    assert len(state["scores"]) == 3 and len(state["texts"]) == 2
    monkeypatch.setattr(program, "write_text", lambda *_: pytest.fail("written again"))
    main(arguments(tiny_folder, prompts, tmp_path))
    assert load_known_sets(tmp_path / "sets.json", NUM_LAYERS)


@pytest.mark.parametrize(
    ("others", "why"),
    [
        (["--model", "./nowhere"], "nowhere"),
        (["--prompts", "nowhere.txt"], "nowhere.txt cannot be read"),
        (["--task", "poetry"], "no prompts of poetry"),
        (["--ratios", "0.01"], "skips anything"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(tiny_folder, prompts, tmp_path, others, why):
    with pytest.raises(SystemExit, match=why) as refused:
        main(arguments(tiny_folder, prompts, tmp_path, *others))
    assert "\n" not in str(refused.value.code)


@pytest.mark.parametrize("others", [["--ratios", "1.5"], ["--trials", "0"], ["--seed", "-1"]])
def test_wrong_numbers_are_refused_before_anything_is_loaded(prompts, tmp_path, others, capsys):
    with pytest.raises(SystemExit):
        main(arguments("./nowhere", prompts, tmp_path, *others))
    assert "error:" in capsys.readouterr().err


def test_sets_of_another_model_in_the_file_stop_it_before_the_search(tiny_folder, prompts, tmp_path):
    save_known_sets(tmp_path / "sets.json", {"deep": SkipSet((30,))})
    with pytest.raises(SystemExit, match=r"sets\.json.*does not fit this model"):
        main(arguments(tiny_folder, prompts, tmp_path))
    assert not (tmp_path / "sets.json.state").exists()


def test_more_trials_and_other_sizes_go_on_from_the_same_scores(texts):
    remembered = Remembered(None, ABOUT)
    counted = [Counted(texts[0]), texts[1]]
    best_of_size(NUM_LAYERS, counted, remembered, 0.4, 6, 0)
    first = len(counted[0].scored)
    best_of_size(NUM_LAYERS, counted, remembered, 0.4, 12, 0)
    assert len({*counted[0].scored}) == len(counted[0].scored) > first
