"""The plots in words, for those who cannot see them: what each shows at a moment, in a sentence or two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from swift_demo.events import Event, PhaseChanged, RoundVerified, SkipSetTried, ThresholdMoved, TokensDrafted
from swift_demo.viewer.points import SERIES, Row

_SURE = 0.9  # confidence at least so: on its own in the words on calibration
_NUM_LISTED = 3


class SpokenPlots:
    """Running texts by key, ``alt.{plot}``; ``add`` gives those that an event changed."""

    def __init__(self) -> None:
        self._newest: dict[str, dict[Any, dict[str, Any]]] = {"costs": {}, "progress": {}, "calibration": {}}
        self._phase = ""
        self._kept_since = 0
        self._threshold = 0.0
        self._num_skipped: list[int] = []
        self._num_trials = 0

    def add(self, event: Event, rows: Iterable[tuple[str, Row]]) -> list[tuple[str, str]]:
        """Take in an event and the rows of points that it brought; the keys it changed, with their texts."""
        named = [(series, dict(zip(SERIES[series], row, strict=True))) for series, row in rows]
        for series, key in (("costs", "lane"), ("progress", "lane"), ("calibration", "confidence")):
            self._newest[series].update({row[key]: row for name, row in named if name == series})
        if isinstance(event, PhaseChanged):
            self._phase = f"{event.phase} ({event.reason})"
        elif isinstance(event, TokensDrafted | ThresholdMoved):
            self._threshold = event.threshold
        elif isinstance(event, SkipSetTried):
            trial = next(row for series, row in named if series == "trials")
            return list(self._of_trial(event, trial))
        elif isinstance(event, RoundVerified):
            return list(self._of_round(next(row for series, row in named if series == "rounds")))
        return []

    def _of_trial(self, event: SkipSetTried, trial: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        self._num_trials += 1
        counts = self._num_skipped or [0] * len(trial["bits"])
        self._num_skipped = [count + (bit == "1") for count, bit in zip(counts, trial["bits"], strict=True)]
        if trial["became_incumbent"]:
            self._kept_since = event.trial
        yield (
            "alt.matchness",
            (
                f"Trial {event.trial}, {event.proposer}: matchness {event.matchness:.2f}. Incumbent: "
                f"{event.incumbent_matchness:.2f}, found in trial {self._kept_since}. Phase: {self._phase}."
            ),
        )
        if event.is_kept:
            yield (
                "alt.heatmap",
                (
                    f"Incumbent since trial {event.trial}: skips attention of layers "
                    f"{_listed(event.skip_set.attention)} and MLP of layers {_listed(event.skip_set.mlp)}. "
                    f"Skipped most often so far: {self._most_skipped()}."
                ),
            )

    def _of_round(self, row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        yield (
            "alt.rounds",
            (
                f"Round {row['round']}: {row['num_drafted']} drafted, {row['num_accepted']} accepted, "
                f"{row['num_rescued']} rescued, {row['num_tokens']} added; "
                f"{row['mean_tokens_per_round']:.2f} tokens per round so far."
            ),
        )
        bins = self._newest["calibration"].values()
        if bins:
            sure, unsure = (
                [row for row in bins if (row["confidence"] > _SURE) == is_sure] for is_sure in (True, False)
            )
            yield (
                "alt.calibration",
                (f"Confidence of {_SURE:g} or more: {_share(sure)}; less: {_share(unsure)}."),
            )
            num, accepted = (sum(row[key] for row in bins) for key in ("num_judged", "num_accepted"))
            yield (
                "alt.confidence",
                (f"{accepted} of {num} judged tokens accepted; the threshold is {self._threshold:.2f}."),
            )
        costs, progress = self._newest["costs"], self._newest["progress"]
        if "swift" in costs:
            swift = costs["swift"]
            yield (
                "alt.time",
                (
                    f"Milliseconds per token: SWIFT {swift['ms_per_token']:.1f} "
                    f"(drafting {swift['draft_ms']:.1f}, verifying {swift['verify_ms']:.1f}, "
                    f"searching {swift['search_ms']:.1f})"
                    + (f", vanilla {costs['vanilla']['ms_per_token']:.1f}." if "vanilla" in costs else ".")
                ),
            )
        yield (
            "alt.race",
            "; ".join(
                f"{name} {progress[lane]['num_tokens']} tokens after {progress[lane]['clock_s']:.2f} s"
                for lane, name in (("vanilla", "vanilla"), ("swift", "SWIFT"))
                if lane in progress
            )
            + ".",
        )

    def _most_skipped(self) -> str:
        half = len(self._num_skipped) // 2
        order = sorted(range(2 * half), key=lambda i: -self._num_skipped[i])[:_NUM_LISTED]
        return ", ".join(
            f"{'attention' if i < half else 'MLP'} of layer {i % half} "
            f"({self._num_skipped[i] / self._num_trials:.0%} of the trials)"
            for i in order
        )


def _share(rows: list[dict[str, Any]]) -> str:
    num = sum(row["num_judged"] for row in rows)
    accepted = sum(row["num_accepted"] for row in rows)
    return f"{accepted} of {num} tokens accepted" + (f", {accepted / num:.0%}" if num else "")


def _listed(layers: tuple[int, ...]) -> str:
    return ", ".join(map(str, layers)) or "none"
