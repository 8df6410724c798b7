"""The benchmark's figures follow from its runs."""

from __future__ import annotations

from swift_demo.bench.report import as_table, speedups, summary
from swift_demo.bench.speed import METHODS, Measurement, measure


def test_every_method_runs_and_greedy_text_is_the_same_in_all(demo_target):
    results = measure(demo_target, ["code"], 1, 12, 1, 1, 0.0)
    assert [r.method for r in results] == list(METHODS)
    assert all(r.is_identical and 0 < r.num_tokens <= 12 and r.seconds > 0 for r in results)
    assert "code" in as_table(results)


def test_a_speedup_is_the_median_of_ratios_within_a_turn():
    def run(method: str, seconds: float) -> Measurement:
        return Measurement("story", 0, method, 100, seconds, True, None)

    results = [
        run(method, seconds)
        for turn in ((4.0, 2.0, 2.0, 1.0, 1.0), (8.0, 4.0, 2.0, 1.0, 2.0), (4.0, 4.0, 4.0, 4.0, 4.0))
        for method, seconds in zip(METHODS, turn, strict=True)
    ]
    assert speedups(results, "vanilla", "generate") == {"story": 2.0}
    assert speedups(results, "swift, found set", "vanilla") == {"story": 2.0}
    assert speedups(results, "swift, kept set", "vanilla") == {"story": 2.0}
    assert summary(results)["tasks"]["story"]["tokens_per_s"]["vanilla"] == 25.0
