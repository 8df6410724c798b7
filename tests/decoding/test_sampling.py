"""Sampled text follows the target's processed distribution, held against exact probabilities."""

from __future__ import annotations

from collections import Counter

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from support.distributions import DRAFT_SET, PROMPT, exact_probabilities, noise_bound, tables, total_variation
from support.doubles import TableTarget, ids_of, swift_config
from transformers.generation.logits_process import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

from swift_demo.config import SamplingConfig, TreeLevel
from swift_demo.decoding import verify as verify_module
from swift_demo.decoding.draft import Draft
from swift_demo.decoding.sampling import draw, new_generator, process
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.decoding.vanilla import VanillaDecoder
from swift_demo.events import RoundVerified, TokensDrafted
from swift_demo.skip_set import SkipSet

NUM_DRAWS = 2500
MOST = SkipSet(tuple(range(1, 39)), tuple(range(1, 39)))  # a draft that costs next to nothing


def swift_counts(sampling, num_tokens, num_draws=NUM_DRAWS, **settings):
    target, draft = tables()
    config = swift_config(**({"confidence_threshold": 0.0, "max_draft_tokens": 4} | settings))
    decoder = SwiftDecoder(TableTarget(target, draft), config, DRAFT_SET)
    return count(decoder, sampling, num_tokens, num_draws)


def count(decoder, sampling, num_tokens, num_draws):
    counts = Counter()
    for seed in range(num_draws):
        drawn = SamplingConfig(sampling.temperature, sampling.top_p, sampling.top_k, seed)
        events = decoder.stream(PROMPT, max_new_tokens=num_tokens, sampling=drawn)
        counts[ids_of(events, "swift" if isinstance(decoder, SwiftDecoder) else "vanilla")] += 1
    return counts


TREES = [(), (TreeLevel(0.6, 4), TreeLevel(1.0, 2))]
SAMPLINGS = [
    SamplingConfig(temperature=1.0),
    SamplingConfig(temperature=0.5),
    SamplingConfig(temperature=1.5),
    SamplingConfig(temperature=1.0, top_p=0.7),
    SamplingConfig(temperature=1.3, top_k=2),
    SamplingConfig(temperature=0.8, top_k=4, top_p=0.85),
]


@pytest.mark.parametrize("levels", TREES, ids=len)
@pytest.mark.parametrize("sampling", SAMPLINGS, ids=str)
def test_two_tokens_follow_the_exact_distribution(sampling, levels):
    probs = exact_probabilities(tables()[0], sampling, 2)
    counts = swift_counts(sampling, 2, tree_levels=levels)
    assert total_variation(counts, probs) < noise_bound(probs, NUM_DRAWS)


@pytest.mark.parametrize("levels", TREES, ids=len)
@pytest.mark.parametrize("max_draft_tokens", [1, 4])
def test_three_tokens_follow_the_exact_distribution_whatever_stops_the_draft(levels, max_draft_tokens):
    # One drafted token makes three rounds out of what else is one or two.
    sampling = SamplingConfig(temperature=0.7)
    probs = exact_probabilities(tables()[0], sampling, 3)
    counts = swift_counts(
        sampling, 3, confidence_threshold=0.6, tree_levels=levels, max_draft_tokens=max_draft_tokens
    )
    assert total_variation(counts, probs) < noise_bound(probs, NUM_DRAWS)


@pytest.mark.parametrize("num_tokens", [2, 3])
@pytest.mark.parametrize("levels", TREES, ids=len)
def test_drafting_as_far_as_it_pays_leaves_the_exact_distribution(levels, num_tokens):
    # Past rounds decide: one decoder learns from draw to draw, and each draw has a seed of its own.
    sampling = SamplingConfig(temperature=0.7)
    probs = exact_probabilities(tables()[0], sampling, num_tokens)
    decoder = measured_decoder(levels)
    counts = count(decoder, sampling, num_tokens, NUM_DRAWS)
    assert total_variation(counts, probs) < noise_bound(probs, NUM_DRAWS)


def measured_decoder(levels):
    target, draft = tables()
    config = swift_config(threshold_rule="measured", max_draft_tokens=4, tree_levels=levels)
    return SwiftDecoder(TableTarget(target, 0.8 * target + 0.2 * draft, num_layers=40), config, MOST)


def test_what_that_is_tried_with_has_rounds_that_draft_and_rounds_that_do_not():
    decoder = measured_decoder(TREES[1])
    lengths = Counter(
        event.num_drafted
        for seed in range(300)
        for event in decoder.stream(PROMPT, max_new_tokens=3, sampling=SamplingConfig(0.7, seed=seed))
        if isinstance(event, RoundVerified) and event.round == 1
    )
    assert lengths[0] > 0 and sum(num for length, num in lengths.items() if length) > 20


def test_one_token_follows_the_exact_distribution_of_vanilla_too():
    sampling = SamplingConfig(temperature=0.7, top_p=0.9)
    target, draft = tables()
    probs = exact_probabilities(target, sampling, 1)
    counts = count(VanillaDecoder(TableTarget(target, draft)), sampling, 1, NUM_DRAWS)
    assert total_variation(counts, probs) < noise_bound(probs, NUM_DRAWS)


def test_tokens_outside_the_nucleus_are_never_drawn():
    sampling = SamplingConfig(temperature=1.0, top_p=0.5)
    probs = exact_probabilities(tables()[0], sampling, 2)
    counts = swift_counts(sampling, 2, 300)
    assert min(probs.values()) == 0
    assert all(probs[text] > 0 for text in counts)


def bonus_from_raw_softmax(target_probs, draft, generator, raw):
    accepted, token = honest(target_probs, draft, generator)
    if len(accepted) == len(draft.token_ids):
        token = int(draw(raw[-1:].softmax(-1), generator))
    return accepted, token


def no_residual(target_probs, draft, generator, raw):
    accepted, token = honest(target_probs, draft, generator)
    if len(accepted) < len(draft.token_ids):
        token = int(draw(target_probs[len(accepted)][None], generator))
    return accepted, token


def all_accepted(target_probs, draft, generator, raw):
    accepted = list(range(len(draft.token_ids)))
    return accepted, int(draw(target_probs[len(accepted)][None], generator))


def token_zero_accepted(target_probs, draft, generator, raw):
    """As if padding were a token: where id 0 was likely, it counts as accepted."""
    accepted, token = honest(target_probs, draft, generator)
    return accepted, 0 if not accepted else token


def siblings_judged_as_if_redrawn(target_probs, draft, generator, raw):
    """Every sibling is held against the whole draft distribution, and nothing is left over."""
    for node in draft.candidates(0):
        token = draft.node_ids[node]
        probs = draft.distributions[0]
        if torch.rand((), generator=generator) * probs[token] < target_probs[0, token]:
            return [node], int(draw(target_probs[node + 1][None], generator))
    return [], int(draw(target_probs[:1], generator))


honest = verify_module.accept_sampled
FAULTS = [bonus_from_raw_softmax, no_residual, all_accepted, token_zero_accepted, siblings_judged_as_if_redrawn]


@pytest.mark.parametrize("fault", FAULTS)
def test_the_bound_detects_faults(monkeypatch, fault):
    logits_seen = []

    def remembering_process(logits, sampling):
        logits_seen[:] = [logits]
        return process(logits, sampling)

    def faulty(target_probs, draft, generator):
        return fault(target_probs, draft, generator, logits_seen[0])

    monkeypatch.setattr(verify_module, "process", remembering_process)
    monkeypatch.setattr(verify_module, "accept_sampled", faulty)
    sampling = SamplingConfig(temperature=0.5)
    probs = exact_probabilities(tables()[0], sampling, 2)
    is_about_trees = fault is siblings_judged_as_if_redrawn
    counts = swift_counts(sampling, 2, tree_levels=TREES[is_about_trees])
    assert total_variation(counts, probs) > 1.2 * noise_bound(probs, NUM_DRAWS)


@pytest.mark.parametrize("num_candidates", [2, 3, 5, 9])
def test_siblings_are_drawn_without_replacement(num_candidates):
    target = TableTarget(*tables())
    config = swift_config(tree_levels=(TreeLevel(1.0, num_candidates),), max_draft_tokens=2)
    for seed in range(40):
        events = SwiftDecoder(target, config, DRAFT_SET).stream(
            PROMPT, max_new_tokens=5, sampling=SamplingConfig(1.0, 1.0, 3, seed)
        )
        for event in events:
            if isinstance(event, TokensDrafted):
                nodes = list(zip(event.parents, event.token_ids, strict=True))
                assert len(set(nodes)) == len(nodes)
                assert max(Counter(event.parents).values(), default=0) <= min(num_candidates, 3)


def one_token_draft(token, distribution):
    return Draft([token], [1.0], [float(distribution[token])], [distribution])


def test_a_draft_from_the_targets_own_distribution_is_always_accepted():
    probs = process(torch.randn(2, 8, generator=torch.Generator().manual_seed(1)), SamplingConfig(1.0))
    generator = new_generator(SamplingConfig(1.0), torch.device("cpu"))
    for _ in range(200):
        token = int(draw(probs[:1], generator))
        assert honest(probs, one_token_draft(token, probs[0]), generator)[0] == [0]


def test_a_token_that_the_target_rules_out_is_never_accepted():
    target = torch.tensor([[0.0, 0.5, 0.5], [1.0, 0.0, 0.0]])
    draft = one_token_draft(0, torch.tensor([1.0, 0.0, 0.0]))
    generator = new_generator(SamplingConfig(1.0), torch.device("cpu"))
    answers = [honest(target, draft, generator) for _ in range(200)]
    assert all(accepted == [] for accepted, _ in answers)
    assert {token for _, token in answers} == {1, 2}


def test_the_corrected_token_is_never_one_that_the_draft_overrates():
    target = torch.tensor([[0.2, 0.5, 0.3], [1.0, 0.0, 0.0]])
    draft = one_token_draft(0, torch.tensor([0.8, 0.1, 0.1]))
    generator = new_generator(SamplingConfig(1.0), torch.device("cpu"))
    answers = [honest(target, draft, generator) for _ in range(600)]
    rejected = Counter(token for accepted, token in answers if not accepted)
    assert set(rejected) == {1, 2}
    assert rejected[1] / sum(rejected.values()) == pytest.approx(0.4 / 0.6, abs=0.08)
    assert sum(rejected.values()) / 600 == pytest.approx(1 - 0.2 / 0.8, abs=0.08)


def warped(logits, temperature, top_k, top_p):
    """The distribution that ``generate`` draws from."""
    ids = torch.zeros(len(logits), 1, dtype=torch.long)
    scores = TemperatureLogitsWarper(temperature)(ids, logits)
    if top_k:
        scores = TopKLogitsWarper(top_k)(ids, scores)
    if top_p < 1:
        scores = TopPLogitsWarper(top_p)(ids, scores)
    return scores.softmax(-1)


@given(
    seed=st.integers(0, 10_000),
    temperature=st.floats(0.05, 10),
    vocab_size=st.integers(2, 60),
    top_k=st.integers(0, 70),
    top_p=st.floats(0.01, 1),
    num_rows=st.integers(1, 5),
)
def test_processing_is_that_of_transformers(seed, temperature, vocab_size, top_k, top_p, num_rows):
    logits = 3 * torch.randn(num_rows, vocab_size, generator=torch.Generator().manual_seed(seed))
    ours = process(logits, SamplingConfig(temperature, top_p, top_k))
    torch.testing.assert_close(ours, warped(logits, temperature, top_k, top_p))
    torch.testing.assert_close(ours.sum(-1), torch.ones(num_rows))


def test_half_precision_logits_are_processed_in_float32():
    logits = torch.randn(3, 20).to(torch.bfloat16)
    probs = process(logits, SamplingConfig(0.7, 0.9))
    assert probs.dtype == torch.float32
    torch.testing.assert_close(probs, process(logits.float(), SamplingConfig(0.7, 0.9)))


def test_a_cold_temperature_takes_the_most_probable_token():
    logits = torch.randn(6, 20, generator=torch.Generator().manual_seed(0))
    probs = process(logits, SamplingConfig(temperature=1e-3, top_p=0.001))
    assert probs.argmax(-1).tolist() == logits.argmax(-1).tolist()
    assert probs.amax(-1).tolist() == [1.0] * 6


@pytest.mark.parametrize("temperature", [5e-324, 1e-45, 1e-40, 1e-38, 1e-30, 1e-12])
@pytest.mark.parametrize("scale", [1.0, 1e4, 1e30])
def test_however_cold_it_is_the_most_probable_token_is_drawn(temperature, scale):
    logits = scale * torch.randn(6, 20, generator=torch.Generator().manual_seed(0))
    logits[:, 3] = -torch.inf
    for top_p, top_k in ((1, 0), (1e-9, 0), (1, 4)):
        probs = process(logits, SamplingConfig(temperature, top_p, top_k))
        assert probs.argmax(-1).tolist() == logits.argmax(-1).tolist()
        assert probs.amax(-1).tolist() == [1.0] * 6


@pytest.mark.parametrize("temperature", [11.0, 1e6, 1e38, 1e39, 1e300])
def test_however_hot_it_is_what_is_ruled_out_stays_so(temperature):
    logits = torch.randn(4, 20, generator=torch.Generator().manual_seed(0))
    logits[:, 3] = -torch.inf
    probs = process(logits, SamplingConfig(temperature, top_k=30))
    torch.testing.assert_close(probs, warped(logits, min(temperature, 1e38), 0, 1.0))
    assert probs[:, 3].tolist() == [0.0] * 4
    assert process(logits, SamplingConfig(temperature, 1e-9)).amax(-1).tolist() == [1.0] * 4


@pytest.mark.parametrize("temperature", [5e-324, 1e-30, 10.1, 1e300])
@pytest.mark.parametrize("others", [(1e-9, 0), (1.0, 10**6), (0.5, 7)])
def test_both_lanes_write_at_any_temperature(tiny_target, temperature, others):
    sampling = SamplingConfig(temperature, *others, seed=2**64 - 1)
    lanes = VanillaDecoder(tiny_target), SwiftDecoder(tiny_target, swift_config(confidence_threshold=0.1))
    texts = [decoder.generate("Anna", max_new_tokens=12, sampling=sampling).token_ids for decoder in lanes]
    assert all(texts)
    if temperature < 1:
        assert texts[0] == texts[1] == lanes[0].generate("Anna", max_new_tokens=12).token_ids
