"""A caller's logits processor acts on every token of the text, whatever was drafted."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest
import torch
from support.distributions import DRAFT_SET, PROMPT, VOCAB_SIZE, noise_bound, tables, total_variation
from support.doubles import TableTarget, ids_of, swift_config

from swift_demo.config import SamplingConfig
from swift_demo.decoding.request import Hooks
from swift_demo.decoding.sampling import process
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder

SAMPLING = SamplingConfig(temperature=0.8, top_p=0.95)
NUM_TOKENS = 3
NUM_DRAWS = 1200


def no_repeats(ids, logits):
    """Rules out the last token, and favours those not seen yet by how many there are."""
    scores = logits.clone()
    for token in set(ids):
        scores[:, token] -= 0.3 * len(ids)
    scores[:, ids[-1]] = -torch.inf
    return scores


def exact_probabilities(table):
    """Probability of every text when each row is processed with the ids before it."""
    probs = {}
    for text in itertools.product(range(VOCAB_SIZE), repeat=NUM_TOKENS):
        prob, ids = 1.0, list(PROMPT)
        for token in text:
            row = table[(len(ids) - 1) % len(table)][ids[-1]]
            prob *= float(process(no_repeats(ids, row[None]), SAMPLING)[0, token])
            ids.append(token)
        probs[text] = prob
    assert sum(probs.values()) == pytest.approx(1, abs=1e-5)
    return probs


@pytest.mark.parametrize("process_draft", [None, no_repeats])
def test_sampled_text_follows_the_processed_distribution(process_draft):
    target, draft = tables()
    config = swift_config(confidence_threshold=0.0, max_draft_tokens=4)
    decoder = SwiftDecoder(TableTarget(target, draft), config, DRAFT_SET)
    counts = Counter()
    for seed in range(NUM_DRAWS):
        sampling = SamplingConfig(SAMPLING.temperature, SAMPLING.top_p, seed=seed)
        events = decoder.stream(
            PROMPT, max_new_tokens=NUM_TOKENS, sampling=sampling, hooks=Hooks(no_repeats, process_draft)
        )
        counts[ids_of(events, "swift")] += 1
    probs = exact_probabilities(target)
    assert total_variation(counts, probs) < noise_bound(probs, NUM_DRAWS)
    assert all(probs[text] > 0 for text in counts)


class Remembering:
    """A processor whose answer depends on how often it was called."""

    def __init__(self):
        self.prefixes = []

    def __call__(self, ids, logits):
        self.prefixes.append(tuple(ids))
        return logits.roll(len(self.prefixes) % 3, dims=-1)


@pytest.mark.parametrize("skip_set_helps", [True, False])
def test_a_processor_with_a_state_is_called_once_for_each_token_in_order(tiny_target, skip_set_helps):
    config = swift_config(confidence_threshold=0.0, max_draft_tokens=5, skip_ratio=0 if skip_set_helps else 0.4)
    seen, texts = [], []
    for decoder in (VanillaDecoder(tiny_target), SwiftDecoder(tiny_target, config)):
        processor = Remembering()
        events = list(decoder.stream([3, 4, 5], max_new_tokens=30, hooks=Hooks(process=processor)))
        texts.append(ids_of(events, events[0].lane))
        seen.append(processor.prefixes)
    assert texts[0] == texts[1]
    assert seen[0] == seen[1] == [(3, 4, 5, *texts[0][:num]) for num in range(30)]


def test_a_draft_that_is_processed_alike_is_always_accepted_when_it_skips_nothing(tiny_target):
    config = swift_config(confidence_threshold=0.0, max_draft_tokens=5, skip_ratio=0)
    rates = []
    for process_draft in (no_repeats, None):
        hooks = Hooks(no_repeats, process_draft)
        events = list(SwiftDecoder(tiny_target, config).stream([3, 4, 5], max_new_tokens=30, hooks=hooks))
        rounds = [event for event in events if hasattr(event, "num_drafted")]
        rates.append(sum(len(r.accepted) for r in rounds) / sum(r.num_drafted for r in rounds))
    assert rates[0] == 1 > rates[1]


def test_the_text_is_over_when_the_caller_says_so_and_each_token_is_asked_for_once(tiny_target):
    config = swift_config(confidence_threshold=0.0, max_draft_tokens=7, skip_ratio=0)
    for decoder in (VanillaDecoder(tiny_target), SwiftDecoder(tiny_target, config)):
        asked = []

        def is_over(ids, asked=asked):
            asked.append(tuple(ids))
            return len(ids) == 3 + 12

        events = list(decoder.stream([3, 4, 5], max_new_tokens=30, hooks=Hooks(is_over=is_over)))
        ids = ids_of(events, events[0].lane)
        assert len(ids) == 12
        assert events[-1].stop_reason == "stopping criterion"
        assert asked == [(3, 4, 5, *ids[: num + 1]) for num in range(12)]
