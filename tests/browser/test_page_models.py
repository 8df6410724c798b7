"""Another model, for one visitor: it loads, or one sentence says why not and the old one stays."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import expect
from support import hostile
from support.visits import LANES, PLOTS, SHORT_PROMPT

CONFIG = Path(__file__).parent.parent.parent / "assets" / "demo_model" / "config.json"
NUM_LAYERS = json.loads(CONFIG.read_text())["num_hidden_layers"] if CONFIG.exists() else None
HEATMAP_HAS = """(layers) =>
  document.querySelector('[data-testid=plot-heatmap]').data?.[0].z[0]?.length === layers"""


def wait_for_layers(visit, num_layers):
    """Wait until that many layers stand across the heatmap."""
    visit.page.wait_for_function(HEATMAP_HAS, arg=num_layers)


def run_briefly(visit):
    visit.set(maximum_tokens=24)
    visit.finish(SHORT_PROMPT)
    expect(visit.page.get_by_test_id("drafting-sentence")).not_to_be_empty()
    assert visit.text("vanilla") == visit.text("swift") != ""


def test_an_unknown_name_gets_one_sentence_and_the_model_stays(visit):
    before = visit.chips.all_inner_texts()
    visit.load_model("nobody/no-such-model")
    message = visit.model_message.inner_text().strip()
    assert "nobody/no-such-model" in message
    assert f"{before[0]} stays loaded" in message
    assert "\n" not in message and len(message) < 300
    assert visit.chips.all_inner_texts() == before
    run_briefly(visit)


def test_a_folder_that_is_not_there_gets_one_sentence_and_the_model_stays(visit):
    before = visit.chips.all_inner_texts()
    visit.load_model("/no/such/folder_of_a_model")
    expect(visit.model_message).to_contain_text("/no/such/folder_of_a_model")
    expect(visit.model_message).to_contain_text(f"{before[0]} stays loaded")
    assert visit.chips.all_inner_texts() == before


def test_a_hostile_name_appears_as_typed_and_runs_nothing(visit):
    name = "./<img src=x onerror=alert(1)> ${1+1} {{x}} *stars* \\u0041 🦉"
    visit.load_model(name)
    expect(visit.model_message).to_contain_text(name, timeout=5_000)
    assert visit.page.locator("#model-message :is(img, script)").count() == 0


def test_a_model_made_on_the_spot_loads_and_runs_and_an_empty_name_brings_back_the_first(visit, tiny_folder):
    before = visit.chips.all_inner_texts()
    run_briefly(visit)
    wait_for_layers(visit, NUM_LAYERS)
    visit.load_model(str(tiny_folder))
    expect(visit.chips.first).to_have_text(tiny_folder.name)
    expect(visit.maker).to_have_text("This run was made with demo_model, not with tiny. Press Run to see tiny.")
    run_briefly(visit)
    expect(visit.maker).to_be_hidden()
    wait_for_layers(visit, 8)

    visit.load_model("")
    assert visit.chips.all_inner_texts() == before
    run_briefly(visit)
    wait_for_layers(visit, NUM_LAYERS)


def test_one_visitors_model_is_nobody_elses(visitors, app, tiny_folder):
    with visitors(app) as first, visitors(app) as second:
        before = second.chips.all_inner_texts()
        shown = second.wait_until_grown({name: 0 for name in (*LANES, *PLOTS)})
        first.load_model(str(tiny_folder))
        run_briefly(first)
        wait_for_layers(first, 8)
        assert second.chips.all_inner_texts() == before
        assert second.counts() == shown
        run_briefly(second)
        wait_for_layers(second, NUM_LAYERS)
        assert second.chips.all_inner_texts() == before
        assert first.chips.all_inner_texts() != before
        assert first.counts()["state"] == "finished"


def test_a_hostile_model_loads_and_runs_beside_the_first(visit, tmp_path):
    visit.load_model(str(hostile.save_hostile_model(tmp_path)))
    expect(visit.chips.first).to_have_text(hostile.NAME)
    run_briefly(visit)
    wait_for_layers(visit, hostile.NUM_LAYERS)
    assert set(visit.text("swift")) <= set(hostile.TEXT)
