"""``python -m swift_demo.bench search``: what each way of searching finds where the answer is known.

Layers are planted in a model (see ``offline/planted.py``), at several difficulties, and the model writes a
text. Each way of searching then has the same number of trials on the end of that text. What it likes best is
judged on the whole text, beside the set of all planted sub-layers.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tqdm.auto import tqdm

from swift_demo.bench.arguments import add_model, circumstances, load, parser_of, write_json
from swift_demo.bench.search_rows import judged
from swift_demo.bench.searchers import SEARCHERS, Problem, Searcher
from swift_demo.config import SwiftConfig
from swift_demo.model.prompts import PromptError
from swift_demo.model.target import Target
from swift_demo.offline.planted import PlantingError, planted_target
from swift_demo.offline.sizes import of_size
from swift_demo.offline.texts import ScoredText, write_text
from swift_demo.search.costs import PassCosts, measure_costs
from swift_demo.search.hidden_states import CloseDraft
from swift_demo.skip_set import SkipSet

EPSILONS = (0.02, 0.1, 0.3, 1.0)
WINDOW = SwiftConfig().search.context_window  # tokens that a trial is scored on, as in a run
_REQUEST = "Write a short story about the keeper of an old lighthouse."
_BEGINNING = "Anna, who kept the old lighthouse, wrote a letter to her sister every evening."


@dataclass(frozen=True, slots=True)
class Judged:
    """One search, and what the planted set gives in the same place.

    Attributes:
        found_share: Of the planted sub-layers, those that the set skips.
        num_skipped: Sub-layers that it skips, planted or not.
        matchness: Over the whole text.
        speed: Predicted, over vanilla.
        regret: What the set lacks of the planted set's speed, as a share of it; below 0 if it is faster.
        num_trials: Sets that were scored.
        num_looks: Looks at hidden states.
        seconds: Of the whole search.
    """

    epsilon: float
    way: str
    seed: int
    num_planted: int
    num_skipped: int
    found_share: float
    matchness: float
    planted_matchness: float
    speed: float
    planted_speed: float
    regret: float
    num_trials: int
    num_looks: int
    seconds: float
    attention: tuple[int, ...]
    mlp: tuple[int, ...]


class Counter:
    """Passes trials and looks on to a text, and counts them."""

    def __init__(self, text: ScoredText):
        self._text = text
        self.num_trials = self.num_looks = 0

    def score(self, skip_set: SkipSet) -> float:
        self.num_trials += 1
        return self._text.score(skip_set, WINDOW)

    def look(self, num_skipped: int, is_judged: bool, attention_weight: float) -> list[CloseDraft]:
        self.num_looks += 1
        return self._text.look(num_skipped, is_judged, attention_weight)


def judge(
    target: Target,
    planted: SkipSet,
    text: ScoredText,
    costs: PassCosts,
    searchers: Mapping[str, Searcher],
    epsilon: float,
    num_trials: int,
    seed: int,
) -> Iterator[Judged]:
    """Each way of searching on one text of a model with planted layers."""
    known = of_size(planted, text.score(planted), target.num_layers, costs)
    for way, search in searchers.items():
        counter = Counter(text)
        start = time.perf_counter()
        problem = Problem(target.num_layers, len(planted), counter.score, counter.look, costs, seed)
        skip_set = search(problem, num_trials)
        seconds = time.perf_counter() - start
        found = of_size(skip_set, text.score(skip_set), target.num_layers, costs)
        yield Judged(
            epsilon=epsilon,
            way=way,
            seed=seed,
            num_planted=len(planted),
            num_skipped=len(skip_set),
            found_share=found_share(skip_set, planted),
            matchness=found.matchness,
            planted_matchness=known.matchness,
            speed=found.speed,
            planted_speed=known.speed,
            regret=1 - found.speed / known.speed,
            num_trials=counter.num_trials,
            num_looks=counter.num_looks,
            seconds=seconds,
            attention=skip_set.attention,
            mlp=skip_set.mlp,
        )


def found_share(skip_set: SkipSet, planted: SkipSet) -> float:
    """Of the planted sub-layers, the share that a set skips."""
    both = {*skip_set.attention} & {*planted.attention}, {*skip_set.mlp} & {*planted.mlp}
    return sum(map(len, both)) / len(planted)


def measure(
    target: Target, epsilons: Sequence[float], prompt: str | None, num_tokens: int, num_trials: int, repeat: int
) -> list[Judged]:
    """All ways of searching at all difficulties, with as many seeds as repeats.

    Raises:
        PlantingError: If nothing can be planted in this model.
        PromptError: If the prompt cannot be continued, or too little is written after it.
    """
    rows: list[Judged] = []
    has_template = target.has_chat_template
    prompt = prompt or (_REQUEST if has_template else _BEGINNING)
    with tqdm(total=len(epsilons) * repeat * len(SEARCHERS), unit="search") as bar:
        for epsilon in epsilons:
            bar.set_description(f"epsilon {epsilon:g}")
            planted, skip_set = planted_target(target, epsilon)
            written = write_text(planted, prompt, num_tokens)
            if len(written.token_ids) < WINDOW:
                raise PromptError(
                    f"{planted.name} writes only {len(written.token_ids)} tokens after the prompt; at least "
                    f"{WINDOW} are needed, so give another --prompt"
                )
            text, costs = ScoredText(planted, written), measure_costs(planted)
            for seed in range(repeat):
                for row in judge(planted, skip_set, text, costs, SEARCHERS, epsilon, num_trials, seed):
                    rows.append(row)
                    bar.update()
    return rows


def main(argv: list[str]) -> None:
    parser = parser_of("search", __doc__, repeat=1)
    add_model(parser)
    parser.add_argument(
        "--epsilon",
        type=float,
        nargs="+",
        default=EPSILONS,
        help="what a planted layer adds, as a share of its original (default: %(default)s)",
    )
    parser.add_argument("--trials", type=int, default=50, help="of each search (default: %(default)s)")
    parser.add_argument("--tokens", type=int, default=150, help="of the text (default: %(default)s)")
    parser.add_argument("--prompt", help="what the model continues, or answers if it has a chat template")
    args = parser.parse_args(argv)
    if args.trials < 1 or args.repeat < 1 or args.tokens < WINDOW:
        parser.error(f"--trials and --repeat are whole numbers from 1, --tokens from {WINDOW}")
    target = load(args)
    try:
        rows = measure(target, args.epsilon, args.prompt, args.tokens, args.trials, args.repeat)
    except (PlantingError, PromptError) as error:
        sys.exit(str(error))
    result: dict[str, Any] = circumstances(target, args) | {"searches": [asdict(row) for row in rows]}
    print("\n".join(judged(result)))
    write_json(args.json, result)
