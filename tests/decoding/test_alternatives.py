"""What else could have stood at each place: asked for, it is exact; it changes nothing else."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from support.doubles import ScriptedTarget, TableTarget, swift_config, timeless

from swift_demo.config import PAPER_TREE, SamplingConfig
from swift_demo.decoding.request import Hooks
from swift_demo.decoding.sampling import process
from swift_demo.decoding.swift import SwiftDecoder
from swift_demo.events import RoundVerified, TokensDrafted
from swift_demo.skip_set import SkipSet

PROMPT = (2, 3)
DRAFT_SET = SkipSet((1,), (2,))
SAMPLED = SamplingConfig(temperature=0.8, top_p=0.9, seed=3)
V = 12


@pytest.fixture
def target():
    rng = torch.Generator().manual_seed(5)
    table = 2 * torch.randn(1, V, V, generator=rng)
    return TableTarget(table, table + torch.randn(1, V, V, generator=rng))


def run(target, sampling, wants_alternatives=True, tree_levels=PAPER_TREE, **others):
    config = swift_config(max_draft_tokens=4, confidence_threshold=0.3, tree_levels=tree_levels)
    return list(
        SwiftDecoder(target, config, DRAFT_SET).stream(
            PROMPT, max_new_tokens=60, sampling=sampling, wants_alternatives=wants_alternatives, **others
        )
    )


def rounds(events):
    """Each draft with its verification and the token that stood before it."""
    last, found = PROMPT[-1], []
    for event in events:
        if isinstance(event, TokensDrafted):
            draft = event
        elif isinstance(event, RoundVerified):
            found.append((last, draft, event))
            last = event.token_ids[-1]
    return found


def forget(events):
    return [dataclasses.replace(e, alternatives=()) if isinstance(e, RoundVerified) else e for e in events]


@pytest.mark.parametrize("sampling", [SamplingConfig(), SAMPLED])
def test_asking_changes_nothing_else_and_nobody_who_does_not_ask_is_told(target, sampling):
    asked, plain = run(target, sampling), run(target, sampling, wants_alternatives=False)
    assert forget(timeless(asked)) == timeless(plain) == forget(timeless(plain))
    assert all(event.alternatives for event in asked if isinstance(event, RoundVerified))


@pytest.mark.parametrize("sampling", [SamplingConfig(), SAMPLED])
def test_every_place_tells_of_the_likeliest_and_of_the_rounds_own_tokens(target, sampling):
    def probs(table, before):
        logits = table[0, [before]]
        return (logits.softmax(-1) if sampling.is_greedy else process(logits, sampling))[0]

    target_table, draft_table = target._tables
    for last, draft, verified in rounds(run(target, sampling)):
        chain = draft.token_ids[: verified.num_drafted]
        assert len(verified.alternatives) == len(chain) + (verified.next_token_kind == "bonus")
        for place, others in enumerate(verified.alternatives[: len(chain)]):
            before = chain[place - 1] if place else last
            own, drafts = probs(target_table, before), probs(draft_table, before)
            ids = list(others.token_ids)
            assert own[ids[:5]].tolist() == sorted(own.tolist(), reverse=True)[:5]
            assert len(set(ids)) == len(ids)
            rivals = {draft.token_ids[i] for i, parent in enumerate(draft.parents) if parent == place - 1}
            assert set(drafts.topk(5).indices.tolist()) | rivals <= set(ids)
            assert others.target_probs == pytest.approx(own[ids].tolist(), abs=1e-5)
            assert others.draft_probs == pytest.approx(drafts[ids].tolist(), abs=1e-5)
        if verified.next_token_id is not None:
            where = -1 if verified.next_token_kind == "bonus" else len(verified.accepted)
            assert verified.next_token_id in verified.alternatives[where].token_ids
        if verified.next_token_kind == "bonus":
            assert verified.alternatives[-1].draft_probs == verified.alternatives[-1].residual == ()


def test_the_residual_of_a_chain_is_what_the_target_has_more_than_the_draft(target):
    for _, _, verified in rounds(run(target, SAMPLED, tree_levels=())):
        for others in verified.alternatives[: verified.num_drafted]:
            more = [max(0.0, p - q) for p, q in zip(others.target_probs, others.draft_probs, strict=True)]
            assert others.residual == pytest.approx(more, abs=2e-5)


def test_a_corrected_token_has_a_residual_and_the_rejected_ones_have_less(target):
    corrected = [
        (draft, event)
        for _, draft, event in rounds(run(target, SAMPLED))
        if event.next_token_kind == "corrected"
    ]
    assert corrected
    for _, event in corrected:
        others = event.alternatives[len(event.accepted)]
        assert others.residual[others.token_ids.index(event.next_token_id)] > 0


def test_greedy_has_no_residual(target):
    assert all(
        others.residual == ()
        for _, _, event in rounds(run(target, SamplingConfig()))
        for others in event.alternatives
    )


def test_a_callers_processors_are_not_asked_twice(target):
    hooks = Hooks(process=lambda ids, logits: logits)
    assert all(event.alternatives == () for _, _, event in rounds(run(target, SAMPLED, hooks=hooks)))


def test_a_text_that_ends_inside_the_draft_has_no_bonus_place():
    target = ScriptedTarget((*PROMPT, 10, 11, 12, 13), eos_ids=(12,))
    (last,) = [event for _, _, event in rounds(run(target, SamplingConfig(), tree_levels=()))][-1:]
    assert last.next_token_id is None
    assert len(last.alternatives) == last.num_drafted
